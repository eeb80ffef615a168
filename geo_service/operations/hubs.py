"""Acts on the register of hubs, each with its audit entry."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.auth.refusals import Forbidden
from geo_service.etags import etag_of
from geo_service.schemas.hubs import HubChange, NewHub
from layers.errors import Conflict
from layers.hubs import queries, register
from layers.hubs.tables import HubRow


class IdTaken(Conflict):
    """Another record, or the same with other content, has the id that the client made."""

    code = "hubs.id_taken"


def office_of(officer: Officer, home_unit: str) -> str:
    """Return the unit whose office an officer acts for: his jurisdiction, the home unit for one who reaches all."""
    own = sorted(officer.jurisdictions - {"*"})
    if not own and "*" not in officer.jurisdictions:
        raise Forbidden(jurisdictions=[])
    return own[0] if own else home_unit


@dataclass(frozen=True, slots=True)
class Described:
    """What a file or set says of itself: a name, where it comes from, which day it shows."""

    name: str
    source: str
    dated_on: date | None = None


def hub_content(row: HubRow) -> dict[str, Any]:
    """Return what the register says of a hub, as ETag and audit see it."""
    lon, lat = _degrees(row)
    names = (
        "code", "name", "status", "capacity", "floor_area_m2", "services", "opened_on", "address", "source",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names} | {"lon": lon, "lat": lat}


def _degrees(row: HubRow) -> tuple[float, float]:
    place = shapely.from_wkb(bytes(row.geometry.data))
    return float(shapely.get_x(place)), float(shapely.get_y(place))


def hub_etag(row: HubRow) -> str:
    """Return the ETag of a hub."""
    return etag_of(hub_content(row))


def add_hub(session: Session, officer: Officer, asked: NewHub) -> tuple[HubRow, bool]:
    """Put a hub on record and say whether it was new. Raises `HubCodeTaken`, `IdTaken`, `Forbidden`."""
    values = asked.model_dump(exclude={"id", "lon", "lat"}) | {"status": asked.status.value}
    if asked.id is not None and (known := session.get(HubRow, asked.id)) is not None:
        if hub_content(known) != values | {"lon": asked.lon, "lat": asked.lat}:
            raise IdTaken(id=str(asked.id))
        return known, False
    _require_place(session, officer, asked.lon, asked.lat)
    if asked.id is not None:
        values["id"] = asked.id
    row = register.add_hub(session, values, lon=asked.lon, lat=asked.lat, recorded_by=officer.username)
    session.refresh(row)
    record_act(session, "hub.add", subject=("hub", row.code), after=hub_content(row))
    return row, True


def _require_place(session: Session, officer: Officer, lon: float, lat: float) -> None:
    unit = queries.smallest_unit_at(session, lon, lat)
    if unit is None and "*" not in officer.jurisdictions:
        raise Forbidden(outside=[f"{lon}, {lat}"], jurisdictions=sorted(officer.jurisdictions))
    if unit is not None:
        require_reach(session, officer, [unit])


def change_hub(session: Session, officer: Officer, row: HubRow, asked: HubChange) -> HubRow:
    """Change or move a hub; both its old and its new place must be the officer's."""
    before = hub_content(row)
    _require_place(session, officer, *_degrees(row))
    given = asked.model_dump(exclude_unset=True, exclude={"lon", "lat"})
    if asked.status is not None:
        given["status"] = asked.status.value
    place = None
    if asked.lon is not None and asked.lat is not None:
        _require_place(session, officer, asked.lon, asked.lat)
        place = (asked.lon, asked.lat)
    changed = register.change_hub(session, row, given, place=place)
    record_act(session, "hub.change", subject=("hub", row.code), before=before, after=hub_content(changed))
    return changed


def remove_hub(session: Session, officer: Officer, row: HubRow) -> None:
    """Take a hub off the register."""
    before, code = hub_content(row), row.code
    _require_place(session, officer, *_degrees(row))
    register.remove_hub(session, row)
    record_act(session, "hub.remove", subject=("hub", code), before=before, detail=before)
