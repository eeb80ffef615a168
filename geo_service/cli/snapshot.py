"""Snapshots of the whole record from a terminal."""

from datetime import date
from pathlib import Path

import typer

from geo_service.settings import get_settings


def export_snapshot(folder: Path, *, as_of: date | None, form: str | None) -> None:
    """Write every layer into a dated folder of `folder` and say what was written."""
    from geo_service.opening import work_on
    from geo_service.operations.snapshots import write_snapshot
    from geo_service.paging import today

    settings = get_settings()
    with work_on(settings) as database, database.transaction() as session:
        dated, about = write_snapshot(
            session, folder, on=as_of or today(), profile=settings.colour_profile, form=form or "gpkg"
        )
    for layer, written in about["layers"].items():
        typer.echo(f"{dated / written.get('file', layer)}: {written['rows']}")
    typer.echo(f"{dated / 'SHA256SUMS'}")
