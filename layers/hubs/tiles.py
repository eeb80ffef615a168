"""Vector tiles of streets and of people in reach: picked from arrays, encoded by the database (D4, D17).

Networks are kept as arrays and no table of streets stands beside them, so a tile's streets go to the database
as shapes and come back as a tile.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.features import TileQuery
from layers.hubs.network import RoadNetwork
from layers.hubs.network.road_network import Floats, LongIntegers, Shapes

MOST_STREETS: Final = 20_000
"""Streets in one tile; the longest first."""
LEAST_PIXELS: Final = 2.0
"""A street shorter than this at the tile's zoom is not drawn."""
WEB_MERCATOR_M: Final = 40_075_016.686
"""Length of the equator in EPSG:3857, 256 pixels at zoom 0."""

ROADS_TILE: Final = """
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
shown AS (
    SELECT s.length_m, s.walkable, s.island, ST_AsMVTGeom(ST_GeomFromWKB(s.shape), tile.box, 4096, 64, true) AS shape
      FROM unnest(CAST(:shapes AS bytea[]), CAST(:lengths AS float8[]), CAST(:walkable AS bool[]), CAST(:islands AS bool[]))
           AS s (shape, length_m, walkable, island), tile)
SELECT ST_AsMVT(shown, 'roads', 4096, 'shape') FROM shown WHERE shape IS NOT NULL
"""

COVERAGE_TILE: Final = """
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_TileEnvelope(:z, :x, :y, margin => 0.0157) AS reach),
placed AS (
    SELECT p.*, ST_Transform(ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4490), 3857) AS at
      FROM unnest(CAST(:ids AS text[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:weights AS float8[]),
                  CAST(:states AS text[]), CAST(:distances AS float8[]), CAST(:hubs AS text[]))
           AS p (id, lon, lat, weight, state, distance_m, hub)),
shown AS (
    SELECT p.id, p.weight, p.state, p.distance_m, p.hub, ST_AsMVTGeom(p.at, tile.box, 4096, 64, true) AS shape
      FROM placed p, tile WHERE p.at && tile.reach)
SELECT ST_AsMVT(shown, 'coverage', 4096, 'shape') FROM shown WHERE shape IS NOT NULL
"""


def pixel_m(z: int) -> float:
    """Return the width of a pixel of zoom `z` in metres of EPSG:3857, which are never longer on the ground."""
    return float(WEB_MERCATOR_M / (256 * 2**z))


def streets_within(network: RoadNetwork, bounds: tuple[float, float, float, float], z: int) -> LongIntegers:
    """Return the numbers of the edges that a tile of zoom `z` draws; `bounds` [m] are in the network's plane."""
    found = network.edge_index.query(shapely.box(*bounds))
    long_enough = found[network.edge_length_m[found] >= LEAST_PIXELS * pixel_m(z) * (z < 14)]
    if len(long_enough) > MOST_STREETS:
        order = np.argpartition(-network.edge_length_m[long_enough], MOST_STREETS)
        long_enough = long_enough[order[:MOST_STREETS]]
    return np.sort(long_enough)


def roads_tile(
    z: int, x: int, y: int, *, network: RoadNetwork, edges: LongIntegers, shapes: Shapes
) -> TileQuery:
    """Return what makes the tile: layer `roads`; `shapes` [e] are those of `edges` in EPSG:3857."""
    walkable = np.isfinite(network.forward_m[edges]) | np.isfinite(network.backward_m[edges])
    island = network.component[network.edge_start[edges]] != 0
    values = {
        "z": z,
        "x": x,
        "y": y,
        "shapes": list(shapely.to_wkb(shapes, output_dimension=2)),
        "lengths": np.round(network.edge_length_m[edges], 1).tolist(),
        "walkable": walkable.tolist(),
        "islands": island.tolist(),
    }
    return TileQuery(ROADS_TILE, values)


def coverage_tile(
    z: int,
    x: int,
    y: int,
    *,
    ids: Sequence[str],
    lon_lat: Floats,
    weights: Floats,
    states: NDArray[np.str_],
    distance_m: Floats,
    hubs: Sequence[str | None],
) -> TileQuery:
    """Return what makes the tile: layer `coverage`, a point for each demand point [d] with what it is served by.

    `distance_m` is infinite, and told as null, where no hub can be reached.
    """
    values = {
        "z": z,
        "x": x,
        "y": y,
        "ids": list(ids),
        "lons": lon_lat[:, 0].tolist(),
        "lats": lon_lat[:, 1].tolist(),
        "weights": weights.tolist(),
        "states": states.tolist(),
        "distances": [each if np.isfinite(each) else None for each in np.round(distance_m, 1).tolist()],
        "hubs": list(hubs),
    }
    return TileQuery(COVERAGE_TILE, values)
