"""Siting beside its peers in the same run: one JSON line a figure, model building counted.

    python tests/benchmarks/hub_siting.py [--cells 1000] [--candidates 100] [--peer-limit-s 60]

The ground is drawn (three quarters of the cells in eight clusters, 1.3 x the straight line as the walk) and the
seed fixed. spopt is run with CBC and with HiGHS, and both optima are compared before a ratio is printed. The
sizes of the aims are `--cells 5000 --candidates 500`; spopt then needs minutes and 3 GB for p-median alone.
"""

import argparse
import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pulp
from spopt.locate import LSCP, MCLP, PMedian

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers.hubs.siting import (
    SearchControl,
    SitingAnswer,
    SitingProblem,
    allocate,
    coverage_curve,
    solve_lscp,
    solve_mclp,
    solve_p_center,
    solve_p_median,
)

SIDE_M, LIMIT_M, DETOUR = 40_000.0, 1_500.0, 1.3
AIM_OF_GAP, TOLERANCE = 0.007, 1e-6


def town(cells: int, candidates: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Metres candidates x cells, and residents of the cells."""
    chance = np.random.default_rng(seed)
    centres = chance.uniform(5_000, SIDE_M - 5_000, (8, 2))
    dense = int(cells * 0.75)
    homes = np.vstack([
        centres[chance.integers(0, 8, dense)] + chance.normal(0, 2_500, (dense, 2)),
        chance.uniform(0, SIDE_M, (cells - dense, 2)),
    ])  # fmt: skip
    residents = chance.integers(50, 1_000, cells).astype(float)
    chosen = chance.choice(cells, candidates, replace=False, p=residents / residents.sum())
    sites = homes[chosen] + chance.normal(0, 100, (candidates, 2))
    metres = np.hypot(*(sites[:, None] - homes[None]).transpose(2, 0, 1)) * DETOUR
    return np.round(metres, 3), residents


def row(name: str, ours: float, peer: float | None, unit: str = "s", **facts: object) -> dict[str, object]:
    ratio = None if peer is None else round(peer / ours, 2)
    return {
        "name": name,
        "ours": round(ours, 3),
        "peer": peer and round(peer, 3),
        "ratio": ratio,
        "unit": unit,
        **facts,
    }


def of_spopt(model: type, solver: str, limit_s: float, *given: object) -> tuple[float, float, float | None]:
    """Seconds to build, seconds in all, and the optimum (None where it was not reached in time)."""
    engine = pulp.HiGHS if solver == "HiGHS" else pulp.PULP_CBC_CMD
    begin = perf_counter()
    built = model.from_cost_matrix(*given)
    building = perf_counter() - begin
    built.solve(engine(msg=False, timeLimit=limit_s))
    proven = built.problem.sol_status == pulp.LpSolutionOptimal
    return building, perf_counter() - begin, pulp.value(built.problem.objective) if proven else None


def facts(answer: SitingAnswer) -> dict[str, object]:
    return {"objective": answer.objective, "gap": answer.gap, "status": answer.status}


def covering(
    metres: np.ndarray, residents: np.ndarray, sites: int, limit_s: float
) -> Iterator[dict[str, object]]:
    """MCLP and LSCP to proof, from the matrix to the sites, against spopt doing the same."""
    size = f"{metres.shape[1]:,} x {metres.shape[0]:,}"
    begin = perf_counter()
    question = SitingProblem.of_table(np.where(metres <= LIMIT_M, metres, np.inf), weights=residents)
    building = perf_counter() - begin
    near = metres[:, (metres <= LIMIT_M).any(axis=0)].T
    answers = {
        f"mclp p={sites}": (
            solve_mclp(question, LIMIT_M, sites),
            (MCLP, metres.T, residents, LIMIT_M, sites),
        ),
        "lscp": (solve_lscp(question, LIMIT_M), (LSCP, near, LIMIT_M)),
    }
    for name, (answer, (model, *given)) in answers.items():
        for solver in ("CBC", "HiGHS"):
            _, seconds, optimum = of_spopt(model, solver, limit_s, *given)
            same = optimum is None or abs(optimum - answer.objective) <= TOLERANCE * optimum
            if not same:
                sys.exit(f"{name}: ours {answer.objective}, spopt {optimum}")
            ours = building + answer.seconds
            peer = f"spopt with {solver}" + ("" if optimum is not None else ", unsolved")
            yield row(f"{name}, {size}, 1.5 km", ours, seconds, against=peer, **facts(answer))


def median(metres: np.ndarray, residents: np.ndarray, sites: int) -> Iterator[dict[str, object]]:
    """p-median to the aimed gap, against what spopt needs to build its model and nothing else."""
    size = f"{metres.shape[1]:,} x {metres.shape[0]:,}, p={sites}"
    begin = perf_counter()
    question = SitingProblem.of_table(metres, weights=residents)
    building = perf_counter() - begin
    answer = solve_p_median(question, sites, control=SearchControl(accept_gap=AIM_OF_GAP))
    begin = perf_counter()
    PMedian.from_cost_matrix(metres.T, residents, sites)
    peer = perf_counter() - begin
    ours = building + answer.seconds
    yield row(
        f"p-median, {size}, gap {AIM_OF_GAP:.1%}", ours, peer, against="spopt, building only", **facts(answer)
    )
    answer = solve_p_center(question, sites, control=SearchControl(time_limit_s=20.0))
    yield row(f"p-center, {size}", answer.seconds, None, **facts(answer))


def limited(metres: np.ndarray, residents: np.ndarray) -> Iterator[dict[str, object]]:
    """Capacity 1.25 x the mean at every candidate, against everybody going to the nearest."""
    hubs = metres.shape[0]
    capacity = 1.25 * residents.sum() / hubs
    question = SitingProblem.of_table(np.where(metres <= 5_000, metres, np.inf), weights=residents)
    limited_question = replace(question, capacities=np.full(hubs, capacity))
    begin = perf_counter()
    flow = allocate(limited_question, question.candidate_ids)
    seconds = perf_counter() - begin
    loads = np.bincount(metres.argmin(axis=0), weights=residents, minlength=hubs)
    nearest = metres.min(axis=0)
    yield row(
        f"capacity 1.25 x mean, {hubs:,} hubs",
        seconds,
        None,
        served_share=round(flow.served_weight / residents.sum(), 4),
        mean_walk_m=round(flow.mean_m or 0.0, 1),
        split_cells=flow.split,
        nearest_mean_walk_m=round(float(nearest @ residents / residents.sum()), 1),
        nearest_overfull_hubs=int((loads > capacity).sum()),
    )


def curve(metres: np.ndarray, residents: np.ndarray, most: int) -> Iterator[dict[str, object]]:
    """The whole coverage curve, every p with its bound."""
    question = SitingProblem.of_table(np.where(metres <= LIMIT_M, metres, np.inf), weights=residents)
    begin = perf_counter()
    points = coverage_curve(question, LIMIT_M, most, control=SearchControl(time_limit_s=20.0))
    seconds = perf_counter() - begin
    proven = sum(point.status == "optimal" for point in points)
    worst = max(point.gap or 0.0 for point in points)
    yield row(f"coverage curve p=1…{most}", seconds, None, proven=proven, largest_gap=worst)


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--cells", type=int, default=1_000)
    arguments.add_argument("--candidates", type=int, default=100)
    arguments.add_argument("--peer-limit-s", type=float, default=60.0)
    given = arguments.parse_args()
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # spopt calls PuLP the old way
    metres, residents = town(given.cells, given.candidates)
    sites = max(5, given.candidates // 25)
    solve_p_median(SitingProblem.of_table(metres[:5, :20], weights=residents[:20]), 2)  # compiles the kernels
    for figures in (
        covering(metres, residents, sites, given.peer_limit_s),
        median(metres, residents, sites),
        curve(metres, residents, 2 * sites),
        limited(metres, residents),
    ):
        for figure in figures:
            print(json.dumps(figure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
