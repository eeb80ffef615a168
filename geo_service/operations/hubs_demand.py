"""Demand taken on record: as points, or out of a file; refuses to change a set that is there."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.exchange.crs import map_offset
from geo_service.exchange.point_files import PointReading, PointTable
from geo_service.exchange.rejects import RejectLog
from geo_service.operations import demand_staging
from geo_service.operations.hubs import Described, IdTaken, office_of
from geo_service.operations.hubs_ground import in_degrees
from geo_service.schemas.hubs import NewDemand
from layers.errors import InvalidInput, LayerError
from layers.geodesy import read_crs
from layers.hubs import register
from layers.hubs.queries import DemandArrays
from layers.hubs.tables import DemandSetRow
from layers.tables import uuid7


def add_demand(
    session: Session, officer: Officer, asked: NewDemand, *, home_unit: str
) -> tuple[DemandSetRow, bool]:
    """Put a set of demand on record and say whether it was new."""
    if asked.id is not None and (known := session.get(DemandSetRow, asked.id)) is not None:
        if (known.name, known.points) != (asked.name, len(asked.points)):
            raise IdTaken(id=str(asked.id))
        return known, False
    groups = tuple(asked.population_groups)
    arrays = DemandArrays(
        ids=tuple(point.id for point in asked.points),
        lon_lat=np.array([(point.lon, point.lat) for point in asked.points], np.float64),
        weights=np.array([[p.weights.get(group, 0.0) for group in groups] for p in asked.points], np.float64),
        groups=groups,
    )
    about = Described(asked.name, asked.source, asked.counted_on)
    return keep_demand(session, officer, arrays, about, home_unit=home_unit, set_id=asked.id), True


def keep_demand(
    session: Session,
    officer: Officer,
    arrays: DemandArrays,
    about: Described,
    *,
    home_unit: str,
    set_id: uuid.UUID | None = None,
) -> DemandSetRow:
    """Put demand on record under the officer's unit."""
    row = register.add_demand(
        session,
        arrays,
        name=about.name,
        source=about.source,
        counted_on=about.dated_on,
        unit_code=office_of(officer, home_unit),
        recorded_by=officer.username,
        set_id=set_id,
    )
    return _noted(session, row)


def _noted(session: Session, row: DemandSetRow) -> DemandSetRow:
    groups = list(row.population_groups)
    detail = {"name": row.name, "points": row.points, "groups": groups, "source": row.source}
    record_act(session, "demand.import", subject=("demand", str(row.id)), detail=detail)
    return row


def import_demand(
    session: Session,
    officer: Officer,
    path: Path,
    about: Described,
    *,
    home_unit: str,
    groups: Mapping[str, str],
    layer: str | None = None,
    id_column: str = "id",
    crs: str | None = None,
    rejects: RejectLog | None = None,
) -> DemandSetRow:
    """Put the demand of a file on record, whole or not at all: `groups` maps each population group to its column.

    The file is read, judged and put aside in the database some rows at a time, and taken from there; rows that cannot be
    taken go to `rejects`. Raises what `read_points` does.
    """
    log = RejectLog() if rejects is None else rejects
    reading = PointReading(path, tuple(groups.values()), layer=layer, id_column=id_column, crs=crs)
    amiss = _staged(session, reading, tuple(groups), crs, log)
    twice, first = demand_staging.finish(session, reading)
    if twice:
        log.extend(demand_staging.repeated(session, id_column))
    reading.refuse(twice, first)
    if amiss is not None:
        raise amiss
    row = DemandSetRow(
        id=uuid7(),
        name=about.name,
        source=about.source,
        counted_on=about.dated_on,
        population_groups=list(groups),
        points=reading.points,
        unit_code=office_of(officer, home_unit),
        recorded_by=officer.username,
    )
    return _noted(session, register.add_demand_set(session, row, demand_staging.TABLE))


def _staged(
    session: Session, reading: PointReading, groups: tuple[str, ...], crs: str | None, log: RejectLog
) -> LayerError | None:
    """Put all points aside that have an id, and return the first thing against where they lie."""
    amiss: LayerError | None = None
    demand_staging.begin(session)
    for batch in reading.batches():
        log.extend(batch.wrong)
        placed = np.isfinite(batch.xy).all(axis=1)
        lon_lat = np.zeros_like(batch.xy)
        try:
            at = PointTable(batch.ids[placed], batch.xy[placed], np.ones(int(placed.sum())), reading.crs)
            lon_lat[placed] = degrees_of(at, crs)
        except LayerError as refused:
            amiss = amiss or refused
        demand_staging.stage(session, batch, lon_lat, groups)
    return amiss


def degrees_of(table: PointTable, crs: str | None) -> Any:
    """Return a file's places in EPSG:4490; a file that states no CRS is in the one given, else in degrees."""
    stated = table.crs or (None if crs is None or map_offset(crs) else read_crs(crs))
    lon_lat = table.xy if stated is None else in_degrees(table.xy, stated)
    if not (np.isfinite(lon_lat).all() and (np.abs(lon_lat) <= (180, 90)).all()):
        raise InvalidInput(
            field="crs", expected="EPSG:n", given=None if stated is None else stated.to_string()
        )
    return lon_lat


def remove_demand(session: Session, officer: Officer, row: DemandSetRow) -> None:
    """Take a set of demand off the record; refused by the database while a scenario rests on it."""
    require_reach(session, officer, [row.unit_code or ""])
    detail = {"name": row.name, "points": row.points}
    session.delete(row)
    session.flush()
    record_act(session, "demand.remove", subject=("demand", str(row.id)), detail=detail)


def read_groups(given: str) -> dict[str, str]:
    """Return population group → column of `group=column,…`; raises `InvalidInput`.

    >>> read_groups("population=pop, elderly_60=old")
    {'population': 'pop', 'elderly_60': 'old'}
    """
    pairs = [each.split("=", 1) for each in given.split(",") if each.strip()]
    if not pairs or any(len(pair) != 2 or not pair[0].strip() or not pair[1].strip() for pair in pairs):
        raise InvalidInput(field="groups", given=given[:200], expected="group=column,group=column")
    return {group.strip(): column.strip() for group, column in pairs}
