"""The seam between the questions of coverage and the two ways to search a network.

`ReferenceSearch` (SciPy) is the one the other is checked against; `KernelSearch` (numba) is the fast
one for many hubs. Refuses a limit that is no positive number.
"""

import sys
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from layers.errors import InvalidInput
from layers.hubs.coverage.legs import LIMIT_TOLERANCE_M
from layers.hubs.network import RoadNetwork, Snapped
from layers.hubs.network.road_network import Floats, LongIntegers

Engine: TypeAlias = Literal["auto", "scipy", "numba"]

# Below this many (node + destination) visits SciPy is done before numba has loaded its kernel.
_KERNEL_PAYS_FROM = 200_000_000


class LimitInvalid(InvalidInput):
    """A limit of service must be a positive number of metres."""

    code = "hubs.limit_invalid"


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest origin of each destination [d]: `origin` int64 (-1 where none) and `distance_m`.

    `distance_m` is `inf` where none is in reach. Of origins exactly equally near, which one is named
    is left to the engine; the distance is the same.
    """

    origin: LongIntegers
    distance_m: Floats

    @classmethod
    def within(cls, origin: LongIntegers, distance_m: Floats, limit_m: float) -> "Nearest":
        """Blank, in place, what lies beyond the limit (inclusive, with its tolerance)."""
        beyond = ~((distance_m <= limit_m + LIMIT_TOLERANCE_M) & np.isfinite(distance_m))
        distance_m[beyond], origin[beyond] = np.inf, -1
        return cls(origin, distance_m)

    @property
    def reached(self) -> NDArray[np.bool_]:
        """Which destinations have an origin in reach."""
        return np.asarray(self.origin >= 0)


class Search(Protocol):
    """A search from any origins to the destinations it was prepared for."""

    def matrix(self, origins: Snapped, limit_m: float) -> csr_array:
        """Every origin-destination cost up to the limit, as `cost_matrix` describes."""

    def nearest(self, origins: Snapped, limit_m: float) -> Nearest:
        """Return the nearest origin of every destination, up to the limit."""


def prepare_search(
    network: RoadNetwork, destinations: Snapped, *, origins: int = 1, engine: Engine = "auto"
) -> Search:
    """Prepare a search towards `destinations`, by the engine that suits `origins` many of them.

    Left to itself it takes the kernel for large questions, and for all once it is loaded.
    """
    visits = origins * (network.node_count + len(destinations))
    loaded = "layers.hubs.coverage.kernel" in sys.modules
    if engine == "numba" or (engine == "auto" and (loaded or visits > _KERNEL_PAYS_FROM)):
        from layers.hubs.coverage.numba_search import KernelSearch  # noqa: PLC0415 numba loads slowly

        return KernelSearch(network, destinations)
    from layers.hubs.coverage.scipy_search import ReferenceSearch  # noqa: PLC0415 it imports this seam

    return ReferenceSearch(network, destinations)


def checked_limit(limit_m: float) -> float:
    """Return the limit, which may be `inf`, or raise `LimitInvalid`."""
    if not limit_m > 0:
        raise LimitInvalid(limit_m=limit_m)
    return float(limit_m)


def cost_matrix(
    network: RoadNetwork,
    origins: Snapped,
    destinations: Snapped,
    limit_m: float,
    *,
    engine: Engine = "auto",
) -> csr_array:
    """Return the walking metres from every origin to every destination in reach: float64 [origins, destinations].

    A cost is the access leg of the origin, the shortest way through the network, and the access leg
    of the destination; two points on one edge also have the way straight along it. Stored entries are
    exactly the pairs within `limit_m` (inclusive, to 1e-6 m); a stored zero is a real distance of 0 m,
    so ask `matrix.indices` who is in reach and never `matrix != 0`. Columns are sorted within a row.
    Rows and columns of points that are not snapped are empty.

    For residents who walk *to* hubs on a network with directions, see `catchments`.
    Raises `LimitInvalid`.
    """
    search = prepare_search(network, destinations, origins=len(origins), engine=engine)
    return search.matrix(origins, checked_limit(limit_m))


def catchments(
    network: RoadNetwork, hubs: Snapped, demand: Snapped, limit_m: float, *, engine: Engine = "auto"
) -> csr_array:
    """Return the walk from each demand point to each hub, as a matrix [hubs, demand] like `cost_matrix`.

    Costs run towards the hub: uphill to a hub on a hill is uphill, though the search starts there.
    """
    return cost_matrix(network.reversed, hubs, demand, limit_m, engine=engine)


def nearest_hub(
    network: RoadNetwork,
    hubs: Snapped,
    demand: Snapped,
    limit_m: float = np.inf,
    *,
    engine: Engine = "auto",
) -> Nearest:
    """Return the nearest hub of every demand point, walking towards the hub, up to `limit_m`."""
    # One search serves all hubs, so their number does not make it longer.
    search = prepare_search(network.reversed, demand, engine=engine)
    return search.nearest(hubs, checked_limit(limit_m))
