"""Which format a file really is, by its content; refuses addresses, virtual paths and disguises.

GDAL opens far more than files: `/vsicurl/`, archives within archives, VRT files that name other
sources, JSON that is a command line. So the content is recognised before GDAL sees anything, and
GDAL is given only a plain name in a private folder.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

from geo_service.exchange.archives import link_shapefile, unpack_shapefiles
from geo_service.exchange.gpkg_guard import refuse_computed
from geo_service.exchange.refusals import FormatUnknown, PathRefused, UnreadableFile
from geo_service.exchange.workbooks import unpack_sheet
from geo_service.exchange.xml_guard import Hearing

Format = Literal[
    "gpkg", "geojson", "geojsonseq", "flatgeobuf", "shapefile", "csv", "kml", "parquet", "xlsx", "osm"
]

SUFFIXES: Final[dict[str, Format]] = {
    ".gpkg": "gpkg",
    ".geojson": "geojson",
    ".json": "geojson",
    ".geojsonl": "geojsonseq",
    ".geojsons": "geojsonseq",
    ".ndjson": "geojsonseq",
    ".jsonl": "geojsonseq",
    ".fgb": "flatgeobuf",
    ".zip": "shapefile",
    ".shp": "shapefile",
    ".csv": "csv",
    ".tsv": "csv",
    ".kml": "kml",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".xlsx": "xlsx",
    ".pbf": "osm",
    ".osm": "osm",
}
DRIVERS: Final[dict[str, str]] = {
    "gpkg": "GPKG",
    "geojson": "GeoJSON",
    "geojsonseq": "GeoJSONSeq",
    "flatgeobuf": "FlatGeobuf",
    "shapefile": "ESRI Shapefile",
    "osm": "OSM",
}
NATIVE_SUFFIXES: Final[dict[Format, str]] = {
    "gpkg": ".gpkg", "geojson": ".geojson", "geojsonseq": ".geojsonl", "flatgeobuf": ".fgb", "csv": ".csv",
    "kml": ".kml", "parquet": ".parquet", "xlsx": ".xlsx", "shapefile": ".zip",
}  # fmt: skip
_GPKG_APPLICATION_IDS: Final = (b"GPKG", b"GP10", b"GP11")
_SIGNS: Final[dict[bytes, Format]] = {
    b"PK\x03\x04": "shapefile",
    b"PK\x05\x06": "shapefile",
    b"\0\0\x27\x0a": "shapefile",
    b"PAR1": "parquet",
    b"fgb\x03": "flatgeobuf",
}
_ADDRESS: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")
_HEAD: Final = 65_536


@dataclass(frozen=True, slots=True)
class Source:
    """A recognised file: `name` as given, `format`, and the plain paths that readers may open, by layer stem."""

    name: str
    format: Format
    parts: dict[str, Path]


@contextmanager
def recognised(path: Path | str, *, sheet: str | None = None) -> Iterator[Source]:
    """Yield the file as a `Source`, unpacked or linked into a private folder that goes away afterwards.

    Of a workbook the first sheet is unpacked, or the one that `sheet` names; raises `LayerUnknown` where there is none.
    """
    file = local_file(path)
    kind = _format_of(file)
    if kind == "gpkg":
        refuse_computed(file)
    with TemporaryDirectory(prefix="exchange-") as folder:
        if kind == "shapefile" and file.suffix.lower() == ".shp":
            yield Source(file.name, kind, {file.stem: link_shapefile(file, Path(folder))})
            return
        if kind == "shapefile":
            yield Source(file.name, kind, unpack_shapefiles(file, Path(folder)))
            return
        if kind == "xlsx":
            plain = Path(folder) / "source.csv"
            unpack_sheet(file, file.name, plain, sheet=sheet, strict=True)
        else:
            plain = Path(folder) / f"source{_plain_suffix(file, kind)}"
            plain.symlink_to(file)
        yield Source(file.name, kind, {file.stem: plain})


def _plain_suffix(file: Path, kind: Format) -> str:
    """Return the ending that the reader knows the content by; an OpenStreetMap XML is looked through first."""
    if kind != "osm":
        return NATIVE_SUFFIXES[kind]
    if file.suffix.lower() == ".pbf":
        return ".osm.pbf"
    with file.open("rb") as stream:
        Hearing(stream, file.name).to_the_end()
    return ".osm"


def local_file(path: Path | str) -> Path:
    """Return the absolute path of an ordinary file with content; raises `PathRefused`, `UnreadableFile`."""
    text = str(path)
    if text.startswith(("/vsi", "\\\\")) or _ADDRESS.match(text) or "\0" in text:
        raise PathRefused(path=text[:500], reason="not_a_local_path")
    try:
        file = Path(text).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise PathRefused(path=text[:500], reason="not_found") from error
    if not file.is_file():
        raise PathRefused(path=text[:500], reason="not_a_file")
    try:
        size = file.stat().st_size
    except OSError as error:
        raise UnreadableFile(file=file.name, reason="not_accessible", detail=str(error)) from error
    if not size:
        raise UnreadableFile(file=file.name, reason="empty")
    return file


def _format_of(file: Path) -> Format:
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise UnreadableFile(file=file.name, reason="not_accessible", detail=str(error)) from error
    named = SUFFIXES.get(file.suffix.lower())
    content = _content_of(head, named, file.name)
    if content is None or named is None:
        raise FormatUnknown(file=file.name, formats=sorted(SUFFIXES))
    bare = file.suffix.lower() == ".shp"
    if content != named or (content == "shapefile" and bare != head.startswith(b"\0\0")):
        raise UnreadableFile(file=file.name, reason="content_contradicts_name", detail=content)
    return content


def _content_of(head: bytes, named: Format | None, name: str) -> Format | None:
    """Recognise by the first bytes; JSON text and plain text are told apart by the name alone."""
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg" if head[68:72] in _GPKG_APPLICATION_IDS else None
    if b"gdal_streamed_alg" in head:  # a GDAL command line in JSON clothes
        raise UnreadableFile(file=name, reason="not_data")
    found = next((kind for sign, kind in _SIGNS.items() if head.startswith(sign)), None)
    if found is not None:
        return "xlsx" if (found, named) == ("shapefile", "xlsx") else found
    return "osm" if b"OSMHeader" in head[:64] else _text_of(head, named)


def _text_of(head: bytes, named: Format | None) -> Format | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x1e")
    found: Format | None = None
    if text.startswith(b"{"):
        found = "geojsonseq" if named == "geojsonseq" else "geojson"
    elif text.startswith(b"<"):
        if b"<OGRVRT" not in head:  # a list of other sources
            found = "kml" if b"<kml" in text else "osm" if b"<osm" in text else None
    elif named == "csv" and b"\0" not in head:
        found = "csv"
    return found
