"""The gazetteer (地名录) by pinyin and the filing sheet (备案表), composed from what is on record; decides nothing.

Publications of place names: handbook section on 图/录/典/志; filing and announcement within 15 calendar days of approval:
Decree 753, arts. 13 and 14.
"""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

from sqlalchemy.orm import Session

from geo_service.exchange.workbooks import table_workbook
from geo_service.operations.joint_papers import Words, paper_words
from layers.errors import InvalidInput
from layers.naming import legend
from layers.naming.gazetteer_queries import Entry, approved_between, gazetteer_entries
from layers.naming.profiles import load_profile
from layers.naming.queries import NameFilter
from layers.naming.review import due
from web_map.papers import Block, Heading, Paper, Paragraph, Table

START: Final = "paper.naming."
MOST_ON_PAPER: Final = 20_000
MOST_IN_A_SHEET: Final = 200_000
WIDTHS: Final = (3, 4, 2, 2, 2, 4)


class GazetteerTooLarge(InvalidInput):
    """More names are asked for than one paper or sheet holds. Facts: `most`."""

    code = "naming.gazetteer_too_large"


def gazetteer_paper(session: Session, asked: NameFilter, *, language: str) -> Paper:
    """Return the names that stood on a day under the letters of their pinyin; raises `GazetteerTooLarge`."""
    entries, words = _entries(session, asked, MOST_ON_PAPER), paper_words(START, language)
    said = words["gazetteer.about"].format(count=len(entries), as_of=asked.as_of.isoformat())
    blocks: list[Block] = [Paragraph(said)]
    if any(entry.synthetic for entry in entries):
        blocks.append(Paragraph(words["gazetteer.synthetic"], bold=True))
    letters = [(letter, list(group)) for letter, group in groupby(entries, key=lambda entry: entry.initial)]
    if letters:
        index = "  ".join(f"{letter} {len(group)}" for letter, group in letters)
        blocks += [Heading(words["gazetteer.index"], 2), Paragraph(index)]
    head = [
        words[name]
        for name in ("standard_name", "roman_spelling", "kind", "division", "since", "former_and_meaning")
    ]
    for letter, group in letters:
        blocks += [Heading(letter, 2), Table(head, [_line(entry, language) for entry in group], list(WIDTHS))]
    return Paper(
        title=words["gazetteer.title"],
        subtitle=asked.as_of.isoformat(),
        language=language,
        footer=words["footer"].format(name=words["gazetteer.title"], today=asked.as_of.isoformat()),
        blocks=blocks,
    )


def gazetteer_workbook(session: Session, asked: NameFilter, *, language: str) -> bytes:
    """Return the same as a workbook, one name a row with its place; raises `GazetteerTooLarge`."""
    words = paper_words(START, language)
    head = [
        words[name]
        for name in (
            "initial", "standard_name", "roman_spelling", "kind", "division_code", "division", "since", "former_name",
            "origin", "meaning", "heritage", "source", "lon", "lat", "synthetic",
        )
    ]  # fmt: skip
    rows = [
        [
            entry.initial, entry.name, entry.pinyin, _worded(legend.KINDS, entry.kind, language), entry.unit_code,
            entry.unit_name, entry.valid_from, entry.former, entry.origin, entry.meaning, entry.heritage, entry.source,
            entry.lon, entry.lat, words["yes"] if entry.synthetic else "",
        ]
        for entry in _entries(session, asked, MOST_IN_A_SHEET)
    ]  # fmt: skip
    return table_workbook(words["gazetteer.title"], head, rows)


def filing_workbook(session: Session, since: date, until: date, *, language: str, today: date) -> bytes:
    """Return a sheet of the names approved from one day to another: what is filed, by when it is due, whether it was.

    Raises `InvalidInput` for days the wrong way round.
    """
    if since > until:
        raise InvalidInput(field="until", given=until.isoformat(), expected="a day not before `since`")
    words = paper_words(START, language)
    head = [
        words[name]
        for name in (
            "order", "standard_name", "roman_spelling", "kind", "action", "former_name", "division_code", "division",
            "length_m", "width_m", "origin", "meaning", "approving_authority", "approval_document", "approved_on",
            "filing_due", "filed_on", "announcement_due", "announced_on", "filing_state", "synthetic",
        )
    ]  # fmt: skip
    rows = [
        _filed(number, row, words, language, today)
        for number, row in enumerate(approved_between(session, since, until), 1)
    ]
    return table_workbook(words["filing_sheet.title"], head, rows)


def _entries(session: Session, asked: NameFilter, most: int) -> list[Entry]:
    entries = gazetteer_entries(session, asked, most=most)
    if len(entries) > most:
        raise GazetteerTooLarge(most=most)
    return entries


def _line(entry: Entry, language: str) -> list[str]:
    former = f"（{entry.former}）" if entry.former else ""
    return [
        entry.name,
        entry.pinyin,
        _worded(legend.KINDS, entry.kind, language),
        entry.unit_name,
        entry.valid_from.isoformat(),
        f"{former}{entry.meaning or entry.origin}" or "–",
    ]


def _filed(
    number: int, row: Mapping[str, Any], words: Words, language: str, today: date
) -> list[str | int | float | date | None]:
    clocks = load_profile(row["profile"]).clocks
    filing, announcement = (due(row["approved_on"], clocks[name]) for name in ("filing", "announcement"))
    late = (row["filed_on"] or today) > filing
    state = (
        "filed_late"
        if late and row["filed_on"]
        else "overdue"
        if late
        else "filed"
        if row["filed_on"]
        else "open"
    )
    return [
        number, row["name"], row["pinyin"], _worded(legend.KINDS, row["kind"], language),
        words.get(f"action.{row['action']}", row["action"]), row["former_name"], row["unit_code"], row["unit_name"],
        row["length_m"], row["width_m"], row["origin"], row["meaning"], _said(row, "approving_authority"),
        _said(row, "approval_document"), row["approved_on"], filing, row["filed_on"], announcement, row["announced_on"],
        words[f"filing_sheet.{state}"], words["yes"] if row["synthetic"] else "",
    ]  # fmt: skip


def _said(row: Mapping[str, Any], record: str) -> str:
    given = row["records"].get(record)
    return str((given.get("text") if isinstance(given, Mapping) else given) or "")


def _worded(vocabulary: Mapping[str, Any], code: str, language: str) -> str:
    wording = vocabulary.get(code)
    return code if wording is None else str(wording.zh if language.startswith("zh") else wording.en)
