"""Office files that are ZIP packages: told apart, unpacked once to count, never kept unpacked.

Refuses packages that swell, hide, lead out or carry a program.
"""

import re
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO, Final

from geo_service.documents.kinds import ACCEPTED, DOCX, ODS, ODT, OFD, XLSX
from geo_service.documents.refusals import ContentRefused, TypeRefused

MOST_MEMBERS: Final = 10_000
MOST_BYTES: Final = 1024**3
MOST_RATIO: Final = 300
"""XML of a large table packs about 1 : 30; 1 : 1000 is the most that deflate can do."""
RATIO_COUNTS_FROM: Final = 16 * 1024**2
CHUNK: Final = 1024**2
DIRECTORY_BYTES: Final = 1024**2
PROGRAMS: Final = re.compile(
    r"(^|/)(vbaProject\.bin|vbaData\.xml|Basic/|Scripts/)|macrosheets/|activeX/", re.IGNORECASE
)
MAIN_PARTS: Final = {b"wordprocessingml.document.main+xml": DOCX, b"spreadsheetml.sheet.main+xml": XLSX}
OPEN_DOCUMENTS: Final = {ODT.encode(): ODT, ODS.encode(): ODS}


def package_type(file: IO[bytes]) -> str:
    """Return the media type of a ZIP package; raises `TypeRefused`, `ContentRefused`.

    Every member is unpacked and counted, because a package's directory may lie about sizes.
    """
    try:
        with zipfile.ZipFile(file) as package:
            _refuse_strange(package)
            found = _kind(package)
            _count(package)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        OSError,
        RuntimeError,
    ) as damage:
        raise ContentRefused(reason="damaged", media_type="application/zip") from damage
    return found


def _refuse_strange(package: zipfile.ZipFile) -> None:
    members = package.infolist()
    if len(members) > MOST_MEMBERS:
        raise ContentRefused(reason="swells", members=len(members))
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in PurePosixPath(name).parts or "\0" in name:
            raise ContentRefused(reason="path_leads_out")
        if member.flag_bits & 0x1:
            raise ContentRefused(reason="encrypted")
        if PROGRAMS.search(name):
            raise ContentRefused(reason="carries_program", member=PurePosixPath(name).name[:100])


def _kind(package: zipfile.ZipFile) -> str:
    names = set(package.namelist())
    if "OFD.xml" in names:
        return OFD
    if "mimetype" in names and (found := OPEN_DOCUMENTS.get(_start(package, "mimetype").strip())):
        return found
    if "[Content_Types].xml" in names:
        listed = _start(package, "[Content_Types].xml")
        if b"macroEnabled" in listed:
            raise ContentRefused(reason="carries_program", member="[Content_Types].xml")
        for part, media_type in MAIN_PARTS.items():
            if part in listed:
                return media_type
    raise TypeRefused(found="application/zip", accepted=list(ACCEPTED))


def _start(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as member:
        return member.read(DIRECTORY_BYTES)


def _count(package: zipfile.ZipFile) -> None:
    total = 0
    for member in package.infolist():
        size = 0
        most = max(member.compress_size * MOST_RATIO, RATIO_COUNTS_FROM)
        with package.open(member) as source:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                total += len(chunk)
                if total > MOST_BYTES or size > most:
                    raise ContentRefused(reason="swells", most_bytes=min(MOST_BYTES, most))
