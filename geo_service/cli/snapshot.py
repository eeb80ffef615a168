"""Snapshots of the whole record from a terminal: written, and examined where they were carried."""

import json
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
    with work_on(settings) as database:
        dated, about = write_snapshot(
            database, folder, on=as_of or today(), profile=settings.colour_profile, form=form or "gpkg"
        )
    for layer, written in about["layers"].items():
        typer.echo(f"{dated / written.get('file', layer)}: {written['rows']}")
    typer.echo(f"{dated / 'SHA256SUMS'}")


def check_snapshot(folder: Path, *, as_json: bool) -> bool:
    """Examine a dated folder, list what is found, and say whether anything was; no database is asked."""
    from geo_service.cli.refusals import language
    from geo_service.messages import words
    from geo_service.operations.snapshot_check import snapshot_findings

    anything = False
    for finding in snapshot_findings(folder):
        anything = True
        told = words(f"problem.{finding.code}", language(), finding.evidence)[1]
        typer.echo(
            json.dumps({"code": finding.code, **finding.evidence}, ensure_ascii=False)
            if as_json
            else f"{finding.code}: {told}"
        )
    return anything
