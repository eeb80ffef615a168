"""A snapshot examined where it was carried: its files against their sums, and what it says of itself. No database is asked."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from geo_service.exchange.looking import look_into
from geo_service.operations.snapshots import ABOUT, SUMS
from layers.errors import InvalidInput, LayerError
from layers.findings import Finding

_LINE: Final = re.compile(r"([0-9a-f]{64}) [ *]([^/\\\0]+)")


class SumsUnreadable(InvalidInput):
    """The folder has no list of sums that can be read. Facts: `folder`."""

    code = "snapshot.sums_unreadable"


def snapshot_findings(folder: Path) -> Iterator[Finding]:
    """Yield what differs in a dated folder from what `write_snapshot` left there; raises `SumsUnreadable`.

    `snapshot.file_missing` and `snapshot.file_unlisted` name a file, `snapshot.sum_differs` one whose SHA-256 is another
    than `SHA256SUMS` or `snapshot.json` says, `snapshot.rows_differ` one with another number of rows than `snapshot.json` says.
    Rows are counted in files whose sum holds and whose format tells how many it has. Whoever can write the folder can
    write fitting sums: the audit entry `snapshot.export` has those that were handed out.
    """
    stated = _sums(folder)
    sound = set()
    for name, digest in stated.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            yield Finding("snapshot.file_missing", (name,), {"file": name})
        elif (found := _digest(path)) != digest:
            yield Finding(
                "snapshot.sum_differs", (name,), {"file": name, "stated": digest, "found": found, "by": SUMS}
            )
        else:
            sound.add(name)
    for name in sorted({path.name for path in folder.iterdir()} - {SUMS, *stated}):
        yield Finding("snapshot.file_unlisted", (name,), {"file": name})
    if ABOUT not in stated:
        yield Finding("snapshot.file_missing", (ABOUT,), {"file": ABOUT})
    elif ABOUT in sound:
        yield from _against_itself(folder, stated, sound)


def _sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SumsUnreadable(folder=str(folder)) from error
    read = [_LINE.fullmatch(line) for line in lines]
    if not read or None in read:
        raise SumsUnreadable(folder=str(folder))
    return {line[2]: line[1] for line in read if line is not None}


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _against_itself(folder: Path, stated: Mapping[str, str], sound: set[str]) -> Iterator[Finding]:
    """Yield what `snapshot.json` says otherwise than the sums and the files."""
    try:
        layers = json.loads((folder / ABOUT).read_text(encoding="utf-8"))["layers"]
        files = {str(each["file"]): each for each in layers.values() if "file" in each}
        expected = {name: (str(each["sha256"]), int(each["rows"])) for name, each in files.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SumsUnreadable(folder=str(folder)) from error
    for name, (digest, rows) in expected.items():
        if name not in stated:
            yield Finding("snapshot.file_missing", (name,), {"file": name})
        elif stated[name] != digest:
            evidence = {"file": name, "stated": digest, "found": stated[name], "by": ABOUT}
            yield Finding("snapshot.sum_differs", (name,), evidence)
        elif name in sound and (found := _rows(folder / name)) not in {rows, None}:
            yield Finding("snapshot.rows_differ", (name,), {"file": name, "stated": rows, "found": found})


def _rows(path: Path) -> int | None:
    """Return how many rows a file has, None where its format does not say without reading it through."""
    try:
        return look_into(path).features
    except LayerError:
        return None
