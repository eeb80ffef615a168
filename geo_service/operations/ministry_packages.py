"""Markers and lines written as packages of the ministry's layouts: attributes, spatial data, papers and pictures."""

import csv
import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.documents.kinds import SUFFIXES
from geo_service.documents.store import CHUNK, Store
from geo_service.exchange import ministry_layout as layout
from geo_service.exchange.refusals import FileExists
from geo_service.exchange.writing import Export, write_features
from geo_service.operations.marker_export import export_batches
from geo_service.operations.photos import blocks
from geo_service.settings import Settings
from layers.boundaries import exporting
from layers.markers.queries import MarkerFilter

KILOMETRE: Final = 1000.0
PAPERS: Final = """
SELECT l.subject_id AS subject, d.type, d.sha256, d.media_type
  FROM service.document_link l JOIN service.document d ON d.id = l.document_id
 WHERE l.subject_kind = :kind AND l.subject_id = ANY (:subjects) ORDER BY l.subject_id, d.type, d.dated_on, d.id
"""
PICTURES: Final = """
SELECT DISTINCT ON (p.marker_id, p.place) p.marker_id::text AS subject, 'photo' AS type, p.sha256, f.media_type
  FROM markers.inspection_photo p JOIN markers.photo f ON f.sha256 = p.sha256
 WHERE p.inspection_id IN (
       SELECT DISTINCT ON (i.marker_id) i.id FROM markers.inspection i
        WHERE i.marker_id = ANY (CAST(:subjects AS uuid[])) AND EXISTS (
              SELECT FROM markers.inspection_photo o JOIN markers.photo a ON a.sha256 = o.sha256 WHERE o.inspection_id = i.id)
        ORDER BY i.marker_id, i.happened_at DESC)
 ORDER BY p.marker_id, p.place
"""
IDS: Final = "SELECT code, id::text AS id FROM markers.marker WHERE code = ANY (:codes)"
COUNTS: Final = """
SELECT line_code, count(*) AS all, count(*) FILTER (WHERE set_kind = 'single') AS single,
       count(*) FILTER (WHERE set_kind = 'double') AS double, count(*) FILTER (WHERE set_kind = 'triple') AS triple
  FROM markers.marker WHERE valid_from <= :as_of AND (valid_to IS NULL OR valid_to > :as_of) GROUP BY line_code
"""


class _Package:
    """A ZIP that lists what it holds with bytes and SHA-256."""

    def __init__(self, target: Path) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self._listed: list[tuple[str, int, str]] = []
        self._media: Counter[tuple[str, str]] = Counter()

    def add(self, name: str, parts: Iterable[bytes]) -> None:
        size, found = 0, hashlib.sha256()
        with self._zip.open(name, "w", force_zip64=True) as sink:
            for part in parts:
                size += len(part)
                found.update(part)
                sink.write(part)
        self._listed.append((name, size, found.hexdigest()))

    def add_media(self, subject: str, document_type: str, media_type: str, parts: Iterable[bytes]) -> None:
        """Add a paper or a picture of a subject under the next number of its kind."""
        mark = layout.MEDIA.get(document_type, layout.MEDIA["other"])
        self._media[subject, mark] += 1
        suffix = SUFFIXES.get(media_type, (".bin",))[0]
        self.add(layout.media_name(subject, document_type, self._media[subject, mark], suffix), parts)

    def close(self) -> None:
        self._zip.writestr(layout.LIST, _table(layout.LIST_HEAD, self._listed))
        self._zip.close()


@contextmanager
def _appearing(path: Path, *, overwrite: bool) -> Iterator[_Package]:
    """Yield a package that stands under its name once it is whole. Raises `FileExists`."""
    if path.exists() and not overwrite:
        raise FileExists(file=path.name)
    with TemporaryDirectory(prefix=".export-", dir=path.parent) as folder:
        near = Path(folder) / "package.zip"
        package = _Package(near)
        yield package
        package.close()
        near.replace(path)


def write_marker_package(
    session: Session, settings: Settings, store: Store, path: Path, asked: MarkerFilter, *, overwrite: bool
) -> int:
    """Write the markers of a question as a package by MZ/T 149-2020; returns how many.

    With each go the papers on file for it and the photos of its last inspection that has any. Raises `FileExists`.
    """
    codes = layout.MARKER_CODES
    rows = list(_rows(export_batches(session, asked, whole_form=True)))
    for row in rows:
        row["spatial_id"] = row["spatial_id"] or row["code"]
    found = session.execute(text(IDS), {"codes": [row["code"] for row in rows]})
    called = {row.id: row.code for row in found}
    shapes = {codes[name]: [row[name] for row in rows] for name in ("spatial_id", "number", "code")}
    with _appearing(path, overwrite=overwrite) as package:
        table = ([_cell(name, row.get(name)) for name in codes] for row in rows)
        package.add(f"{layout.ATTRIBUTES}/{layout.MARKERS}.csv", [_table(tuple(codes.values()), table)])
        _add_spatial(package, layout.MARKERS, "Point", shapes, rows)
        _add_papers(package, session, store, "marker", called)
        for photo in session.execute(text(PICTURES), {"subjects": list(called)}):
            package.add_media(
                called[photo.subject], "photo", photo.media_type, blocks(settings, photo.sha256)
            )
    return len(rows)


def write_line_package(session: Session, store: Store, path: Path, *, as_of: date, overwrite: bool) -> int:
    """Write the lines of a day as a package by MZ/T 150-2020 with the papers on file for each; returns how many."""
    rows = list(_rows(exporting.export_batches(session, "lines", as_of=as_of)))
    counts = {row.line_code: row for row in session.execute(text(COUNTS), {"as_of": as_of})}
    shapes = {"JXDM": [row["line_code"] for row in rows], "JXMC": [row["name"] for row in rows]}
    with _appearing(path, overwrite=overwrite) as package:
        table = (_line(row, counts.get(row["line_code"])) for row in rows)
        package.add(f"{layout.ATTRIBUTES}/{layout.LINES}.csv", [_table(layout.LINE_CODES, table)])
        _add_spatial(package, layout.LINES, "MultiLineString", shapes, rows)
        _add_papers(package, session, store, "line", {row["line_code"]: row["line_code"] for row in rows})
    return len(rows)


def _rows(batches: Iterable[dict[str, list[Any]]]) -> Iterator[dict[str, Any]]:
    for batch in batches:
        for row in zip(*batch.values(), strict=True):
            yield dict(zip(batch, row, strict=True))


def _add_spatial(
    package: _Package, layer: str, kind: str, columns: dict[str, list[Any]], rows: Sequence[dict[str, Any]]
) -> None:
    """Add the parts of a Shapefile in EPSG:4490, named as the layer."""
    with TemporaryDirectory(prefix="package-") as folder:
        made = Path(folder) / f"{layer}.zip"
        batch = columns | {"geometry": [row["geometry"] for row in rows]}
        write_features(made, [batch], export=Export(layer=layer, geometry_type=kind), form="shapefile")
        with zipfile.ZipFile(made) as shapes:
            for name in shapes.namelist():
                if Path(name).stem == layer:
                    package.add(f"{layout.SPATIAL}/{Path(name).name}", [shapes.read(name)])


def _add_papers(package: _Package, session: Session, store: Store, kind: str, called: dict[str, str]) -> None:
    for paper in session.execute(text(PAPERS), {"kind": kind, "subjects": list(called)}):
        with store.open(paper.sha256) as file:
            package.add_media(called[paper.subject], paper.type, paper.media_type, _parts(file))


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(CHUNK):
        yield part


def _cell(name: str, value: Any) -> str:
    words = layout.WORDS.get(name, {})
    if value in words:
        return words[value]
    return "" if value is None else str(value)


def _line(row: dict[str, Any], counts: Any) -> list[str]:
    """Return the fields of a line, in the order of `LINE_CODES`."""
    first, last = _ends(row["geometry"])
    numbers = [str(getattr(counts, name, 0)) for name in ("all", "single", "double", "triple")]
    inspected = row["last_joint_inspection_on"]
    told = [
        row["line_code"], layout.LEVELS.get(row["level"], row["level"]), row["stated_name"] or row["name"],
        f"{(row['stated_length_m'] or row['length_m']) / KILOMETRE:.3f}",
        first, last, row["unit_codes"], *numbers, row["managing"] or "",
        row["legal_instrument"] or "", layout.TRUTHS[bool(row["disputed"])], inspected.isoformat() if inspected else "",
    ]  # fmt: skip
    return [str(each) for each in told]


def _ends(wkb: bytes) -> tuple[str, str]:
    """Return the western or northern end of a line and the other, `lon lat` in degrees; a ring has one place for both.

    Markers are numbered from west to east, or from north to south where a line runs more that way.
    """
    line = shapely.line_merge(shapely.from_wkb(wkb))
    parts = list(getattr(line, "geoms", [line]))
    ends = sorted({place for part in parts for place in (part.coords[0][:2], part.coords[-1][:2])})
    west, south, east, north = line.bounds
    if north - south > east - west:
        ends.sort(key=lambda place: -place[1])
    return tuple(f"{lon:.7f} {lat:.7f}" for lon, lat in (ends[0], ends[-1]))  # type: ignore[return-value]  # two


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(head)
    writer.writerows(rows)
    return sink.getvalue().encode(layout.ENCODING, "replace")
