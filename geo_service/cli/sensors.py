"""`sensors`: who may send messages of sensors, from a terminal, as the operator."""

from typing import Annotated
from uuid import UUID

import typer

from geo_service.cli.officers import Output
from geo_service.settings import get_settings

app = typer.Typer(help="传感器来源 · sources of sensor messages", no_args_is_help=True)


@app.command()
def add(
    name: str,
    unit: Annotated[str, typer.Option(help="unit code: whose markers the source speaks of")],
) -> None:
    """Let a platform or gateway send messages; prints its id and its secret, this once."""
    from pydantic import ValidationError

    from geo_service.auth.officer import OPERATOR
    from geo_service.opening import work_on
    from geo_service.operations.sensor_sources import add_source
    from geo_service.schemas.sensors import NewSensorSource

    try:
        asked = NewSensorSource(name=name, unit=unit)
    except ValidationError as wrong:
        fields = ", ".join(str(each["loc"][0]) for each in wrong.errors())
        raise typer.BadParameter(fields) from None
    with work_on(get_settings()) as database, database.transaction() as session:
        row = add_source(session, OPERATOR, name=asked.name, unit=asked.unit)
        told = f"{row.id}\n{row.secret}"
    typer.echo(told)


@app.command("list")
def list_(output: Annotated[Output, typer.Option("--format")] = Output.TABLE) -> None:
    """List the sources, those that have ended last; secrets are not told."""
    import json

    from geo_service.opening import work_on
    from geo_service.operations.sensor_sources import list_sources

    with work_on(get_settings()) as database, database.transaction() as session:
        found = list_sources(session)
    if output is Output.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
        return
    for each in found:
        state = "active" if each["active"] else f"ended {each['ended_at']:%Y-%m-%dT%H:%MZ}"
        heard = f"{each['last_message_at']:%Y-%m-%dT%H:%MZ}" if each["last_message_at"] else "-"
        typer.echo(f"{each['id']}\t{each['name']}\t{each['unit_code']}\t{state}\t{heard}")


@app.command()
def rotate(
    source_id: UUID,
    grace_hours: Annotated[
        float, typer.Option(min=0, max=720, help="how long the old secret still holds")
    ] = 24,
) -> None:
    """Give a source a new secret and print it, this once."""
    from geo_service.opening import work_on
    from geo_service.operations.sensor_sources import rotate_secret

    with work_on(get_settings()) as database, database.transaction() as session:
        row = rotate_secret(session, source_id, grace_hours=grace_hours)
        told = row.secret
    typer.echo(told)


@app.command()
def revoke(source_id: UUID) -> None:
    """Take nothing more from a source; what it has said stays."""
    from geo_service.opening import work_on
    from geo_service.operations.sensor_sources import revoke_source

    with work_on(get_settings()) as database, database.transaction() as session:
        revoke_source(session, source_id)
    typer.echo(str(source_id))
