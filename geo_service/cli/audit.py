"""`audit`: the end of the chain, to be kept elsewhere; `check audit` verifies against it."""

import typer

from geo_service.settings import get_settings

app = typer.Typer(help="审计 · the audit", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `audit` a group although it has one command."""


@app.command()
def anchor() -> None:
    """Print number, hash and time of the newest entry as JSON; exit 1 while there is none."""
    import json

    from geo_service.auth.audit import newest
    from geo_service.opening import work_on

    with work_on(get_settings()) as database, database.transaction() as session:
        found = newest(session)
    typer.echo(json.dumps(found, default=str))
    raise typer.Exit(0 if found["number"] else 1)
