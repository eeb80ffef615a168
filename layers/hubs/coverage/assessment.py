"""How much weight the hubs cover, each and together; refuses weights that are no numbers.

One search to the largest limit, thresholds afterwards. Pairs are summed block by block and let go, so
two million demand points and a limit of 100 km need no more memory than a few blocks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from layers.errors import InvalidInput
from layers.hubs.coverage.legs import LIMIT_TOLERANCE_M
from layers.hubs.coverage.search import Engine, Nearest, checked_limit, prepare_search
from layers.hubs.coverage.straight_line import straight_line_matrix, straight_line_nearest
from layers.hubs.network import RoadNetwork, Snapped
from layers.hubs.network.road_network import Floats, Integers, LongIntegers

_PAIRS_AT_ONCE = 10_000_000


class WeightsInvalid(InvalidInput):
    """Weights of demand must be numbers, not negative, one for each point."""

    code = "hubs.weights_invalid"


@dataclass(frozen=True, eq=False)
class Coverage:
    """What h hubs cover of d demand points within each of the limits [L], ascending.

    `covered_weight` [L]: weight with a hub in reach, counted once. `hub_covered_weight` [L, h]: all
    weight in reach of each hub, so overlaps count at every hub. `hub_nearest_weight` [L, h]: weight in
    reach whose nearest hub it is (of hubs equally near the first); over all hubs it adds up to
    `covered_weight`. `times_served` int32
    [L, d]: hubs in reach of each point. `nearest` goes beyond the limits, to the whole of the network.
    `total_weight` counts every point, also one that no street is near.
    """

    limits_m: Floats
    total_weight: float
    covered_weight: Floats
    hub_covered_weight: Floats
    hub_nearest_weight: Floats
    times_served: Integers
    nearest: Nearest

    @property
    def covered_share(self) -> Floats:
        """Covered weight over total weight [L]; 0 where there is no weight at all."""
        return np.divide(
            self.covered_weight,
            self.total_weight,
            out=np.zeros(len(self.limits_m)),
            where=self.total_weight > 0,
        )


def assess_walking(
    network: RoadNetwork,
    hubs: Snapped,
    demand: Snapped,
    weights: Floats,
    limits_m: Sequence[float] | float,
    *,
    engine: Engine = "auto",
) -> Coverage:
    """Assess coverage along the network, residents walking to the hub.

    `weights` float64 [d]; `limits_m` in metres (minutes become metres by the walking speed).
    Raises `WeightsInvalid`, `LimitInvalid`.
    """
    limits = _limits(limits_m)
    search = prepare_search(network.reversed, demand, origins=len(hubs), engine=engine)
    nearest = search.nearest(hubs, np.inf)
    return _assessed(
        lambda rows: search.matrix(hubs.take(rows), limits[-1]),
        nearest,
        checked_weights(weights, len(demand)),
        limits,
        len(hubs),
    )


def assess_straight_line(
    hubs_xy: Floats, demand_xy: Floats, weights: Floats, limits_m: Sequence[float] | float
) -> Coverage:
    """Assess coverage by circles: hubs [h, 2] and demand [d, 2] in metres of one projected CRS."""
    limits = _limits(limits_m)
    return _assessed(
        lambda rows: straight_line_matrix(hubs_xy[rows], demand_xy, limits[-1]),
        straight_line_nearest(hubs_xy, demand_xy),
        checked_weights(weights, len(demand_xy)),
        limits,
        len(hubs_xy),
    )


def _limits(limits_m: Sequence[float] | float) -> Floats:
    limits = np.unique(np.atleast_1d(np.asarray(limits_m, np.float64)))
    return np.array([checked_limit(limit) for limit in limits])


def checked_weights(weights: Floats, count: int) -> Floats:
    """Return the weights [count], or raise `WeightsInvalid`."""
    values = np.asarray(weights, np.float64)
    wrong = ~np.isfinite(values) | (values < 0)
    if values.shape != (count,) or wrong.any():
        raise WeightsInvalid(
            expected=count, shape=list(values.shape), rows=np.flatnonzero(wrong)[:10].tolist()
        )
    return values


def _assessed(
    matrix_of: Callable[[slice], csr_array], nearest: Nearest, weights: Floats, limits: Floats, hubs: int
) -> Coverage:
    hub_covered = np.zeros((len(limits), hubs))
    served = np.zeros((len(limits), len(weights)), np.int32)
    for rows in _blocks(hubs, len(weights)):
        matrix = matrix_of(rows)
        hub = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        for level, limit in enumerate(limits):
            within = matrix.data <= limit + LIMIT_TOLERANCE_M
            served[level] += np.bincount(matrix.indices[within], minlength=len(weights)).astype(np.int32)
            gained = np.bincount(hub[within], weights[matrix.indices[within]], matrix.shape[0])
            hub_covered[level, rows] = gained
        _name_the_first(nearest, matrix, hub + rows.start)
    return merged_coverage(nearest, weights, limits, hub_covered, served)


def merged_coverage(
    nearest: Nearest, weights: Floats, limits_m: Floats, hub_covered_weight: Floats, times_served: Integers
) -> Coverage:
    """Return the coverage that follows from each point's nearest hub and the counts within the limits [L]."""
    hubs = hub_covered_weight.shape[1]
    reached = nearest.distance_m <= limits_m[:, None] + LIMIT_TOLERANCE_M
    return Coverage(
        limits_m=limits_m,
        total_weight=float(weights.sum()),
        covered_weight=np.array([weights[within].sum() for within in reached]),
        hub_covered_weight=hub_covered_weight,
        hub_nearest_weight=_by_nearest(nearest, reached, weights, hubs),
        times_served=times_served,
        nearest=nearest,
    )


def _name_the_first(nearest: Nearest, matrix: csr_array, hub: LongIntegers) -> None:
    """Of hubs equally near, name the first in the office's order, whatever the engine came upon."""
    metres = nearest.distance_m[matrix.indices]
    tied = (matrix.data <= metres + LIMIT_TOLERANCE_M) & (hub < nearest.origin[matrix.indices])
    np.minimum.at(nearest.origin, matrix.indices[tied], hub[tied])


def _by_nearest(nearest: Nearest, reached: NDArray[np.bool_], weights: Floats, hubs: int) -> Floats:
    return np.array([np.bincount(nearest.origin[within], weights[within], hubs) for within in reached])


def _blocks(hubs: int, demand: int) -> Iterator[slice]:
    step = max(1, _PAIRS_AT_ONCE // max(1, demand))
    for begin in range(0, hubs, step):
        yield slice(begin, min(begin + step, hubs))
