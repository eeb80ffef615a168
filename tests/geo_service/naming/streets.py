"""Streets drawn in Haikou for tests of names: metres east and north of a place in 美兰区."""

from collections.abc import Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from shapely import LineString
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR, Officer, Role
from layers.naming.model import NameKind
from layers.naming.register import NewName, enter

NAMER = Officer("namer", frozenset({Role.NAMING, Role.COMMITTEE}), frozenset({"*"}))
LON, LAT = 110.35, 20.02
DEGREE_EAST_M, DEGREE_NORTH_M = 104_650.0, 110_720.0


def at(east_m: float, north_m: float) -> tuple[float, float]:
    return LON + east_m / DEGREE_EAST_M, LAT + north_m / DEGREE_NORTH_M


def line(*metres: tuple[float, float]) -> LineString:
    return LineString([at(*place) for place in metres])


def geojson(*metres: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(at(*place)) for place in metres]}


@contextmanager
def naming(session: Session):
    act_as(session, NAMER)
    yield
    act_as(session, OPERATOR)


def street(characters: str, *metres: tuple[float, float], **facts: Any) -> NewName:
    return NewName(
        characters,
        NameKind.STREET,
        **{
            "unit_code": "460108",
            "authority_code": "460100",
            "source": "test",
            "valid_from": date(2020, 1, 1),
            "geometry": line(*metres) if metres else None,
            **facts,
        },
    )


def put(session: Session, *streets: NewName) -> list[Any]:
    with naming(session):
        return enter(session, streets, recorded_by="namer")


def codes(findings: Sequence[dict[str, Any]]) -> set[str]:
    return {finding["code"] for finding in findings}
