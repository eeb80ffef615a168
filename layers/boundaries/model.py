"""What units, lines and changes are; no I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shapely.geometry.base import BaseGeometry

from layers.errors import Conflict, InvalidInput, NotFound


class Level(StrEnum):
    """Level of an administrative unit (行政区划级别), highest first."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    @property
    def rank(self) -> int:
        """Place from the top: 1 for a province, 5 for a village."""
        return RANK[self]


RANK: Final[Mapping[Level, int]] = {level: rank for rank, level in enumerate(Level, start=1)}


class ChangeKind(StrEnum):
    """Kind of a change of units (行政区划变更)."""

    ESTABLISH = "establish"
    MERGE = "merge"
    SPLIT = "split"
    TRANSFER = "transfer"
    RENAME = "rename"
    RECODE = "recode"


# GB/T 2260 codes have 6 digits, the statistical list's 9 (township) and 12 (village).
UNIT_CODE: Final = re.compile(r"[0-9]{6}(?:[0-9]{3}(?:[0-9]{3})?)?")


def unit_code(text: str) -> str:
    """Return `text` as a division code (行政区划代码): 6, 9 or 12 digits.

    Its digits are never read for meaning: 469025 was 定安县 until 2006 and 白沙黎族自治县 from 2007.

    >>> unit_code("460107")
    '460107'

    Raises `InvalidUnitCode` for anything else.
    """
    if not UNIT_CODE.fullmatch(text):
        raise InvalidUnitCode(given=text)
    return text


class InvalidUnitCode(InvalidInput):
    """A division code must be 6, 9 or 12 digits."""

    code = "boundary.unit_code_invalid"


class UnitNotFound(NotFound):
    """No unit bears that code on that date."""

    code = "boundary.unit_not_found"


class LineNotFound(NotFound):
    """No line bears that code on that date."""

    code = "boundary.line_not_found"


class ChangeRefused(Conflict):
    """A change of units contradicts the record; the facts name the reason."""

    code = "boundary.change_refused"


class ChangeLeavesGap(ChangeRefused):
    """After the change some ground would belong to nobody; the facts give the place."""

    code = "boundary.change_leaves_gap"


class ChangeOverlaps(ChangeRefused):
    """After the change some ground would belong to two units; the facts give the place."""

    code = "boundary.change_overlaps"


class ChangeRepeated(Conflict):
    """The same id was used before for another change."""


@dataclass(frozen=True, slots=True)
class UnitVersion:
    """One version of a unit as it is put on record.

    `geometry` is a MultiPolygon in EPSG:4490; `original_wkb` holds the coordinates as they came, in
    `original_crs` (an EPSG code, `GCJ-02` or `BD-09`). `initials` are the first letters of the
    syllables of the name, for searching.
    """

    code: str
    name: str
    level: Level
    valid_from: date
    source: str
    valid_to: date | None = None
    parent_code: str | None = None
    pinyin: str | None = None
    initials: str | None = None
    geometry: BaseGeometry | None = None
    authoritative: bool = False
    original_wkb: bytes | None = None
    original_crs: str | None = None
    accuracy_m: float | None = None
