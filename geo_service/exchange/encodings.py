"""The character encoding of a file that does not say it: UTF-8, else GB18030; refuses a third guess."""

import codecs
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geo_service.exchange.refusals import UnreadableFile

_CHUNK: Final = 1024**2
_HEADER: Final = 32
_ROWS_AT_ONCE: Final = 100_000
# So many rows of foreign text that happen to be UTF-8 throughout are UTF-8.
_ROWS_LOOKED_AT: Final = 20_000
_BY_OTHER_NAMES: Final = {
    "936": "GB18030",
    "GBK": "GB18030",
    "GB2312": "GB18030",
    "65001": "UTF-8",
    "UTF8": "UTF-8",
}
Encoding = Literal["UTF-8", "GB18030"]


def text_encoding(file: Path, name: str) -> Encoding:
    """Tell the encoding of a text file from all of it; raises `UnreadableFile` when it is neither."""
    for encoding in ("UTF-8", "GB18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with file.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return "UTF-8" if encoding == "UTF-8" else "GB18030"
    raise UnreadableFile(file=name, reason="unknown_encoding")


def table_encoding(dbf: Path, name: str) -> str:
    """Tell the encoding of a Shapefile's table: what its .cpg says, else UTF-8 if all text is, else GB18030.

    A .cpg that names no encoding known is taken as absent, and one that says UTF-8 over a table
    that is not is disbelieved: both are common. Fields are looked at one by one, for a value cut
    off at its field's width may end in half a character.
    """
    stated = _stated(dbf.with_suffix(".cpg"))
    if stated not in {None, "UTF-8"}:
        return str(stated)
    return "UTF-8" if _all_utf8(dbf, name) else "GB18030"


def _stated(cpg: Path) -> str | None:
    """Read what a .cpg says, as far as it is an encoding; code pages go by their numbers as well."""
    if not cpg.exists():
        return None
    label = cpg.read_bytes()[:40].decode("ascii", "replace").strip().upper()
    label = label.removeprefix("ANSI").removeprefix("CP").strip(" -")
    label = _BY_OTHER_NAMES.get(label, label)
    try:
        codecs.lookup(label)
    except LookupError:
        return None
    return label


def _all_utf8(dbf: Path, name: str) -> bool:
    if dbf.stat().st_size < _HEADER + 1:
        raise UnreadableFile(file=name, reason="damaged_table")
    content = np.memmap(dbf, dtype=np.uint8, mode="r")
    rows = int(content[4:8].view("<u4")[0])
    start, width = (int(value) for value in content[8:12].view("<u2"))
    names, fields = _field_table(content[:start])
    if not all(_decodes(value) for value in names):
        return False
    held = min(rows, (len(content) - start) // width) if width else 0
    for first in range(0, held, _ROWS_AT_ONCE):
        last = min(first + _ROWS_AT_ONCE, held)
        table = content[start + first * width : start + last * width].reshape(-1, width)
        foreign = table[(table >= 0x80).any(axis=1)][:_ROWS_LOOKED_AT]
        if not all(_decodes(bytes(row[a:b])) for row in foreign for a, b in fields):
            return False
        if len(foreign) == _ROWS_LOOKED_AT:
            break
    return True


def _field_table(head: NDArray[np.uint8]) -> tuple[list[bytes], list[tuple[int, int]]]:
    """Return the names of all fields, and where in a row the text fields stand."""
    names: list[bytes] = []
    texts: list[tuple[int, int]] = []
    at_byte = 1  # each row begins with its deletion mark
    for at in range(_HEADER, len(head) - _HEADER + 1, _HEADER):
        if head[at] == 0x0D:
            break
        names.append(bytes(head[at : at + 11]).split(b"\0")[0])
        size = int(head[at + 16])
        if int(head[at + 11]) in b"CM":
            texts.append((at_byte, at_byte + size))
        at_byte += size
    return names, texts


def _decodes(value: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(value.rstrip(b" \0"))
    except UnicodeDecodeError:
        return False
    return True
