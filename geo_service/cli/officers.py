"""`user`: officers from a terminal, as the operator; no password is ever typed into a command line."""

from enum import StrEnum
from typing import Annotated

import typer

from geo_service.auth.officer import Role
from geo_service.settings import get_settings

app = typer.Typer(help="用户 · officers", no_args_is_help=True)


class Output(StrEnum):
    """How a list is told."""

    TABLE = "table"
    JSON = "json"


@app.command()
def add(
    username: str,
    role: Annotated[list[Role], typer.Option(help="may be given again")],
    jurisdiction: Annotated[list[str], typer.Option(help="unit code, may be given again; * for all")],
    display_name: Annotated[str | None, typer.Option(help="the name shown")] = None,
    oidc_username: Annotated[str | None, typer.Option(help="the name at the OpenID provider")] = None,
) -> None:
    """Put an officer on record and print a one-time link, to follow behind the service's address."""
    from pydantic import ValidationError

    from geo_service.auth.links import issue_link
    from geo_service.auth.officer import OPERATOR
    from geo_service.opening import work_on
    from geo_service.operations.officers import create_officer
    from geo_service.schemas.people import OfficerToMake

    try:
        asked = OfficerToMake(
            username=username,
            display_name=display_name or username,
            roles=role,
            jurisdictions=jurisdiction,
            oidc_username=oidc_username,
        )
    except ValidationError as wrong:
        fields = ", ".join(str(each["loc"][0]) for each in wrong.errors())
        raise typer.BadParameter(fields) from None
    with work_on(get_settings()) as database, database.transaction() as session:
        row = create_officer(session, OPERATOR, asked)
        link, ends = issue_link(session, row)
    typer.echo(f"{row.username}\n{link}\n{ends:%Y-%m-%dT%H:%MZ}")


@app.command()
def link(username: str) -> None:
    """Print a new one-time link for an officer; earlier ones end."""
    from geo_service.auth.links import issue_link
    from geo_service.auth.officer import OPERATOR
    from geo_service.opening import work_on
    from geo_service.operations.officers import find_officer

    with work_on(get_settings()) as database, database.transaction() as session:
        made, ends = issue_link(session, find_officer(session, OPERATOR, username))
    typer.echo(f"{made}\n{ends:%Y-%m-%dT%H:%MZ}")


@app.command("list")
def list_(output: Annotated[Output, typer.Option("--format")] = Output.TABLE) -> None:
    """List all officers."""
    import json

    from geo_service.auth.officer import OPERATOR
    from geo_service.opening import work_on
    from geo_service.operations.officers import describe, list_officers

    with work_on(get_settings()) as database, database.transaction() as session:
        found = [describe(row).model_dump(mode="json") for row in list_officers(session, OPERATOR)]
    if output is Output.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for each in found:
        roles, codes = ",".join(each["roles"]), ",".join(each["jurisdictions"])
        typer.echo(
            f"{each['username']}\t{each['display_name']}\t{roles}\t{codes}\t{each['disabled_at'] or ''}"
        )


@app.command()
def disable(
    username: str, back: Annotated[bool, typer.Option("--undo", help="let the officer back")] = False
) -> None:
    """Disable an officer: sessions end and tokens are revoked at once."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.opening import work_on
    from geo_service.operations.officers import change_officer, find_officer
    from geo_service.schemas.people import OfficerChange

    with work_on(get_settings()) as database, database.transaction() as session:
        row = find_officer(session, OPERATOR, username)
        change_officer(session, OPERATOR, row, OfficerChange(disabled=not back))
    typer.echo(f"{row.username}\t{row.disabled_at or ''}")
