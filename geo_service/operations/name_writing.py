"""Names written some thousand at a time: the rows, events and keys that `register.enter` writes one by one.

Everything that follows from a name comes from `layers.naming.register`, so that both ways of writing agree.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from sqlalchemy.orm import Session

from geo_service.exchange.staging import bulk_load, create_staging
from geo_service.operations.name_staging import driver
from layers.geodesy import STORAGE_SRID
from layers.naming.register import NewName, search_keys, words_of
from layers.tables import uuid7_block

NAME_COLUMNS: Final = {
    "id": "uuid",
    "place_id": "uuid",
    "characters": "text",
    "specific": "text",
    "generic": "text",
    "kind": "text",
    "status": "text",
    "reading": "text[]",
    "pinyin": "text",
    "pinyin_plain": "text",
    "geometry": "geometry",
    "original_geometry": "bytea",
    "original_crs": "text",
    "unit_code": "text",
    "authority_code": "text",
    "road_class": "text",
    "parent": "text",
    "aliases": "text[]",
    "origin": "text",
    "meaning": "text",
    "heritage": "text",
    "keys": "text[]",
    "source": "text",
    "sources": "jsonb",
    "synthetic": "boolean",
    "valid_from": "date",
    "valid_to": "date",
    "recorded_by": "text",
}
KEY_COLUMNS: Final = {"id": "uuid", "name_id": "uuid", "key": "text", "why": "smallint", "shown": "text"}
TAKE_NAMES: Final = f"""
INSERT INTO naming.name ({", ".join(NAME_COLUMNS)}) SELECT {", ".join(NAME_COLUMNS)} FROM pg_temp.staged_name
"""  # noqa: S608 -- our own columns
TAKE_EVENTS: Final = """
INSERT INTO naming.name_event (id, name_id, kind, happened_on, detail, recorded_by)
SELECT gen_random_uuid(), id, 'imported', valid_from, jsonb_build_object('source', source), recorded_by FROM pg_temp.staged_name
"""
TAKE_KEYS: Final = f"""
INSERT INTO naming.name_search ({", ".join(KEY_COLUMNS)}) SELECT {", ".join(KEY_COLUMNS)} FROM pg_temp.staged_key
"""  # noqa: S608 -- our own columns


def name_columns(new: Sequence[NewName], *, recorded_by: str) -> dict[str, Any]:
    """Return the columns of many names as `bulk_load` takes them; places in EPSG:4490, 2D."""
    rows = [words_of(each, recorded_by=recorded_by) for each in new]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    grounds = shapely.force_2d(np.array([each.geometry for each in new], dtype=np.object_))
    return columns | {"geometry": shapely.set_srid(grounds, STORAGE_SRID)}


def key_columns(new: Sequence[NewName]) -> dict[str, Any]:
    """Return the keys under which many names are found."""
    of_each = [search_keys(each.characters, each.kind, each.reading, aliases=each.aliases) for each in new]
    keys = [key for of_one in of_each for key in of_one]
    ids = np.frombuffer(b"".join(each.identifier.bytes for each in new), dtype=np.uint8).reshape(-1, 16)
    return {
        "id": uuid7_block(len(keys)),
        "name_id": np.repeat(ids, [len(of_one) for of_one in of_each], axis=0),
        "key": pa.array([key for key, _, _ in keys], pa.large_string()),
        "why": np.array([why for _, why, _ in keys], dtype=np.int16),
        "shown": pa.array([shown for _, _, shown in keys], pa.large_string()),
    }


def make_room(session: Session) -> None:
    """Create the tables that names and keys pass through; they go with the transaction."""
    connection = driver(session)
    connection.execute("DROP TABLE IF EXISTS pg_temp.staged_name, pg_temp.staged_key")
    create_staging(connection, "staged_name", NAME_COLUMNS)
    create_staging(connection, "staged_key", KEY_COLUMNS)


def write(connection: Any, names: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
    """Put names on the register, each with its event and its keys."""
    connection.execute("TRUNCATE pg_temp.staged_name, pg_temp.staged_key")
    bulk_load(connection, "staged_name", NAME_COLUMNS, [names])
    bulk_load(connection, "staged_key", KEY_COLUMNS, [keys])
    for statement in (TAKE_NAMES, TAKE_EVENTS, TAKE_KEYS):
        connection.execute(statement)
