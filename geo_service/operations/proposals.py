"""Proposals put and amended: what is asked, where it lies, its keys; the same request twice is once."""

from datetime import date
from typing import Any, Final
from uuid import UUID

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.etags import etag_of, require_match
from geo_service.operations.naming_check import read_ground
from geo_service.schemas.naming_proposals import AmendedProposal, NewProposal
from layers.errors import Conflict, InvalidInput, NotFound
from layers.geodesy import STORAGE_SRID
from layers.naming.candidates import stored_keys
from layers.naming.parser import normalise
from layers.naming.profiles import load_profile
from layers.naming.proposal_tables import ProposalEventRow, ProposalRow
from layers.naming.queries import scopes_of
from layers.naming.register import NameNotFound, NameNotInForce
from layers.naming.review import ProposalState
from layers.naming.search_key import spelling_of
from layers.naming.tables import NameRow, NameStatus
from layers.tables import uuid7

EDIT: Final = "edit"
AMENDABLE: Final = frozenset(
    {ProposalState.DRAFT, ProposalState.PRECHECK, ProposalState.RETURNED, ProposalState.RESERVATION_EXPIRED}
)
OF_THE_NAME: Final = (
    "characters",
    "kind",
    "action",
    "reading",
    "unit_code",
    "parent",
    "road_class",
    "profile",
)


class ProposalNotFound(NotFound):
    """There is no such proposal, or none the asker may know of."""

    code = "naming.proposal_not_found"


class ProposalRepeated(Conflict):
    """The id stands for another proposal."""

    code = "naming.proposal_repeated"


class ProposalNotAmendable(Conflict):
    """The proposal is beyond the states in which it may be changed."""

    code = "naming.proposal_not_amendable"


def put_proposal(
    session: Session, officer: Officer, asked: NewProposal, *, profile: str, home_unit: str, today: date
) -> tuple[ProposalRow, bool]:
    """Put a proposal on record as a draft and return it, with whether this was the first time it was sent.

    Raises `ProposalRepeated`, `ProfileNotFound`, `InvalidInput`, `NameNotFound`, `Forbidden`.
    """
    content = asked.model_dump(mode="json")
    repeated = session.get(ProposalRow, asked.id)
    if repeated is not None:
        if repeated.asked != content:
            raise ProposalRepeated(id=str(asked.id))
        return repeated, False
    values = _values(session, asked, profile=profile, home_unit=home_unit, today=today)
    require_reach(session, officer, [values["unit_code"]])
    row = ProposalRow(id=asked.id, asked=content, recorded_by=officer.username, **values)
    session.add(row)
    session.flush()
    record_act(session, "proposal.put", subject=("proposal", str(row.id)), after=content)
    return row, True


def amend_proposal(
    session: Session,
    officer: Officer,
    proposal_id: UUID,
    asked: AmendedProposal,
    *,
    if_match: str | None,
    profile: str,
    home_unit: str,
    today: date,
) -> ProposalRow:
    """Change a proposal while it may be changed; reasons given for passing findings then count no more.

    Raises `ProposalNotFound`, `ProposalNotAmendable`, `EtagMissing`, `EtagStale`.
    """
    row = load_proposal(session, proposal_id)
    require_match(if_match, proposal_etag(session, row))
    if row.state not in AMENDABLE:
        raise ProposalNotAmendable(state=row.state, amendable=sorted(AMENDABLE))
    before = _recorded(row)
    values = _values(session, asked, profile=profile, home_unit=home_unit, today=today)
    require_reach(session, officer, [values["unit_code"]])
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    add_event(
        session,
        row,
        EDIT,
        actor=officer.username,
        on=today,
        data={"before": before},
        recorded_by=officer.username,
    )
    record_act(
        session, "proposal.amend", subject=("proposal", str(row.id)), before=before, after=_recorded(row)
    )
    return row


def _values(
    session: Session, asked: NewProposal | AmendedProposal, *, profile: str, home_unit: str, today: date
) -> dict[str, Any]:
    ground = read_ground(asked.geometry)
    chosen = load_profile(asked.profile or profile).identifier
    scopes = scopes_of(session, ground, unit_code=asked.unit_code or home_unit, as_of=today)
    districts = [scope.unit_code for scope in scopes if scope.kind == "district"]
    city = next((scope.unit_code for scope in scopes if scope.kind == "city"), asked.unit_code or home_unit)
    reading = tuple(asked.readings or ())
    if len(reading) > len(normalise(asked.name)):
        raise InvalidInput(field="readings", expected="at most one syllable a character")
    former = _former(session, asked)
    return {
        "characters": normalise(asked.name),
        "kind": asked.kind.value,
        "action": asked.action,
        "former_name_id": None if former is None else former.id,
        "former_name": former.characters if former is not None else normalise(asked.former_name or ""),
        "reading": list(reading),
        "pinyin": asked.spelling or spelling_of(asked.name, asked.kind, reading).toned,
        "geometry": None if ground is None else from_shape(shapely.force_2d(ground), STORAGE_SRID),
        "unit_code": asked.unit_code or (districts[0] if len(districts) == 1 else city),
        "authority_code": city,
        "width_m": asked.width_m,
        "width_basis": asked.width_basis.value if asked.width_basis else None,
        "length_m": asked.length_m,
        "road_class": asked.road_class,
        "parent": asked.parent,
        "origin": asked.origin,
        "meaning": asked.meaning,
        "alternatives": list(asked.alternatives),
        "alternative_readings": _readings_of_alternatives(asked),
        "applicant": asked.applicant.model_dump(),
        "reasons": dict(asked.reasons),
        "profile": chosen,
        "keys": list(stored_keys(asked.name, asked.kind, reading)),
    }


def _readings_of_alternatives(asked: NewProposal | AmendedProposal) -> dict[str, list[str]]:
    """Return the syllables of each alternative that has any; refused are names that are none, and too many."""
    for name, reading in asked.alternative_readings.items():
        if name not in asked.alternatives or len(reading) > len(normalise(name)):
            raise InvalidInput(
                field="alternative_readings",
                given=name,
                expected="an alternative, at most one syllable a character",
            )
    return {name: list(reading) for name, reading in asked.alternative_readings.items() if reading}


def _former(session: Session, asked: NewProposal | AmendedProposal) -> NameRow | None:
    """Return the name that would be renamed; a rename without one on the register is refused."""
    if asked.former_name_id is None:
        if asked.action == "rename" and not asked.former_name:
            raise InvalidInput(field="former_name_id", expected="the name that would be renamed")
        return None
    row = session.get(NameRow, asked.former_name_id)
    if row is None:
        raise NameNotFound(name=str(asked.former_name_id))
    if row.status != NameStatus.IN_FORCE:
        raise NameNotInForce(name=row.characters, status=row.status, valid_from=row.valid_from.isoformat())
    return row


def _recorded(row: ProposalRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in OF_THE_NAME}


def find_proposal(session: Session, proposal_id: UUID) -> ProposalRow:
    """Return a proposal that the asker may know of. Raises `ProposalNotFound`."""
    row = session.execute(select(ProposalRow).where(ProposalRow.id == proposal_id)).scalar_one_or_none()
    if row is None:
        raise ProposalNotFound(id=str(proposal_id))
    return row


def load_proposal(session: Session, proposal_id: UUID) -> ProposalRow:
    """Return a proposal for changing, locked until the transaction ends. Raises `ProposalNotFound`."""
    statement = select(ProposalRow).where(ProposalRow.id == proposal_id).with_for_update()
    row = session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise ProposalNotFound(id=str(proposal_id))
    return row


def events_of(session: Session, proposal_id: UUID) -> list[ProposalEventRow]:
    """Return what happened to a proposal, the oldest first."""
    statement = select(ProposalEventRow).where(ProposalEventRow.proposal_id == proposal_id)
    return list(session.execute(statement.order_by(ProposalEventRow.place)).scalars())


def add_event(
    session: Session,
    row: ProposalRow,
    event: str,
    *,
    actor: str,
    on: date,
    data: dict[str, Any],
    recorded_by: str,
    identifier: UUID | None = None,
) -> ProposalEventRow:
    """Append to what happened to a proposal; the proposal is locked, so places follow one another."""
    last = session.execute(
        select(func.coalesce(func.max(ProposalEventRow.place), 0)).where(
            ProposalEventRow.proposal_id == row.id
        )
    ).scalar_one()
    happened = ProposalEventRow(
        id=identifier or uuid7(),
        proposal_id=row.id,
        place=last + 1,
        event=event,
        actor=actor,
        happened_on=on,
        state=row.state,
        data=data,
        recorded_by=recorded_by,
    )
    session.add(happened)
    session.flush()
    return happened


def proposal_etag(session: Session, row: ProposalRow) -> str:
    """Return the ETag of a proposal: of what it says and of how far it is."""
    return etag_of(
        [
            *(getattr(row, name) for name in OF_THE_NAME),
            row.state, row.width_m, row.length_m, row.origin, row.meaning, row.alternatives, row.alternative_readings,
            row.reasons, row.applicant,
            len(events_of(session, row.id)),
        ]
    )  # fmt: skip
