"""Vector tiles of markers with colour, shape and label; far out they are gathered with the mix of their colours."""

from typing import Final

from sqlalchemy.orm import Session

from layers.features import prepared
from layers.markers.queries import ROUNDED_DEG, MarkerFilter, Positions, coloured, colours_alone

GATHERED_BELOW: Final = 8
LABELS_FROM: Final = 11

# A place is made behind a fence: "IS NOT NULL" would else make it a second time.
POINTS: Final = """
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_TileEnvelope(:z, :x, :y, margin => 0.0157) AS reach),
shown AS MATERIALIZED (
    SELECT m.code, m.colour, m.shape, {label}
           ST_AsMVTGeom(ST_Transform(m.geometry, 3857), tile.box, 4096, 64, true) AS place
      FROM {table} m, tile
     WHERE m.exact_position && ST_Expand(ST_Transform(tile.reach, 4490), {slack}) AND {where})
SELECT ST_AsMVT(shown, 'markers', 4096, 'place') FROM shown WHERE place IS NOT NULL
"""
CLUSTERS: Final = """
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
cells AS (
    SELECT ST_SnapToGrid(ST_Transform(m.geometry, 3857), (ST_XMax(tile.box) - ST_XMin(tile.box)) / 32) AS cell, m.colour
      FROM {table} m, tile
     WHERE m.exact_position && ST_Expand(ST_Transform(tile.box, 4490), {slack}) AND {where}),
shown AS (
    SELECT ST_AsMVTGeom(c.cell, tile.box, 4096, 0, true) AS place, count(*) AS number,
           count(*) FILTER (WHERE c.colour = 'black') AS black, count(*) FILTER (WHERE c.colour = 'red') AS red,
           count(*) FILTER (WHERE c.colour = 'blue') AS blue, count(*) FILTER (WHERE c.colour = 'yellow') AS yellow,
           count(*) FILTER (WHERE c.colour = 'green') AS green
      FROM cells c, tile GROUP BY c.cell, tile.box)
SELECT ST_AsMVT(shown, 'marker_clusters', 4096, 'place') FROM shown WHERE place IS NOT NULL
"""


def markers_tile(session: Session, z: int, x: int, y: int, asked: MarkerFilter) -> bytes:
    """Return the tile: layer `markers` (one point each), below zoom 8 `marker_clusters` (counts by colour).

    A position that is told rounded stands where it is told, and no tile tells it better.
    """
    if asked.positions is Positions.HIDDEN:
        return b""
    light = colours_alone(asked)
    if light is None:
        listing, where, values = coloured(session, asked)
        table = listing.table
    else:
        table, where, values = light
    statement = CLUSTERS if z < GATHERED_BELOW else POINTS
    label = "m.number AS label," if z >= LABELS_FROM else ""
    slack = 0 if asked.positions is Positions.EXACT else ROUNDED_DEG
    sql = statement.format(table=table, where=where, label=label, slack=slack)
    return bytes(session.execute(prepared(sql), values | {"z": z, "x": x, "y": y}).scalar_one() or b"")
