"""`hubs siting`: where the next hubs should stand, from files; it prints what the engine proves and no more."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from geo_service.exchange.hub_ground import PlacedPoints
    from layers.hubs.network import RoadNetwork, Snapped
    from layers.hubs.siting import SearchControl, SitingAnswer, SitingProblem, SitingProgress

_IDS_NAMED = 1_000
_FINDINGS = 1
_NEEDS_LIMIT = {"lscp", "mclp"}
_NEEDS_P = {"mclp", "p_median", "p_center"}


def siting(
    *,
    method: Annotated[Literal["lscp", "mclp", "p_median", "p_center"], typer.Option(help="选址模型 · model")],
    network: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="路网 · lines, or an OSM file")],
    candidates: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="候选点 · points with id")],
    demand: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="需求点 · points with id, weight")
    ],
    p: Annotated[int | None, typer.Option("--p", help="设施数,含现状点 · sites, kept ones counted")] = None,
    limit_m: Annotated[float | None, typer.Option(help="服务半径(米)· radius in metres, inclusive")] = None,
    keep: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="现状点 · hubs that stay, points with id")
    ] = None,
    time_limit_s: Annotated[float, typer.Option(help="求解时限(秒)· seconds of search")] = 60.0,
    accept_gap: Annotated[float, typer.Option(help="可接受差距 · relative gap that is good enough")] = 0.0,
    metric: Annotated[Literal["walking", "straight_line"], typer.Option()] = "walking",
    max_snap_m: Annotated[float, typer.Option(help="到路网最远距离 · farthest a street may be")] = 500.0,
    reach_m: Annotated[
        float | None, typer.Option(help="搜索距离上限(米)· p_median, p_center: farthest pair looked at")
    ] = None,
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
    """选址 · Which sites serve best, how good that is at best possible, and whom no site can serve.

    Objective: lscp - number of sites; mclp - weight covered; p_median - weight x metres; p_center - metres
    of the farthest demand. Kept hubs are sites and count in --p. Exit 1 where no answer exists.
    """
    limits = {"--limit-m": limit_m, "--reach-m": reach_m}
    shares = {"--time-limit-s": time_limit_s, "--accept-gap": accept_gap, "--max-snap-m": max_snap_m}
    _refuse_figures(method, p, limits, shares)
    from geo_service.exchange.hub_ground import read_demand, read_ground, read_hubs
    from layers.hubs.siting import SearchControl

    named = None if classes is None else [name.strip() for name in classes.split(",")]
    tables = [("candidates", read_hubs(candidates, id_column=id_column, crs=crs))]
    if keep is not None:
        tables.append(("keep", read_hubs(keep, id_column=id_column, crs=crs)))
    demand_table = read_demand(demand, id_column=id_column, weight_column=weight_column, crs=crs)
    ground = read_ground(network, layer=network_layer, classes=named, crs=crs)
    sites = [ground.place(table, role=role, max_snap_m=max_snap_m) for role, table in tables]
    homes = ground.place(demand_table, role="demand", max_snap_m=max_snap_m)
    street = ground.network if metric == "walking" else None
    question = _asked(street, sites, homes, limit_m if method in _NEEDS_LIMIT else reach_m, scheduler)
    control = SearchControl(
        time_limit_s=time_limit_s, accept_gap=accept_gap, progress=_say if sys.stderr.isatty() else None
    )
    answer = _solved(method, question.problem, p, limit_m, control)
    report = _report(answer, question) | {"metric": metric, "crs": ground.plane.to_string()}
    if output == "json":
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        _print_table(report)
    if answer.status == "infeasible":
        raise typer.Exit(_FINDINGS)


def _refuse_figures(
    method: str, p: int | None, limits: dict[str, float | None], shares: dict[str, float]
) -> None:
    """Refuse what cannot be meant; say on standard error what the method has no use for."""
    if p is None and method in _NEEDS_P:
        raise typer.BadParameter(f"{method}: --p", param_hint="--p")
    if p is not None and p < 1:
        raise typer.BadParameter(f"{p}: >= 1", param_hint="--p")
    if limits["--limit-m"] is None and method in _NEEDS_LIMIT:
        raise typer.BadParameter(f"{method}: --limit-m", param_hint="--limit-m")
    for name, value in limits.items():
        if value is not None and not 0 < value < float("inf"):
            raise typer.BadParameter(f"{value}: > 0", param_hint=name)
    for name, value in shares.items():
        if not value >= 0:
            raise typer.BadParameter(f"{value}: >= 0", param_hint=name)
    unused = {
        "--p": p is not None and method not in _NEEDS_P,
        "--limit-m": limits["--limit-m"] is not None and method not in _NEEDS_LIMIT,
        "--reach-m": limits["--reach-m"] is not None and method in _NEEDS_LIMIT,
    }
    for name in (name for name, is_unused in unused.items() if is_unused):
        typer.echo(f"{method}: {name} 不适用 · not used", err=True)


@dataclass(frozen=True, eq=False)
class _Question:
    """The problem, with the ids as the files have them and what stands off the network."""

    problem: "SitingProblem"
    site_ids: dict[str, Any]
    demand_ids: dict[str, Any]
    unsnapped: dict[str, list[Any]]
    reach_m: float


def _asked(
    network: "RoadNetwork | None",
    sites: list["PlacedPoints"],
    demand: "PlacedPoints",
    limit_m: float | None,
    scheduler: str | None,
) -> _Question:
    """Measure candidates (and kept hubs that are none of them) to demand, on foot or without a network straight."""
    import numpy as np

    from layers.hubs.coverage import straight_line_matrix
    from layers.hubs.network import Snapped
    from layers.hubs.siting import SitingProblem, search_bound_m

    names = [[str(name).strip() for name in group.table.ids] for group in sites]
    new = [np.ones(len(names[0]), bool)] + [
        np.array([n not in set(names[0]) for n in ids]) for ids in names[1:]
    ]
    xy = np.concatenate([group.xy[rows] for group, rows in zip(sites, new, strict=True)])
    ids = np.concatenate(
        [group.table.ids[rows].astype(object) for group, rows in zip(sites, new, strict=True)]
    )
    parts = [group.snapped.take(rows) for group, rows in zip(sites, new, strict=True)]
    reach = search_bound_m(xy, demand.xy) if limit_m is None else limit_m
    unsnapped: dict[str, list[Any]] = {"candidates": [], "demand": []}
    if network is None:
        costs = straight_line_matrix(xy, demand.xy, reach)
    else:
        columns = ("edge", "fraction", "access_m", "ok")
        snapped = Snapped(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))
        costs = _walks(network, snapped, demand.snapped, reach, scheduler)
        unsnapped["candidates"] = ids[snapped.unsnapped].tolist()
        unsnapped["demand"] = demand.table.ids[demand.snapped.unsnapped].tolist()
    problem = SitingProblem.of_matrix(
        costs,
        weights=demand.table.weights,
        candidate_ids=[str(name).strip() for name in ids],
        demand_ids=[str(name).strip() for name in demand.table.ids],
        kept=[name for group in names[1:] for name in group],
    )
    return _Question(problem, _by_text(ids), _by_text(demand.table.ids), unsnapped, reach)


def _walks(
    network: "RoadNetwork", sites: "Snapped", demand: "Snapped", limit_m: float, scheduler: str | None
) -> Any:
    from layers.hubs.coverage import catchments, catchments_in_parts

    if scheduler is None:
        return catchments(network, sites, demand, limit_m)
    from geo_service.several_machines import crew_at

    with crew_at(scheduler) as crew:
        return catchments_in_parts(crew.run, network, sites, demand, limit_m, parts=crew.parts)


def _by_text(ids: Any) -> dict[str, Any]:
    """Ids as the file has them, numbers as numbers, by their text."""
    return {str(name).strip(): name for name in ids.tolist()}


def _solved(
    method: str, problem: "SitingProblem", p: int | None, limit_m: float | None, control: "SearchControl"
) -> "SitingAnswer":
    from layers.hubs.siting import solve_lscp, solve_mclp, solve_p_center, solve_p_median

    if method == "lscp":
        return solve_lscp(problem, limit_m or 0.0, control=control)
    if method == "mclp":
        return solve_mclp(problem, limit_m or 0.0, p or 0, control=control)
    if method == "p_median":
        return solve_p_median(problem, p or 0, control=control)
    return solve_p_center(problem, p or 0, control=control)


def _report(answer: "SitingAnswer", question: _Question) -> dict[str, Any]:
    uncoverable = [question.demand_ids[name] for name in answer.uncoverable]
    unserved = [question.demand_ids[name] for name in answer.unserved]
    return {
        "method": answer.method,
        "sites": [question.site_ids[name] for name in answer.sites],
        "objective": answer.objective,
        "bound": answer.bound,
        "gap": answer.gap,
        "status": answer.status,
        "reason": answer.reason,
        "seconds": round(answer.seconds, 3),
        **answer.facts,
        "reach_m": None if question.reach_m == float("inf") else question.reach_m,
        "uncoverable": {"count": len(uncoverable), "ids": uncoverable[:_IDS_NAMED]},
        "unserved": {"count": len(unserved), "ids": unserved[:_IDS_NAMED]},
        "unsnapped": {role: len(ids) for role, ids in question.unsnapped.items()},
        "unsnapped_ids": {role: ids[:_IDS_NAMED] for role, ids in question.unsnapped.items()},
    }


def _say(progress: "SitingProgress") -> None:
    """Rewrite one line of the terminal with the best so far."""
    gap = "" if progress.gap is None else f"  gap {progress.gap:.2%}"
    typer.echo(f"\r{progress.seconds:6.1f} s  {progress.objective:,.6g}{gap}\x1b[K", nl=False, err=True)


def _print_table(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False)
    for name, value in report.items():
        if name == "unsnapped_ids" or value is None:
            continue
        shown = value["count"] if name in {"uncoverable", "unserved"} else value
        table.add_row(name, _said(name, shown))
    Console().print(table)


def _said(name: str, value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, dict):
        return " ".join(f"{key}={count}" for key, count in value.items())
    if isinstance(value, float):
        return f"{value:.4%}" if name == "gap" else f"{value:,.3f}".rstrip("0").rstrip(".")
    return str(value)
