"""`check`: what is on record, examined; exit 1 when something is found."""

import json
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from geo_service.settings import get_settings
from layers.boundaries.model import Level


class Checkable(StrEnum):
    """What can be examined."""

    BOUNDARIES = "boundaries"
    MARKERS = "markers"
    NAMING = "naming"
    AUDIT = "audit"
    SNAPSHOT = "snapshot"


class Output(StrEnum):
    """How findings are told."""

    TABLE = "table"
    JSON = "json"


def check(
    what: Checkable,
    folder: Annotated[
        Path | None, typer.Argument(help="with `snapshot`: the dated folder that `export snapshot` wrote")
    ] = None,
    level: Annotated[Level, typer.Option(help="level of the outlines examined")] = Level.COUNTY,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="date asked about; today")
    ] = None,
    anchor: Annotated[
        Path | None, typer.Option(help="with `audit`: what `audit anchor` printed, kept elsewhere")
    ] = None,
    output: Annotated[Output, typer.Option("--format")] = Output.TABLE,
) -> None:
    """Examine what is on record, or a snapshot of it, and list the findings."""
    if (folder is not None) != (what is Checkable.SNAPSHOT):
        raise typer.BadParameter(what.value, param_hint="FOLDER")
    if folder is not None:
        from geo_service.cli.snapshot import check_snapshot

        raise typer.Exit(1 if check_snapshot(folder, as_json=output is Output.JSON) else 0)
    if what is Checkable.AUDIT:
        _check_audit(anchor, output)
    if what is Checkable.NAMING:
        from geo_service.cli.name_exchange import check_names
        from geo_service.paging import today as this_day

        check_names(as_of=as_of.date() if as_of else this_day(), as_json=output is Output.JSON)
    if what is Checkable.MARKERS:
        _check_markers(as_of, output)
    from geo_service.opening import work_on
    from geo_service.paging import today
    from layers.boundaries.findings import as_feature, check_recorded

    day = as_of.date() if as_of else today()
    with work_on(get_settings()) as database, database.transaction() as session:
        found = check_recorded(session, day, level)
    for finding in found:
        told = as_feature(finding)["properties"]
        typer.echo(
            json.dumps(told, ensure_ascii=False) if output is Output.JSON else f"{finding.code} {told}"
        )
    raise typer.Exit(1 if found else 0)


def _check_markers(as_of: datetime | None, output: Output) -> NoReturn:
    """Examine the register of markers."""
    from geo_service.cli.marker_exchange import check_markers

    found = check_markers(as_of.date() if as_of else None)
    for finding in found:
        told = {"code": finding.code, "subject": list(finding.subject), **finding.evidence}
        typer.echo(
            json.dumps(told, ensure_ascii=False, default=str)
            if output is Output.JSON
            else f"{finding.code} {told}"
        )
    raise typer.Exit(1 if found else 0)


def _check_audit(anchor: Path | None, output: Output) -> None:
    """Verify the audit's chain and, where one is given, that it leads to the anchor."""
    from geo_service.auth.audit import audit_findings, read_anchor, verify_chain
    from geo_service.cli.refusals import language
    from geo_service.messages import words
    from geo_service.opening import work_on

    kept = read_anchor(anchor.read_text(encoding="utf-8")) if anchor else None
    with work_on(get_settings()) as database, database.transaction() as session:
        state = verify_chain(session)
        found = list(audit_findings(session, state, kept))
    told = [{"code": finding.code, **finding.evidence} for finding in found]
    if output is Output.JSON:
        typer.echo(json.dumps({"entries": state.entries, "head": state.head, "findings": told}))
    else:
        typer.echo(f"entries: {state.entries}\nhead: {state.head}")
        for finding in found:
            typer.echo(f"{finding.code}: {words(f'problem.{finding.code}', language(), finding.evidence)[1]}")
    raise typer.Exit(1 if found else 0)


COMMANDS: Final[tuple[Callable[..., None], ...]] = (check,)
