"""`db backup` and `db restore`: one archive of all that is kept, and back into an empty place."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.settings import get_settings

if TYPE_CHECKING:
    from geo_service.backup.making import Tell
    from geo_service.backup.manifest import Manifest

Output = Annotated[str, typer.Option("--format", help="table or json")]


def backup(
    path: Annotated[
        Path, typer.Argument(help="file to write, or a directory that gets one named by the time")
    ],
    output: Output = "table",
) -> None:
    """Write one checked archive of database and documents, while the service is in use.

    Exit 1 when records name documents that the store has lost; the archive is whole without them.
    """
    from geo_service.backup.making import back_up

    target, manifest = back_up(get_settings(), path, _progress(output))
    _report(target, manifest, output)
    raise typer.Exit(1 if manifest.missing else 0)


def restore(
    path: Annotated[Path, typer.Argument(help="archive that `db backup` wrote", exists=True, dir_okay=False)],
    output: Output = "table",
) -> None:
    """Restore an archive into an empty database and store; checked before, compared after."""
    from geo_service.backup.restoring import restore as restore_archive

    _report(path, restore_archive(get_settings(), path, _progress(output)), output)


def _progress(output: str) -> "Tell":
    import sys

    shown = output == "table" and sys.stderr.isatty()
    return lambda stage: typer.echo(f"… {stage}", err=True) if shown else None


def _report(path: Path, manifest: "Manifest", output: str) -> None:
    import json

    state = {
        "archive": str(path),
        "revision": manifest.revision,
        "rows": sum(table.rows for table in manifest.tables.values()),
        **manifest.kept,
        "missing": manifest.missing,
        "audit_entries": manifest.audit.entries if manifest.audit else 0,
        "audit_head": manifest.audit.head if manifest.audit else None,
    }
    typer.echo(json.dumps(state) if output == "json" else "\n".join(f"{k}: {v}" for k, v in state.items()))
