"""The topology check as a job: for levels whose outlines take long to examine."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from geo_service.db import Database
from geo_service.jobs import Progress, job_kind
from layers.boundaries.findings import as_feature
from layers.boundaries.model import Level
from layers.boundaries.register import outlines_on
from layers.boundaries.topology import check_coverage


@job_kind("check_boundaries")
def check_boundaries(database: Database, progress: Progress, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check the outlines of every level asked for; the result has one list of features a level."""
    levels = [Level(level) for level in request["levels"]]
    found: dict[str, Any] = {}
    for number, level in enumerate(levels):
        progress.report(number / len(levels), level.value)
        with database.transaction() as session:
            outlines = outlines_on(session, date.fromisoformat(request["as_of"]), level)
        findings = check_coverage(list(outlines), [outline for _, outline in outlines.values()])
        found[level.value] = [as_feature(finding) for finding in findings]
    progress.report(1.0, "done")
    return {"findings": found, "count": sum(len(each) for each in found.values())}
