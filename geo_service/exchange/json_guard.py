"""How much of a JSON text GDAL would hold at once; refuses a piece that would take hundreds of megabytes of memory."""

import re
from pathlib import Path
from typing import Final

from geo_service.exchange.refusals import PieceTooLarge
from geo_service.exchange.sources import Source

MOST_MIB: Final = 32
"""Held at once a text takes some twenty times its size."""
MOST_BYTES: Final = MOST_MIB << 20
HEAD: Final = 6000
WORD: Final = b'"features"'
LIST: Final = re.compile(WORD + rb"\s*:\s*\[")
SEPARATOR: Final = b"\x1e"


def looked_through(source: Source) -> int:
    """Return the number of records of a GeoJSON text sequence, -1 of all else; raises `PieceTooLarge`."""
    path = next(iter(source.parts.values()))
    if source.format == "geojson":
        _refuse_one_piece(path, source.name)
    return _records_of(path, source.name) if source.format == "geojsonseq" else -1


def _refuse_one_piece(path: Path, file: str) -> None:
    """Refuse a large GeoJSON that GDAL does not read feature by feature.

    It does where `features` opens a list the first time that the word stands among the first 6,000 bytes.
    """
    if path.stat().st_size <= MOST_BYTES:
        return
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if not LIST.match(head, max(head.find(WORD), 0)):
        raise PieceTooLarge(file=file, piece="document", most_mib=MOST_MIB)


def _records_of(path: Path, file: str) -> int:
    """Count the records of a GeoJSON text sequence, and refuse one that is too long.

    GDAL passes over records that it cannot read without a word, so their number is known before.
    """
    count = length = 0
    with path.open("rb") as stream:
        separated = stream.read(1) == SEPARATOR
        stream.seek(0)
        while line := stream.readline(MOST_BYTES + 1):
            begun = line.count(SEPARATOR) if separated else bool(line.strip())
            count += begun
            if separated and begun:
                length = len(line) - line.rindex(SEPARATOR)
            else:
                length = len(line) + (length if separated else 0)
            if length > MOST_BYTES:
                raise PieceTooLarge(file=file, piece="record", most_mib=MOST_MIB)
    return count
