"""What a Shapefile's table can hold, and its ZIP; refuses to shorten anything without counting it."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

_MOST_NAME_BYTES: Final = 10
_MOST_TEXT_BYTES: Final = 254
_ENCODING: Final = "gb18030"


class ShapefileTable:
    """Columns fitted to dBase: names of at most ten bytes in GB18030, text of at most 254.

    `renamed` says which column became which, `shortened` how many values lost their end.

    >>> table = ShapefileTable(pa.schema([("administrative_level", pa.string()), ("geometry", pa.binary())]), "geometry")
    >>> table.renamed
    {'administrative_level': 'administra'}
    """

    def __init__(self, schema: Any, geometry: str) -> None:
        self._geometry = geometry
        self.renamed: dict[str, str] = {}
        self.shortened = 0
        taken: set[str] = set()
        fields = []
        for field in schema:
            name = field.name if field.name == geometry else _short(field.name, taken)
            taken.add(name.casefold())
            if name != field.name:
                self.renamed[field.name] = name
            fields.append(pa.field(name, _plain(field.type) if field.name != geometry else field.type))
        self.schema = pa.schema(fields)

    def shaped(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Yield the batches under the short names, long text cut at whole characters."""
        for batch in batches:
            columns = [self._fitted(batch.column(at), field) for at, field in enumerate(self.schema)]
            yield pa.RecordBatch.from_arrays(columns, schema=self.schema)

    @staticmethod
    def stem(layer: str) -> str:
        """Return a file name of the layer's name, without what file systems and archives mind."""
        kept = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in layer)
        return kept[:60] or "features"

    def _fitted(self, column: Any, field: Any) -> Any:
        if field.name == self._geometry:
            return column
        cast = pc.cast(column, field.type)
        if not pa.types.is_string(field.type):
            return cast
        # Four bytes a character at most, so only what is longer than a quarter can be too long.
        if not pc.any(pc.greater(pc.utf8_length(cast), _MOST_TEXT_BYTES // 4)).as_py():
            return cast
        return pa.array([self._cut(value) for value in cast.to_pylist()], pa.string())

    def _cut(self, value: str | None) -> str | None:
        if value is None:
            return None
        whole = value.encode(_ENCODING)
        if len(whole) <= _MOST_TEXT_BYTES:
            return value
        self.shortened += 1
        return whole[:_MOST_TEXT_BYTES].decode(_ENCODING, "ignore")


def pack_shapefile(folder: Path, table: ShapefileTable, disclaimer: str) -> Path:
    """Put the parts and a README into one ZIP; returns its path."""
    archive = folder / "export.zip"
    parts = sorted(
        part for part in folder.iterdir() if part.suffix in {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    )
    lines = ["EPSG:4490 (CGCS2000), GB18030", *([disclaimer] if disclaimer else [])]
    lines += [f"{short} = {name}" for name, short in table.renamed.items()]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in parts:
            packed.write(part, part.name)
        packed.writestr("README.txt", "\ufeff" + "\r\n".join(lines) + "\r\n")
    return archive


def _short(name: str, taken: set[str]) -> str:
    wanted = _within(name, _MOST_NAME_BYTES)
    number = 1
    while wanted.casefold() in taken:
        tail = f"_{number}"
        wanted = _within(name, _MOST_NAME_BYTES - len(tail)) + tail
        number += 1
    return wanted


def _within(text: str, most: int) -> str:
    return text.encode(_ENCODING)[:most].decode(_ENCODING, "ignore")


def _plain(kind: Any) -> Any:
    """Return the type that dBase has for a column; lists, times of day and the like become text."""
    if pa.types.is_boolean(kind):
        return pa.int32()
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_date(kind)
    return kind if plain else pa.string()
