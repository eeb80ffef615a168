"""Vector tiles of names in force: lines and points with their characters and letters (D17)."""

from datetime import date
from typing import Final

from layers.features import TileQuery

ALL_FROM: Final = 13

NAMES_TILE: Final = """
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_TileEnvelope(:z, :x, :y, margin => 0.0157) AS reach),
shown AS MATERIALIZED (
    SELECT n.id::text AS id, n.characters AS name, n.pinyin, n.kind, n.road_class, n.synthetic,
           ST_AsMVTGeom(ST_Transform(ST_Simplify(n.geometry, :tolerance_deg, true), 3857), tile.box, 4096, 64, true) AS shape
      FROM naming.name n, tile
     WHERE n.geometry && ST_Transform(tile.reach, 4490)
       AND n.valid_from <= :as_of AND (n.valid_to IS NULL OR n.valid_to > :as_of)
       AND (:everything OR n.generic IN ('大道', '大街')
            OR (ST_XMax(n.geometry) - ST_XMin(n.geometry)) + (ST_YMax(n.geometry) - ST_YMin(n.geometry)) > :least_deg))
SELECT ST_AsMVT(shown, 'names', 4096, 'shape') FROM shown WHERE shape IS NOT NULL
"""


def names_tile(z: int, x: int, y: int, as_of: date) -> TileQuery:
    """Return what makes the tile: layer `names`, thinned to half a pixel; below zoom 13 only what is at least 32 pixels long."""
    pixel_deg = 360 / (256 * 2**z)
    values = {
        "z": z,
        "x": x,
        "y": y,
        "as_of": as_of,
        "tolerance_deg": pixel_deg / 2,
        "least_deg": pixel_deg * 32,
        "everything": z >= ALL_FROM,
    }
    return TileQuery(NAMES_TILE, values)
