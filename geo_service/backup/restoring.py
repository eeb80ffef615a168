"""Restoring into an empty place: the whole archive is checked before anything is touched, the result after."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from alembic.script import ScriptDirectory

from geo_service.backup.archive import DUMP, KEPT, inspect, members
from geo_service.backup.digests import audit_state, table_states
from geo_service.backup.manifest import Manifest
from geo_service.backup.place import Place, missing_preparations, open_place, schemas, server_major
from geo_service.backup.programs import programs_for
from geo_service.backup.refusals import (
    NewerRevision,
    PlaceNotEmpty,
    PlaceNotPrepared,
    RestoredAuditBroken,
    RestoredDiffers,
)
from geo_service.backup.shelves import Shelf, shelves
from geo_service.documents.store import CHUNK
from geo_service.migrations import configuration, newest_revision
from geo_service.settings import Settings

Tell = Callable[[str], None]


def restore(settings: Settings, archive: Path, tell: Tell = lambda _: None) -> Manifest:
    """Restore an archive into the database and store that the settings name; return its manifest.

    Documents come first and the database last, in one transaction: broken off, it is begun again. Then every
    table's rows and digest and the audit chain are compared with the manifest. Raises `ArchiveIncomplete`,
    `ArchiveRefused`, `NewerRevision`, `PlaceNotEmpty` and `PlaceNotPrepared` before anything is written,
    `RestoredDiffers` and `RestoredAuditBroken` after.
    """
    tell("check")
    manifest = inspect(archive)
    if manifest.revision not in _known_revisions():
        raise NewerRevision(revision=manifest.revision, newest=newest_revision())
    kept = {shelf.name: shelf for shelf in shelves(settings)}
    with open_place(settings) as place:
        _refuse_unfit(place, kept.values(), manifest)
        with tempfile.TemporaryDirectory(dir=_room(settings), prefix=".geo-service-restore-") as folder:
            tell("documents")
            dump = _unpack(archive, kept, Path(folder))
            tell("database")
            _load(place, dump)
        tell("compare")
        compare(place, manifest)
    return manifest


def _known_revisions() -> set[str]:
    return {each.revision for each in ScriptDirectory.from_config(configuration()).walk_revisions()}


def _room(settings: Settings) -> Path:
    """Return a directory on the disk that the data will be on: the temporary one may be small."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings.data_dir


def _refuse_unfit(place: Place, kept: Iterable[Shelf], manifest: Manifest) -> None:
    with place.connect() as connection:
        used = schemas(connection)
        missing = missing_preparations(connection)
    if used:
        raise PlaceNotEmpty(found=used)
    if missing:
        raise PlaceNotPrepared(missing=missing)
    archived = {member.name for member in manifest.members}
    there = (shelf.member(sha256) for shelf in kept for sha256 in shelf.store.digests())
    if strange := next((member for member in there if member not in archived), None):
        raise PlaceNotEmpty(found=[strange])


def _unpack(archive: Path, kept: Mapping[str, Shelf], folder: Path) -> Path:
    dump = folder / DUMP
    with members(archive) as found:
        for name, file in found:
            if member := KEPT.fullmatch(name):
                kept[member[1]].store.put(file, member[2])
            elif name == DUMP:
                with dump.open("xb") as written:
                    shutil.copyfileobj(file, written, CHUNK)
    return dump


def _load(place: Place, dump: Path) -> None:
    with place.connect() as connection:
        programs = programs_for(server_major(connection))
    programs.run(
        "pg_restore",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        *place.role_option,
        str(dump),
        url=place.url,
    )
    with place.connect() as connection:
        connection.execute("ANALYZE")


def compare(place: Place, manifest: Manifest) -> None:
    """Compare a database with a manifest; raises `RestoredDiffers`, `RestoredAuditBroken`."""
    with place.connect() as connection:
        states, audit = table_states(connection), audit_state(connection)
    differing = sorted(
        name for name in {*states, *manifest.tables} if states.get(name) != manifest.tables.get(name)
    )
    if differing:
        raise RestoredDiffers(tables=differing)
    if audit != manifest.audit:
        raise RestoredAuditBroken(**(audit.model_dump() if audit else {}))
