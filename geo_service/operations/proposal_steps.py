"""A proposal's next step: what is on record, what blocks, who acts; holds, periods and the register follow it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from geoalchemy2.shape import to_shape
from shapely.geometry import mapping
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer, Role
from geo_service.operations.naming_check import check_name, read_ground
from geo_service.operations.proposals import EDIT, add_event, events_of, load_proposal
from geo_service.schemas.naming import CheckedName, Described
from geo_service.schemas.naming_proposals import ProposalStep
from layers.errors import Conflict, InvalidInput
from layers.naming.model import NameKind, WidthBasis
from layers.naming.profiles import Profile, load_profile
from layers.naming.proposal_tables import AgendaItemRow, ProposalEventRow, ProposalRow, ReservationRow
from layers.naming.queries import scopes_of
from layers.naming.register import NewName, end_name, enter, load_name, succeed
from layers.naming.review import (
    Actor,
    ProposalCase,
    ProposalEvent,
    ProposalState,
    ProposalStepRefused,
    Standing,
    advance,
    due,
    period_ends,
    steps_from,
)
from layers.naming.tables import NameEventKind, NameStatus
from layers.tables import uuid7

LEAVES_THE_AGENDA: Final = {"amend": "amended", "object": "objection", "withdraw": "withdrawn"}
"""Steps that take a proposal from before the committee, and what its place on the agenda comes to."""
RELEASES: Final = frozenset({"expire", "withdraw", "reject", "amend", "put_in_force"})
PAPERS_OF_THE_STEP: Final = frozenset(
    {"submit"}
)  # the reports of DOC-01 come later; the step names its own papers
BLOCKS_FROM_SUBMISSION: Final = "CHR-03"
REACHES_SUBMISSION: Final = frozenset({"submit", "put_on_agenda", "recommend", "approve"})


class NameHeld(Conflict):
    """Another proposal holds this name in this scope."""

    code = "naming.name_held"


class StepRepeated(Conflict):
    """The id stands for another step."""

    code = "naming.step_repeated"


class RecordMissing(InvalidInput):
    """A document named with a step is not on file or not linked to the proposal."""

    code = "naming.record_missing"


def take_step(
    session: Session, officer: Officer, proposal_id: UUID, asked: ProposalStep, *, home_unit: str, today: date
) -> tuple[ProposalRow, bool]:
    """Take a step and return the proposal, with whether this was the first time the step was sent.

    Raises `ProposalNotFound`, `ProposalStepRefused` naming all that is missing, `NameHeld`, `RecordMissing`,
    `StepRepeated`.
    """
    row = load_proposal(session, proposal_id)
    data = asked.data.model_dump(mode="json")
    repeated = session.get(ProposalEventRow, asked.id)
    if repeated is not None:
        if (repeated.proposal_id, repeated.event, repeated.data) != (row.id, asked.event, data):
            raise StepRepeated(id=str(asked.id))
        return row, False
    on = asked.data.on or today
    if on > today:
        raise InvalidInput(field="data.on", given=on.isoformat(), expected="today or earlier")
    _refuse_unfiled(session, row, asked)
    events = events_of(session, row.id)
    profile, case = load_profile(row.profile), case_of(row, events)
    _refuse_out_of_place(session, row, asked.event, on)
    standing = _standing(session, row, events, asked, home_unit=home_unit, today=today)
    case = advance(
        case, asked.event, actor=actor_of(officer), on=on, standing=standing, clocks=profile.clocks
    )
    before, row.state = row.state, case.state.value
    session.flush()
    add_event(
        session,
        row,
        asked.event,
        actor=actor_of(officer).value,
        on=on,
        data=data,
        recorded_by=officer.username,
        identifier=asked.id,
    )
    _follow(session, row, case, asked, profile, officer=officer, on=on, home_unit=home_unit, today=today)
    record_act(
        session,
        f"proposal.{asked.event}",
        subject=("proposal", str(row.id)),
        before=before,
        after=row.state,
        detail={"name": row.characters, "overrides": asked.data.overrides, "on": on},
    )
    return row, True


def actor_of(officer: Officer) -> Actor:
    """Return in what capacity an officer acts."""
    return Actor.NAMING_OFFICER if officer.holds(Role.NAMING) else Actor.COMMITTEE_MEMBER


def case_of(row: ProposalRow, events: Sequence[ProposalEventRow]) -> ProposalCase:
    """Return a proposal's path as the engine knows it."""
    history = tuple(
        ProposalEvent(each.event, Actor(each.actor), each.happened_on, ProposalState(each.state))
        for each in events
        if each.event != EDIT
    )
    return ProposalCase(ProposalState(row.state), history)


def records_of(events: Sequence[ProposalEventRow]) -> dict[str, Any]:
    """Return what was put on record so far, by code; what came later stands."""
    return {code: value for each in events for code, value in each.data.get("records", {}).items()}


def overrides_of(events: Sequence[ProposalEventRow]) -> dict[str, str]:
    """Return the reasons for passing findings, since the proposal was last changed."""
    overrides: dict[str, str] = {}
    for each in events:
        overrides = {} if each.event in {EDIT, "amend"} else overrides | each.data.get("overrides", {})
    return overrides


def _refuse_unfiled(session: Session, row: ProposalRow, asked: ProposalStep) -> None:
    wanted = {code: record.document for code, record in asked.data.records.items() if record.document}
    if not wanted:
        return
    filed = set(
        session.execute(
            text(
                "SELECT document_id FROM service.document_link WHERE subject_kind = 'proposal' AND subject_id = :id"
            ),
            {"id": str(row.id)},
        ).scalars()
    )
    missing = {code: str(document) for code, document in wanted.items() if document not in filed}
    if missing:
        raise RecordMissing(records=missing, proposal=str(row.id))


def _refuse_out_of_place(session: Session, row: ProposalRow, event: str, on: date) -> None:
    if event == "expire":
        until = (
            session.execute(
                select(ReservationRow.held_until).where(
                    ReservationRow.proposal_id == row.id, ReservationRow.released_on.is_(None)
                )
            )
            .scalars()
            .first()
        )
        if until is not None and on <= until:
            raise ProposalStepRefused(state=row.state, event=event, held_until=until.isoformat())
    if event == "rename":
        raise ProposalStepRefused(state=row.state, event=event, possible=["a proposal with action rename"])


def describe(row: ProposalRow) -> Described:
    """Return a proposal as a check takes it."""
    return Described(
        name=row.characters,
        kind=NameKind(row.kind),
        action="rename" if row.action == "rename" else "name",
        former_name=row.former_name or None,
        geometry=None if row.geometry is None else mapping(to_shape(row.geometry)),
        unit_code=row.unit_code,
        width_m=row.width_m,
        width_basis=None if row.width_basis is None else WidthBasis(row.width_basis),
        length_m=row.length_m,
        road_class=row.road_class,
        parent=row.parent,
        readings=row.reading or None,
        spelling=row.pinyin,
        reasons=row.reasons,
        profile=row.profile,
    )


def checked(
    session: Session, row: ProposalRow, records: Sequence[str], *, home_unit: str, today: date
) -> CheckedName:
    """Examine a proposal as it stands against the register of today, and keep the findings with it."""
    found = check_name(
        session,
        describe(row),
        profile=row.profile,
        home_unit=home_unit,
        today=today,
        records=records,
        own=str(row.id),
    )
    row.findings = [finding.model_dump(mode="json") for finding in found.findings]
    row.checked_at = session.execute(text("SELECT now()")).scalar_one()
    session.flush()
    return found


OPEN_OPINIONS: Final = """
SELECT count(*) FROM naming.comment c WHERE c.proposal_id = :id
   AND NOT EXISTS (SELECT FROM naming.comment_disposition d WHERE d.comment_id = c.id)
"""


def _standing(
    session: Session,
    row: ProposalRow,
    events: Sequence[ProposalEventRow],
    asked: ProposalStep,
    *,
    home_unit: str,
    today: date,
) -> Standing:
    records = {*records_of(events), *asked.data.records}
    step = next((each for each in steps_from(ProposalState(row.state)) if each.event == asked.event), None)
    blocks: set[str] = set()
    if step is not None and (step.stops_at_blocks or asked.event == "check"):
        found = checked(session, row, sorted(records), home_unit=home_unit, today=today).findings
        blocks = {finding.code for finding in found if finding.severity == "block"}
        if asked.event in REACHES_SUBMISSION:
            blocks |= {finding.code for finding in found if finding.code == BLOCKS_FROM_SUBMISSION}
        if asked.event in PAPERS_OF_THE_STEP:
            blocks.discard("DOC-01")
    return Standing(
        records=frozenset(records),
        blocks=frozenset(blocks),
        overrides={**overrides_of(events), **asked.data.overrides},
        open_opinions=session.execute(text(OPEN_OPINIONS), {"id": row.id}).scalar_one(),
    )


def _follow(
    session: Session,
    row: ProposalRow,
    case: ProposalCase,
    asked: ProposalStep,
    profile: Profile,
    *,
    officer: Officer,
    on: date,
    home_unit: str,
    today: date,
) -> None:
    """Do what a step brings with it."""
    if asked.event == "reserve":
        hold(session, row, profile, officer=officer, on=on, home_unit=home_unit, today=today)
    if asked.event == "open_comment":
        row.comment_until = period_ends(case, "open_comment", profile.clocks["public_comment"])
    if asked.event == "put_in_force":
        _enter_register(session, row, officer=officer, on=on)
    if asked.event in {"retire", "make_historic"} and row.name_id is not None:
        _end(session, row, asked.event, officer=officer, on=on)
    if asked.event in LEAVES_THE_AGENDA:
        _leave_agenda(session, row, LEAVES_THE_AGENDA[asked.event])
    if asked.event in RELEASES:
        release(session, row, on)
    session.flush()


def _leave_agenda(session: Session, row: ProposalRow, outcome: str) -> None:
    """Close the proposal's place on an agenda: votes on what it was do not count for what it will be."""
    item = AgendaItemRow
    session.execute(
        update(item)
        .where(item.proposal_id == row.id, item.outcome.is_(None))
        .values(outcome=outcome, decided_at=func.now())
    )


def hold(
    session: Session,
    row: ProposalRow,
    profile: Profile,
    *,
    officer: Officer,
    on: date,
    home_unit: str,
    today: date,
) -> None:
    """Hold a name in every scope that its class must be unique in. Raises `NameHeld`.

    The unique index decides between two at the same instant: the later waits for the earlier to commit, and is
    then refused. A hold whose time is over gives way.
    """
    ground = None if row.geometry is None else read_ground(mapping(to_shape(row.geometry)))
    scopes = scopes_of(session, ground, unit_code=row.unit_code or home_unit, as_of=today)
    kind = profile.scope_for(row.road_class)
    keys = sorted(
        {
            f"area:{scope.identifier}" if scope.source != "boundaries" else f"unit:{scope.unit_code}"
            for scope in scopes
            if scope.kind == kind
        }
        or {f"unit:{row.authority_code}"}
    )
    held = ReservationRow
    same = (
        held.scope.in_(keys),
        held.characters == row.characters,
        held.kind == row.kind,
        held.released_on.is_(None),
    )
    session.execute(update(held).where(*same, held.held_until < today).values(released_on=today))
    until = on + timedelta(days=profile.clocks["hold"])
    for key in keys:
        taken = session.execute(
            insert(held)
            .values(
                id=uuid7(),
                proposal_id=row.id,
                scope=key,
                characters=row.characters,
                kind=row.kind,
                held_from=on,
                held_until=min(until, due(on, profile.clocks["hold_in_all"])),
                recorded_by=officer.username,
            )
            .on_conflict_do_nothing()
            .returning(held.id)
        ).scalar()
        if taken is None:
            raise NameHeld(name=row.characters, scope=key)


def release(session: Session, row: ProposalRow, on: date) -> None:
    """Let go of every hold of a proposal."""
    held = ReservationRow
    session.execute(
        update(held).where(held.proposal_id == row.id, held.released_on.is_(None)).values(released_on=on)
    )


def _instrument(session: Session, row: ProposalRow) -> str:
    said: Mapping[str, Any] = records_of(events_of(session, row.id)).get("approval_document", {})
    return str(said.get("text") or said.get("document") or "")


def _enter_register(session: Session, row: ProposalRow, *, officer: Officer, on: date) -> None:
    """Put the name on the register, from the day it is in force; a renamed one ends that day."""
    instrument = _instrument(session, row)
    old = None if row.former_name_id is None else load_name(session, row.former_name_id)
    new = NewName(
        row.characters,
        NameKind(row.kind),
        row.unit_code,
        row.authority_code,
        source=f"proposal {row.id}",
        valid_from=on,
        reading=tuple(row.reading),
        geometry=None if row.geometry is None else to_shape(row.geometry),
        road_class=row.road_class,
        parent=row.parent,
        origin=row.origin,
        meaning=row.meaning,
        synthetic=row.synthetic,
        place_id=None if old is None else old.place_id,
    )
    if old is None:
        row.name_id = enter(session, [new], recorded_by=officer.username, instrument=instrument)[0]
    else:
        row.name_id = succeed(session, old, new, instrument=instrument, recorded_by=officer.username)


def _end(session: Session, row: ProposalRow, event: str, *, officer: Officer, on: date) -> None:
    name = load_name(session, row.name_id)  # type: ignore[arg-type]  # asked for only where there is one
    if event == "retire":
        end_name(
            session,
            name,
            on=on,
            status=NameStatus.RETIRED,
            event=NameEventKind.RETIRED,
            instrument=_instrument(session, row),
            recorded_by=officer.username,
        )
    else:
        name.status = NameStatus.HISTORIC.value
        session.flush()
