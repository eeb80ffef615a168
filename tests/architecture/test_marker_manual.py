"""The page on markers names every record that a guard can ask for: the guards are asked, not read."""

import importlib.util
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from layers.markers.case_guards import StepAsked
from layers.markers.case_table import STEPS, Step
from layers.markers.evidence import Actor, Capacity, CaseEvent
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.legend_findings import MISSING

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "markers.md").read_text(encoding="utf-8")
AT = datetime(2026, 5, 1, tzinfo=UTC)
NEIGHBOUR, MANAGING = "469021", "460107"
RECORDS: list[dict[str, Any]] = [
    {},
    {"managing_side": MANAGING, "offset_m": 50.0, "filed_on": "2030-01-01", "evidence": "a letter"},
    {"managing_side": NEIGHBOUR, "filed_on": "2001-01-01", "filing_number": "1", "second_person": "chen"},
    {"second_person": "lin", "neighbour_attendance": {"unit": NEIGHBOUR, "name": "wu", "signature": "x"}},
]


@pytest.fixture(scope="module")
def manual() -> ModuleType:
    found = importlib.util.spec_from_file_location("marker_manual", ROOT / "tools" / "marker_manual.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def event(kind: Event, records: dict[str, Any], capacity: Capacity, unit: str = NEIGHBOUR) -> CaseEvent:
    return CaseEvent(
        id=f"{kind}-{unit}", recorded_at=AT, happened_at=AT, case_id="c", kind=kind,
        actor=Actor("chen", unit, capacity), records=records,
    )  # fmt: skip


def asked_for(step: Step) -> Iterator[str]:
    """Yield what the guards of a step miss in cases that lack much, and lack it in different ways."""
    before = (event(Event.RESTORE_DONE, {}, Capacity.MANAGING_SIDE),)
    on_record = {Event.CONFIRM_LOST: {}, Event.ACCEPT: {"managing_side": MANAGING}}
    worlds = product(RECORDS, sorted(step.may), ({}, on_record), ((), before), (None, "chen", "lin"))
    for records, capacity, known, done, reporter in worlds:
        case = StepAsked(
            event=event(step.event, records, capacity), day=date(2026, 5, 1), units=(MANAGING, NEIGHBOUR, "469005"),
            on_record=known, reporter=reporter, approved_on=date(2026, 4, 1), restore_limit_m=1.0, before=done,
            acting=frozenset({NEIGHBOUR, "469005"}),
        )  # fmt: skip
        yield from (code.split(":")[0] for guard in step.needs for code in guard(case))


def test_every_record_that_a_guard_misses_stands_in_the_row_of_its_event(manual: ModuleType) -> None:
    seen = set()
    for step in STEPS:
        missed = set(asked_for(step))
        assert missed <= set(manual.codes_of_step(step)), step.event
        seen |= missed
    told = {code for step in STEPS for code in manual.codes_of_step(step)}
    assert told - seen == set()
    assert told < set(MISSING)


def test_every_event_has_a_row_with_its_codes_and_words(manual: ModuleType) -> None:
    events = PAGE.split("### Each event", 1)[1].split("### The guards", 1)[0]
    rows = [line for line in events.splitlines() if line.startswith("| `")]
    assert {row.split("`")[1] for row in rows} == {each.value for each in Event}
    for step in STEPS:
        (row, *_) = [each for each in rows if f"| `{step.event}`" in each and f"| `{step.to}`" in each]
        for code in manual.codes_of_step(step):
            assert f"`{code}` {MISSING[code].zh} · {MISSING[code].en}" in row
