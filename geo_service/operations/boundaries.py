"""Acts on boundaries: a change of units, checked before it is recorded, never half done."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.operations.boundary_grounds import check_ground, level_of, successor_grounds
from geo_service.operations.spelling import spelled_unit
from geo_service.schemas.boundaries import ChangeOfUnits, RecordedChange, SuccessorUnit
from layers.boundaries.line_register import derive_on, refresh_outlines
from layers.boundaries.model import (
    ChangeKind,
    ChangeRefused,
    ChangeRepeated,
    Level,
)
from layers.boundaries.register import (
    as_multipolygon,
    close,
    follow,
    hold_register,
    load_current,
    record_change,
    reparent,
)
from layers.boundaries.search_key import search_key
from layers.boundaries.tables import AdministrativeUnitRow, UnitChangeRow
from layers.geodesy import STORAGE_SRID
from layers.tables import uuid7


@dataclass(frozen=True, slots=True)
class Shape:
    """How many units a kind of change takes and makes, and whether ground moves."""

    takes: range
    makes: range
    moves_ground: bool


MANY = range(2, 51)
SHAPES: Mapping[ChangeKind, Shape] = {
    ChangeKind.ESTABLISH: Shape(range(1), range(1, 2), moves_ground=False),
    ChangeKind.MERGE: Shape(MANY, range(1, 2), moves_ground=True),
    ChangeKind.SPLIT: Shape(range(1, 2), MANY, moves_ground=True),
    ChangeKind.TRANSFER: Shape(MANY, MANY, moves_ground=True),
    ChangeKind.RENAME: Shape(range(1, 2), range(1, 2), moves_ground=False),
    ChangeKind.RECODE: Shape(range(1, 2), range(1, 2), moves_ground=False),
}


def change_units(session: Session, officer: Officer, asked: ChangeOfUnits) -> tuple[RecordedChange, bool]:
    """Record a change of units and return it, with whether this was the first time it was sent.

    Predecessors end and successors begin on the effective date; lines, tripoints and outlines follow.
    Refused where ground would be left to nobody or taken twice, with the place (`ChangeLeavesGap`,
    `ChangeOverlaps`), where a predecessor is not in force, where the same id stands for another act, and
    where a unit lies outside the officer's jurisdictions (`Forbidden`).
    """
    hold_register(session)
    content = asked.model_dump(mode="json")
    repeated = session.get(UnitChangeRow, asked.id)
    if repeated is not None:
        if repeated.content["asked"] != content:
            raise ChangeRepeated(id=str(asked.id))
        return RecordedChange.model_validate(repeated.content["recorded"]), False
    _check_shape(asked)
    require_reach(session, officer, _codes_touched(asked), on_record=bool(asked.predecessors))
    before = [load_current(session, code, asked.effective_on, asked.level) for code in asked.predecessors]
    grounds = successor_grounds(before, asked)
    check_ground(session, asked, before, grounds)
    _check_codes(session, asked, before)
    after = [
        _successor(session, wanted, before=before, grounds=grounds, asked=asked, officer=officer)
        for wanted in asked.successors
    ]
    session.add_all(after)
    for version in before:
        if version.valid_to is None:
            close(session, version, asked.effective_on)
    session.flush()
    _move_children(session, before, after, asked)
    session.flush()
    refresh_outlines(session)
    recorded = RecordedChange(
        id=asked.id,
        kind=asked.kind,
        effective_on=asked.effective_on,
        instrument=asked.instrument,
        predecessors=asked.predecessors,
        successors=[unit.code for unit in asked.successors],
        lines_changed=derive_on(session, asked.effective_on),
    )
    _record(session, asked, recorded, officer=officer, before=before, after=after)
    return recorded, True


def _codes_touched(asked: ChangeOfUnits) -> set[str]:
    """Return the units an officer must reach: those that end or go on, and those that others are put under."""
    parents = {unit.parent_code for unit in asked.successors if unit.parent_code is not None}
    begun = set() if asked.predecessors or parents else {unit.code for unit in asked.successors}
    return {*asked.predecessors, *parents, *begun, *(asked.children or {})}


def _check_shape(asked: ChangeOfUnits) -> None:
    wanted = SHAPES[asked.kind]
    if len(asked.predecessors) not in wanted.takes or len(asked.successors) not in wanted.makes:
        raise ChangeRefused(
            reason="wrong_number_of_units",
            kind=asked.kind.value,
            predecessors=len(asked.predecessors),
            successors=len(asked.successors),
        )
    codes = [unit.code for unit in asked.successors]
    if len(set(codes)) < len(codes) or len(set(asked.predecessors)) < len(asked.predecessors):
        raise ChangeRefused(reason="code_given_twice", kind=asked.kind.value)


def _check_codes(session: Session, asked: ChangeOfUnits, before: Sequence[AdministrativeUnitRow]) -> None:
    """Refuse a code that another unit of the level bears then or later."""
    for unit in asked.successors:
        if any(unit.code == row.code for row in before):
            continue
        level = unit.level or level_of(asked, before)
        bearer = session.execute(
            text(
                "SELECT name, valid_from FROM boundaries.administrative_unit WHERE code = :code AND level = :level "
                "AND (valid_to IS NULL OR valid_to > :on) LIMIT 1"
            ),
            {"code": unit.code, "level": level.value, "on": asked.effective_on},
        ).first()
        if bearer is not None:
            raise ChangeRefused(reason="code_in_force", unit_code=unit.code, name=bearer.name)


def _successor(
    session: Session,
    wanted: SuccessorUnit,
    *,
    before: Sequence[AdministrativeUnitRow],
    grounds: Mapping[str, BaseGeometry | None],
    asked: ChangeOfUnits,
    officer: Officer,
) -> AdministrativeUnitRow:
    """Return the version of one successor: the next of a predecessor's where it goes on, else a new unit's."""
    same = next((row for row in before if row.code == wanted.code), None)
    if asked.kind in {ChangeKind.RENAME, ChangeKind.RECODE}:
        same = before[0]
    model = same or (before[0] if before else None)
    level = wanted.level or (Level(model.level) if model else asked.level)
    name = wanted.name or (model.name if same and model else None)
    if level is None or name is None:
        raise ChangeRefused(reason="name_and_level_needed", unit_code=wanted.code)
    pinyin, initials = spelled_unit(name, level)
    ground = grounds[wanted.code]
    values: dict[str, Any] = {
        "code": wanted.code,
        "name": name,
        "pinyin": wanted.pinyin or pinyin,
        "search_key": search_key(name, wanted.pinyin or pinyin, initials),
        "level": level.value,
        "parent_id": _parent(session, wanted, model, asked, level=level),
        "geometry": None if ground is None else from_shape(as_multipolygon(ground), srid=STORAGE_SRID),
        "source": asked.instrument,
        "recorded_by": officer.username,
    }
    if same is not None:
        return follow(session, same, asked.effective_on, **values)
    return AdministrativeUnitRow(
        **values,
        id=uuid7(),
        unit_id=uuid7(),
        valid_from=asked.effective_on,
        authoritative=bool(model and model.authoritative),
    )


def _parent(
    session: Session,
    wanted: SuccessorUnit,
    model: AdministrativeUnitRow | None,
    asked: ChangeOfUnits,
    *,
    level: Level,
) -> uuid.UUID | None:
    """Return the unit above: the nearest level that bears the code, for 460400 stands at two."""
    if wanted.parent_code is None:
        return model.parent_id if model else None
    found = session.execute(
        text(
            "SELECT unit_id, level FROM boundaries.administrative_unit WHERE code = :code AND valid_from <= :on "
            "AND (valid_to IS NULL OR valid_to > :on)"
        ),
        {"code": wanted.parent_code, "on": asked.effective_on},
    ).all()
    higher = [row for row in found if Level(row.level).rank < level.rank]
    if not higher:
        reason = "parent_not_higher" if found else "parent_not_in_force"
        raise ChangeRefused(reason=reason, unit_code=wanted.code, parent_code=wanted.parent_code)
    return uuid.UUID(str(max(higher, key=lambda row: Level(row.level).rank).unit_id))


def _move_children(
    session: Session,
    before: Sequence[AdministrativeUnitRow],
    after: Sequence[AdministrativeUnitRow],
    asked: ChangeOfUnits,
) -> None:
    """Give the children of units that end a parent that goes on: the only one, or the one they are given to."""
    successors = {unit.code: unit for unit in after}
    given = asked.children or {}
    if strangers := sorted(set(given.values()) - set(successors)):
        raise ChangeRefused(reason="not_a_successor", unit_code=strangers[0])
    seen: set[str] = set()
    for unit in before:
        goes_on = any(unit.unit_id == row.unit_id for row in after)
        for child in _children(session, unit):
            seen.add(child.code)
            chosen = given.get(child.code) or (after[0].code if len(after) == 1 else None)
            if goes_on and chosen is None:
                continue
            if chosen is None:
                raise ChangeRefused(reason="child_without_parent", unit_code=child.code)
            target = successors[chosen].unit_id
            if target == unit.unit_id:
                continue
            if child.valid_from > asked.effective_on:
                raise ChangeRefused(
                    reason="changed_since", unit_code=child.code, valid_from=child.valid_from.isoformat()
                )
            reparent(session, old=unit.unit_id, new=target, on=asked.effective_on, codes=[child.code])
    if strangers := sorted(set(given) - seen):
        raise ChangeRefused(reason="not_a_child", unit_code=strangers[0])


def _children(session: Session, unit: AdministrativeUnitRow) -> Sequence[Any]:
    return session.execute(
        text(
            "SELECT code, valid_from FROM boundaries.administrative_unit "
            "WHERE parent_id = :parent AND valid_to IS NULL ORDER BY code"
        ),
        {"parent": unit.unit_id},
    ).all()


def _record(
    session: Session,
    asked: ChangeOfUnits,
    recorded: RecordedChange,
    *,
    officer: Officer,
    before: Sequence[AdministrativeUnitRow],
    after: Sequence[AdministrativeUnitRow],
) -> None:
    row = UnitChangeRow(
        id=asked.id,
        kind=asked.kind.value,
        effective_on=asked.effective_on,
        instrument=asked.instrument,
        note=asked.note,
        content={"asked": asked.model_dump(mode="json"), "recorded": recorded.model_dump(mode="json")},
        recorded_by=officer.username,
    )
    old_keys: Sequence[uuid.UUID | None] = [old.id for old in before] or [None]
    pairs = [(old, new.id) for old, new in product(old_keys, after)]
    record_change(session, row, pairs)
    record_act(
        session,
        "unit.change",
        subject=("unit_change", str(asked.id)),
        before=[_digested(version) for version in before],
        after=[_digested(version) for version in after],
        detail=recorded.model_dump(mode="json", exclude={"id"}),
    )


def _digested(version: AdministrativeUnitRow) -> dict[str, Any]:
    """Return what of a version goes into the audit's digest: its key, names and outline."""
    return {
        "id": version.id,
        "code": version.code,
        "name": version.name,
        "level": version.level,
        "parent_id": version.parent_id,
        "outline": None if version.geometry is None else to_shape(version.geometry).wkt,
    }
