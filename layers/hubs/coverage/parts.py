"""Coverage by overlapping parts of the ground, so that several machines can share one question.

Each part has demand of its own and the streets within a margin around it. A way no longer than the margin
never leaves them, so what is found up to the margin is exact. Whoever found no hub there is asked for once more on the
whole network, here: one search serves them all, and parts wide enough for them would be the whole many times over.
Refuses to know who runs the parts: `Run` may be `map` or a cluster.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from scipy.sparse import csr_array

from layers.hubs.coverage.assessment import Coverage, assess_walking, checked_weights, merged_coverage
from layers.hubs.coverage.legs import LIMIT_TOLERANCE_M
from layers.hubs.coverage.search import Nearest, catchments, checked_limit, nearest_hub
from layers.hubs.network import RoadNetwork, Snapped
from layers.hubs.network.excerpt import Excerpt, excerpt
from layers.hubs.network.road_network import Floats, LongIntegers

Run: TypeAlias = Callable[[Callable[["Part"], Any], Sequence["Part"]], Sequence[Any]]
"""Apply a function to each part and return the answers in their order."""


@dataclass(frozen=True, eq=False)
class Part:
    """A question on a piece of ground: its streets, its hubs and demand, and their rows in the whole.

    Distances up to `margin_m` are those of the whole network; `inf` where the part is the whole.
    """

    network: RoadNetwork
    hubs: Snapped
    hub_rows: LongIntegers
    demand: Snapped
    demand_rows: LongIntegers
    weights: Floats
    limits_m: tuple[float, ...]
    margin_m: float


def assess_walking_in_parts(
    run: Run,
    network: RoadNetwork,
    hubs: Snapped,
    demand: Snapped,
    weights: Floats,
    *,
    limits_m: Sequence[float] | float,
    parts: int,
) -> Coverage:
    """Return what `assess_walking` returns, worked out in about `parts` parts.

    Raises `WeightsInvalid`, `LimitInvalid`.
    """
    limits = tuple(sorted({checked_limit(each) for each in np.atleast_1d(limits_m).tolist()}))
    weights = checked_weights(weights, len(demand))
    pieces = list(divided(network, hubs, demand, weights, limits, margin_m=limits[-1], parts=parts))
    answers = run(_assess, pieces)
    left = Nearest(np.full(len(demand), -1, np.int64), np.full(len(demand), np.inf))
    hub_covered = np.zeros((len(limits), len(hubs)))
    served = np.zeros((len(limits), len(demand)), np.int32)
    for piece, answer in zip(pieces, answers, strict=True):
        hub_covered[:, piece.hub_rows] += answer.hub_covered_weight
        served[:, piece.demand_rows] = answer.times_served
        _take_sure(left, piece, answer.nearest)
    _look_everywhere(network, hubs, demand, left)
    return merged_coverage(left, weights, np.array(limits), hub_covered, served)


def catchments_in_parts(
    run: Run, network: RoadNetwork, hubs: Snapped, demand: Snapped, limit_m: float, *, parts: int
) -> csr_array:
    """Return the matrix that `catchments` returns, worked out in about `parts` parts."""
    limit, shape = checked_limit(limit_m), (len(hubs), len(demand))
    weights = np.zeros(len(demand))
    pieces = list(divided(network, hubs, demand, weights, (limit,), margin_m=limit, parts=parts))
    found = [(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64))]
    for piece, matrix in zip(pieces, run(_measure, pieces), strict=True):
        hub = np.repeat(piece.hub_rows, np.diff(matrix.indptr))
        found.append((matrix.data, hub, piece.demand_rows[matrix.indices]))
    metres, hub, home = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((home, hub))
    indptr = np.concatenate(([0], np.cumsum(np.bincount(hub, minlength=len(hubs)))))
    return csr_array((metres[order], home[order], indptr), shape=shape)


def divided(
    network: RoadNetwork,
    hubs: Snapped,
    demand: Snapped,
    weights: Floats,
    limits_m: tuple[float, ...],
    *,
    margin_m: float,
    parts: int,
) -> Iterator[Part]:
    """Yield parts of about equal demand; together they hold every point that stands on the network, once."""
    rows = np.flatnonzero(demand.ok)
    xy = _places(network, demand.take(rows))
    whole = _extent(network)
    wide = margin_m / _least_factor(network)
    for within in _halved(xy, np.arange(len(rows)), parts):
        box = _widened(xy[within], wide)
        if _covers(box, whole):
            margin, piece = np.inf, Excerpt(network, np.arange(network.edge_count))
        else:
            margin, piece = margin_m, excerpt(network, box)
        near_hubs, hub_rows = piece.brought(hubs)
        homes, _ = piece.brought(demand.take(rows[within]))
        own = rows[within]
        yield Part(piece.network, near_hubs, hub_rows, homes, own, weights[own], limits_m, float(margin))


def _assess(part: Part) -> Coverage:
    return assess_walking(part.network, part.hubs, part.demand, part.weights, part.limits_m)


def _measure(part: Part) -> csr_array:
    return catchments(part.network, part.hubs, part.demand, part.limits_m[-1])


def _take_sure(into: Nearest, part: Part, found: Nearest) -> None:
    """Take over what is nearest within the margin, and all of a part that is the whole network."""
    sure = found.reached & (found.distance_m <= part.margin_m + LIMIT_TOLERANCE_M)
    into.origin[part.demand_rows[sure]] = part.hub_rows[found.origin[sure]]
    into.distance_m[part.demand_rows[sure]] = found.distance_m[sure]


def _look_everywhere(network: RoadNetwork, hubs: Snapped, demand: Snapped, into: Nearest) -> None:
    """Find the nearest hub of those who have found none."""
    rows = np.flatnonzero(demand.ok & ~into.reached)
    if not len(rows) or not hubs.ok.any():
        return
    found = nearest_hub(network, hubs, demand.take(rows))
    into.origin[rows], into.distance_m[rows] = found.origin, found.distance_m


def _places(network: RoadNetwork, points: Snapped) -> Floats:
    """Return where on the network points [p, 2] stand."""
    shapes = network.edge_shapes[points.edge]
    return shapely.get_coordinates(shapely.line_interpolate_point(shapes, points.fraction, normalized=True))


def _least_factor(network: RoadNetwork) -> float:
    """Return the least cost of a metre: where walking is eased, a way of a cost leads farther."""
    cost = np.minimum(network.forward_m, network.backward_m)
    usable = np.isfinite(cost) & (network.edge_length_m > 0)
    return float((cost[usable] / network.edge_length_m[usable]).min(initial=1.0))


def _halved(xy: Floats, rows: LongIntegers, parts: int) -> Iterator[LongIntegers]:
    """Yield rows in groups of about equal size, cut across the longer side again and again."""
    if parts <= 1 or len(rows) <= 1:
        if len(rows):
            yield rows
        return
    sides = np.ptp(xy[rows], axis=0)
    order = rows[np.argsort(xy[rows, int(np.argmax(sides))], kind="stable")]
    first = parts // 2
    middle = len(order) * first // parts
    yield from _halved(xy, order[:middle], first)
    yield from _halved(xy, order[middle:], parts - first)


def _extent(network: RoadNetwork) -> tuple[float, float, float, float]:
    west, south = network.vertex_xy.min(axis=0)
    east, north = network.vertex_xy.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _widened(xy: Floats, margin_m: float) -> tuple[float, float, float, float]:
    west, south = xy.min(axis=0) - margin_m
    east, north = xy.max(axis=0) + margin_m
    return float(west), float(south), float(east), float(north)


def _covers(box: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return box[0] <= other[0] and box[1] <= other[1] and box[2] >= other[2] and box[3] >= other[3]
