"""Whom the hubs serve and whom not: shares by unit and group, gaps, overlaps, span, fairness.

Works on what an assessment found; refuses to judge what is good enough.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from layers.hubs.coverage.legs import LIMIT_TOLERANCE_M
from layers.hubs.coverage.search import Nearest
from layers.hubs.network.road_network import Floats, LongIntegers


@dataclass(frozen=True, eq=False)
class Shares:
    """Total and covered weight [u, g] of u units and g population groups."""

    total: Floats
    covered: Floats

    @property
    def share(self) -> Floats:
        """Covered over total [u, g]; `nan` where a unit has none of a group."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.covered / self.total, np.float64)


def shares_by_unit(
    covered: NDArray[np.bool_], weights: Floats, unit: NDArray[np.integer] | None = None
) -> Shares:
    """Sum weights [d] or [d, g] by unit number [d] (all one unit if not given) and by coverage [d].

    Call it once for each level of units: township numbers give townships, district numbers districts.
    """
    groups = np.asarray(weights, np.float64).reshape(len(covered), -1)
    number = np.zeros(len(covered), np.int64) if unit is None else np.asarray(unit)
    units = int(number.max(initial=0)) + 1
    total, served = np.zeros((units, groups.shape[1])), np.zeros((units, groups.shape[1]))
    np.add.at(total, number, groups)
    np.add.at(served, number[covered], groups[covered])
    return Shares(total, served)


@dataclass(frozen=True, eq=False)
class Gap:
    """One patch of uncovered ground (盲区): its demand points, weight, and how far beyond the limit.

    `excess_m` is the mean way beyond the limit, by weight; `unreachable_weight` has no way at all.
    """

    demand: LongIntegers
    weight: float
    excess_m: float
    unreachable_weight: float
    severity: float


def ranked_gaps(
    demand_xy: Floats, weights: Floats, nearest: Nearest, limit_m: float, *, join_m: float
) -> list[Gap]:
    """Join uncovered points not farther apart than `join_m` into gaps, the most pressing first.

    Severity is weight x metres beyond the limit; a point that no hub reaches counts with the largest
    excess found, at least the limit itself. Equal severities keep the order of the points.
    """
    uncovered = np.flatnonzero((nearest.distance_m > limit_m + LIMIT_TOLERANCE_M) & (weights > 0))
    if len(uncovered) == 0:
        return []
    excess = nearest.distance_m[uncovered] - limit_m
    lost = ~np.isfinite(excess)
    excess[lost] = max(limit_m, excess[~lost].max(initial=0.0))
    pairs = KDTree(demand_xy[uncovered]).query_pairs(join_m, output_type="ndarray")
    links = coo_array((np.ones(len(pairs), np.int8), pairs.T), shape=(len(uncovered), len(uncovered)))
    count, patch = connected_components(links, directed=False)
    weight = weights[uncovered]
    heavy = np.bincount(patch, weight, count)
    severity = np.bincount(patch, weight * excess, count)
    away = np.bincount(patch, weight * lost, count)
    members = np.split(uncovered[np.argsort(patch, kind="stable")], np.cumsum(np.bincount(patch))[:-1])
    return [
        Gap(
            members[at],
            float(heavy[at]),
            float(severity[at] / heavy[at]),
            float(away[at]),
            float(severity[at]),
        )
        for at in np.argsort(-severity, kind="stable")
    ]


def shared_weight(matrix: csr_array, weights: Floats) -> csr_array:
    """Weight in reach of both hubs for every pair of hubs [h, h]; the diagonal is each hub's own."""
    reach = csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    return csr_array((reach * weights[None, :]) @ reach.T)


@dataclass(frozen=True, eq=False)
class Span:
    """What each hub [h] would look after (管理幅度) if everyone went to the nearest: units and weight."""

    units: LongIntegers
    weight: Floats
    mean_m: Floats
    farthest_m: Floats


def span_of_hubs(nearest: Nearest, unit: NDArray[np.integer], weights: Floats, hubs: int) -> Span:
    """Count the units [d] and the weight [d] each hub is nearest to, with mean and farthest walk."""
    served = np.flatnonzero(nearest.reached)
    hub, metres, weight = nearest.origin[served], nearest.distance_m[served], weights[served]
    kinds = np.unique(np.stack((hub, np.asarray(unit)[served])), axis=1)
    farthest = np.zeros(hubs)
    np.maximum.at(farthest, hub, metres)
    total = np.zeros(hubs)
    np.add.at(total, hub, weight)
    walked = np.bincount(hub, weight * metres, hubs)
    mean = np.divide(walked, total, out=np.full(hubs, np.nan), where=total > 0)
    return Span(np.bincount(kinds[0], minlength=hubs), total, mean, farthest)


def gini(values: Floats, weights: Floats) -> float:
    """Gini coefficient of values [d] over weights [d]: 0 if all have the same, near 1 if one has all.

    >>> round(gini(np.array([1.0, 1.0, 1.0]), np.ones(3)), 6), gini(np.array([0.0, 1.0]), np.ones(2))
    (0.0, 0.5)
    """
    order = np.argsort(values, kind="stable")
    weight, held = weights[order], values[order] * weights[order]
    if held.sum() <= 0 or weight.sum() <= 0:
        return 0.0
    people = np.concatenate(([0.0], np.cumsum(weight))) / weight.sum()
    share = np.concatenate(([0.0], np.cumsum(held))) / held.sum()
    return float(1.0 - np.sum(np.diff(people) * (share[1:] + share[:-1])))


def palma(values: Floats, weights: Floats) -> float:
    """Palma ratio: what the best-off tenth holds over what the worst-off four tenths hold."""
    order = np.argsort(values, kind="stable")
    weight, held = weights[order], values[order] * weights[order]
    people = np.concatenate(([0.0], np.cumsum(weight))) / max(weight.sum(), 1e-300)
    share = np.concatenate(([0.0], np.cumsum(held)))
    low, high = np.interp([0.4, 0.9], people, share)
    return float((share[-1] - high) / low) if low > 0 else float("inf")
