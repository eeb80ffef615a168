"""Workbooks (.xlsx) of registers in and out: one sheet, one head row; refuses bombs, entities and formulas.

A sheet cannot tell empty text from none, and holds 1,048,576 rows and 32,767 characters a cell: what does not fit is refused.
"""

import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo_service.exchange.raw import MOST_COLUMNS
from geo_service.exchange.refusals import ArchiveRefused, LayerUnknown, NotExportable, UnreadableFile
from geo_service.exchange.xml_guard import Hearing

MOST_ROWS: Final = 1_048_576
MOST_CHARACTERS: Final = 32_767
MOST_BYTES: Final = 1024**3
MOST_MEMBERS: Final = 1000
MOST_RATIO: Final = 200
_RATIO_COUNTS_FROM: Final = 10 * 1024**2
# How a workbook writes characters that XML has none for, and text that looks like such a writing (ECMA-376, ST_Xstring).
_UNSAID: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_SAID: Final = re.compile("_x([0-9A-Fa-f]{4})_")


class _Counted:
    """A member of the archive as it comes out, counted: an archive's directory may lie about sizes."""

    def __init__(self, stream: Any, file: str, member: str, limit: int) -> None:
        self._stream, self._file, self._member, self._left = stream, file, member, limit

    def read(self, size: int) -> bytes:
        chunk: bytes = self._stream.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise ArchiveRefused(file=self._file, reason="swells", member=self._member[:200])
        return chunk


def unpack_sheet(
    book: Path, name: str, target: Path, *, sheet: str | None = None, strict: bool = False
) -> None:
    """Write a sheet of a workbook as CSV: the one of that name if it is there, else, unless `strict`, the first.

    Raises `UnreadableFile`, `ArchiveRefused`, and `LayerUnknown` where strict.
    """
    with _opened(book, name) as opened, target.open("w", encoding="utf-8", newline="") as sink:
        if strict and sheet is not None and sheet not in opened.sheetnames:
            raise LayerUnknown(file=name, layers=opened.sheetnames, asked=sheet)
        chosen = opened[sheet] if sheet in opened.sheetnames else opened.worksheets[0]
        _write_rows(chosen, csv.writer(sink), name)


def sheet_names(book: Path, name: str) -> list[str]:
    """Return the names of a workbook's sheets in their order. Raises `UnreadableFile`, `ArchiveRefused`."""
    with _opened(book, name) as opened:
        return [each.title for each in opened.worksheets]


@contextmanager
def _opened(book: Path, name: str) -> Iterator[Any]:
    from openpyxl import load_workbook  # noqa: PLC0415 # heavy, and only for workbooks

    _refuse_strange(book, name)
    opened = None
    try:
        opened = load_workbook(book, read_only=True, data_only=True, keep_links=False)
        yield opened
    except (UnreadableFile, LayerUnknown):
        raise
    except Exception as error:  # openpyxl lets whatever a broken part does to it through
        raise UnreadableFile(file=name, reason="damaged", detail=str(error)[:200]) from error
    finally:
        if opened is not None:
            opened.close()


def _write_rows(sheet: Any, writer: Any, name: str) -> None:
    """Write every row that says something, as wide as the head; sheets end in blank rows and cells."""
    width = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True)):
        if number > MOST_ROWS or len(row) > MOST_COLUMNS:
            reason = "too_many_rows" if number > MOST_ROWS else "too_many_columns"
            raise UnreadableFile(file=name, reason=reason, detail=len(row))
        said = ["" if cell is None else cell_text(cell) for cell in row]
        while len(said) > width and not said[-1]:
            said.pop()
        if any(said):
            width = width or len(said)
            writer.writerow(said + [""] * (width - len(said)))


def _refuse_strange(book: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(book) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise ArchiveRefused(file=name, reason="too_many_members", member=len(members))
            room = MOST_BYTES
            for member in members:
                if member.flag_bits & 0x1:
                    raise ArchiveRefused(file=name, reason="encrypted", member=member.filename[:200])
                limit = min(room, max(member.compress_size * MOST_RATIO, _RATIO_COUNTS_FROM))
                with archive.open(member) as stream:
                    counted: Any = _Counted(stream, name, member.filename, limit)
                    if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                        Hearing(counted, name).to_the_end()
                    else:
                        while counted.read(1 << 16):
                            pass
                room -= member.file_size
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise UnreadableFile(file=name, reason="damaged_archive", detail=str(error)[:200]) from error


def cell_text(cell: object) -> str:
    """Return a cell as text: dates by ISO 8601, whole days without a time, text as it was before it was a cell."""
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return _SAID.sub(lambda found: chr(int(found[1], 16)), cell)
    return repr(cell) if isinstance(cell, float) else str(cell)


def write_workbook(
    target: Path, schema: Any, batches: Iterator[Any], *, geometry: str, layer: str, disclaimer: str
) -> None:
    """Write one sheet: the columns, then `lon` and `lat` of points, or `wkt` where a place is no point.

    Cells are text, numbers, dates and truths, never formulas. Raises `NotExportable` for what no sheet holds.
    """
    names = [name for name in schema.names if name != geometry]
    book, sheet, cell = _new_sheet(layer)
    try:
        _fill(sheet, names, batches, geometry, cell)
    except BaseException:
        sheet.close()  # or its half-written part would complain when it is let go
        raise
    if disclaimer:
        book.create_sheet("disclaimer").append([cell(disclaimer)])
    book.save(target)


def table_workbook(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook of one sheet with a head row; raises `NotExportable` for what no sheet holds."""
    book, sheet, cell = _new_sheet(title)
    try:
        for row in (head, *rows):
            sheet.append([cell(value) for value in row])
    except BaseException:
        sheet.close()  # as above
        raise
    into = BytesIO()
    book.save(into)
    return into.getvalue()


def _new_sheet(title: str) -> tuple[Any, Any, Callable[[Any], Any]]:
    """Return a workbook, its sheet, and what makes a cell of a value: text is text, also where it begins with `=`."""
    from openpyxl import Workbook  # noqa: PLC0415 # heavy, and only for workbooks

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\']", "_", title)[:31] or "features")
    return book, sheet, lambda value: exact_cell(sheet, value)


def exact_cell(sheet: Any, value: Any) -> Any:
    """Return a cell that reads back as it was: text is text, also where it begins with `=`; raises `NotExportable`."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 # heavy, and only for workbooks

    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.isoformat()  # a sheet's own instants have no zone
    if not isinstance(value, str):
        return value
    said = _UNSAID.sub(lambda found: f"_x{ord(found.group()):04X}_", value)
    if len(said) > MOST_CHARACTERS:
        raise NotExportable(format="xlsx", reason="cell_too_long", detail=len(said))
    made = WriteOnlyCell(sheet, value=said)
    made.data_type = "s"
    return made


def _fill(
    sheet: Any, names: list[str], batches: Iterator[Any], geometry: str, cell: Callable[[Any], Any]
) -> None:
    head = [*names, *([] if {"lon", "lat"} <= {*names} else ["lon", "lat"]), "wkt"]
    sheet.append([cell(name) for name in head])
    written = 0
    for batch in batches:
        shapes = shapely.from_wkb(np.asarray(batch.column(geometry).to_pylist(), dtype=np.object_))
        columns = [batch.column(name).to_pylist() for name in names]
        written += len(shapes)
        if written >= MOST_ROWS:
            raise NotExportable(format="xlsx", reason="too_many_rows", detail=MOST_ROWS)
        for shape, *values in zip(shapes, *columns, strict=True):
            place = _place(shape, dict(zip(names, values, strict=True)), head)
            sheet.append([cell(value) for value in (*values, *place)])


def _place(shape: Any, row: Mapping[str, Any], head: list[str]) -> list[Any]:
    """Return the cells of a place: a point is told by its numbers alone, so that nobody mends one of two and not the other."""
    point = isinstance(shape, shapely.Point) and not shape.is_empty and not shape.has_z
    wkt = None if shape is None else shapely.to_wkt(shape, rounding_precision=-1)
    if len(head) == len(row) + 1:
        return [None if point and (row["lon"], row["lat"]) == (shape.x, shape.y) else wkt]
    return [shape.x, shape.y, None] if point else [None, None, wkt]
