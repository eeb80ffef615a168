"""Reads who bore which division code when, out of the shipped revisions and the shipped list."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Final

from layers.boundaries.model import Level

CURRENT: Final = "current"
CURRENT_FROM: Final = date(2014, 1, 1)  # first seen after the revision of 2013
PLACEHOLDERS: Final = {"市辖区", "省直辖县级行政单位", "省直辖县级行政区划"}
VIRTUAL_PREFECTURE: Final = "469000000000"  # 4690 groups the counties that the province administers itself
RAISED: Final = {
    "儋州市": date(2015, 2, 19)
}  # county-level city 469003 until then, prefecture-level 460400 after
LISTED_ON: Final = date(2023, 6, 30)  # cut-off of the list of divisions
LIST_SOURCE: Final = "国家统计局统计用区划代码 2023 (china-division 2.7.0, MIT)"
CODE_SOURCE: Final = "GB/T 2260 修订 (GB2260 0.4.1, BSD)"
DIGITS: Final = {Level.TOWNSHIP: 9, Level.VILLAGE: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """One unit under one code from a date to a date (exclusive; None: still).

    `identity` is the same for all periods of one unit; `drawn_as` is the code under which its present
    outline is kept.
    """

    name: str
    code: str
    level: Level
    parent_code: str | None
    valid_from: date
    valid_to: date | None
    source: str
    drawn_as: str | None = None

    @property
    def identity(self) -> str:
        """What stays the same through recodings: name and level, below the county the code itself."""
        return f"{self.level}/{self.code if self.level in DIGITS else self.name}"

    @property
    def instrument(self) -> str:
        """The paper that a recoding at the start of this period rests on."""
        return f"GB/T 2260, {self.valid_from.year}"


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a shipped table."""
    packed = files("geo_service.demonstration").joinpath("data", name).read_bytes()
    return list(csv.DictReader(gzip.decompress(packed).decode("utf-8-sig").splitlines()))


def periods() -> list[Period]:
    """Return all periods of Hainan's units, 2002 to now."""
    listed = list(_listed())
    now = {(period.name, period.level): period.code for period in listed}
    coded = list(_coded(now))
    standing = {(period.code, period.level) for period in coded if period.valid_to is None}
    return coded + [period for period in listed if (period.code, period.level) not in standing]


def _coded(now: dict[tuple[str, Level], str]) -> Iterator[Period]:
    """Yield every (name, code) of the revisions with the time it held.

    469025 comes twice: 定安县 up to 2007-01-01, 白沙黎族自治县 from then on.
    """
    seen: dict[date, set[tuple[str, str]]] = defaultdict(set)
    for row in rows_of("hainan_code_history_gb2260.csv.gz"):
        if row["name"] not in PLACEHOLDERS:
            seen[_revision_date(row["revision"])].add((row["name"], row["code"]))
    dates = sorted(seen)
    for name, code in sorted(set().union(*seen.values())):
        held = [day for day in dates if (name, code) in seen[day]]
        after = [day for day in dates if day > held[-1]]
        level = _level_of(code)
        drawn_as = now.get((name, level))
        ends = after[0] if after else None if drawn_as == code else RAISED.get(name, LISTED_ON)
        yield Period(name, code, level, _parent_of(code), held[0], ends, CODE_SOURCE, drawn_as)


def _listed() -> Iterator[Period]:
    """Yield the units of the list; what a revision knew already is known from then on, not from the list."""
    rows = rows_of("hainan_divisions_2023.csv.gz")
    names = {row["code"]: Level(row["level"]) for row in reversed(rows)}
    for row in rows:
        if row["name"] in PLACEHOLDERS:
            continue
        level, parent = Level(row["level"]), row["parent_code"]
        above = "460000" if parent == VIRTUAL_PREFECTURE else _short(parent, names.get(parent)) or None
        code = _short(row["code"], level)
        since = RAISED.get(row["name"], LISTED_ON) if level not in DIGITS else LISTED_ON
        drawn_as = None if level in DIGITS else code
        yield Period(row["name"], code, level, above, since, None, LIST_SOURCE, drawn_as)


def _revision_date(revision: str) -> date:
    """Return the day from which a revision holds: `2007` from 1 January, `200306` from 1 June."""
    if revision == CURRENT:
        return CURRENT_FROM
    return date(int(revision[:4]), int(revision[4:] or 1), 1)


def _level_of(code: str) -> Level:
    if code == "460000":
        return Level.PROVINCE
    return Level.PREFECTURE if code.endswith("00") else Level.COUNTY


def _parent_of(code: str) -> str | None:
    if code == "460000":
        return None
    return "460000" if code.endswith("00") or code.startswith("4690") else f"{code[:4]}00"


def _short(code: str, level: Level | None) -> str:
    """Return a 12-digit code of the list in the length its level is known by: 6, 9 or 12 digits."""
    return code[: DIGITS.get(level, 6) if level else 6]
