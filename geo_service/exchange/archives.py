"""Shapefiles out of a ZIP; refuses paths that lead out, swelling, encryption and strange members.

Only the five parts that are read are unpacked, under names of our own, and every byte is counted
as it comes out, because an archive's directory may lie about sizes.
"""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from geo_service.exchange.refusals import ArchiveRefused, UnreadableFile

_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED: Final = (".shp", ".shx", ".dbf")
# What GDAL would follow elsewhere, and archives within archives.
_NEVER: Final = (".vrt", ".zip", ".7z", ".rar", ".gz", ".tar", ".gpkg", ".sqlite", ".exe", ".dll", ".so")
MOST_MEMBERS: Final = 1000
MOST_BYTES: Final = 4 * 1024**3
# Shapes and tables of blanks compress well; beyond this a member holds nothing but repetition.
MOST_RATIO: Final = 300
_RATIO_COUNTS_FROM: Final = 10 * 1024**2
_CHUNK: Final = 1024**2


def unpack_shapefiles(
    archive: Path, folder: Path, *, most_bytes: int = MOST_BYTES, most_members: int = MOST_MEMBERS
) -> dict[str, Path]:
    """Unpack every Shapefile of `archive` into `folder`; returns layer name → path of its .shp."""
    with _opened(archive, most_members) as (opened, _):
        return _unpack(opened, archive, folder, most_bytes)


def unpack_members(
    archive: Path,
    folder: Path,
    *,
    most_bytes: int = MOST_BYTES,
    most_members: int = MOST_MEMBERS,
) -> dict[str, Path]:
    """Unpack every member into `folder` under a name of our own; returns their names (`/` between) → path of each.

    Raises `ArchiveRefused` and `UnreadableFile`.
    """
    found: dict[str, Path] = {}
    with _opened(archive, most_members) as (opened, members):
        for number, member in enumerate(each for each in members if not each.is_dir()):
            target = folder / f"member{number}"
            most_bytes -= _unpack_member(opened, archive, member, target, most_bytes)
            found[_readable(member).replace("\\", "/")] = target
    return found


@contextmanager
def _opened(archive: Path, most_members: int) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """Yield an archive that holds nothing strange, with its members; what is damaged is refused when it is come upon."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            if len(members) > most_members:
                raise ArchiveRefused(file=archive.name, reason="too_many_members", member=len(members))
            for member in members:
                _refuse_strange(archive, member)
            yield opened, members
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise UnreadableFile(file=archive.name, reason="damaged_archive", detail=str(error)) from error


def link_shapefile(shape: Path, folder: Path) -> Path:
    """Link the parts of a Shapefile that lies unpacked, and nothing else that lies beside it; returns the link to its .shp."""
    beside = {each.suffix.lower(): each for each in shape.parent.iterdir() if each.stem == shape.stem}
    absent = [suffix for suffix in _NEEDED if suffix not in beside]
    if absent:
        raise UnreadableFile(file=shape.name, reason="parts_missing", detail=", ".join(absent))
    for suffix in _PARTS:
        if suffix in beside:
            (folder / f"source{suffix}").symlink_to(beside[suffix].resolve())
    return folder / "source.shp"


def refuse_swelling(packed: Path, name: str, *, most_bytes: int = MOST_BYTES) -> None:
    """Read a gzip file through and count what comes out; raises `ArchiveRefused`, `UnreadableFile`."""
    limit = min(most_bytes, max(packed.stat().st_size * MOST_RATIO, _RATIO_COUNTS_FROM))
    try:
        with gzip.open(packed) as source:
            while chunk := source.read(_CHUNK):
                limit -= len(chunk)
                if limit < 0:
                    raise ArchiveRefused(file=name, reason="swells", member=None)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(file=name, reason="damaged_archive", detail=str(error)[:200]) from error


def _refuse_strange(archive: Path, member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    reason = None
    if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name:
        reason = "path_leads_out"
    elif member.external_attr >> 28 == 0xA:
        reason = "link"
    elif member.flag_bits & 0x1:
        reason = "encrypted"
    elif PurePosixPath(name).suffix.lower() in _NEVER:
        reason = "member_not_allowed"
    if reason is not None:
        raise ArchiveRefused(file=archive.name, reason=reason, member=_readable(member)[:200])


def _unpack(opened: zipfile.ZipFile, archive: Path, folder: Path, most_bytes: int) -> dict[str, Path]:
    stems: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in opened.infolist():
        place = PurePosixPath(_readable(member).replace("\\", "/"))
        suffix = place.suffix.lower()
        if suffix in _PARTS and not place.name.startswith("._") and "__MACOSX" not in place.parts:
            stems.setdefault(str(place.with_suffix("")), {})[suffix] = member
    layers: dict[str, Path] = {}
    room = most_bytes
    for number, (stem, parts) in enumerate(sorted(stems.items())):
        if ".shp" not in parts:
            continue
        absent = [suffix for suffix in _NEEDED if suffix not in parts]
        if absent:
            raise UnreadableFile(
                file=archive.name, reason="parts_missing", detail=f"{stem}: {', '.join(absent)}"
            )
        for suffix, member in parts.items():
            room -= _unpack_member(opened, archive, member, folder / f"source{number}{suffix}", room)
        name = PurePosixPath(stem).name
        layers[stem if name in layers else name] = folder / f"source{number}.shp"
    if not layers:
        raise ArchiveRefused(file=archive.name, reason="no_shapefile", member=None)
    return layers


def _unpack_member(
    opened: zipfile.ZipFile, archive: Path, member: zipfile.ZipInfo, target: Path, room: int
) -> int:
    written = 0
    limit = max(member.compress_size * MOST_RATIO, _RATIO_COUNTS_FROM)
    with opened.open(member) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > room or written > limit:
                raise ArchiveRefused(file=archive.name, reason="swells", member=_readable(member)[:200])
            sink.write(chunk)
    return written


def _readable(member: zipfile.ZipInfo) -> str:
    """Return a member's name; Chinese Windows writes it in GB18030 without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename
