"""`layer`: files that are shown beside the office's own data, from a terminal, as the operator."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from geo_service.settings import get_settings

app = typer.Typer(help="参考图层 · layers for reference, beside the office's own data", no_args_is_help=True)


class Output(StrEnum):
    """How a result is told."""

    TABLE = "table"
    JSON = "json"


FORMAT = Annotated[Output, typer.Option("--format", help="how the result is told")]


@app.command()
def add(
    path: Path,
    name: Annotated[str, typer.Option("--as", help="the collection's name, as it stands in its address")],
    layer: Annotated[str | None, typer.Option(help="layer of a file that has several")] = None,
    crs: Annotated[str | None, typer.Option(help="EPSG:n, GCJ-02 or BD-09; wins over the file's own")] = None,
    title: Annotated[
        str | None, typer.Option(help="how people read it; the name, where none is given")
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", help="a table's columns of places: COLUMN=lon, COLUMN=lat, COLUMN=wkt"),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="in place of the layer that has this name")
    ] = False,
    format_: FORMAT = Output.TABLE,
) -> None:
    """Load a layer of a file: drawn on the map, served read-only at /ogc/collections/NAME."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.exchange.mapping import read_mapping
    from geo_service.opening import work_on
    from geo_service.operations.reference_layers import Terms, add_layer

    terms = Terms(layer, crs, read_mapping(map_ or []), title, replace)
    with work_on(get_settings()) as database, database.transaction() as session:
        row, findings = add_layer(session, path, name, terms=terms, recorded_by=OPERATOR.username)
        session.flush()
        session.refresh(row)
        told = _told(row)
    for finding in findings:
        typer.echo(f"{finding.code} {dict(finding.evidence)}", err=True)
    _say([told], format_, one=True)


@app.command(name="list")
def list_(format_: FORMAT = Output.TABLE) -> None:
    """List the layers for reference."""
    from geo_service.opening import work_on
    from geo_service.operations.reference_layers import list_layers

    with work_on(get_settings()) as database, database.transaction() as session:
        told = [_told(row) for row in list_layers(session)]
    _say(told, format_)


@app.command()
def remove(
    name: str,
    for_good: Annotated[bool, typer.Option("--for-good", help="let its rows go now")] = False,
    format_: FORMAT = Output.TABLE,
) -> None:
    """Take a layer away; for seven days `layer restore` has it back. The file it came from stays where it is."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.opening import work_on
    from geo_service.operations.reference_layers import remove_layer

    with work_on(get_settings()) as database, database.transaction() as session:
        remove_layer(session, name, by=OPERATOR.username, for_good=for_good)
    _say([{"name": name, "removed": True}], format_, one=True)


@app.command()
def restore(name: str, format_: FORMAT = Output.TABLE) -> None:
    """Show again the layer of this name that was removed or replaced last."""
    from geo_service.opening import work_on
    from geo_service.operations.reference_layers import LayerNotFound, removed_layers, restore_layer

    with work_on(get_settings()) as database, database.transaction() as session:
        removed = removed_layers(session)
        row = next((each for each in removed if each.name == name), None)
        if row is None:
            raise LayerNotFound(name=name, names=[each.name for each in removed])
        told = _told(restore_layer(session, row.id))
    _say([told], format_, one=True)


def _told(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "features": row.features,
        "geometry_type": row.geometry_type,
        "source_file": row.source_file,
        "source_layer": row.source_layer,
        "source_crs": row.source_crs,
        "recorded_at": f"{row.recorded_at:%Y-%m-%dT%H:%M:%SZ}",
        "recorded_by": row.recorded_by,
        "title": row.title,
    }


def _say(told: list[dict[str, Any]], output: Output, *, one: bool = False) -> None:
    if output is Output.JSON:
        typer.echo(json.dumps(told[0] if one else told, ensure_ascii=False))
        return
    for row in told:
        typer.echo("\t".join(str(value) for value in row.values()))
