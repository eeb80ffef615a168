"""Rows that were not taken, with the reason for each, as a file that can be mended and sent again."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

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


def write_rejects(
    path: Path, rejects: Iterable[Reject], *, source_crs: str = "", say: Say | None = None
) -> int:
    """Write rejects as CSV or GeoJSON, by the name's ending; returns how many.

    `say` puts a code and its facts into words, which then stand in `reason`.
    CSV: `row, code, reason, facts` (JSON), the columns of the file, `wkt`, `crs`; UTF-8 with byte order mark for spreadsheets.
    GeoJSON: the geometry stands in property `wkt` with its `crs`, because GeoJSON promises degrees and a reject may be
    anything.
    """
    kept = list(rejects)
    said = [say(reject.code, reject.facts) for reject in kept] if say else None
    suffix = path.suffix.lower()
    if suffix == ".csv":
        _write_csv(path, kept, source_crs, said)
    elif suffix in {".geojson", ".json"}:
        _write_geojson(path, kept, source_crs, said)
    else:
        raise FormatUnknown(file=path.name, formats=[".csv", ".geojson"])
    return len(kept)


def _write_csv(path: Path, rejects: list[Reject], source_crs: str, said: list[str] | None) -> None:
    names = list(dict.fromkeys(name for reject in rejects for name in reject.attributes))
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        writer = csv.writer(sink)
        added = {
            name: f"file_{name}" if name in {"row", "code", "reason", "facts", "wkt", "crs"} else name
            for name in names
        }
        reason = ["reason"] if said else []
        writer.writerow(
            ["row", "code", *reason, "facts", *(_cell(added[name]) for name in names), "wkt", "crs"]
        )
        for number, reject in enumerate(rejects):
            cells = (_cell(reject.attributes.get(name)) for name in names)
            told = [said[number]] if said else []
            writer.writerow(
                [reject.row, reject.code, *told, _json(reject.facts), *cells, _wkt(reject), source_crs]
            )


def _write_geojson(path: Path, rejects: list[Reject], source_crs: str, said: list[str] | None) -> None:
    features = [
        {
            "type": "Feature",
            "id": reject.row,
            "geometry": None,
            "properties": {
                "row": reject.row,
                "code": reject.code,
                **({"reason": said[number]} if said else {}),
                "facts": reject.facts,
                "attributes": reject.attributes,
                "wkt": _wkt(reject),
                "crs": source_crs,
            },
        }
        for number, reject in enumerate(rejects)
    ]
    path.write_text(_json({"type": "FeatureCollection", "features": features}) + "\n", encoding="utf-8")


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
