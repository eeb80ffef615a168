"""`db`: bring the tables up to date, say where they are, back them up."""

from typing import Annotated

import typer

from geo_service.cli.backup import backup, restore
from geo_service.settings import get_settings

app = typer.Typer(help="数据库 · the database", no_args_is_help=True)
app.command()(backup)
app.command()(restore)


@app.command()
def upgrade() -> None:
    """Bring the tables to the newest revision, as their owner."""
    from geo_service import migrations
    from geo_service.opening import open_database

    with open_database(get_settings()) as opened:
        migrations.upgrade(opened.owner_url)
        typer.echo(migrations.revisions(opened.owner_url)[0])


@app.command()
def status(
    output: Annotated[str, typer.Option("--format", help="table or json")] = "table",
) -> None:
    """Say which revision the tables have; exit 1 when there is a newer one."""
    import json

    from geo_service import migrations
    from geo_service.opening import open_database

    with open_database(get_settings()) as opened:
        current, newest = migrations.revisions(opened.owner_url)
    state = {"revision": current, "newest": newest, "embedded": opened.embedded, "current": current == newest}
    typer.echo(json.dumps(state) if output == "json" else "\n".join(f"{k}: {v}" for k, v in state.items()))
    raise typer.Exit(0 if current == newest else 1)


@app.command()
def check() -> None:
    """Compare the tables with the models; exit 1 when they differ."""
    from alembic.util.exc import CommandError

    from geo_service import migrations
    from geo_service.opening import open_database

    with open_database(get_settings()) as opened:
        try:
            migrations.check(opened.owner_url)
        except CommandError as difference:
            typer.echo(str(difference), err=True)
            raise typer.Exit(1) from None
