"""Takes a package of markers by MZ/T 149-2020 on record: its forms as any file of markers, its papers and pictures filed.

All of it or nothing: a package whose list of files does not agree with what it holds, whose points stand elsewhere
than its table says, or whose table has one row that cannot be taken, leaves no trace.
"""

import csv
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer
from geo_service.documents.content import media_type_of
from geo_service.documents.reception import Upload
from geo_service.documents.store import Store, digest_of
from geo_service.exchange import ministry_layout as layout
from geo_service.exchange.archives import unpack_members
from geo_service.exchange.reading import POINTS, Terms, open_features
from geo_service.exchange.refusals import ArchiveRefused, UnreadableFile
from geo_service.exchange.rejects import Reject
from geo_service.operations.documents import record_document
from geo_service.operations.marker_import import TARGETS, ImportedMarkers, MarkerTerms, Tell, import_markers
from geo_service.schemas.documents import NewDocument
from layers.errors import LayerError

ATTRIBUTES: Final = f"{layout.ATTRIBUTES}/{layout.MARKERS}.csv"
SPATIAL: Final = f"{layout.SPATIAL}/{layout.MARKERS}."
PAPERS: Final = UUID("3f0c1a52-149a-5d3f-9a6e-149020200324")
"""The space of the ids of papers: the same paper of the same marker has one id, however often it comes."""
SAME_PLACE_DEG: Final = 1e-6
"""About 0.1 m: what a Shapefile and a table of seven decimals may differ by."""
NATIVE: Final = frozenset({"lon", "lat"})


def is_package(path: Path) -> bool:
    """Say whether a file is a package of markers: a ZIP with their table of attributes."""
    try:
        with zipfile.ZipFile(path) as opened:
            return ATTRIBUTES in opened.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


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
        _check_sums(path, members)
        table = Path(folder) / f"{layout.MARKERS}.csv"
        members[ATTRIBUTES].rename(table)
        given = _forms(path, table)
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
            done.papers = sum(_filed(session, store, officer, path, members))
    return done


def _check_sums(path: Path, members: Mapping[str, Path]) -> None:
    """Compare what came out with the package's list of files, where it has one."""
    if layout.LIST not in members:
        return
    rows = csv.DictReader(_text(path, members[layout.LIST]).splitlines())
    for row in rows:
        name, sha256 = row.get("WJ") or "", (row.get("SHA256") or "").lower()
        if name not in members:
            raise ArchiveRefused(file=path.name, reason="member_missing", member=name[:200])
        with members[name].open("rb") as file:
            if digest_of(file)[0] != sha256:
                raise ArchiveRefused(file=path.name, reason="sum_differs", member=name[:200])


def _text(path: Path, file: Path) -> str:
    try:
        return file.read_bytes().decode(layout.ENCODING)
    except UnicodeDecodeError as error:
        raise UnreadableFile(file=path.name, reason="encoding", detail=str(error)) from error


def _forms(path: Path, table: Path) -> list[dict[str, str]]:
    return [
        {name: cell for name, cell in row.items() if name and isinstance(cell, str)}
        for row in csv.DictReader(_text(path, table).splitlines(keepends=True))
    ]


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


def _filed(
    session: Session, store: Store, officer: Officer, path: Path, members: Mapping[str, Path]
) -> Iterator[bool]:
    """Put the papers and pictures of markers on file; yield for each whether it was new."""
    known = set(session.execute(text("SELECT code FROM markers.marker")).scalars())
    for name in members:
        about = layout.media_of(name)
        if about is None:
            continue
        if about[0] not in known:
            raise ArchiveRefused(file=path.name, reason="of_no_marker", member=name[:200])
        with members[name].open("rb") as file:
            upload = _looked_at(name, file)
            yield record_document(session, officer, store, _paper(*about, upload), upload)[1]


def _looked_at(name: str, file: IO[bytes]) -> Upload:
    """Return a file as an upload. Raises the refusals of its content, with the name that it has in the package."""
    sha256, size = digest_of(file)
    try:
        media_type = media_type_of(file)
    except LayerError as refused:
        raise type(refused)(**{**refused.facts, "file": name[:200]}) from refused
    return Upload(file, Path(name).name, sha256, size, media_type, {})


def _paper(code: str, kind: str, upload: Upload) -> NewDocument:
    return NewDocument.model_validate(
        {
            "id": uuid5(PAPERS, f"{code} {kind} {upload.sha256}"),
            "type": kind,
            "title": upload.name,
            "subject_kind": "marker",
            "subject_id": code,
        }
    )
