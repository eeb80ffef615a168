"""`markers`: what the office takes out of the register of markers by hand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from geo_service.settings import get_settings

app = typer.Typer(help="界桩 · boundary markers", no_args_is_help=True)


@app.callback()
def markers() -> None:
    """界桩 · boundary markers."""


@app.command("report")
def report(
    path: Annotated[Path, typer.Argument(help="the HTML file to write")],
    *,
    line: Annotated[str | None, typer.Option(help="界线代码 · a line")] = None,
    unit: Annotated[str | None, typer.Option(help="单位代码 · a unit, with all below it")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="date asked about; now")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="配色方案 · colour profile, or its letter; the office's own")
    ] = None,
    language: Annotated[Literal["zh-CN", "en"] | None, typer.Option(help="the office's own")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="take the place of a file")] = False,
) -> None:
    """检查状态报告 · Write map, key and table of a line's or a unit's markers as one HTML file that needs no network."""
    from geo_service.exchange.refusals import FileExists
    from geo_service.opening import work_on
    from geo_service.operations.marker_report import ReportAsked, marker_report
    from geo_service.routes.markers import LETTERS, office_day
    from layers.markers.register import follow_the_clock
    from web_map.reports.marker_report import render

    if (line is None) == (unit is None):
        raise typer.BadParameter("--line CODE, or --unit CODE", param_hint="--line / --unit")
    if path.exists() and not overwrite:
        raise FileExists(file=path.name)
    settings, today = get_settings(), office_day(datetime.now(UTC))
    on = as_of.date() if as_of else today
    asked = ReportAsked(
        on=on,
        now=on == today,
        profile=LETTERS.get(profile or "", profile or settings.colour_profile),
        language=language or settings.language,
        line=line,
        unit=unit,
    )
    with work_on(settings) as database, database.transaction() as session:
        follow_the_clock(session)
        told = marker_report(session, asked)
    path.write_text(render(told), encoding="utf-8")
    typer.echo(f"{path}: {len(told.markers)}")
