"""A case on paper, as one file: what was reported, verified, restored, accepted and filed, by whom, and on which papers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.documents.legend import TYPES
from geo_service.operations.case_people import papers_on_file
from geo_service.operations.cases import case_told
from geo_service.operations.joint_papers import Words, paper_words
from geo_service.paging import today
from layers.markers import dossiers, legend
from layers.markers.case_proof import ProvenStep, proven_steps
from layers.markers.cited_papers import hash_of, hashes_in
from layers.markers.evidence import Actor, Capacity, CaseEvent
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.legend_findings import MISSING
from layers.markers.legend_guards import GUARD
from layers.markers.model import CaseStage, Condition
from layers.markers.register import office_rules
from layers.markers.transitions import CaseFile, standing
from web_map.papers import Block, Fields, Heading, Paper, Paragraph, Signatures, Table

START: Final = "paper.case."
HASH_SHOWN: Final = 12
HASH_LINE: Final = 32
"""A hash stands on two lines: no column of A4 is as wide as the whole."""
WORDED_AS: Final = {"consents": "consent", "signatures": "signature"}
RECORDS: Final[Mapping[str, frozenset[Event]]] = {
    "report": frozenset(
        {Event.REPORT_ABNORMAL, Event.JOINT_FAIL, Event.MOVE_APPLY, Event.ADD_APPLY, Event.RETIRE_APPLY}
    ),
    "verification": frozenset(
        {Event.VERIFY, Event.DISMISS, Event.LOSS_ATTEST, Event.CONFIRM_LOST, Event.ACCEPT}
    ),
    "works": frozenset(
        {
            *(Event.RESTORE_PLAN, Event.MOVE_PLAN, Event.ADD_PLAN, Event.ATTENDANCE_CONFIRM),
            *(Event.RESTORE_DONE, Event.MOVE_DONE, Event.ADD_DONE),
        }
    ),
    "acceptance": frozenset({Event.ACCEPTANCE_PASS, Event.ACCEPTANCE_FAIL}),
    "decision": frozenset({Event.APPROVE, Event.RETIRE, Event.REFUSE}),
    "filing": frozenset({Event.FILE}),
    "undoing": frozenset({Event.REVOKE, Event.CORRECT}),
}
"""The papers within the file, in order; the last is left out where nothing was undone."""
UNITS: Final = """
SELECT DISTINCT ON (code) code, name FROM boundaries.administrative_unit
 WHERE code = ANY (:codes) ORDER BY code, valid_to DESC NULLS FIRST
"""
PHOTOS: Final = """
SELECT sha256, size_bytes, media_type, received_at, received_by FROM markers.photo WHERE sha256 = ANY (:cited)
"""
DOCUMENTS: Final = """
SELECT DISTINCT ON (sha256) sha256, type, number, title, size_bytes, recorded_at, recorded_by
  FROM service.document WHERE sha256 = ANY (:cited) ORDER BY sha256, recorded_at, id
"""


class _Desk:
    """What all parts of the file are written with: words, side of the legend, names of units, order of events."""

    def __init__(self, session: Session, case: CaseFile, language: str) -> None:
        self.words: Words = paper_words(START, language)
        self.side: legend.Language = "zh" if language.startswith("zh") else "en"
        self.zone = case.time_zone
        self.order = {event.id: place for place, event in enumerate(case.events, 1)}
        codes = sorted({*case.units, *(event.actor.unit for event in case.events)})
        rows = session.execute(text(UNITS), {"codes": codes})
        self._names = {row.code: row.name for row in rows}

    def unit(self, code: str) -> str:
        name = self._names.get(code)
        return f"{name} ({code})" if name else code

    def moment(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def act(self, event: CaseEvent) -> str:
        return legend.CASE_EVENT[event.kind].label(self.side)

    def stage(self, stage: CaseStage) -> str:
        return legend.CASE_STAGE[stage].label(self.side)

    def record(self, code: str) -> str:
        """Return the word of a record, as the guards' codes are worded, with the unit and part that it is about."""
        key, _, about = code.partition(":")
        words = MISSING.get(WORDED_AS.get(key, key))
        unit, _, part = about.partition(".")
        told = [
            words.label(self.side) if words else key,
            self.unit(unit) if unit else "",
            self.part(part) if part else "",
        ]
        return " · ".join(each for each in told if each)

    def part(self, name: str) -> str:
        return self.words.get(f"part.{name}", name)

    def value(self, value: Any) -> str:
        """Return a record's value in words: units by name, papers by the beginning of their hash."""
        if isinstance(value, Mapping):
            told = (
                f"{self.part(name)}: {self.value(each)}" for name, each in value.items() if each is not None
            )
            return "; ".join(told)
        if isinstance(value, list | tuple):
            return "\n".join(self.value(each) for each in value)
        cited = hash_of(value)
        if cited:
            return f"SHA-256 {cited[:HASH_SHOWN]}…"
        if isinstance(value, str) and value in set(Condition):
            return legend.CONDITION[Condition(value)].label(self.side)
        return self.unit(value) if isinstance(value, str) and value in self._names else str(value)


def case_paper(session: Session, case_id: UUID, language: str) -> Paper:
    """Return the file of a case; raises `CaseNotFound`, also where the reader may not see its acts."""
    told = case_told(session, case_id)
    case = _case_of(session, told)
    marker, _ = dossiers.full_marker(session, dossiers.identity_of(session, told["marker_code"]))
    desk, steps = _Desk(session, case, language), proven_steps(case)
    words = desk.words
    notes = [Paragraph(words["synthetic"])] if _synthetic(session, told["marker_code"]) else []
    blocks: list[Block] = [
        *notes,
        Heading(words["overview"]),
        Fields(_overview(told, case, marker.number, desk)),
        Heading(words["events"]),
        _events(steps, desk),
    ]
    for name, kinds in RECORDS.items():
        found = [step for step in steps if step.event.kind in kinds]
        if found or name not in {"decision", "undoing"}:
            blocks += [Heading(words[name]), *_records(found, desk)]
    blocks += [Heading(words["papers"]), *_papers(session, case, desk)]
    blocks += [Heading(words["signatures"]), Signatures(_signing(case, desk))]
    return Paper(
        title=words["title"].format(number=marker.number),
        subtitle=words["subtitle"].format(kind=words[f"kind.{told['kind']}"], id=case_id),
        language=language,
        footer=words["footer"].format(number=marker.number, today=today().isoformat()),
        blocks=blocks,
    )


def _case_of(session: Session, told: Mapping[str, Any]) -> CaseFile:
    events = tuple(
        CaseEvent(
            id=str(each["id"]),
            happened_at=each["happened_at"],
            recorded_at=each["recorded_at"],
            case_id=str(told["id"]),
            kind=each["event"],
            actor=Actor(each["person"], each["unit"], Capacity(each["capacity"])),
            records=each["records"],
        )
        for each in told["events"]
    )
    _, policy = next(iter(office_rules().values())).at(events[-1].recorded_at)
    return CaseFile(
        case_id=str(told["id"]),
        units=tuple(told["unit_codes"]),
        events=events,
        on_file=papers_on_file(session, [event.records for event in events]),
        restore_limit_m=policy.displacement.tolerance_m,
        time_zone=policy.time_zone,
    )


def _synthetic(session: Session, code: str) -> bool:
    row = session.execute(text("SELECT synthetic FROM markers.marker WHERE code = :code"), {"code": code})
    return bool(row.scalar())


def _overview(told: Mapping[str, Any], case: CaseFile, number: str, desk: _Desk) -> list[tuple[str, str]]:
    words, steps = desk.words, standing(case.events)
    side = next(
        (event.records["managing_side"] for event in steps if event.records.get("managing_side")), None
    )
    filed = next((event.records for event in steps if event.kind is Event.FILE), {})
    return [
        (words["number"], number),
        (words["code"], told["marker_code"]),
        (words["line"], told["line_code"]),
        (words["sides"], " / ".join(desk.unit(unit) for unit in case.units)),
        (words["kind"], words[f"kind.{told['kind']}"]),
        (words["stage"], desk.stage(CaseStage(told["stage"]))),
        (words["opened_at"], desk.moment(told["opened_at"])),
        (words["opened_by"], told["opened_by"]),
        (words["managing_side"], desk.unit(side) if isinstance(side, str) else "–"),
        (words["filing_number"], f"{filed['filing_number']} · {filed['filed_on']}" if filed else "–"),
    ]


def _events(steps: Sequence[ProvenStep], desk: _Desk) -> Table:
    words = desk.words
    rows = [
        [
            str(desk.order[step.event.id]),
            desk.moment(step.event.happened_at),
            f"{desk.act(step.event)}{_fate(step, desk)}",
            step.event.actor.person,
            desk.unit(step.event.actor.unit),
            desk.stage(step.after),
        ]
        for step in steps
    ]
    head = [words[name] for name in ("order", "happened_at", "act", "person", "unit", "stage")]
    return Table(head, rows, [1, 3, 4, 2, 3, 2])


def _fate(step: ProvenStep, desk: _Desk) -> str:
    """Return by which later act a step was undone or corrected."""
    if step.revoked_by is not None:
        return desk.words["revoked"].format(order=desk.order[step.revoked_by])
    return "".join(desk.words["corrected"].format(order=desk.order[each]) for each in step.corrected_by)


def _records(steps: Iterable[ProvenStep], desk: _Desk) -> list[Block]:
    blocks: list[Block] = []
    for step in steps:
        blocks += _record(step, desk)
    return blocks or [Paragraph(desk.words["not_yet"])]


def _record(step: ProvenStep, desk: _Desk) -> list[Block]:
    words, event = desk.words, step.event
    basis = words["articles"].format(art=step.art) if step.art else "–"
    blocks: list[Block] = [
        Heading(f"{desk.order[event.id]}. {desk.act(event)}{_fate(step, desk)}", 2),
        Fields(
            [
                (words["person"], event.actor.person),
                (words["unit"], desk.unit(event.actor.unit)),
                (words["capacity"], legend.CAPACITY[event.actor.capacity].label(desk.side)),
                (words["basis"], basis),
                (words["happened_at"], desk.moment(event.happened_at)),
                (words["recorded_at"], desk.moment(event.recorded_at)),
                (words["stages"], f"{desk.stage(step.before)} → {desk.stage(step.after)}"),
                (words["id"], event.id),
            ]
        ),
    ]
    brought = [
        [desk.record(key), _told(key, value, desk)]
        for key, value in event.records.items()
        if value is not None
    ]
    if brought:
        blocks.append(Table([words["record"], words["content"]], brought, [2, 5]))
    if step.guards:
        rows = [
            [GUARD[guard.name].label(desk.side), _answer(guard.asks, guard.missing, desk)]
            for guard in step.guards
        ]
        blocks.append(Table([words["guard"], words["answer"]], rows, [4, 3], caption=words["guards"]))
    return blocks


def _told(key: str, value: Any, desk: _Desk) -> str:
    if key == "points_at":
        place = desk.order.get(str(value))
        return str(value) if place is None else desk.words["event"].format(order=place)
    return desk.value(value)


def _answer(asks: Sequence[str], missing: Sequence[str], desk: _Desk) -> str:
    """Return whether a guard is satisfied, and by which records; what is missing by name."""
    if missing:
        return desk.words["missing"].format(what=", ".join(desk.record(code) for code in missing))
    by = ", ".join(dict.fromkeys(desk.record(code.partition(":")[0]) for code in asks))
    return desk.words["satisfied"] + (f" ({by})" if by else "")


def _papers(session: Session, case: CaseFile, desk: _Desk) -> list[Block]:
    words = desk.words
    cited: dict[str, list[str]] = {}
    for event in case.events:
        for each in dict.fromkeys(hashes_in(event.records)):
            cited.setdefault(each, []).append(str(desk.order[event.id]))
    if not cited:
        return [Paragraph(words["no_papers"])]
    told = _known_papers(session, list(cited), desk)
    rows = [
        [
            f"{each[:HASH_LINE]}\n{each[HASH_LINE:]}",
            told.get(each) or words["unseen" if each in case.on_file else "absent"],
            ", ".join(by),
        ]
        for each, by in cited.items()
    ]
    return [Table([words["sha256"], words["paper"], words["cited_by"]], rows, [5, 4, 1])]


def _known_papers(session: Session, cited: list[str], desk: _Desk) -> dict[str, str]:
    """Return what the reader may know of each paper: what it is, its size, when and from whom it came."""
    words, types = desk.words, {sign.code: sign for sign in TYPES}
    known = {}
    for row in session.execute(text(PHOTOS), {"cited": cited}):
        known[row.sha256] = " · ".join(
            (
                words["photo"],
                row.media_type,
                _size(row.size_bytes),
                desk.moment(row.received_at),
                row.received_by,
            )
        )
    for row in session.execute(text(DOCUMENTS), {"cited": cited}):
        kind = types[row.type].zh if desk.side == "zh" else types[row.type].en
        parts = (
            kind,
            row.title,
            row.number,
            _size(row.size_bytes),
            desk.moment(row.recorded_at),
            row.recorded_by,
        )
        known[row.sha256] = " · ".join(part for part in parts if part)
    return known


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1000:,.0f} kB"


def _signing(case: CaseFile, desk: _Desk) -> list[tuple[str, str, str, str]]:
    """Return each side's place: signed where the joint acceptance has it, else left to be signed by hand."""
    passed = next((event for event in standing(case.events) if event.kind is Event.ACCEPTANCE_PASS), None)
    entries = passed.records.get("signatures") or () if passed else ()
    signed = {str(each.get("unit")): each for each in entries}
    day = f"{passed.happened_at.astimezone(desk.zone):%Y-%m-%d}" if passed else ""
    return [
        (
            desk.unit(unit),
            desk.words["representative"],
            str(signed.get(unit, {}).get("person") or ""),
            day if unit in signed else "",
        )
        for unit in case.units
    ]
