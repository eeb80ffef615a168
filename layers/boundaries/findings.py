"""The topology check on what is on record, as a page of features."""

import json
from datetime import date

from sqlalchemy.orm import Session

from layers.boundaries.model import Level
from layers.boundaries.register import outlines_on
from layers.boundaries.topology import check_coverage
from layers.features import Page
from layers.findings import Finding


def check_recorded(session: Session, on: date, level: Level) -> list[Finding]:
    """Return what is wrong with the outlines of a level on a date."""
    outlines = outlines_on(session, on, level)
    return check_coverage(list(outlines), [outline for _, outline in outlines.values()])


def findings_page(session: Session, on: date, level: Level) -> Page:
    """Return all findings of a level as features, each a point in EPSG:4490."""
    found = check_recorded(session, on, level)
    features = ",".join(json.dumps(as_feature(finding), ensure_ascii=False) for finding in found)
    return Page(features, len(found), len(found), None, more=False)


def as_feature(finding: Finding) -> dict[str, object]:
    """Return a finding as a GeoJSON point with `code, unit_codes, measure, lon, lat`."""
    lon, lat = finding.evidence.get("lon"), finding.evidence.get("lat")
    properties = {
        "code": finding.code,
        "unit_codes": list(finding.subject),
        "measure": finding.evidence.get("measure"),
        "measure_unit": finding.evidence.get("measure_unit"),
        "lon": lon,
        "lat": lat,
    }
    place = None if lon is None else {"type": "Point", "coordinates": [lon, lat]}
    identity = f"{finding.code}:{'-'.join(finding.subject)}:{lon}:{lat}"
    return {"type": "Feature", "id": identity, "geometry": place, "properties": properties}
