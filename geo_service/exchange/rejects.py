"""Rows that were not taken, with the reason for each, as a file that can be mended and sent again."""

import csv
import json
import pickle
import re
import tempfile
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.exchange.refusals import FormatUnknown

# A spreadsheet runs a cell that begins so; an attribute of a stranger's file must not.
_RUNS_AS_FORMULA: Final = re.compile(r"[=@\t\r]|[+-](?![\d.]*$)")


@dataclass(frozen=True, slots=True)
class Reject:
    """One row refused: its number in the file (from 1), a stable code, the facts, and the row as it was.

    `geometry` is in the file's own CRS, untouched; None when it could not be read.
    """

    row: int
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    geometry: BaseGeometry | None = None


Say = Callable[[str, Mapping[str, object]], str]


class RejectLog(Collection[Reject]):
    """Rejects in the order in which they were found; the first `held` in memory, all others on the disk.

    So a file of two million rows of which nothing is right costs no more memory than a good one.
    """

    def __init__(self, held: int = 10_000) -> None:
        self._held = held
        self._first: list[Reject] = []
        self._rest: IO[bytes] | None = None
        self._count = 0

    def extend(self, rejects: Iterable[Reject]) -> None:
        """Add rejects at the end."""
        for reject in rejects:
            self._count += 1
            if len(self._first) < self._held:
                self._first.append(reject)
                continue
            if self._rest is None:
                self._rest = tempfile.TemporaryFile(prefix="geo-rejects-")  # noqa: SIM115 -- it lasts as long as the log
                weakref.finalize(self, self._rest.close)
            pickle.dump(reject, self._rest)

    def first(self, most: int) -> list[Reject]:
        """Return the first of them."""
        return list(islice(self, most))

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    def __iter__(self) -> Iterator[Reject]:
        """Give them once more from the beginning; nothing is to be added meanwhile."""
        yield from self._first
        if self._rest is not None:
            self._rest.seek(0)
            for _ in range(self._count - len(self._first)):
                yield pickle.load(self._rest)  # noqa: S301 -- a file without a name that this object alone writes
            self._rest.seek(0, 2)

    def __contains__(self, reject: object) -> bool:
        """Whether a reject is among them."""
        return any(each == reject for each in self)


def write_rejects(
    path: Path, rejects: Iterable[Reject], *, source_crs: str = "", say: Say | None = None
) -> int:
    """Write rejects as CSV or GeoJSON, by the name's ending; returns how many.

    `say` puts a code and its facts into words, which then stand in `reason`.
    CSV: `row, code, reason, facts` (JSON), the columns of the file, `wkt`, `crs`; UTF-8 with byte order mark for spreadsheets.
    GeoJSON: the geometry stands in property `wkt` with its `crs`, because GeoJSON promises degrees and a reject may be
    anything.
    """
    kept = rejects if isinstance(rejects, Collection) else list(rejects)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        _write_csv(path, kept, source_crs, say)
    elif suffix in {".geojson", ".json"}:
        _write_geojson(path, kept, source_crs, say)
    else:
        raise FormatUnknown(file=path.name, formats=[".csv", ".geojson"])
    return len(kept)


def _write_csv(path: Path, rejects: Collection[Reject], source_crs: str, say: Say | None) -> None:
    names = list(dict.fromkeys(name for reject in rejects for name in reject.attributes))
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        writer = csv.writer(sink)
        added = {
            name: f"file_{name}" if name in {"row", "code", "reason", "facts", "wkt", "crs"} else name
            for name in names
        }
        reason = ["reason"] if say else []
        writer.writerow(
            ["row", "code", *reason, "facts", *(_cell(added[name]) for name in names), "wkt", "crs"]
        )
        for reject in rejects:
            cells = (_cell(reject.attributes.get(name)) for name in names)
            told = [say(reject.code, reject.facts)] if say else []
            writer.writerow(
                [reject.row, reject.code, *told, _json(reject.facts), *cells, _wkt(reject), source_crs]
            )


def _write_geojson(path: Path, rejects: Iterable[Reject], source_crs: str, say: Say | None) -> None:
    with path.open("w", encoding="utf-8") as sink:
        sink.write('{"type": "FeatureCollection", "features": [')
        for number, reject in enumerate(rejects):
            properties = {
                "row": reject.row,
                "code": reject.code,
                **({"reason": say(reject.code, reject.facts)} if say else {}),
                "facts": reject.facts,
                "attributes": reject.attributes,
                "wkt": _wkt(reject),
                "crs": source_crs,
            }
            feature = {"type": "Feature", "id": reject.row, "geometry": None, "properties": properties}
            sink.write((", " if number else "") + _json(feature))
        sink.write("]}\n")


def _wkt(reject: Reject) -> str:
    if reject.geometry is None:
        return ""
    text: str = shapely.to_wkt(reject.geometry, rounding_precision=-1)
    return text


def _cell(value: object) -> Any:
    if isinstance(value, str) and _RUNS_AS_FORMULA.match(value):
        return f"'{value}"
    return "" if value is None else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
