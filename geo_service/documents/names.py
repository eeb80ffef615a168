"""File names as they came and as they go out; a name is words for people, never a path."""

import unicodedata
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from geo_service.documents.kinds import SUFFIXES

LONGEST: Final = 120
"""Characters kept of a name: with four bytes each it still fits a header and any file system's 255 bytes twice."""
UNNAMED: Final = "document"
NEVER: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, formatting (also those that turn the writing direction), unpaired and unassigned characters."""


def plain_name(given: str) -> str:
    r"""Return a given file name as words: its last part, composed, without characters that steer a terminal or header.

    >>> plain_name("../../etc/协议书\r\nX: 1.pdf"), plain_name("fdp\u202eexe.合同"), plain_name("..")
    ('协议书X: 1.pdf', 'fdpexe.合同', 'document')
    """
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        letter for letter in unicodedata.normalize("NFC", last) if unicodedata.category(letter) not in NEVER
    )
    kept = " ".join(kept.split()).strip(". ")
    suffix = PurePosixPath(kept).suffix[:10]
    if len(kept) > LONGEST:
        kept = kept[: LONGEST - len(suffix)].rstrip(". ") + suffix
    return kept or UNNAMED


def download_name(name: str, media_type: str) -> str:
    """Return the name under which a file is given out: its ending is that of its content.

    >>> download_name("合同.exe", "application/pdf"), download_name("A.JPG", "image/jpeg")
    ('合同.exe.pdf', 'A.JPG')
    """
    suffixes = SUFFIXES[media_type]
    return name if name.lower().endswith(suffixes) else name + suffixes[0]


def disposition(kind: str, name: str) -> str:
    r"""Return a Content-Disposition (RFC 6266): plain letters for old programs, UTF-8 by RFC 8187 for all others.

    >>> print(disposition("inline", '协议"书.pdf'))
    inline; filename="____.pdf"; filename*=UTF-8''%E5%8D%8F%E8%AE%AE%22%E4%B9%A6.pdf
    """
    plain = "".join(letter if letter.isascii() and letter not in '"\\%;' else "_" for letter in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
