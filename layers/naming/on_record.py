"""Names on the register that a name may collide with: by key within its reach, and on its ground. Reads only.

Geometries come in and go out in EPSG:4490.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, radians
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from layers.naming.candidates import areas_within
from layers.naming.model import NameKind
from layers.naming.queries import Scope

NEAR_DEG: Final = 0.0004  # about 40 m: whatever may run on the same road or go straight on from it
METRES_A_DEGREE: Final = (
    110_000.0  # a little fewer than a degree of latitude has, or one of longitude on the equator
)


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A name on the register or of a pending proposal, as the checks meet it; `visible` to whoever asks."""

    identifier: str
    characters: str
    kind: NameKind
    state: str
    reading: tuple[str, ...]
    unit_code: str
    authority_code: str
    parent: str | None
    geometry: BaseGeometry | None
    visible: bool = True
    pending: bool = False


# The keys are asked first, behind a fence: the planner would else join them with the index of places, which has to be
# read whole for "no place at all" (66 ms of 67 at two million names).
SHARING: Final = "(SELECT * FROM naming.name k WHERE {by_key} OFFSET 0)"
SHARES_A_KEY: Final = "n.keys && CAST(:keys AS text[])"
IN_THE_COUNTRY: Final = "k.keys && CAST(:keys AS text[])"
IN_AREAS: Final = """naming.keys_in(k.keys, naming.areas_of(k.geometry, k.unit_code))
    && naming.keys_in(CAST(:keys AS text[]), CAST(:areas AS text[]))"""  # hashes: the keys themselves are compared after
CANDIDATES: Final = """
SELECT n.id::text AS id, n.characters, n.kind, n.status AS state, n.reading, n.unit_code, n.authority_code, n.parent,
       ST_AsBinary(n.geometry) AS wkb, true AS visible, false AS pending
  FROM {table} n WHERE n.valid_from <= :as_of AND (n.valid_to IS NULL OR n.valid_to > :as_of) AND {condition}
"""
PENDING: Final = """
SELECT p.id::text AS id, p.characters, p.kind, p.state, p.reading, p.unit_code, p.authority_code, p.parent,
       ST_AsBinary(p.geometry) AS wkb, p.visible, true AS pending
  FROM naming.pending_names(CAST(:keys AS text[]), ST_Envelope(ST_GeomFromWKB(CAST(:near AS bytea), 4490)),
                            CAST(:own AS uuid)) p
"""


def candidates(
    session: Session,
    keys: Sequence[str] | None,
    *,
    ground: BaseGeometry | None,
    within: tuple[float, float, float, float] | None,
    unit_codes: Iterable[str] = (),
    as_of: date,
    own: str | None = None,
) -> list[OnRecord]:
    """Return names on record that share a key or lie near the ground, and names of pending proposals that do.

    `within` (west, south, east, north) bounds those that share a key and have a place, the prefectures of
    `unit_codes` those that have none; without it the whole country is read. `keys` None gives every name within,
    for proving that nothing is missed. `own` is the proposal that asks.
    """
    bound: dict[str, Any] = {"as_of": as_of}
    region = "true"
    if within is not None:
        region = "(n.geometry IS NULL OR n.geometry && ST_MakeEnvelope(:west, :south, :east, :north, 4490))"
        bound |= dict(zip(("west", "south", "east", "north"), within, strict=True))
    if keys is None:
        everything = CANDIDATES.format(table="naming.name", condition=region)
        rows = list(session.execute(text(everything), bound))
    else:
        bound["keys"] = list(keys)
        areas = None if within is None else areas_within(within, unit_codes)
        by_key = IN_THE_COUNTRY
        if areas is not None:
            by_key, bound["areas"] = IN_AREAS, list(areas)
        sharing = CANDIDATES.format(
            table=SHARING.format(by_key=by_key), condition=f"{SHARES_A_KEY} AND {region}"
        )
        rows = list(session.execute(text(sharing), bound))
        if ground is not None:
            near = {"as_of": as_of, "line": shapely.to_wkb(ground), "near": NEAR_DEG}
            by_ground = "ST_DWithin(n.geometry, ST_GeomFromWKB(:line, 4490), :near)"
            beside = CANDIDATES.format(table="naming.name", condition=by_ground)
            rows += session.execute(text(beside), near)
    asked = {
        "keys": None if keys is None else list(keys),
        "near": None if ground is None else shapely.to_wkb(ground.buffer(NEAR_DEG)),
        "own": own,
    }
    rows += session.execute(text(PENDING), asked)
    return [_on_record(row) for row in {row.id: row for row in rows}.values()]


def _on_record(row: Row[Any]) -> OnRecord:
    geometry = None if row.wkb is None else shapely.from_wkb(bytes(row.wkb))
    return OnRecord(
        row.id,
        row.characters,
        NameKind(row.kind),
        row.state,
        tuple(row.reading),
        row.unit_code,
        row.authority_code,
        row.parent,
        geometry,
        row.visible,
        row.pending,
    )


def shared_scopes(found: OnRecord, scopes: Sequence[Scope]) -> frozenset[str]:
    """Return the kinds of scope in which a name and the road that was asked about both lie."""
    shared = set()
    for scope in scopes:
        if found.geometry is not None and scope.polygon is not None:
            lies_in = bool(shapely.intersects(scope.polygon, found.geometry))
        else:
            lies_in = found.unit_code == scope.unit_code or found.unit_code in scope.unit_codes
        if lies_in:
            shared.add(scope.kind)
    return frozenset(shared | ({"urban_area"} if "built_up_area" in shared else set()))


def box_around(
    ground: BaseGeometry | None, scopes: Sequence[Scope], radius_m: float
) -> tuple[float, float, float, float] | None:
    """Return the box outside which no candidate can matter: the scopes, and the radius about the ground."""
    bounds = [scope.polygon.bounds for scope in scopes if scope.polygon is not None]
    if any(scope.polygon is None for scope in scopes) or not bounds:
        return None
    if ground is not None:
        west, south, east, north = ground.bounds
        reach = radius_m / METRES_A_DEGREE
        across = reach / cos(radians(max(abs(south), abs(north)) + reach))
        bounds.append((west - across, south - reach, east + across, north + reach))
    return (
        min(box[0] for box in bounds),
        min(box[1] for box in bounds),
        max(box[2] for box in bounds),
        max(box[3] for box in bounds),
    )
