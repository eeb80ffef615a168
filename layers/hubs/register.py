"""Writing hubs, demand, networks and scenarios; refuses to judge who may."""

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from geoalchemy2 import WKTElement
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from layers.errors import Conflict
from layers.geodesy import STORAGE_SRID
from layers.hubs.queries import DemandArrays, NetworkNotFound, smallest_unit_at
from layers.hubs.tables import DemandSetRow, FilePieceRow, HubRow, ScenarioRow, ScenarioStepRow
from layers.tables import uuid7

PIECE_BYTES: Final = 8 * 1024**2
ROWS_AT_ONCE: Final = 20_000
ADD_POINTS: Final = (
    "INSERT INTO hubs.demand_point (id, set_id, position, code, geometry, weights) "
    "SELECT gen_random_uuid(), :set_id, p.position, p.code, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4490), p.weights::jsonb "
    "FROM {points}"
)


class HubCodeTaken(Conflict):
    """Another hub has that code."""

    code = "hubs.code_taken"


def point(lon: float, lat: float) -> WKTElement:
    """Return a place in EPSG:4490 as a column takes it, to the last bit of both degrees."""
    return WKTElement(f"POINT({lon!r} {lat!r})", srid=STORAGE_SRID)


def add_hub(session: Session, values: dict[str, Any], *, lon: float, lat: float, recorded_by: str) -> HubRow:
    """Put a hub on record; raises `HubCodeTaken`."""
    taken = select(HubRow.id).where(HubRow.code == values["code"])
    if session.execute(taken).first():
        raise HubCodeTaken(hub=values["code"])
    row = HubRow(
        **values,
        geometry=point(lon, lat),
        unit_code=smallest_unit_at(session, lon, lat),
        recorded_by=recorded_by,
    )
    session.add(row)
    session.flush()
    return row


def change_hub(
    session: Session, row: HubRow, values: dict[str, Any], *, place: tuple[float, float] | None
) -> HubRow:
    """Change what is given of a hub; `place` moves it."""
    for name, value in values.items():
        setattr(row, name, value)
    if place is not None:
        row.geometry = point(*place)  # type: ignore[assignment]  # written as text, read as WKB
        row.unit_code = smallest_unit_at(session, *place)
    row.changed_at = func.now()
    session.flush()
    session.refresh(row)
    return row


def remove_hub(session: Session, row: HubRow) -> None:
    """Take a hub off the register; the audit keeps that it was there."""
    session.delete(row)
    session.flush()


def add_demand(
    session: Session,
    demand: DemandArrays,
    *,
    name: str,
    source: str,
    counted_on: date | None,
    unit_code: str | None,
    recorded_by: str,
    set_id: uuid.UUID | None = None,
) -> DemandSetRow:
    """Put a whole set of demand on record; places in EPSG:4490."""
    row = DemandSetRow(
        id=set_id or uuid7(),
        name=name,
        source=source,
        counted_on=counted_on,
        population_groups=list(demand.groups),
        points=len(demand.ids),
        unit_code=unit_code,
        recorded_by=recorded_by,
    )
    session.add(row)
    session.flush()
    statement = text(
        ADD_POINTS.format(
            points="unnest(CAST(:positions AS int[]), CAST(:codes AS text[]), CAST(:lons AS float8[]), "
            "CAST(:lats AS float8[]), CAST(:weights AS text[])) AS p(position, code, lon, lat, weights)"
        )
    )
    for begin in range(0, len(demand.ids), ROWS_AT_ONCE):
        rows = slice(begin, begin + ROWS_AT_ONCE)
        session.execute(statement, {"set_id": row.id} | _point_columns(demand, rows))
    session.refresh(row)
    return row


def add_demand_set(session: Session, row: DemandSetRow, staged: str) -> DemandSetRow:
    """Put a set on record with the points of a table of this transaction; places in EPSG:4490.

    The table has the columns `position` (from 0, indexed), `code`, `lon`, `lat` and `weights`, of which this takes some
    thousand rows at a time: none of them passes through this process.
    """
    session.add(row)
    session.flush()
    taken = text(
        ADD_POINTS.format(points=f"pg_temp.{staged} p WHERE p.position >= :first AND p.position < :beyond")
    )
    for first in range(0, row.points, ROWS_AT_ONCE):
        session.execute(taken, {"set_id": row.id, "first": first, "beyond": first + ROWS_AT_ONCE})
    session.refresh(row)
    return row


def _point_columns(demand: DemandArrays, rows: slice) -> dict[str, list[Any]]:
    weights = [
        json.dumps(dict(zip(demand.groups, each, strict=True))) for each in demand.weights[rows].tolist()
    ]
    return {
        "positions": list(range(rows.start, rows.start + len(weights))),
        "codes": list(demand.ids[rows]),
        "lons": demand.lon_lat[rows, 0].tolist(),
        "lats": demand.lon_lat[rows, 1].tolist(),
        "weights": weights,
    }


def keep_file(session: Session, pieces: Iterator[bytes]) -> uuid.UUID:
    """Keep a file in pieces; returns the key it is read by."""
    file_id = uuid7()
    for number, content in enumerate(pieces):
        session.execute(insert(FilePieceRow), [{"file_id": file_id, "number": number, "content": content}])
    return file_id


def file_pieces(session: Session, file_id: uuid.UUID) -> Iterator[bytes]:
    """Yield the pieces of a file in order; raises `NetworkNotFound` when none is kept."""
    number = 0
    one = select(FilePieceRow.content).where(FilePieceRow.file_id == file_id)
    while True:
        content = session.execute(one.where(FilePieceRow.number == number)).scalar()
        if content is None:
            break
        yield bytes(content)
        number += 1
    if number == 0:
        raise NetworkNotFound(network=str(file_id))


def forget_file(session: Session, file_id: uuid.UUID) -> None:
    """Let a file go."""
    session.execute(delete(FilePieceRow).where(FilePieceRow.file_id == file_id))


def changes_between(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Say which hubs a save added, moved, removed or altered otherwise, by id."""
    old, new = ({hub["id"]: hub for hub in hubs} for hubs in (before, after))
    both = [key for key in new if key in old]
    moved = [key for key in both if (old[key]["lon"], old[key]["lat"]) != (new[key]["lon"], new[key]["lat"])]
    return {
        "added": [key for key in new if key not in old],
        "removed": [key for key in old if key not in new],
        "moved": moved,
        "altered": [key for key in both if key not in moved and old[key] != new[key]],
    }


def record_step(session: Session, row: ScenarioRow, change: dict[str, Any], *, by: str) -> None:
    """Put on record what a save changed."""
    session.add(ScenarioStepRow(scenario_id=row.id, change=change, recorded_by=by))
    session.flush()


def steps_of(session: Session, scenario_id: uuid.UUID) -> list[ScenarioStepRow]:
    """Return what was changed in a scenario, the first save first."""
    steps = select(ScenarioStepRow).where(ScenarioStepRow.scenario_id == scenario_id)
    return list(session.execute(steps.order_by(ScenarioStepRow.recorded_at, ScenarioStepRow.id)).scalars())
