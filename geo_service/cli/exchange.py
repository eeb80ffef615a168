"""`import` and `export`: files in and out of the record."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from geo_service.cli.marker_exchange import LINE_LAYOUT
from geo_service.settings import get_settings
from layers.boundaries.model import Level

if TYPE_CHECKING:
    from geo_service.operations.boundary_import import Imported
    from geo_service.operations.marker_import import ImportedMarkers
    from geo_service.operations.ministry_line_import import ImportedLines


class Importable(StrEnum):
    """What a file may hold."""

    BOUNDARIES = "boundaries"
    LINES = "lines"
    MARKERS = "markers"
    NAMES = "names"
    HUBS = "hubs"
    DEMAND = "demand"
    ROADS = "roads"
    PHOTOS = "photos"


class Exportable(StrEnum):
    """What a file may be made of."""

    BOUNDARIES = "boundaries"
    LINES = "lines"
    MARKERS = "markers"
    NAMES = "names"
    HUBS = "hubs"
    DEMAND = "demand"
    ROADS = "roads"
    TRIPOINTS = "tripoints"
    SIGNS = "signs"
    SNAPSHOT = "snapshot"


PRESENT_ONLY: Final = frozenset({Exportable.SIGNS, Exportable.HUBS, Exportable.DEMAND, Exportable.ROADS})


class Output(StrEnum):
    """How a result is told."""

    TABLE = "table"
    JSON = "json"


def import_(
    kind: Importable,
    path: Path,
    layer: Annotated[str | None, typer.Option(help="layer of a file that has several")] = None,
    crs: Annotated[str | None, typer.Option(help="EPSG:n, GCJ-02 or BD-09; wins over the file's own")] = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="source=target, may be given again")] = None,
    level: Annotated[Level | None, typer.Option(help="level of rows that state none")] = None,
    line: Annotated[str | None, typer.Option(help="line code of markers that state none")] = None,
    unit: Annotated[
        str | None, typer.Option(help="unit of names whose ground lies in none on record")
    ] = None,
    valid_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day; today")
    ] = None,
    source: Annotated[str | None, typer.Option(help="where the data come from, kept with each unit")] = None,
    authoritative: Annotated[bool, typer.Option(help="the outlines are the legal ones")] = False,
    accuracy_m: Annotated[
        float | None,
        typer.Option(min=0, help="accuracy of the positions, metres; of lines: what courses may differ by"),
    ] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="JSON file with approved parameters between two datums")
    ] = None,
    repair: Annotated[bool, typer.Option(help="mend invalid outlines, and say so")] = False,
    dry_run: Annotated[bool, typer.Option(help="say what would happen, write nothing")] = False,
    rejects: Annotated[Path | None, typer.Option(help="file for rows not taken: .csv or .geojson")] = None,
    output: Annotated[Output, typer.Option("--format")] = Output.TABLE,
) -> None:
    """Take a file on record: all of it or nothing; exit 1 when a row cannot be taken. Lines: a package of the ministry's layout, onto the lines on record."""
    if kind is Importable.PHOTOS:
        from geo_service.cli.photo_exchange import import_photos

        import_photos(path, dry_run=dry_run, rejects=rejects, as_json=output is Output.JSON)
    if kind is Importable.NAMES:
        from geo_service.cli.name_exchange import import_names

        agreed = {
            "layer": layer,
            "crs": crs,
            "unit": unit,
            "valid_from": valid_from.date() if valid_from else None,
            "source": source or path.name,
            "dry_run": dry_run,
        }
        with _progress() as tell:
            import_names(path, agreed, map_ or [], rejects=rejects, as_json=output is Output.JSON, tell=tell)
    if kind is Importable.MARKERS:
        _import_markers(
            path,
            {
                "layer": layer,
                "crs": crs,
                "line_code": line,
                "valid_from": valid_from.date() if valid_from else None,
                "source": source or path.name,
                "accuracy_m": accuracy_m,
                "dry_run": dry_run,
            },
            map_ or [],
            rejects=rejects,
            output=output,
        )
    if kind is Importable.LINES:
        from geo_service.cli.marker_exchange import import_lines_package

        with _progress() as tell:
            taken = import_lines_package(path, dry_run=dry_run, tolerance_m=accuracy_m, tell=tell)
        _tell_and_leave(taken, rejects, output, dry_run=dry_run)
    if kind in {Importable.HUBS, Importable.DEMAND, Importable.ROADS}:
        from geo_service.cli.hub_exchange import import_hub_file

        terms_of_hubs = {
            "layer": layer,
            "crs": crs,
            "source": source or path.name,
            "dated_on": valid_from.date() if valid_from else None,
            "dry_run": dry_run,
        }
        import_hub_file(
            kind.value,
            path,
            terms=terms_of_hubs,
            pairs=map_ or [],
            rejects=rejects,
            as_json=output is Output.JSON,
        )
    from geo_service.exchange.mapping import read_mapping
    from geo_service.exchange.parameters import read_parameters
    from geo_service.opening import work_on
    from geo_service.operations.boundary_import import ImportTerms, import_boundaries
    from geo_service.paging import today

    terms = ImportTerms(
        layer=layer,
        crs=crs,
        mapping=read_mapping(map_ or []),
        repair=repair,
        level=level,
        valid_from=valid_from.date() if valid_from else None,
        source=source or path.name,
        authoritative=authoritative,
        accuracy_m=accuracy_m,
        dry_run=dry_run,
        parameters=None if parameters is None else read_parameters(parameters),
    )
    with work_on(get_settings()) as database, database.transaction() as session, _progress() as tell:
        done = import_boundaries(session, path, terms, recorded_by="cli", on=today(), tell=tell)
    _tell_and_leave(done, rejects, output, dry_run=dry_run)


import_.__name__ = "import"


def _import_markers(
    path: Path, terms: dict[str, Any], pairs: list[str], *, rejects: Path | None, output: Output
) -> NoReturn:
    from geo_service.cli.marker_exchange import import_markers
    from geo_service.exchange.mapping import read_mapping
    from geo_service.operations.marker_import import MarkerTerms

    with _progress() as tell:
        done = import_markers(path, MarkerTerms(mapping=read_mapping(pairs), **terms), tell)
    _tell_and_leave(done, rejects, output, dry_run=terms["dry_run"])


def _tell_and_leave(
    done: "Imported | ImportedLines | ImportedMarkers", rejects: Path | None, output: Output, *, dry_run: bool
) -> NoReturn:
    from geo_service.exchange.rejects import write_rejects

    if rejects is not None and done.rejects:
        write_rejects(rejects, done.rejects, source_crs=done.source_crs, say=_said)
    _tell_import(done, output, dry_run=dry_run)
    raise typer.Exit(1 if done.rejects else 0)


def _tell_import(
    done: "Imported | ImportedLines | ImportedMarkers", output: Output, *, dry_run: bool
) -> None:
    told: dict[str, Any] = {
        "rows": done.rows,
        "begun": done.begun,
        "renewed": getattr(done, "renewed", 0),
        "unchanged": done.unchanged,
        "lines_changed": getattr(done, "lines_changed", 0),
        "papers": getattr(done, "papers", 0),
        "rejected": len(done.rejects),
        "written": done.written,
        "dry_run": dry_run,
        "source_crs": done.source_crs,
        "mapping": dict(done.mapping),
        "findings": [
            {
                "code": finding.code,
                "message": _said(finding.code, finding.evidence),
                **{name: str(value) for name, value in finding.evidence.items()},
            }
            for finding in done.findings
        ],
        "rejects": [
            {
                "row": reject.row,
                "code": reject.code,
                "message": _said(reject.code, reject.facts),
                "facts": dict(reject.facts),
            }
            for reject in done.rejects[:100]
        ],
    }
    if output is Output.JSON:
        typer.echo(json.dumps(told, ensure_ascii=False, default=str))
        return
    for name, value in told.items():
        if name not in {"findings", "rejects"}:
            typer.echo(f"{name}: {value}")
    for item in told["findings"]:
        typer.echo(f"  {item['message']} [{item['code']}]")
    for item in told["rejects"]:
        typer.echo(f"  {item['row']}: {item['message']} [{item['code']}]")
    if len(done.rejects) > len(told["rejects"]):
        typer.echo(f"  … {len(done.rejects) - len(told['rejects'])}")


def _said(code: str, facts: Mapping[str, object]) -> str:
    """Return a finding or a reason against a row in the words of the user's language; the code where it has none."""
    from geo_service.cli.refusals import language
    from geo_service.messages import words

    return words(f"finding.{code}", language(), facts)[1].removeprefix("finding.")


@contextmanager
def _progress() -> Any:
    """Show a bar on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def tell(fraction: float, stage: str) -> None:
            bar.update(task, completed=fraction, description=stage)

        yield tell


def export(
    kind: Exportable,
    path: Path,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="date asked about; today")
    ] = None,
    bbox: Annotated[str | None, typer.Option(help="minx,miny,maxx,maxy in degrees")] = None,
    level: Annotated[Level | None, typer.Option(help="only units or lines of this level")] = None,
    form: Annotated[str | None, typer.Option("--format", help="by the name's ending when left out")] = None,
    name: Annotated[str | None, typer.Option(help="which demand set or road network; the newest")] = None,
    overwrite: Annotated[bool, typer.Option(help="replace a file that is there")] = False,
) -> None:
    """Write units, lines, tripoints, markers, names, signs, hubs, demand or roads into a file, in EPSG:4490.

    A snapshot is a folder: every layer in a dated folder of it, with sums. Markers as `.xlsx` are the result table; `--format mzt149` (markers) and `mzt150` (lines) are packages of the ministry's layouts. Signs, hubs, demand and roads have no past: `--as-of` is not for them.
    """
    if as_of is not None and kind in PRESENT_ONLY:
        raise typer.BadParameter(kind.value, param_hint="--as-of")
    if kind is Exportable.SNAPSHOT:
        from geo_service.cli.snapshot import export_snapshot

        export_snapshot(path, as_of=as_of.date() if as_of else None, form=form)
        return
    if kind in {Exportable.HUBS, Exportable.DEMAND, Exportable.ROADS}:
        from geo_service.cli.hub_exchange import export_hub_file

        taken = export_hub_file(kind.value, path, name=name, bbox=bbox, form=form, overwrite=overwrite)
        typer.echo(f"{path}: {taken}")
        return
    if kind is Exportable.MARKERS:
        from geo_service.cli.marker_exchange import export_markers
        from geo_service.paging import read_bbox

        box, on = read_bbox(bbox), as_of.date() if as_of else None
        written_rows = export_markers(path, as_of=on, bbox=box, form=form, overwrite=overwrite)
        typer.echo(f"{path}: {written_rows}")
        return
    if kind is Exportable.NAMES:
        from geo_service.cli.name_exchange import export_names
        from geo_service.paging import today as this_day

        day = as_of.date() if as_of else this_day()
        typer.echo(f"{path}: {export_names(path, as_of=day, bbox=bbox, form=form, overwrite=overwrite)}")
        return
    from geo_service.exchange.writing import Export, write_features
    from geo_service.opening import work_on
    from geo_service.operations.layer_files import OUTLINES, write_layer
    from geo_service.paging import read_bbox, today
    from layers.boundaries.exporting import export_batches

    if kind in {Exportable.TRIPOINTS, Exportable.SIGNS}:
        settings, day = get_settings(), as_of.date() if as_of else today()
        with work_on(settings) as database, database.transaction() as session:
            written = write_layer(
                session,
                kind.value,
                path,
                as_of=day,
                within=read_bbox(bbox),
                form=form,
                profile=settings.colour_profile,
                overwrite=overwrite,
            )
        typer.echo(f"{written.path}: {written.rows}")
        return
    if kind is Exportable.LINES and form == LINE_LAYOUT:
        from geo_service.cli.marker_exchange import export_lines_package

        day = as_of.date() if as_of else today()
        typer.echo(f"{path}: {export_lines_package(path, as_of=day, overwrite=overwrite)}")
        return
    layer = "units" if kind is Exportable.BOUNDARIES else "lines"
    shape = "MultiPolygon" if layer == "units" else "MultiLineString"
    day = as_of.date() if as_of else today()
    with work_on(get_settings()) as database, database.transaction() as session:
        batches = export_batches(session, layer, as_of=day, level=level, within=read_bbox(bbox))
        what = Export(layer=layer, geometry_type=shape, disclaimer=OUTLINES)
        written = write_features(path, batches, export=what, form=form, overwrite=overwrite)
    typer.echo(f"{written.path}: {written.rows}")


COMMANDS: Final[tuple[Callable[..., None], ...]] = (import_, export)
