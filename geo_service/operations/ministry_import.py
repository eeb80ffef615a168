"""Takes a package of markers by MZ/T 149-2020 on record: its forms as any file of markers, its papers and pictures filed.

All of it or nothing: a package whose list of files does not agree with what it holds, whose points stand elsewhere
than its table says, or whose table has one row that cannot be taken, leaves no trace.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer
from geo_service.documents.store import Store
from geo_service.exchange import ministry_layout as layout
from geo_service.exchange.archives import unpack_members
from geo_service.exchange.reading import POINTS, Terms, open_features
from geo_service.exchange.rejects import Reject
from geo_service.operations.marker_import import TARGETS, ImportedMarkers, MarkerTerms, Tell, import_markers
from geo_service.operations.ministry_reading import check_sums, filed, forms_in, holds

ATTRIBUTES: Final = f"{layout.ATTRIBUTES}/{layout.MARKERS}.csv"
SPATIAL: Final = f"{layout.SPATIAL}/{layout.MARKERS}."
SAME_PLACE_DEG: Final = 1e-6
"""About 0.1 m: what a Shapefile and a table of seven decimals may differ by."""
NATIVE: Final = frozenset({"lon", "lat"})


def is_package(path: Path) -> bool:
    """Say whether a file is a package of markers: a ZIP with their table of attributes."""
    return holds(path, ATTRIBUTES)


def import_package(
    session: Session,
    store: Store,
    officer: Officer,
    path: Path,
    terms: MarkerTerms,
    *,
    on: date,
    tell: Tell | None = None,
) -> ImportedMarkers:
    """Take a package; the answer is that of `import_markers`, with `papers` filed.

    Raises `ArchiveRefused` (`reason`: `sum_differs`, `member_missing`, …), `UnreadableFile`, and what is raised of a
    paper that is no paper.
    """
    with TemporaryDirectory(prefix="package-") as folder:
        members = unpack_members(path, Path(folder))
        check_sums(path, members)
        table = Path(folder) / f"{layout.MARKERS}.csv"
        members[ATTRIBUTES].rename(table)
        given = forms_in(path, table)
        agreed = replace(terms, crs=terms.crs or "EPSG:4490", mapping=_mapping(given) | dict(terms.mapping))
        elsewhere = _elsewhere(Path(folder), members, given)
        done = import_markers(
            session,
            table,
            replace(agreed, dry_run=agreed.dry_run or bool(elsewhere)),
            recorded_by=officer.username,
            on=on,
            tell=tell,
        )
        done.rejects = sorted([*done.rejects, *elsewhere], key=lambda reject: reject.row)
        if done.written:
            known = set(session.execute(text("SELECT code FROM markers.marker")).scalars())
            done.papers = sum(filed(session, store, officer, path, members, about=("marker", known)))
    return done


def _mapping(given: list[dict[str, str]]) -> dict[str, str]:
    """Return target → field code, for the codes that the table has and the register knows."""
    head = given[0].keys() if given else ()
    known = {target.name for target in TARGETS} | NATIVE
    return {name: code for name, code in layout.MARKER_CODES.items() if code in head and name in known}


def _elsewhere(folder: Path, members: Mapping[str, Path], given: list[dict[str, str]]) -> list[Reject]:
    """Return a reject for each row whose point in the spatial data stands elsewhere, or that has none there."""
    parts = {name.removeprefix(SPATIAL): path for name, path in members.items() if name.startswith(SPATIAL)}
    if "shp" not in parts:
        return []
    for suffix, part in parts.items():
        part.rename(folder / f"{layout.MARKERS}.{suffix}")
    code = layout.MARKER_CODES["code"]
    points: dict[str, tuple[float, float]] = {}
    terms = Terms(TARGETS[:1], {"code": code}, POINTS)
    with open_features(folder / f"{layout.MARKERS}.shp", terms=terms) as reading:
        for batch in reading.batches():
            codes = batch.columns["code"].to_pylist()
            points |= {each: (p.x, p.y) for each, p in zip(codes, batch.geometries, strict=True)}
    rejects = []
    for number, row in enumerate(given, start=1):
        stands = points.get(row.get(code, ""))
        told = _place(row)
        if told is None or (
            stands and max(abs(a - b) for a, b in zip(stands, told, strict=True)) <= SAME_PLACE_DEG
        ):
            continue
        facts = {"code": row.get(code, ""), "attributes": told, "spatial": stands}
        rejects.append(Reject(number, "marker.package_place_differs", facts, {"code": row.get(code, "")}))
    return rejects


def _place(row: Mapping[str, str]) -> tuple[float, float] | None:
    """Return the place that a row tells; None where the import itself will say that it is none."""
    try:
        return float(row[layout.MARKER_CODES["lon"]]), float(row[layout.MARKER_CODES["lat"]])
    except (KeyError, ValueError):
        return None
