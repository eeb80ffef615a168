"""Weight covered by 1 … P hubs with the proven bound beside it; refuses to interpolate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from layers.hubs.siting.answer import Status, Stopped, relative_gap, status_of
from layers.hubs.siting.control import Search, SearchControl
from layers.hubs.siting.covering import OpenChoice, cover_within, covered_by, open_choice
from layers.hubs.siting.greedy import greedy_gains, most_covered
from layers.hubs.siting.mclp import cover_most
from layers.hubs.siting.problem import IndexArray, SitingInputRefused, SitingProblem
from layers.hubs.siting.screening import refuse_unsupported


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One p of the curve; the meanings are those of `SitingAnswer`. Sites that would add nothing are not named."""

    p: int
    sites: tuple[str, ...]
    objective: float
    bound: float
    status: Status

    @property
    def gap(self) -> float | None:
        """Proven relative gap."""
        return relative_gap(self.objective, self.bound)


def coverage_curve(
    problem: SitingProblem,
    limit_m: float,
    p_max: int,
    *,
    control: SearchControl | None = None,
    told: Callable[[CurvePoint], None] | None = None,
) -> tuple[CurvePoint, ...]:
    """Solve MCLP for p = fixed sites … p_max (from 1 where none is fixed), the time shared among them.

    The greedy curve with a bound stands at once; each p is then proved as far as its share of the time
    allows, and a bound for p holds for every smaller p. `told` hears each point as it is settled. With a
    time limit of 0 the greedy curve is the answer. Raises `SitingInputRefused` for a p_max out of range.
    """
    search = Search(control or SearchControl())
    refuse_unsupported(problem, "mclp", budget=False, capacities=False)
    first = max(1, int(problem.fixed.sum()))
    if not first <= p_max <= int(problem.allowed.sum()):
        raise SitingInputRefused(field="p_max", problem="outside fixed sites … allowed candidates")
    choice = open_choice(problem, cover_within(problem, limit_m))
    counts = range(first - choice.fixed.size, p_max - choice.fixed.size + 1)
    order, bounds = greedy_gains(choice, counts[-1])
    points: list[CurvePoint] = []
    columns: IndexArray = np.empty(0, dtype=np.int64)
    for left, count in zip(range(len(counts), 0, -1), counts, strict=True):
        begin = _better(choice, order[:count], _extended(choice, columns, count))
        stopped = search.stopped()
        bound = choice.fixed_weight + float(bounds[count])
        columns = begin
        if stopped is None:
            share = replace(search.control, time_limit_s=search.remaining_s / left, progress=None)
            found = cover_most(problem, choice, count + choice.fixed.size, Search(share), start=begin)
            columns, bound, stopped = found.columns, found.bound, found.stopped
        objective = _reached(choice, columns)
        bound = max(bound, objective)
        names = problem.site_ids(np.concatenate([choice.fixed, choice.candidates[columns]]))
        status = status_of(objective, bound, stopped=stopped, accept_gap=search.control.accept_gap)
        points.append(CurvePoint(count + choice.fixed.size, names, objective, bound, status))
        if told is not None:
            told(points[-1])
    return _monotone(points, search.control.accept_gap)


def _reached(choice: OpenChoice, columns: IndexArray) -> float:
    return choice.fixed_weight + float(choice.weights[covered_by(choice.cover, columns)].sum())


def _better(choice: OpenChoice, one: IndexArray, other: IndexArray) -> IndexArray:
    return one if _reached(choice, one) >= _reached(choice, other) else other


def _extended(choice: OpenChoice, columns: IndexArray, count: int) -> IndexArray:
    """Add to the sites of the previous p those that cover most besides."""
    left = replace(choice, weights=np.where(covered_by(choice.cover, columns), 0.0, choice.weights))
    return np.concatenate([columns, most_covered(left, count - columns.size)])


def _monotone(points: Sequence[CurvePoint], accept_gap: float) -> tuple[CurvePoint, ...]:
    """More hubs cover no less: a smaller bound further right holds here too."""
    lowest = np.inf
    settled: list[CurvePoint] = []
    for point in reversed(points):
        lowest = min(lowest, point.bound)
        bound = max(point.objective, lowest)
        stopped: Stopped = "cancelled" if point.status == "cancelled" else "time_limit"
        status = status_of(point.objective, bound, stopped=stopped, accept_gap=accept_gap)
        settled.append(replace(point, bound=bound, status=status))
    return tuple(reversed(settled))
