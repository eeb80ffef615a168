"""The outbox of a field device carried to the office as a file: records and photos taken in as a push takes them."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from geo_service.auth.officer import Officer
from geo_service.db import Database
from geo_service.operations import field, photos
from geo_service.schemas.markers import FieldPush, Pushed
from geo_service.settings import Settings
from layers.errors import InvalidInput, LayerError

FORMAT: Final = "geo-field-outbox"
LIST: Final = "records.json"
MOST_LIST_BYTES: Final = 256 * 2**20
BATCH: Final = 100
CITING: Final = "joint_signature"
"""What cites a photo that has to be on file before: the drawn signature and the record that it stands under."""
PHOTO: Final = re.compile(r"photos/([0-9a-f]{64})")


class OutboxUnreadable(InvalidInput):
    """The file is not the outbox of a field device, or only a part of it."""

    code = "field.outbox_unreadable"


def take_outbox(
    database: Database, settings: Settings, officer: Officer, path: Path, *, language: str
) -> Iterator[dict[str, Any]]:
    """Take a file in as `officer`, batch by batch; yield what became of each record and photo.

    What the office has already stands once, so a file may be taken in twice, and the device may still send it. The
    device's clock error is not known from a file. Raises `OutboxUnreadable`.
    """
    acting = database.acting_as(officer)
    try:
        with zipfile.ZipFile(path) as archive:
            listed = _listed(archive, path)
            records = listed.get("records", [])
            citing = [each for each in records if each.get("type") == CITING]
            others = [each for each in records if each.get("type") != CITING]
            yield from _records(acting, officer, listed | {"records": others}, language=language)
            yield from _photos(acting, settings, officer, archive)
            yield from _records(acting, officer, listed | {"records": citing}, language=language)
    except (zipfile.BadZipFile, EOFError, OSError) as broken:
        raise OutboxUnreadable(path=str(path), reason=str(broken)) from broken


def _listed(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        if archive.getinfo(LIST).file_size > MOST_LIST_BYTES:
            raise OutboxUnreadable(path=str(path), reason=LIST)
        listed = json.loads(archive.read(LIST))
    except (KeyError, ValueError) as broken:
        raise OutboxUnreadable(path=str(path), reason=str(broken)) from broken
    if not isinstance(listed, dict) or listed.get("format") != FORMAT:
        raise OutboxUnreadable(path=str(path), reason="format")
    return listed


def _records(
    database: Database, officer: Officer, listed: dict[str, Any], *, language: str
) -> Iterator[dict[str, Any]]:
    records = [
        {**each.get("body", {}), **{name: each.get(name) for name in ("id", "type", "marker_code")}}
        for each in listed.get("records", [])
    ]
    for start in range(0, len(records), BATCH):
        asked = FieldPush(
            device_id=str(listed.get("device_id", ""))[:200], records=records[start : start + BATCH]
        )
        with database.transaction() as session:
            results: list[Pushed] = field.push(session, officer, asked, language=language)
        yield from ({"kind": "record", **each.model_dump(mode="json")} for each in results)


def _photos(
    database: Database, settings: Settings, officer: Officer, archive: zipfile.ZipFile
) -> Iterator[dict[str, Any]]:
    for member in archive.infolist():
        found = PHOTO.fullmatch(member.filename)
        if found is None:
            continue
        told = {"kind": "photo", "id": found[1], "code": None, "detail": None}
        try:
            with archive.open(member) as source, database.transaction() as session:
                first = photos.take_file(session, settings, officer, found[1], source)
        except LayerError as refusal:
            yield told | {"status": "rejected", "code": refusal.code, "detail": str(dict(refusal.facts))}
        else:
            yield told | {"status": "accepted" if first else "duplicate"}
