"""Hubs from a terminal, on files and without a database: coverage and siting."""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from geo_service.exchange.hub_ground import PlacedPoints
    from layers.hubs.coverage import Coverage

app = typer.Typer(no_args_is_help=True, help="社区服务中心 · community hubs: coverage, siting")

_IDS_NAMED = 1_000


@app.callback()
def group() -> None:
    """社区服务中心 · Community hubs on files, without a database."""


@app.command("coverage")
def coverage(
    *,
    network: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="路网 · lines, or an OSM file")],
    hubs: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="服务中心 · points with id")],
    demand: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="需求点 · points with id, weight")
    ],
    limit_m: Annotated[float, typer.Option(help="服务半径(米)· radius in metres, inclusive")],
    metric: Annotated[Literal["walking", "straight_line"], typer.Option()] = "walking",
    max_snap_m: Annotated[float, typer.Option(help="到路网最远距离 · farthest a street may be")] = 500.0,
    demand_out: Annotated[Path | None, typer.Option(help="CSV: id,weight,hub,distance_m")] = None,
    output: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
    classes: Annotated[
        str | None,
        typer.Option(help="道路等级 · street classes to walk, by comma; walkable: all that walkers may use"),
    ] = None,
    network_layer: Annotated[str | None, typer.Option(help="图层 · layer of the network file")] = None,
    id_column: Annotated[str, typer.Option()] = "id",
    weight_column: Annotated[str, typer.Option()] = "weight",
    crs: Annotated[str | None, typer.Option(help="EPSG:n for files that state none; GCJ-02, BD-09")] = None,
    scheduler: Annotated[
        str | None, typer.Option(envvar="GEO_SCHEDULER", help="Dask 调度器 · address of a Dask scheduler")
    ] = None,
) -> None:
    """覆盖率 · What share of the demand has a hub within the limit, and what each hub covers."""
    _refuse_figures(limit_m, max_snap_m)
    from geo_service.exchange.hub_ground import read_demand, read_ground, read_hubs

    hub_table = read_hubs(hubs, id_column=id_column, crs=crs)
    demand_table = read_demand(demand, id_column=id_column, weight_column=weight_column, crs=crs)
    named = None if classes is None else [name.strip() for name in classes.split(",")]
    ground = read_ground(network, layer=network_layer, classes=named, crs=crs)
    placed_hubs = ground.place(hub_table, role="hubs", max_snap_m=max_snap_m)
    placed_demand = ground.place(demand_table, role="demand", max_snap_m=max_snap_m)
    result = _assess(ground.network, placed_hubs, placed_demand, limit_m, metric, scheduler)
    answer = _answer(result, placed_hubs, placed_demand, metric) | {"crs": ground.plane.to_string()}
    if metric == "walking":
        answer["straight_line"] = _circles(placed_hubs, placed_demand, limit_m)
        answer["network"] = _network_facts(ground.network) | {"left_out": ground.left_out}
    if demand_out is not None:
        _write_demand(demand_out, placed_hubs, placed_demand, result)
    if output == "json":
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print_table(answer)


def _refuse_figures(limit_m: float, max_snap_m: float) -> None:
    if not 0 < limit_m < float("inf"):
        raise typer.BadParameter(f"{limit_m}: > 0", param_hint="--limit-m")
    if not max_snap_m >= 0:
        raise typer.BadParameter(f"{max_snap_m}: >= 0", param_hint="--max-snap-m")


def _assess(
    network: Any,
    hubs: "PlacedPoints",
    demand: "PlacedPoints",
    limit_m: float,
    metric: str,
    scheduler: str | None = None,
) -> "Coverage":
    from layers.hubs.coverage import assess_straight_line, assess_walking, assess_walking_in_parts

    weights = demand.table.weights
    if metric == "straight_line":
        return assess_straight_line(hubs.xy, demand.xy, weights, limit_m)
    if scheduler is None:
        return assess_walking(network, hubs.snapped, demand.snapped, weights, limit_m)
    from geo_service.several_machines import crew_at

    with crew_at(scheduler) as crew:
        return assess_walking_in_parts(
            crew.run, network, hubs.snapped, demand.snapped, weights, limits_m=limit_m, parts=crew.parts
        )


def _answer(result: "Coverage", hubs: "PlacedPoints", demand: "PlacedPoints", metric: str) -> dict[str, Any]:
    by_hub = zip(
        hubs.table.ids.tolist(),
        result.hub_covered_weight[0].tolist(),
        result.hub_nearest_weight[0].tolist(),
        strict=True,
    )
    # A circle needs no street, so nothing is left unsnapped by it.
    off = [points.table.ids[points.snapped.unsnapped] for points in (hubs, demand)]
    off = [ids[:0] for ids in off] if metric == "straight_line" else off
    return {
        "metric": metric,
        "limit_m": float(result.limits_m[0]),
        "total_weight": result.total_weight,
        "covered_weight": float(result.covered_weight[0]),
        "covered_share": float(result.covered_share[0]),
        "hubs": [
            {"id": name, "covered_weight": covered, "nearest_weight": nearest}
            for name, covered, nearest in by_hub
        ],
        "unsnapped": {"hubs": len(off[0]), "demand": len(off[1])},
        "unsnapped_ids": {"hubs": off[0][:_IDS_NAMED].tolist(), "demand": off[1][:_IDS_NAMED].tolist()},
        "unreached": int((~result.nearest.reached).sum()) - len(off[1]),
    }


def _circles(hubs: "PlacedPoints", demand: "PlacedPoints", limit_m: float) -> dict[str, float]:
    """Return the circle's answer, to be shown beside the network's."""
    result = _assess(None, hubs, demand, limit_m, "straight_line")
    return {
        "covered_weight": float(result.covered_weight[0]),
        "covered_share": float(result.covered_share[0]),
    }


def _network_facts(network: Any) -> dict[str, Any]:
    return {
        "nodes": network.node_count,
        "edges": network.edge_count,
        "length_m": float(network.edge_length_m.sum()),
        "components": network.component_count,
    }


def _write_demand(path: Path, hubs: "PlacedPoints", demand: "PlacedPoints", result: "Coverage") -> None:
    """Write one row a demand point, at once by Arrow: two million rows are a matter of seconds."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    reached = result.nearest.reached
    names = np.array([str(name) for name in hubs.table.ids], dtype=object)
    hub = np.full(len(reached), None, dtype=object)
    hub[reached] = names[result.nearest.origin[reached]]
    table = pa.table(
        {
            "id": pa.array([str(name) for name in demand.table.ids], pa.string()),
            "weight": pa.array(demand.table.weights),
            "hub": pa.array(hub, pa.string()),
            "distance_m": pa.array(np.round(result.nearest.distance_m, 4), mask=~reached),
        }
    )
    special = any(
        set(name) & set(',"\r\n') for column in ("id", "hub") for name in table[column].to_pylist() if name
    )
    options = csv.WriteOptions(include_header=False, quoting_style="needed" if special else "none")
    with path.open("wb") as file:
        file.write(",".join(table.column_names).encode() + b"\n")
        csv.write_csv(table, file, options)


def _print_table(answer: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    totals, by_hub = Table(show_header=False), Table()
    for name in ("metric", "limit_m", "total_weight", "covered_weight", "covered_share", "unreached"):
        totals.add_row(name, _said(answer[name]))
    totals.add_row("unsnapped", " ".join(f"{role}={count}" for role, count in answer["unsnapped"].items()))
    if "network" in answer:
        totals.add_row(
            "network", " ".join(f"{name}={_said(fact)}" for name, fact in answer["network"].items())
        )
    if "straight_line" in answer:
        totals.add_row("straight_line covered_share", _said(answer["straight_line"]["covered_share"]))
    for name in ("id", "covered_weight", "nearest_weight"):
        by_hub.add_column(name, justify="left" if name == "id" else "right")
    for hub in answer["hubs"]:
        by_hub.add_row(*(_said(value) for value in hub.values()))
    console = Console()
    console.print(totals)
    console.print(by_hub)


def _said(value: object) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


if find_spec("geo_service.cli.siting") is not None:
    app.command("siting")(import_module("geo_service.cli.siting").siting)
