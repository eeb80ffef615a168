"""Street signs planned from a road's line, and what inspections found; evidence is added, never changed."""

from uuid import UUID

import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.schemas.naming_signs import NewSignInspection
from layers.errors import Conflict, InvalidInput, NotFound
from layers.geodesy import STORAGE_SRID, project_to_degrees, project_to_metres
from layers.naming.dossiers import name_row
from layers.naming.proposal_tables import SignInspectionRow, SignRow
from layers.naming.sign_queries import roads_crossing
from layers.naming.signs import plan_signs
from layers.naming.tables import NameRow
from layers.tables import uuid7


class RoadMissing(InvalidInput):
    """The name has no line from which signs could be placed."""

    code = "naming.road_missing"


class SignNotFound(NotFound):
    """There is no such sign."""

    code = "naming.sign_not_found"


class SignRepeated(Conflict):
    """The id stands for another inspection."""

    code = "naming.sign_repeated"


def plan(session: Session, officer: Officer, name_id: UUID) -> int:
    """Plan the signs of a road at its ends and crossings and return how many stand on the plan.

    A plan is made anew while no sign of the road was inspected; signs with evidence stay as they are.
    Raises `NameNotFound`, `RoadMissing`, `Forbidden`.
    """
    row = name_row(session, name_id)
    require_reach(session, officer, [row.unit_code])
    known = list(session.execute(select(SignRow.id).where(SignRow.name_id == name_id)).scalars())
    if known:
        seen = select(SignInspectionRow.id).where(SignInspectionRow.sign_id.in_(known)).limit(1)
        if session.execute(seen).first() is not None:
            return len(known)
        session.execute(delete(SignRow).where(SignRow.name_id == name_id))
    signs = _planned(session, row, officer)
    session.add_all(signs)
    session.flush()
    record_act(session, "sign.plan", subject=("name", str(name_id)), detail={"signs": len(signs)})
    return len(signs)


def _planned(session: Session, row: NameRow, officer: Officer) -> list[SignRow]:
    crossings = roads_crossing(session, row.id)
    grounds = [
        None if row.geometry is None else to_shape(row.geometry),
        *(shapely.from_wkb(wkb) for _, wkb in crossings),
    ]
    if grounds[0] is None:
        raise RoadMissing(name=row.characters)
    metres, crs = project_to_metres(grounds)
    merged = shapely.line_merge(metres[0]) if metres[0].geom_type == "MultiLineString" else metres[0]
    pieces = [each for each in getattr(merged, "geoms", [merged]) if isinstance(each, shapely.LineString)]
    if not pieces:
        raise RoadMissing(name=row.characters)
    others = [(name, ground) for (name, _), ground in zip(crossings, metres[1:], strict=True)]
    found = [
        sign for piece in pieces for sign in plan_signs(row.characters, piece, others, confirmed=row.reading)
    ]
    places = project_to_degrees([sign.place for sign in found], crs)
    return [
        SignRow(
            id=uuid7(),
            name_id=row.id,
            number=number,
            reason=sign.reason.value,
            crossing=sign.crossing,
            bearing=sign.bearing,
            colour=sign.colour.value,
            text=sign.text,
            pinyin=sign.pinyin,
            arrows=list(sign.arrows),
            geometry=from_shape(place, STORAGE_SRID),
            unit_code=row.unit_code,
            recorded_by=officer.username,
        )
        for number, (sign, place) in enumerate(zip(found, places, strict=True), start=1)
    ]


def inspect_sign(session: Session, officer: Officer, sign_id: UUID, asked: NewSignInspection) -> bool:
    """Record what a sign was found to show; returns whether this was the first time it was sent.

    Raises `SignNotFound`, `SignRepeated`, `Forbidden`.
    """
    sign = session.get(SignRow, sign_id)
    if sign is None:
        raise SignNotFound(id=str(sign_id))
    require_reach(session, officer, [sign.unit_code])
    values = asked.model_dump()
    repeated = session.get(SignInspectionRow, asked.id)
    if repeated is not None:
        if repeated.sign_id != sign_id or any(
            getattr(repeated, name) != value for name, value in values.items()
        ):
            raise SignRepeated(id=str(asked.id))
        return False
    session.add(SignInspectionRow(sign_id=sign_id, recorded_by=officer.username, **values))
    record_act(session, "sign.inspect", subject=("sign", str(sign_id)), after=asked.model_dump(mode="json"))
    return True
