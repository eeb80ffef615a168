"""How far to look for candidates when all pairs would not fit in memory; refuses nothing, says the bound."""

from typing import Final

import numpy as np
from scipy.spatial import KDTree

from layers.hubs.siting.problem import FloatArray

PAIRS_AT_MOST: Final = 25_000_000
"""Pairs a p-median or p-center question may have: about 1.2 GB with its sorted lists."""

SAMPLE: Final = 2_000


def search_bound_m(
    candidates_xy: FloatArray, demand_xy: FloatArray, *, pairs_at_most: int = PAIRS_AT_MOST
) -> float:
    """Return the metres within which at most about `pairs_at_most` pairs lie, `inf` where all pairs fit.

    Both are [n, 2] in metres of one projected CRS. A walk is never shorter than the straight line, so the pairs
    within that walk are no more. Measured on a regular sample of the demand, so the same for the same input.
    """
    candidates = candidates_xy[np.isfinite(candidates_xy).all(axis=1)]
    demand = demand_xy[np.isfinite(demand_xy).all(axis=1)]
    if len(candidates) * len(demand) <= pairs_at_most:
        return float("inf")
    each = max(1, pairs_at_most // len(demand))
    sample = demand[:: max(1, len(demand) // SAMPLE)]
    metres, _ = KDTree(candidates).query(sample, k=[each])
    return float(np.median(metres))
