"""The work list of street signs as a sheet: what is to be set up, mended or exchanged, and where; decides nothing."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from geo_service.exchange.workbooks import table_workbook
from geo_service.operations.joint_papers import Words, paper_words
from layers.errors import InvalidInput
from layers.naming.sign_queries import signs_to_work_on

START: Final = "paper.signs."
MOST: Final = 100_000
COLUMNS: Final = (
    "order", "road", "number", "task", "place", "lon", "lat", "text", "pinyin", "colour", "arrows", "state", "inspected_on",
    "text_seen", "pinyin_seen", "colour_seen", "division_code",
)  # fmt: skip
WINDS: Final = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")


class SignListTooLarge(InvalidInput):
    """More signs wait for work than one sheet holds. Facts: `most`."""

    code = "naming.sign_list_too_large"


def work_list(session: Session, unit: str | None, *, language: str) -> bytes:
    """Return the signs of a unit (all with None) that need work, as a workbook; raises `SignListTooLarge`.

    A province or city stands for what is below it: the zeros at the end of its code are left out.
    """
    units = "" if unit is None else _begins(unit)
    signs = signs_to_work_on(session, units=units, most=MOST + 1)
    if len(signs) > MOST:
        raise SignListTooLarge(most=MOST)
    words = paper_words(START, language)
    rows = [_line(number, sign, words) for number, sign in enumerate(signs, 1)]
    return table_workbook(words["title"], [words[name] for name in COLUMNS], rows)


def wind(bearing: float) -> str:
    """Name the wind nearest to a bearing in degrees clockwise from north.

    >>> wind(91.0), wind(350.0)
    ('east', 'north')
    """
    return WINDS[round(bearing / 45.0) % len(WINDS)]


def _begins(unit: str) -> str:
    """Return what the codes of a unit begin with: 46 of 460000, 4601 of 460100, 460108 of itself."""
    while unit.endswith("00"):
        unit = unit[:-2]
    return unit


def _line(number: int, sign: Mapping[str, Any], words: Words) -> list[Any]:
    tasks = sign["mismatches"] or ["set_up"]
    place = words[f"place.{sign['reason']}"]
    return [
        number, sign["name"], sign["number"], "；".join(words[f"task.{task}"] for task in tasks),
        place.format(crossing=sign["crossing"]), round(sign["lon"], 7), round(sign["lat"], 7), sign["text"], sign["pinyin"],
        words[f"colour.{sign['colour']}"], " ".join(words[f"wind.{wind(arrow)}"] for arrow in sign["arrows"]),
        words[f"state.{sign['state']}"], sign["inspected_on"], sign["text_seen"], sign["pinyin_seen"],
        words[f"colour.{sign['colour_seen']}"] if sign["colour_seen"] else None, sign["unit_code"],
    ]  # fmt: skip
