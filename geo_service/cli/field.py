"""`field`: what surveyors bring to the office by hand."""

import json
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from geo_service.settings import get_settings

app = typer.Typer(help="外业 · the field app", no_args_is_help=True)


class Output(StrEnum):
    """How a result is told."""

    TABLE = "table"
    JSON = "json"


@app.callback()
def field() -> None:
    """外业 · the field app."""


@app.command("import")
def import_outbox(
    path: Path,
    officer: Annotated[str, typer.Option(help="the surveyor who made the records")],
    output: Annotated[Output, typer.Option("--format")] = Output.TABLE,
) -> None:
    """Take in the outbox of a device that found no other way; twice is once. Exit 1 when something was refused."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.auth.sessions import officer_of
    from geo_service.opening import work_on
    from geo_service.operations.officers import find_officer
    from geo_service.operations.outbox_file import take_outbox

    settings = get_settings()
    counted = Counter[str]()
    with work_on(settings) as database:
        with database.transaction() as session:
            person = officer_of(find_officer(session, OPERATOR, officer))
        for told in take_outbox(database, settings, person, path, language=settings.language):
            counted[f"{told['kind']} {told['status']}"] += 1
            if output is Output.JSON:
                typer.echo(json.dumps(told, ensure_ascii=False))
            elif told["status"] == "rejected":
                typer.echo(f"{told['kind']} {told['id']}: {told['code']} {told['detail']}", err=True)
    if output is Output.TABLE:
        typer.echo("\n".join(f"{what}: {number}" for what, number in sorted(counted.items())))
    if any(what.endswith("rejected") for what in counted):
        raise typer.Exit(1)
