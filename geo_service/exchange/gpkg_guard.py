"""What of a GeoPackage would be computed while it is read; refuses it, since GDAL would wait for as long as it computes."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from geo_service.exchange.refusals import UnreadableFile

HARMLESS: Final = frozenset(
    {"st_spatial_ref_sys", "spatial_ref_sys", "st_geometry_columns", "geometry_columns"}
)
"""Views that the standard's first edition recommends; no layer, as long as none is entered as one."""
MOST_TABLES: Final = 10_000
_COMPUTED: Final = """
SELECT name FROM sqlite_schema WHERE type = 'view' AND lower(name) NOT IN (SELECT value FROM json_each(:harmless))
UNION ALL
SELECT s.name FROM sqlite_schema s, pragma_table_xinfo(s.name) c WHERE s.type = 'table' AND c.hidden IN (2, 3)
LIMIT 1
"""
_ENTERED: Final = """
SELECT c.table_name FROM gpkg_contents c JOIN sqlite_schema s ON lower(s.name) = lower(c.table_name)
 WHERE s.type = 'view' OR s.sql LIKE 'create virtual%' LIMIT 1
"""


def refuse_computed(file: Path) -> None:
    """Refuse views, generated columns and virtual tables as layers. Raises `UnreadableFile`.

    A view of a few bytes may have rows without end (`WITH RECURSIVE`) or values of a gigabyte (`zeroblob`).
    """
    try:
        address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            ((tables,),) = database.execute("SELECT count(*) FROM sqlite_schema")
            if tables > MOST_TABLES:
                raise UnreadableFile(file=file.name, reason="too_many_tables")
            harmless = "[" + ",".join(f'"{name}"' for name in sorted(HARMLESS)) + "]"
            found = database.execute(_COMPUTED, {"harmless": harmless}).fetchone()
            found = found or database.execute(_ENTERED).fetchone()
    except sqlite3.Error as damage:
        raise UnreadableFile(file=file.name, reason="damaged", detail=str(damage)[:200]) from None
    if found is not None:
        raise UnreadableFile(file=file.name, reason="computed", detail=str(found[0])[:200])
