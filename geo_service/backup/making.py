"""Making a backup while the service is in use: one snapshot of the database, and the documents it names."""

import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from geo_service.backup.archive import DUMP, ArchiveWriter, inspect
from geo_service.backup.digests import audit_state, table_states
from geo_service.backup.manifest import Manifest
from geo_service.backup.place import Connection, Place, is_there, open_place, schemas, server_major
from geo_service.backup.programs import Programs, programs_for
from geo_service.backup.refusals import NothingThere, TargetExists
from geo_service.backup.shelves import Shelf, shelves
from geo_service.documents.store import digest_of
from geo_service.settings import Settings

Tell = Callable[[str], None]
STAMP: Final = "%Y-%m-%dT%H%M%SZ"


def back_up(settings: Settings, path: Path, tell: Tell = lambda _: None) -> tuple[Path, Manifest]:
    """Write one archive and return its path and manifest; a directory gets a file named by the time.

    It is written beside its place, forced to the disk, read again from the first byte to the last, and only
    then moved to its name: a backup that broke off is never taken for one. Raises `TargetExists`,
    `ProgramMissing`, `ProgramFailed`.
    """
    target = path / f"geo-service-{datetime.now(UTC):{STAMP}}.tar" if path.is_dir() else path
    if target.exists():
        raise TargetExists(path=str(target))
    kept = shelves(settings)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".geo-service-backup-") as folder:
        beside = Path(folder) / "archive"
        with open_place(settings) as place:
            _write(place, kept, beside, tell)
        tell("check")
        manifest = inspect(beside)
        _force(beside)
        if target.exists():
            raise TargetExists(path=str(target))
        beside.chmod(0o400)
        beside.rename(target)
    _force(target.parent)
    return target, manifest


def _write(place: Place, kept: Sequence[Shelf], beside: Path, tell: Tell) -> None:
    writer = ArchiveWriter(beside)
    try:
        with place.connect() as connection:
            if not is_there(connection, "service.alembic_version"):
                raise NothingThere
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            dump = beside.with_name(DUMP)
            tell("database")
            _dump(place, connection, programs_for(server_major(connection)), dump)
            tell("digests")
            states = table_states(connection)
            facts = _facts(connection)
            named = set[str]().union(*(shelf.named(connection) for shelf in kept))
            audit = audit_state(connection)
            connection.execute("COMMIT")
        with dump.open("rb") as file:
            writer.add(DUMP, file, dump.stat().st_size)
        dump.unlink()
        tell("documents")
        added = {shelf.name: _add_kept(writer, shelf) for shelf in kept}
        writer.finish(
            Manifest(
                made_at=datetime.now(UTC),
                service=_service_version(),
                tables=states,
                audit=audit,
                members=writer.members,
                kept={name: len(found) for name, found in added.items()},
                missing=sorted(named.difference(*added.values())),
                **facts,
            )
        )
    finally:
        writer.close()


def _dump(place: Place, connection: Connection, programs: Programs, dump: Path) -> None:
    """Dump the service's schemas as the snapshot of `connection` sees them: the digests are of the same rows."""
    snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
    programs.run(
        "pg_dump",
        "--format=custom",
        "--compress=6",
        "--no-owner",
        "--strict-names",
        *place.role_option,
        f"--snapshot={snapshot[0] if snapshot else ''}",
        f"--file={dump}",
        *(f'--schema="{name}"' for name in schemas(connection)),
        url=place.url,
    )


def _facts(connection: Connection) -> dict[str, str]:
    found = connection.execute(
        "SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'postgis'), "
        "(SELECT version_num FROM service.alembic_version)"
    ).fetchone() or ("", "", "")
    return dict(zip(("postgresql", "postgis", "revision"), map(str, found), strict=True))


def _add_kept(writer: ArchiveWriter, shelf: Shelf) -> set[str]:
    """Add what the shelf has whole, and return the members; bytes that no longer have their digest count as missing."""
    kept = set()
    for sha256 in shelf.store.digests():
        with shelf.store.open(sha256) as file:
            found, size = digest_of(file)
            if found == sha256:
                writer.add(shelf.member(sha256), file, size)
                kept.add(shelf.member(sha256))
    return kept


def _service_version() -> str:
    try:
        return version("geo-service")
    except PackageNotFoundError:
        return "unknown"


def _force(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
