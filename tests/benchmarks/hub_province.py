"""A province: ten cities joined by highways, their coverage by one process and by Dask workers, compared to the metre.

    python -m tests.benchmarks.hub_province [--cities 10] [--nodes 200000] [--workers 2]

Every city has 500 hubs and 5,000 cells. The workers are processes of this machine, one thread each, and so share its
cores; where ours is slower than one process, the parts do not pay here. Memory is the peak of this process.
"""

import argparse
import resource
from dataclasses import replace
from time import perf_counter

import numpy as np
import shapely
from distributed import LocalCluster

from geo_service.several_machines import crew_at
from layers.hubs.coverage import assess_walking, assess_walking_in_parts
from layers.hubs.network import build_network, snap
from tests.benchmarks.hub_coverage import CELLS, HUBS, LIMIT_M, SPACING_M, town
from tests.benchmarks.unit_reads import report

LIMITS_M = (500.0, LIMIT_M)


def province(cities: int, nodes: int) -> list[shapely.LineString]:
    """Cities in a row, 20 km of highway between one's last street and the next one's first."""
    step = np.sqrt(nodes) * SPACING_M + 20_000.0
    lines: list[shapely.LineString] = []
    for number in range(cities):
        streets = shapely.transform(
            np.array(town(nodes, seed=number)), lambda xy, x=number * step: xy + np.array((x, 0.0))
        )
        if lines:
            lines.append(shapely.LineString([lines[-1].coords[-1], streets[0].coords[0]]))
        lines.extend(streets)
    return lines


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cities", type=int, default=10)
    options.add_argument("--nodes", type=int, default=200_000)
    options.add_argument("--workers", type=int, default=2)
    given = options.parse_args()
    begin = perf_counter()
    network = build_network(province(given.cities, given.nodes))
    built = perf_counter() - begin
    random = np.random.default_rng(3)
    demand_xy = network.node_xy[random.integers(0, network.node_count, CELLS * given.cities)]
    demand_xy = demand_xy + random.normal(0, 40, demand_xy.shape)
    hub_xy = demand_xy[random.integers(0, len(demand_xy), HUBS * given.cities)] + 60.0
    weights = random.integers(50, 900, len(demand_xy)).astype(float)
    hubs, demand = snap(network, hub_xy), snap(network, demand_xy)
    assess_walking(network, hubs, demand, weights, LIMITS_M)  # compiles the kernel
    fresh = replace(network)  # as a worker gets it: nothing that follows from it is worked out yet
    begin = perf_counter()
    whole = assess_walking(fresh, hubs, demand, weights, LIMITS_M)
    alone = perf_counter() - begin
    with (
        LocalCluster(n_workers=given.workers, threads_per_worker=1, dashboard_address=None) as cluster,
        crew_at(cluster.scheduler_address) as crew,
    ):
        taken = []
        for _ in range(2):  # the first round compiles the kernel in every worker
            begin = perf_counter()
            parted = assess_walking_in_parts(
                crew.run, network, hubs, demand, weights, limits_m=LIMITS_M, parts=crew.parts
            )
            taken.append(perf_counter() - begin)
    assert np.array_equal(whole.covered_weight, parted.covered_weight), "the parts cover another weight"
    assert np.array_equal(whole.times_served, parted.times_served), "the parts serve other cells"
    reached = np.isfinite(whole.nearest.distance_m)
    assert np.array_equal(reached, np.isfinite(parted.nearest.distance_m)), "the parts reach other cells"
    farthest = np.abs(whole.nearest.distance_m[reached] - parted.nearest.distance_m[reached]).max()
    assert farthest < 1e-3, f"the parts walk {farthest} m farther"
    size = f"{given.cities} cities, {network.node_count:,} nodes, {len(demand):,} cells, {len(hubs):,} hubs"
    report(f"{size}: network built, against 60 s", built, 60, "s")
    report(f"{size}: coverage by {given.workers} workers, against one process", taken[-1], alone, "s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report(f"{size}: peak memory, against 8 GB", peak, 8192, "MB")


if __name__ == "__main__":
    main()
