"""Supply for each demand point by floating catchments, 2SFCA and E2SFCA; refuses overlapping zones.

Step one shares each hub's supply among all it reaches; step two adds up, for each point, the shares of
all hubs that reach it (Luo and Wang 2003; zones with weights: Luo and Qi 2009). The sum of supply handed
out equals the supply of all hubs that reach anyone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from layers.errors import InvalidInput
from layers.hubs.coverage.legs import LIMIT_TOLERANCE_M
from layers.hubs.network.road_network import Floats


class ZonesInvalid(InvalidInput):
    """Zones of a catchment must rise in metres and have weights that are not negative."""

    code = "hubs.zones_invalid"


@dataclass(frozen=True)
class Zone:
    """Up to `limit_m` metres, and beyond the zone before, a way counts with `weight`."""

    limit_m: float
    weight: float


def floating_catchment(matrix: csr_array, supply: Floats, weights: Floats, zones: Sequence[Zone]) -> Floats:
    """Supply per unit of weight at each demand point [d].

    `matrix` [h, d] metres as from `catchments`, to at least the last zone; `supply` [h] (beds, square
    metres, staff), `weights` [d] residents. One zone of weight 1 is 2SFCA, several are E2SFCA. A hub
    whose reach holds nobody gives its supply to nobody. Raises `ZonesInvalid`.
    """
    impedance = _impedance(matrix, zones)
    load = impedance @ weights
    ratio = np.divide(supply, load, out=np.zeros(len(supply)), where=load > 0)
    return np.asarray(impedance.T @ ratio)


def _impedance(matrix: csr_array, zones: Sequence[Zone]) -> csr_array:
    limits = np.array([zone.limit_m for zone in zones])
    factors = np.array([zone.weight for zone in zones] + [0.0])
    if len(zones) == 0 or (np.diff(limits) <= 0).any() or (factors < 0).any():
        raise ZonesInvalid(limits_m=limits.tolist(), weights=factors[:-1].tolist())
    zone = np.searchsorted(limits + LIMIT_TOLERANCE_M, matrix.data, side="left")
    return csr_array((factors[zone], matrix.indices, matrix.indptr), shape=matrix.shape)
