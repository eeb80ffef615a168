"""How long the topology check takes on township-like ground, and how that grows; prints JSON lines.

The peer is what a script on the bare library does: `coverage_invalid_edges` for edges that do not match, and the
union of all units for holes. It names no kind, no pair of units and no size. Coverages have some 100 vertices a
unit; `faulty` ones have a gap, overlap, strip or missing vertex on every line that can take one.
Run: python tests/benchmarks/topology_check.py
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from math import log

import numpy as np
import shapely

from layers.boundaries.topology import check_coverage
from tests.townships import inject, townships

SIZES = (250, 1000, 4000)
RUNS = 3


def seconds(act: Callable[[], object]) -> float:
    """Return the processor time of the shortest of a few runs, so that neighbours on the machine do not count."""
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        act()
        taken.append(time.process_time() - start)
    return min(taken)


def bare(polygons: np.ndarray) -> int:
    edges = shapely.coverage_invalid_edges(polygons)
    holes = shapely.get_num_interior_rings(shapely.get_parts(shapely.union_all(polygons)))
    return int((~shapely.is_empty(edges)).sum() + holes.sum())


def figures() -> Iterator[dict[str, object]]:
    """Yield one figure a line: name, ours, peer, ratio, unit."""
    times: dict[tuple[str, int], tuple[float, float]] = {}
    for size in SIZES:
        coverage = townships(size)
        codes, faulty, faults = inject(coverage, 1)
        for ground, names, units, expected in (
            ("clean", list(coverage.units), list(coverage.units.values()), 0),
            ("faulty", codes, faulty, len(faults)),
        ):
            polygons = np.array(units, dtype=object)
            found = len(check_coverage(names, polygons))
            if found != expected:
                message = f"{ground} {size}: {found} findings, {expected} faults"
                raise AssertionError(message)
            ours = seconds(lambda names=names, polygons=polygons: check_coverage(names, polygons))
            peer = seconds(lambda polygons=polygons: bare(polygons))
            times[ground, size] = ours, peer
            yield figure(f"topology_check_{ground}_{len(names)}_units_{expected}_faults", ours, peer, "s")
    for ground in ("clean", "faulty"):
        growth = (
            log(times[ground, SIZES[-1]][who] / times[ground, SIZES[0]][who]) / log(SIZES[-1] / SIZES[0])
            for who in (0, 1)
        )
        yield figure(
            f"topology_check_{ground}_growth_{SIZES[0]}_to_{SIZES[-1]}", *growth, "exponent of units"
        )


def figure(name: str, ours: float, peer: float, unit: str) -> dict[str, object]:
    return {
        "name": name,
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "ratio": round(ours / peer, 2),
        "unit": unit,
    }


def main(out=sys.stdout) -> None:
    """Print the figures as they come."""
    for one in figures():
        print(json.dumps(one), file=out, flush=True)


if __name__ == "__main__":
    main()
