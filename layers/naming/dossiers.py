"""One name in full: its history through renames, its events, its signs; and the page of a hit."""

import uuid
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from layers.naming.queries import NAME_PROPERTIES, NAMES
from layers.naming.register import NameNotFound
from layers.naming.tables import NameRow

HISTORY: Final = """
    SELECT coalesce(json_agg(json_build_object('id', h.id, 'name', h.characters, 'pinyin', h.pinyin, 'status', h.status,
                    'valid_from', h.valid_from, 'valid_to', h.valid_to) ORDER BY h.valid_from, h.id), '[]')
      FROM naming.name h WHERE h.place_id = n.place_id
"""
EVENTS: Final = """
    SELECT coalesce(json_agg(json_build_object('id', e.id, 'name_id', e.name_id, 'event', e.kind, 'on', e.happened_on,
                    'instrument', e.instrument, 'detail', e.detail, 'recorded_at', e.recorded_at)
                    ORDER BY e.happened_on, e.recorded_at, e.id), '[]')
      FROM naming.name_event e JOIN naming.name h ON h.id = e.name_id WHERE h.place_id = n.place_id
"""


def name_feature(session: Session, name_id: uuid.UUID, *, with_geometry: bool = True) -> str:
    """Return one name as GeoJSON text with its history, events and the source of each field. Raises `NameNotFound`."""
    properties = f"{NAME_PROPERTIES}, 'place_id', n.place_id, 'parent', n.parent, 'sources', n.sources, "
    properties += f"'recorded_at', n.recorded_at, 'history', ({HISTORY}), 'events', ({EVENTS})"
    found = session.execute(
        text(
            f"SELECT {NAMES.feature(properties, with_geometry=with_geometry)} FROM naming.name n WHERE n.id = :id"
        ),
        {"id": name_id},
    ).scalar()
    if found is None:
        raise NameNotFound(name=str(name_id))
    return str(found)


def name_row(session: Session, name_id: uuid.UUID) -> NameRow:
    """Return a name's row for reading. Raises `NameNotFound`."""
    row = session.execute(select(NameRow).where(NameRow.id == name_id)).scalar_one_or_none()
    if row is None:
        raise NameNotFound(name=str(name_id))
    return row
