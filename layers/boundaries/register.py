"""Writing units: put versions on record, apply an act that changes them; history is only added to."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from layers.boundaries.model import ChangeRefused, Level, UnitVersion
from layers.boundaries.search_key import search_key
from layers.boundaries.tables import AdministrativeUnitRow, UnitChangeRow, UnitSuccessionRow
from layers.geodesy import STORAGE_SRID
from layers.tables import uuid7

Key = tuple[str, Level, date]


def as_multipolygon(geometry: BaseGeometry) -> MultiPolygon:
    """Return a polygon as the MultiPolygon that is stored; raises `ChangeRefused` for anything else."""
    if isinstance(geometry, MultiPolygon):
        return geometry
    if isinstance(geometry, Polygon):
        return MultiPolygon([geometry])
    raise ChangeRefused(reason="not_an_area", geometry_type=geometry.geom_type)


def version_values(
    version: UnitVersion, *, unit_id: uuid.UUID, parent_id: uuid.UUID | None
) -> dict[str, Any]:
    """Return a version as the values of its row, under a new key."""
    outline = None
    if version.geometry is not None:
        outline = from_shape(as_multipolygon(version.geometry), srid=STORAGE_SRID)
    return {
        "id": uuid7(),
        "unit_id": unit_id,
        "code": version.code,
        "name": version.name,
        "pinyin": version.pinyin,
        "search_key": search_key(version.name, version.pinyin, version.initials),
        "level": version.level.value,
        "parent_id": parent_id,
        "geometry": outline,
        "valid_from": version.valid_from,
        "valid_to": version.valid_to,
        "authoritative": version.authoritative,
        "source": version.source,
        "original_geometry": version.original_wkb,
        "original_crs": version.original_crs,
        "accuracy_m": version.accuracy_m,
    }


def establish(
    session: Session,
    versions: Iterable[UnitVersion],
    *,
    recorded_by: str,
    identities: Mapping[Key, uuid.UUID] | None = None,
) -> int:
    """Put versions of units on record, parents found by code among them and what is on record already.

    `identities` says which versions belong to one unit, by (code, level, valid from); others are new
    units. A parent is the unit of a higher level that bears the parent's code on the version's first
    day, or else now. Returns how many were added.
    """
    bearers = _bearers(session)
    rows = []
    for version in sorted(
        versions, key=lambda version: (version.level.rank, version.code, version.valid_from)
    ):
        key = (version.code, version.level, version.valid_from)
        unit_id = (identities or {}).get(key) or uuid7()
        parent_id = _parent(bearers.get(version.parent_code or "", []), version)
        bearer = _Bearer(version.level.rank, unit_id, version.valid_from, version.valid_to)
        bearers.setdefault(version.code, []).append(bearer)
        rows.append(
            {**version_values(version, unit_id=unit_id, parent_id=parent_id), "recorded_by": recorded_by}
        )
    for start in range(0, len(rows), 1000):
        session.execute(insert(AdministrativeUnitRow), rows[start : start + 1000])
    return len(rows)


class _Bearer(NamedTuple):
    """A unit that bears a code for a time."""

    rank: int
    unit_id: uuid.UUID
    valid_from: date
    valid_to: date | None

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def _bearers(session: Session) -> dict[str, list[_Bearer]]:
    bearers: dict[str, list[_Bearer]] = {}
    row = AdministrativeUnitRow
    asked = select(row.code, row.level, row.unit_id, row.valid_from, row.valid_to)
    for code, level, unit_id, since, until in session.execute(asked):
        bearers.setdefault(code, []).append(_Bearer(Level(level).rank, unit_id, since, until))
    return bearers


def _parent(bearers: Sequence[_Bearer], version: UnitVersion) -> uuid.UUID | None:
    higher = [bearer for bearer in bearers if bearer.rank < version.level.rank]
    then = [bearer for bearer in higher if bearer.holds(version.valid_from)]
    standing = then or [bearer for bearer in higher if bearer.valid_to is None]
    return max(standing, key=lambda bearer: bearer.rank).unit_id if standing else None


def hold_register(session: Session) -> None:
    """Let one act at a time change units, until its transaction ends.

    Acts on neighbours meet in the line between them, and the next act must see all that the last one
    did; so they queue for the whole register, before they read anything of it.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('boundaries.register'))"))


def load_current(session: Session, code: str, on: date, level: Level | None) -> AdministrativeUnitRow:
    """Return the version of `code` that an act of a date ends or renews; raises `ChangeRefused`.

    It must have begun before that date and not have ended: history is not rewritten, and two acts on
    one unit on one day are one act.
    """
    rows = (
        session.execute(
            select(AdministrativeUnitRow)
            .where(
                AdministrativeUnitRow.code == code,
                AdministrativeUnitRow.valid_from < on,
                AdministrativeUnitRow.valid_to.is_(None),
                *([AdministrativeUnitRow.level == level.value] if level else []),
            )
            .with_for_update()
        )
        .scalars()
        .all()
    )
    if not rows:
        raise _not_in_force(session, code, on)
    return min(rows, key=lambda row: Level(row.level).rank)


def _not_in_force(session: Session, code: str, on: date) -> ChangeRefused:
    row = AdministrativeUnitRow
    begun = select(row.valid_from).where(row.code == code, row.valid_from >= on, row.valid_to.is_(None))
    since = session.execute(begun).scalars().first()
    if since is None:
        return ChangeRefused(reason="predecessor_not_in_force", unit_code=code, on=on.isoformat())
    return ChangeRefused(
        reason="changed_since", unit_code=code, on=on.isoformat(), valid_from=since.isoformat()
    )


def close(session: Session, version: AdministrativeUnitRow, on: date) -> None:
    """End a version on a date; nothing else of it changes."""
    version.valid_to = on
    session.flush()


def reparent(
    session: Session, *, old: uuid.UUID, new: uuid.UUID, on: date, codes: Sequence[str] | None = None
) -> None:
    """Give the children of a unit another parent from a date on, each as a new version of itself.

    A version that begins on that very day is put under the new parent as it stands.
    """
    children = session.execute(
        select(AdministrativeUnitRow).where(
            AdministrativeUnitRow.parent_id == old,
            AdministrativeUnitRow.valid_to.is_(None),
            *([AdministrativeUnitRow.code.in_(codes)] if codes is not None else []),
        )
    ).scalars()
    for child in children.all():
        if child.valid_from == on:
            child.parent_id = new
            continue
        follower = follow(session, child, on, parent_id=new)
        session.add(follower)
    session.flush()


def follow(
    session: Session, version: AdministrativeUnitRow, on: date, **changes: Any
) -> AdministrativeUnitRow:
    """Close a version and return the next one of the same unit, like it but for `changes`; not yet added."""
    kept = {
        column.key: getattr(version, column.key)
        for column in AdministrativeUnitRow.__table__.columns
        if column.key not in {"id", "area_m2", "recorded_at", "valid_from", "valid_to"}
    }
    close(session, version, on)
    return AdministrativeUnitRow(**{**kept, **changes}, id=uuid7(), valid_from=on)


def record_change(
    session: Session,
    change: UnitChangeRow,
    pairs: Iterable[tuple[uuid.UUID | None, uuid.UUID]],
) -> None:
    """Put an act on record with each step from a predecessor version to a successor version."""
    session.add(change)
    session.flush()
    session.add_all(
        UnitSuccessionRow(change_id=change.id, predecessor_id=before, successor_id=after)
        for before, after in pairs
    )
    session.flush()


def outlines_on(session: Session, on: date, level: Level) -> dict[str, tuple[uuid.UUID, BaseGeometry]]:
    """Return code → (version key, outline in EPSG:4490) of the units of a level that have an outline on a date."""
    rows = session.execute(
        text(
            "SELECT u.code, u.id, ST_AsBinary(u.geometry) FROM boundaries.administrative_unit u "
            "WHERE u.level = :level AND u.geometry IS NOT NULL AND u.valid_from <= :on "
            "AND (u.valid_to IS NULL OR u.valid_to > :on) ORDER BY u.code"
        ),
        {"level": level.value, "on": on},
    ).all()
    shapes = shapely.from_wkb([bytes(row[2]) for row in rows])
    return {row[0]: (row[1], shape) for row, shape in zip(rows, shapes, strict=True)}


def standing_on(
    session: Session, on: date, level: Level, grounds: Iterable[BaseGeometry]
) -> dict[str, BaseGeometry]:
    """Return code → outline in EPSG:4490 of the units of a level, in force on a date or later, that grounds may touch."""
    reach = shapely.box(*shapely.total_bounds(list(grounds)))
    rows = session.execute(
        text(
            "SELECT u.code, ST_AsBinary(u.geometry) FROM boundaries.administrative_unit u "
            "WHERE u.level = :level AND u.geometry && ST_GeomFromWKB(:reach, 4490) "
            "AND (u.valid_to IS NULL OR u.valid_to > :on) ORDER BY u.code, u.valid_from"
        ),
        {"level": level.value, "on": on, "reach": shapely.to_wkb(reach)},
    ).all()
    return {row[0]: shapely.from_wkb(bytes(row[1])) for row in rows}


def ground_on_record(session: Session) -> tuple[float, float, float, float] | None:
    """Return (west, south, east, north) in degrees of all outlines in force, half a degree wider; None without any."""
    found = session.execute(
        text(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Expand(ST_Extent(geometry)::"
            "geometry, 0.5) AS e FROM boundaries.administrative_unit WHERE valid_to IS NULL) extent"
        )
    ).one()
    return None if found[0] is None else tuple(found)
