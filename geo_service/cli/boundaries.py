"""`boundaries`: what can be told of boundary files without a database; it changes none of them."""

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from layers.findings import Finding

app = typer.Typer(help="界线与政区，读文件 · boundaries and units, on files", no_args_is_help=True)

FILE_HELP = "GeoPackage, GeoJSON, FlatGeobuf, zipped Shapefile, or CSV with WKT"
EXIT_FINDINGS = 1


class Output(StrEnum):
    """How findings are written."""

    TABLE = "table"
    JSON = "json"


@app.callback()
def group() -> None:
    """Keep `check` a command of its group, though it is the only one."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help=FILE_HELP)],
    *,
    layer: Annotated[str | None, typer.Option(help="default: the layer with most polygons")] = None,
    output: Annotated[
        Output | None, typer.Option("--format", help="default: table on a terminal, JSON lines in a pipe")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="CRS of a file that names none: EPSG:n")] = None,
    code_column: Annotated[str | None, typer.Option(help="column with the code of a unit")] = None,
    parent_column: Annotated[str | None, typer.Option(help="column with the code of its parent")] = None,
    parents_layer: Annotated[str | None, typer.Option(help="layer with the ground of the parents")] = None,
) -> None:
    """Report gaps, overlaps and other faults of a coverage of units; exit 1 when there are any."""
    from geo_service.cli.coverage_file import read_coverage
    from layers.boundaries.topology import check_coverage

    units = read_coverage(
        file,
        layer=layer,
        parents_layer=parents_layer,
        stated_crs=crs,
        code_column=code_column,
        parent_column=parent_column,
    )
    findings = check_coverage(
        units.codes,
        units.polygons,
        parent_codes=units.parent_codes,
        parent_grounds=units.parent_grounds,
        crs=units.crs,
    )
    if output is Output.TABLE or (output is None and sys.stdout.isatty()):
        _write_table(findings)
    else:
        _write_lines(findings)
    if findings:
        raise typer.Exit(EXIT_FINDINGS)


def _row(finding: Finding) -> dict[str, object]:
    told = {key: finding.evidence.get(key) for key in ("lon", "lat", "measure")}
    return {"code": finding.code, "unit_codes": list(finding.subject), **told}


def _write_lines(findings: Sequence[Finding]) -> None:
    for finding in findings:
        typer.echo(json.dumps(_row(finding), ensure_ascii=False))


def _write_table(findings: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(Column("code", no_wrap=True), "unit_codes", "lon", "lat", "measure", "unit")
    for finding in findings:
        shown = [
            f"{value:.{digits}f}" if isinstance(value := finding.evidence.get(key), float) else str(value)
            for key, digits in (("lon", 7), ("lat", 7), ("measure", 2))
        ]
        table.add_row(
            finding.code, " ".join(finding.subject), *shown, str(finding.evidence.get("measure_unit"))
        )
    Console().print(table)
