"""Writing names: put on the register, renamed, retired, put right; the past is kept with every act."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from layers.errors import Conflict, NotFound
from layers.geodesy import STORAGE_SRID
from layers.naming.derived import derived, entries_of_another
from layers.naming.model import NameKind
from layers.naming.parser import normalise
from layers.naming.search_key import Match
from layers.naming.tables import (
    NameEventKind,
    NameEventRow,
    NameRow,
    NameSearchRow,
    NameStatus,
)
from layers.tables import uuid7


class NameNotFound(NotFound):
    """No name on the register has this id."""

    code = "naming.name_not_found"


class NameNotInForce(Conflict):
    """The name has ended: it is neither renamed nor retired again."""

    code = "naming.name_not_in_force"


@dataclass(frozen=True, slots=True)
class NewName:
    """A name as it enters the register; geometry in EPSG:4490, `reading` as a person confirmed it."""

    characters: str
    kind: NameKind
    unit_code: str
    authority_code: str
    source: str
    valid_from: date
    reading: tuple[str, ...] = ()
    geometry: BaseGeometry | None = None
    road_class: str = ""
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    origin: str = ""
    meaning: str = ""
    heritage: str | None = None
    synthetic: bool = False
    original_geometry: bytes | None = None
    original_crs: str | None = None
    status: NameStatus = NameStatus.IN_FORCE
    valid_to: date | None = None
    place_id: uuid.UUID | None = None
    identifier: uuid.UUID = field(default_factory=uuid7)


STATED: Final = (
    "characters",
    "reading",
    "geometry",
    "road_class",
    "parent",
    "origin",
    "meaning",
    "heritage",
    "aliases",
)
"""What a source says of a name, each kept with the source that said it."""


def row_of(new: NewName, *, recorded_by: str) -> dict[str, Any]:
    """Return the columns of a name: parts, spelling and keys made here, so that they always agree."""
    ground = None if new.geometry is None else from_shape(shapely.force_2d(new.geometry), STORAGE_SRID)
    return {**words_of(new, recorded_by=recorded_by), "geometry": ground}


def words_of(new: NewName, *, recorded_by: str) -> dict[str, Any]:
    """Return the columns of a name but its place, which is made of many names at a time where many are written."""
    known = derived(new.characters, new.kind, new.reading)
    return {
        "id": new.identifier,
        "place_id": new.place_id or new.identifier,
        "characters": known.characters,
        "specific": known.specific,
        "generic": known.generic,
        "kind": new.kind.value,
        "status": new.status.value,
        "reading": list(new.reading),
        "pinyin": known.pinyin,
        "pinyin_plain": known.pinyin_plain,
        "original_geometry": new.original_geometry,
        "original_crs": new.original_crs,
        "unit_code": new.unit_code,
        "authority_code": new.authority_code,
        "road_class": new.road_class,
        "parent": new.parent,
        "aliases": list(new.aliases),
        "origin": new.origin,
        "meaning": new.meaning,
        "heritage": new.heritage,
        "keys": list(known.keys),
        "source": new.source,
        "sources": {name: new.source for name in STATED if getattr(new, name) not in (None, "", ())},
        "synthetic": new.synthetic,
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
        "recorded_by": recorded_by,
    }


def search_rows(
    name_id: uuid.UUID,
    characters: str,
    kind: NameKind,
    reading: Sequence[str] = (),
    *,
    aliases: Iterable[str] = (),
    former: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """Return the keys under which a name is found, with those of its aliases and former names."""
    keys = search_keys(characters, kind, reading, aliases=aliases, former=former)
    return [
        {"id": uuid7(), "name_id": name_id, "key": key, "why": why, "shown": shown}
        for key, why, shown in keys
    ]


def search_keys(
    characters: str,
    kind: NameKind,
    reading: Sequence[str] = (),
    *,
    aliases: Iterable[str] = (),
    former: Iterable[str] = (),
) -> list[tuple[str, int, str | None]]:
    """Return each key with why it matches (a number of `Match`) and the alias or former name that is shown."""
    keys: list[tuple[str, int, str | None]] = [
        (entry.key, int(entry.why), None) for entry in derived(characters, kind, reading).entries
    ]
    for others, why in ((aliases, Match.ALIAS), (former, Match.FORMER_NAME)):
        for other in others:
            keys += [(entry.key, int(why), other) for entry in entries_of_another(other, kind, why)]
    return keys


def enter(
    session: Session,
    new: Sequence[NewName],
    *,
    recorded_by: str,
    event: NameEventKind = NameEventKind.NAMED,
    instrument: str = "",
) -> list[uuid.UUID]:
    """Put names on the register with an event each and what they are searched by; returns their ids."""
    if not new:
        return []
    session.execute(insert(NameRow), [row_of(each, recorded_by=recorded_by) for each in new])
    session.execute(
        insert(NameEventRow),
        [
            {
                "id": uuid7(),
                "name_id": each.identifier,
                "kind": event.value,
                "happened_on": each.valid_from,
                "instrument": instrument,
                "detail": {"source": each.source},
                "recorded_by": recorded_by,
            }
            for each in new
        ],
    )
    keys = [
        row
        for each in new
        for row in search_rows(
            each.identifier, each.characters, each.kind, each.reading, aliases=each.aliases
        )
    ]
    session.execute(insert(NameSearchRow), keys)
    return [each.identifier for each in new]


def load_name(session: Session, name_id: uuid.UUID) -> NameRow:
    """Return a name for changing, locked until the transaction ends. Raises `NameNotFound`."""
    row = session.execute(select(NameRow).where(NameRow.id == name_id).with_for_update()).scalar_one_or_none()
    if row is None:
        raise NameNotFound(name=str(name_id))
    return row


def end_name(
    session: Session,
    row: NameRow,
    *,
    on: date,
    status: NameStatus,
    event: NameEventKind,
    instrument: str,
    recorded_by: str,
    detail: Mapping[str, Any] | None = None,
    event_id: uuid.UUID | None = None,
) -> None:
    """End a name on a day; it stays findable. Raises `NameNotInForce`, also for a day not after its first."""
    if row.status != NameStatus.IN_FORCE or on <= row.valid_from:
        raise NameNotInForce(name=row.characters, status=row.status, valid_from=row.valid_from.isoformat())
    row.status, row.valid_to = status.value, on
    session.flush()
    session.add(
        NameEventRow(
            id=event_id or uuid7(),
            name_id=row.id,
            kind=event.value,
            happened_on=on,
            instrument=instrument,
            detail=dict(detail or {}),
            recorded_by=recorded_by,
        )
    )
    session.flush()


def take_over(
    session: Session, into: NameRow, merged: NameRow, *, on: date, instrument: str, recorded_by: str
) -> None:
    """Put in the history of a name that another one was merged into it."""
    session.add(
        NameEventRow(
            id=uuid7(),
            name_id=into.id,
            kind=NameEventKind.MERGED.value,
            happened_on=on,
            instrument=instrument,
            detail={"took": str(merged.id), "called": merged.characters},
            recorded_by=recorded_by,
        )
    )
    session.flush()


def succeed(session: Session, old: NameRow, new: NewName, *, instrument: str, recorded_by: str) -> uuid.UUID:
    """Rename: the old name ends the day the new one begins, and leads whoever looks for it to the new one."""
    end_name(
        session,
        old,
        on=new.valid_from,
        status=NameStatus.RENAMED,
        event=NameEventKind.RENAMED,
        instrument=instrument,
        recorded_by=recorded_by,
        detail={"became": normalise(new.characters), "successor": str(new.identifier)},
    )
    enter(session, [new], recorded_by=recorded_by, instrument=instrument)
    renew_search(session, new.identifier)
    return new.identifier


FORMER_NAMES: Final = """
SELECT DISTINCT o.characters FROM naming.name n JOIN naming.name o ON o.place_id = n.place_id
 WHERE n.id = :id AND o.id <> n.id AND o.characters <> n.characters AND o.valid_from < n.valid_from
"""


def renew_search(session: Session, name_id: uuid.UUID) -> None:
    """Make anew what a name is searched by, from what stands on the register now."""
    row = session.execute(select(NameRow).where(NameRow.id == name_id)).scalar_one()
    former = session.execute(text(FORMER_NAMES), {"id": name_id}).scalars().all()
    session.execute(delete(NameSearchRow).where(NameSearchRow.name_id == name_id))
    session.execute(
        insert(NameSearchRow),
        search_rows(
            row.id, row.characters, NameKind(row.kind), row.reading, aliases=row.aliases, former=former
        ),
    )


def correct(
    session: Session, row: NameRow, values: Mapping[str, Any], *, source: str, on: date, recorded_by: str
) -> dict[str, Any]:
    """Put fields of a name right, each with its source; returns what stood before. Keys and spelling follow."""
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    if not before:
        return {}
    for name in before:
        setattr(row, name, values[name])
    row.sources = {**row.sources, **dict.fromkeys(before, source)}
    if "reading" in before:
        kind = NameKind(row.kind)
        known = derived(row.characters, kind, row.reading)
        row.pinyin, row.pinyin_plain = known.pinyin, known.pinyin_plain
        row.keys = list(known.keys)
    session.add(
        NameEventRow(
            id=uuid7(),
            name_id=row.id,
            kind=NameEventKind.CORRECTED.value,
            happened_on=on,
            detail={"before": before, "source": source},
            recorded_by=recorded_by,
        )
    )
    session.flush()
    renew_search(session, row.id)
    return before
