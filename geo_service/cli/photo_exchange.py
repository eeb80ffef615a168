"""Photos of a folder taken into the store by the hash of their bytes, from a terminal; what is no photo is a reject."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer

from geo_service.settings import get_settings

if TYPE_CHECKING:
    from geo_service.exchange.rejects import Reject

_FINDINGS: Final = 1


def import_photos(path: Path, *, dry_run: bool, rejects: Path | None, as_json: bool) -> NoReturn:
    """Take one photo, or every file of a folder, into the store; each stands alone, and twice is once.

    Says which file has which hash, for an inspection names its photos by hash. Exit 1 when a file is no photo.
    """
    from geo_service.exchange.rejects import write_rejects
    from geo_service.opening import work_on

    refused: list[Reject] = []
    told: list[dict[str, str]] = []
    with work_on(get_settings()) as database:
        for number, file in enumerate(_files(path), start=1):
            taken = _taken(database, file, number, dry_run=dry_run)
            (told if isinstance(taken, dict) else refused).append(taken)  # type: ignore[arg-type]  # by its kind
    if rejects is not None and refused:
        write_rejects(rejects, refused)
    counts: dict[str, Any] = {
        state: sum(photo["state"] == state for photo in told) for state in ("kept", "known", "would_be_kept")
    }
    counts |= {"rejected": len(refused), "dry_run": dry_run}
    listed = [{"row": each.row, "code": each.code, "file": each.attributes["file"]} for each in refused]
    if as_json:
        typer.echo(json.dumps(counts | {"photos": told, "rejects": listed[:100]}, ensure_ascii=False))
    else:
        for photo in told:
            typer.echo(f"{photo['sha256']} {photo['state']} {photo['file']}")
        for each in listed:
            typer.echo(f"  {each['file']} [{each['code']}]")
        for name, value in counts.items():
            typer.echo(f"{name}: {value}")
    raise typer.Exit(_FINDINGS if refused else 0)


def _files(path: Path) -> Iterator[Path]:
    from geo_service.exchange.refusals import PathRefused, UnreadableFile

    if not path.exists():
        raise PathRefused(path=str(path)[:500], reason="not_found")
    found = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    if not found:
        raise UnreadableFile(file=path.name, reason="empty")
    yield from found


def _taken(database: Any, file: Path, number: int, *, dry_run: bool) -> "dict[str, str] | Reject":
    """Take one photo in its own transaction and say what became of it, or why it is refused."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.documents.content import photo_type_of
    from geo_service.exchange.rejects import Reject
    from geo_service.exchange.sources import local_file
    from geo_service.operations import photos
    from layers.errors import LayerError
    from layers.markers.evidence_tables import PhotoRow

    settings = get_settings()
    try:
        plain = local_file(file)
        if plain.stat().st_size > photos.LARGEST:
            raise photos.PhotoTooLarge(size=plain.stat().st_size, largest=photos.LARGEST)  # one way out
        with plain.open("rb") as stream:
            photo_type_of(stream)
            stream.seek(0)
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        with database.transaction() as session:
            known = session.get(PhotoRow, sha256) is not None
            if not known and not dry_run:
                with plain.open("rb") as stream:
                    photos.take_file(session, settings, OPERATOR, sha256, stream)
    except LayerError as refused:
        return Reject(number, refused.code, refused.facts, {"file": str(file)})
    state = "known" if known else "would_be_kept" if dry_run else "kept"
    return {"file": str(file), "sha256": sha256, "state": state}
