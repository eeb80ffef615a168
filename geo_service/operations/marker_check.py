"""The register examined: against its lines and what their documents count, its numbers, objects, own words."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.findings import Finding
from layers.markers.indoor_comparison import compare_line
from layers.markers.joint_line_rows import declared_counts
from layers.markers.model import Marker
from layers.markers.numbering import scheme_named, shipped_schemes
from layers.markers.register import load
from layers.markers.registry_checks import DeclaredCounts, RegistryTolerances

HOME = (108.0, 3.0, 120.0, 21.0)
"""West, south, east, north of Hainan's ground and waters, in degrees: where a declared zone must lead."""


def check_markers(
    session: Session, day: date, *, line: str | None = None, scheme: str = "county_line"
) -> Iterator[Finding]:
    """Yield what is wrong with the markers in force on a day, line by line."""
    ids = session.execute(
        text(
            "SELECT id FROM markers.marker WHERE valid_from <= :day AND (valid_to IS NULL OR valid_to > :day) "
            "AND (CAST(:line AS text) IS NULL OR line_code = :line)"
        ),
        {"day": day, "line": line},
    )
    groups: dict[str, list[Marker]] = defaultdict(list)
    for _, marker, _ in load(session, list(ids.scalars())):
        groups[marker.line_code].append(marker)
    rows = session.execute(
        text(
            "SELECT line_code, ST_AsBinary(geometry) AS shape FROM boundaries.boundary_line "
            "WHERE line_code = ANY (:codes) AND valid_from <= :day AND (valid_to IS NULL OR valid_to > :day)"
        ),
        {"codes": sorted(groups), "day": day},
    )
    shapes = {row.line_code: shapely.from_wkb(bytes(row.shape)) for row in rows}
    numbering, declared = scheme_named(scheme, shipped_schemes()), declared_counts(session, groups)
    for code, markers in sorted(groups.items()):
        yield from compare_line(
            code,
            shapes.get(code),
            markers,
            numbering,
            declared=declared.get(code, DeclaredCounts()),
            tolerances=RegistryTolerances(),
            home=HOME,
        )
