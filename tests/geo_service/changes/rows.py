"""Rows of the layers that are followed, put on record at one place of the drawn office."""

from datetime import date
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.orm import Session

from layers.boundaries.tables import TripointRow
from layers.hubs.register import add_hub
from layers.naming.model import NameKind
from layers.naming.proposal_tables import SignRow
from layers.naming.register import NewName
from layers.naming.register import enter as enter_name
from tests.access_records import KEEPER
from tests.people import INSIDE


def put_hub(session: Session, code: str) -> None:
    """Put an existing hub on record."""
    values = {"code": code, "name": "某中心", "status": "existing", "source": "drawn"}
    add_hub(session, values, lon=110.05, lat=20.05, recorded_by="test")


def put_tripoint(session: Session, code: str) -> None:
    """Put a tripoint on record that holds since 2020."""
    shape = from_shape(Point(110.1, 20.0), srid=4490)
    codes = ["460107", "460108", "469005"]
    session.add(
        TripointRow(tripoint_code=code, unit_codes=codes, geometry=shape, valid_from=date(2020, 1, 1))
    )


def put_name(session: Session, characters: str) -> UUID:
    """Enter a street's name; its key."""
    return enter_name(
        session,
        [
            NewName(
                characters=characters,
                kind=NameKind.STREET,
                unit_code="460107",
                authority_code=INSIDE,
                source="drawn",
                valid_from=date(2021, 1, 1),
                geometry=Point(110.05, 20.05),
            )
        ],
        recorded_by=KEEPER.username,
    )[0]


def put_sign(session: Session, name: UUID) -> UUID:
    """Put a planned sign of a name on record; its key."""
    sign = SignRow(
        name_id=name,
        number=1,
        reason="end",
        bearing=90.0,
        colour="blue",
        text="照片路",
        pinyin="ZHAOPIAN LU",
        arrows=[90.0],
        geometry=from_shape(Point(110.05, 20.05), srid=4490),
        unit_code="460107",
        recorded_by="test",
    )
    session.add(sign)
    session.flush()
    return sign.id
