"""Coverage of 500 hubs, measured beside its peers in the same run: one JSON line a figure.

    python tests/benchmarks/hub_coverage.py [--nodes 50000 200000 1000000] [--rounds 3]

Every figure is the best of the rounds; ours and the peer answer the same question on the same network and
their answers are compared before either is timed. A kernel is compiled (or read from its cache) once before.
"""

import argparse
import json
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import networkx as nx
import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers.hubs.coverage import LivePlan, assess_walking, cost_matrix, nearest_hub
from layers.hubs.network import RoadNetwork, Snapped, build_network, snap
from layers.hubs.polygons import NetworkCells, network_cells
from tests.benchmarks._hub_peers import of_pandana, of_pgrouting

HUBS, CELLS, LIMIT_M, SPACING_M = 500, 5_000, 1_000.0, 90.0


def town(nodes: int, seed: int = 7) -> list[shapely.LineString]:
    """Streets of a perturbed grid: a fifth of the blocks' sides missing, one in twenty crossed by a diagonal."""
    random = np.random.default_rng(seed)
    side = int(np.sqrt(nodes))
    number = np.arange(side * side).reshape(side, side)
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * SPACING_M
    xy = xy + random.normal(0, SPACING_M / 6, xy.shape)
    across = np.stack((number[:, :-1].ravel(), number[:, 1:].ravel()), axis=1)
    along = np.stack((number[:-1].ravel(), number[1:].ravel()), axis=1)
    diagonal = np.stack((number[:-1, :-1].ravel(), number[1:, 1:].ravel()), axis=1)
    sides = np.concatenate((across, along))
    kept = sides[random.random(len(sides)) > 0.2]
    crossed = diagonal[random.random(len(diagonal)) < 0.05]
    pairs = np.concatenate((kept, crossed))
    return list(shapely.linestrings(xy[pairs]))


def best(act: Callable[[], object], rounds: int) -> float:
    """Seconds of the quickest round."""
    seconds = []
    for _ in range(rounds):
        begin = perf_counter()
        act()
        seconds.append(perf_counter() - begin)
    return min(seconds)


def row(name: str, ours: float, peer: float | None, unit: str, **facts: object) -> dict[str, object]:
    ratio = None if peer is None else round(peer / ours, 2)
    shown = None if peer is None else round(peer, 3)
    return {"name": name, "ours": round(ours, 3), "peer": shown, "ratio": ratio, "unit": unit, **facts}


class Ground:
    """One town with hubs and demand on it."""

    def __init__(self, nodes: int) -> None:
        lines = town(nodes)
        begin = perf_counter()
        self.network: RoadNetwork = build_network(lines)
        self.build_s = perf_counter() - begin
        random = np.random.default_rng(11)
        low, high = self.network.node_xy.min(axis=0), self.network.node_xy.max(axis=0)
        # Demand in eight clusters, as in a real town, and a quarter of it spread over the rest.
        centres = random.uniform(low, high, (8, 2))
        spread = (high - low).mean() / 12
        near = centres[random.integers(0, 8, CELLS * 3 // 4)] + random.normal(0, spread, (CELLS * 3 // 4, 2))
        self.demand_xy = np.clip(
            np.concatenate((near, random.uniform(low, high, (CELLS // 4, 2)))), low, high
        )
        self.hub_xy = self.demand_xy[random.integers(0, CELLS, HUBS)] + random.normal(0, 60, (HUBS, 2))
        self.weights = random.integers(50, 900, CELLS).astype(float)
        self.network.edge_index  # noqa: B018 built once per network version, as a service holds it
        begin = perf_counter()
        self.hubs: Snapped = snap(self.network, self.hub_xy)
        self.demand: Snapped = snap(self.network, self.demand_xy)
        self.snap_s = perf_counter() - begin


def catchments(ground: Ground, rounds: int) -> dict[str, object]:
    arguments = (ground.network, ground.hubs, ground.demand, LIMIT_M)
    ours, peer = (cost_matrix(*arguments, engine=engine) for engine in ("numba", "scipy"))
    assert np.array_equal(ours.indptr, peer.indptr), "the engines find other pairs"
    assert np.abs(ours.data - peer.data).max() < 1e-3, "the engines measure other ways"
    graph, nodes = ground.network.graph, ground.network.edge_start[ground.hubs.edge]

    def hub_by_hub() -> None:
        for node in nodes:
            dijkstra(graph, indices=node, limit=LIMIT_M)

    quick = best(lambda: cost_matrix(*arguments, engine="numba"), rounds)
    return row(
        "catchments of 500 hubs, 1 km / SciPy hub by hub", quick * 1e3, best(hub_by_hub, rounds) * 1e3, "ms"
    )


def catchments_networkx(ground: Ground, rounds: int) -> dict[str, object]:
    start, end, cost = ground.network.edge_start, ground.network.edge_end, ground.network.edge_length_m
    graph = nx.Graph()
    graph.add_weighted_edges_from(zip(start.tolist(), end.tolist(), cost.tolist(), strict=True))
    nodes = start[ground.hubs.edge[:50]].tolist()

    def hub_by_hub() -> None:
        for node in nodes:
            nx.single_source_dijkstra_path_length(graph, node, cutoff=LIMIT_M, weight="weight")

    some = ground.hubs.take(slice(0, 50))
    quick = best(lambda: cost_matrix(ground.network, some, ground.demand, LIMIT_M, engine="numba"), rounds)
    return row("catchments of 50 hubs, 1 km / NetworkX", quick * 1e3, best(hub_by_hub, 1) * 1e3, "ms")


def catchments_elsewhere(ground: Ground, rounds: int) -> Iterator[dict[str, object]]:
    nodes = ground.network.edge_start[ground.hubs.edge]
    arguments = (ground.network, ground.hubs, ground.demand, LIMIT_M)
    for peers, way in (
        (of_pandana, "pip install pandana"),
        (of_pgrouting, "apt-get install postgresql-15-pgrouting"),
    ):
        measured = False
        for name, work, facts in peers(ground.network, nodes, LIMIT_M):
            quick = best(lambda: cost_matrix(*arguments, engine="numba"), rounds)
            slow = best(work, rounds)
            yield row(f"catchments of 500 hubs, 1 km / {name}", quick * 1e3, slow * 1e3, "ms", **facts)
            measured = True
        if not measured:
            print(f"# not measured, the peer is not installed: {way}", file=sys.stderr)


def nearest(ground: Ground, rounds: int, limit_m: float) -> dict[str, object]:
    arguments = (ground.network, ground.hubs, ground.demand, limit_m)
    ours, peer = (nearest_hub(*arguments, engine=engine).distance_m for engine in ("numba", "scipy"))
    assert np.array_equal(np.isfinite(ours), np.isfinite(peer)), "the engines reach other cells"
    reached = np.isfinite(ours)
    assert np.abs(ours[reached] - peer[reached]).max() < 1e-3, "the engines measure other ways"
    quick = best(lambda: nearest_hub(*arguments, engine="numba"), rounds)
    slow = best(lambda: nearest_hub(*arguments, engine="scipy"), rounds)
    reach = "unbounded" if np.isinf(limit_m) else "1 km"
    return row(f"coverage and nearest hub, {reach} / SciPy min_only", quick * 1e3, slow * 1e3, "ms")


def what_if(ground: Ground, rounds: int) -> dict[str, object]:
    unit = (ground.demand_xy[:, 0] // 5_000).astype(int)
    plan = LivePlan(ground.network, ground.demand, ground.weights, limit_m=LIMIT_M, unit=unit, engine="numba")
    for number, xy in enumerate(ground.hub_xy):
        plan.place(str(number), (xy[0], xy[1]))
    whole = assess_walking(
        ground.network, ground.hubs, ground.demand, ground.weights, LIMIT_M, engine="numba"
    )
    assert np.isclose(plan.covered_weight[0], whole.covered_weight[0]), "the live plan covers another weight"
    places = ground.hub_xy + 120.0

    def move_all() -> None:
        for number, xy in enumerate(places):
            plan.place(str(number), (xy[0], xy[1]))
            plan.covered_by_unit  # noqa: B018 the table is part of the job

    slow = best(
        lambda: assess_walking(
            ground.network, ground.hubs, ground.demand, ground.weights, LIMIT_M, engine="numba"
        ),
        rounds,
    )
    return row(
        "what-if: one hub moved, coverage and table / whole job",
        best(move_all, rounds) / HUBS * 1e3,
        slow * 1e3,
        "ms",
    )


def isochrones(ground: Ground, rounds: int) -> Iterator[dict[str, object]]:
    begin = perf_counter()
    cells: NetworkCells = network_cells(ground.network, ground.demand_xy, ground.demand, engine="numba")
    yield row("Voronoi cells, once per network version", perf_counter() - begin, None, "s", cells=len(cells))
    some = ground.hubs.take(slice(0, 50))
    areas = cells.isochrones(some, LIMIT_M)
    truth = cost_matrix(ground.network, some, ground.demand, LIMIT_M)
    wrong = 0
    for hub, area in enumerate(areas):
        inside = shapely.contains_xy(area, *ground.demand_xy.T)
        reached = np.zeros(CELLS, bool)
        reached[truth.indices[truth.indptr[hub] : truth.indptr[hub + 1]]] = True
        wrong += int((inside != reached).sum())
    assert wrong == 0, f"{wrong} demand points on the wrong side"
    quick = best(lambda: cells.isochrones(some, LIMIT_M), rounds)
    start, end, shapes = ground.network.edge_start, ground.network.edge_end, ground.network.edge_shapes

    def buffered() -> None:
        for node in start[some.edge]:
            reached = dijkstra(ground.network.graph, indices=node, limit=LIMIT_M) <= LIMIT_M
            shapely.union_all(shapely.buffer(shapes[reached[start] & reached[end]], 50.0))

    yield row(
        "50 isochrones, 1 km / edge buffers and union",
        quick * 20,
        best(buffered, 1) * 20,
        "ms a hub",
        wrong=wrong,
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--nodes", type=int, nargs="+", default=[50_000])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--skip-polygons", action="store_true")
    given = options.parse_args()
    for nodes in given.nodes:
        ground = Ground(nodes)
        facts = {"nodes": ground.network.node_count, "edges": ground.network.edge_count}
        figures = [
            row("network built from lines", ground.build_s, None, "s"),
            row("500 hubs and 5,000 cells snapped", ground.snap_s * 1e3, None, "ms"),
            catchments(ground, given.rounds),
            catchments_networkx(ground, given.rounds),
            *catchments_elsewhere(ground, given.rounds),
            nearest(ground, given.rounds, LIMIT_M),
            nearest(ground, given.rounds, np.inf),
            what_if(ground, given.rounds),
        ]
        if not given.skip_polygons:
            figures.extend(isochrones(ground, given.rounds))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures.append(row("peak memory of the whole run so far", peak, None, "MB"))
        for figure in figures:
            print(json.dumps(figure | facts), flush=True)


if __name__ == "__main__":
    main()
