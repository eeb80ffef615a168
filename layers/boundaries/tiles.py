"""Vector tiles of units and lines, made whole by the database (D4, D17)."""

from datetime import date
from typing import Final

from layers.features import TileQuery

ZOOM_BANDS: Final = (6, 8, 10, 12, 22)  # an outline is kept for zooms up to each of these
EXTENT: Final = 4096
BUFFER: Final = 64

# A shape is made behind a fence (OFFSET 0, MATERIALIZED): "IS NOT NULL" would else make it a second time.
UNITS_TILE: Final = """
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_TileEnvelope(:z, :x, :y, margin => 0.0157) AS reach),
shown AS (
    SELECT u.code, u.name, u.pinyin, u.level, o.geometry, o.label_point, o.label_radius
      FROM boundaries.unit_outline o
      JOIN boundaries.administrative_unit u ON u.id = o.version_id, tile
     WHERE o.max_zoom = :band AND o.geometry && tile.reach AND u.level = ANY (:levels)
       AND u.valid_from <= :as_of AND (u.valid_to IS NULL OR u.valid_to > :as_of)),
areas AS (
    SELECT ST_AsMVT(a, 'units', 4096, 'shape') AS mvt FROM (
        SELECT ST_AsMVTGeom(s.geometry, tile.box, 4096, 64, true) AS shape, s.code, s.name,
               s.pinyin, s.level FROM shown s, tile OFFSET 0) a WHERE a.shape IS NOT NULL),
labels AS (
    SELECT ST_AsMVT(p, 'unit_labels', 4096, 'shape') AS mvt FROM (
        SELECT ST_AsMVTGeom(s.label_point, tile.box, 4096, 0, true) AS shape, s.code, s.name,
               s.pinyin, s.level, round(s.label_radius)::int AS radius_m FROM shown s, tile
         WHERE s.label_point && tile.box OFFSET 0) p WHERE p.shape IS NOT NULL)
SELECT areas.mvt || labels.mvt FROM areas, labels
"""

LINES_TILE: Final = """
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_TileEnvelope(:z, :x, :y, margin => 0.0157) AS reach),
shown AS MATERIALIZED (
    SELECT l.line_code, l.name, l.level, l.disputed, l.derived,
           ST_AsMVTGeom(ST_Transform(ST_Simplify(l.geometry, :tolerance_deg), 3857), tile.box, 4096, 64, true) AS shape
      FROM boundaries.boundary_line l, tile
     WHERE l.geometry && ST_Transform(tile.reach, 4490)
       AND l.valid_from <= :as_of AND (l.valid_to IS NULL OR l.valid_to > :as_of))
SELECT ST_AsMVT(shown, 'lines', 4096, 'shape') FROM shown WHERE shape IS NOT NULL
"""


def levels_at(zoom: int) -> list[str]:
    """Return the levels a tile of `zoom` shows: towns from 10, villages from 12."""
    levels = ["province", "prefecture", "county"]
    if zoom >= 10:
        levels.append("township")
    if zoom >= 12:
        levels.append("village")
    return levels


def band_of(zoom: int) -> int:
    """Return the band of thinned outlines that serves `zoom`."""
    return next(band for band in ZOOM_BANDS if zoom <= band)


def units_tile(z: int, x: int, y: int, as_of: date) -> TileQuery:
    """Return what makes the tile of units: layers `units` (areas) and `unit_labels` (one point an area)."""
    values = {"z": z, "x": x, "y": y, "band": band_of(z), "levels": levels_at(z), "as_of": as_of}
    return TileQuery(UNITS_TILE, values)


def lines_tile(z: int, x: int, y: int, as_of: date) -> TileQuery:
    """Return what makes the tile of boundary lines: layer `lines`, thinned to half a pixel of the zoom."""
    half_pixel_deg = 360 / (256 * 2**z) / 2
    return TileQuery(LINES_TILE, {"z": z, "x": x, "y": y, "tolerance_deg": half_pixel_deg, "as_of": as_of})
