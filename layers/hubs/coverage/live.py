"""A plan kept in memory while hubs are added, dragged and removed; refuses to search twice for one hub.

Moving a hub is one search of its own ground; everyone else's rows stay. Its answers are those of a fresh
assessment of the same hubs, which the tests hold it to.
"""

from dataclasses import dataclass

import numpy as np

from layers.hubs.coverage.legs import LIMIT_TOLERANCE_M
from layers.hubs.coverage.search import Engine, checked_limit, prepare_search
from layers.hubs.network import DEFAULT_MAX_SNAP_M, RoadNetwork, Snapped, snap
from layers.hubs.network.road_network import Floats, Integers, LongIntegers


@dataclass(frozen=True, eq=False)
class Change:
    """What one step did: demand points gained and lost, and the weight covered after it."""

    hub_snapped: bool
    gained: LongIntegers
    lost: LongIntegers
    covered_weight: float


@dataclass(frozen=True, eq=False)
class _Reach:
    """Demand within the largest limit of one hub, and the walk to it."""

    demand: Integers
    metres: Floats


class LivePlan:
    """Hubs on one network and demand, with coverage kept up to date by unit and group of weight.

    `weights` float64 [d] or [d, g]: the first group decides `Change.covered_weight`; `unit` int [d].
    The radius may be changed up to `largest_limit_m` without any search.
    """

    def __init__(
        self,
        network: RoadNetwork,
        demand: Snapped,
        weights: Floats,
        *,
        limit_m: float,
        largest_limit_m: float | None = None,
        unit: Integers | LongIntegers | None = None,
        max_snap_m: float = DEFAULT_MAX_SNAP_M,
        engine: Engine = "auto",
    ) -> None:
        self._network, self._max_snap_m = network, max_snap_m
        self._search = prepare_search(network.reversed, demand, origins=500, engine=engine)
        self._largest_m = checked_limit(max(limit_m, largest_limit_m or limit_m))
        self._limit_m = checked_limit(limit_m)
        self._weights = np.asarray(weights, np.float64).reshape(len(demand), -1)
        self._unit = np.zeros(len(demand), np.int64) if unit is None else np.asarray(unit, np.int64)
        self._units = int(self._unit.max(initial=0)) + 1
        self._reach: dict[str, _Reach] = {}
        self._served = np.zeros(len(demand), np.int32)
        self._table = np.zeros((self._units, self._weights.shape[1]))

    @property
    def hubs(self) -> tuple[str, ...]:
        """Keys of the hubs, in the order they came."""
        return tuple(self._reach)

    @property
    def times_served(self) -> Integers:
        """Hubs in reach of each demand point [d]."""
        return self._served.copy()

    @property
    def covered_by_unit(self) -> Floats:
        """Covered weight [u, g] of every unit and group."""
        return self._table.copy()

    @property
    def covered_weight(self) -> Floats:
        """Covered weight [g] of every group."""
        return np.asarray(self._table.sum(axis=0))

    def hub_covered_weight(self, hub: str) -> Floats:
        """Weight [g] in reach of one hub."""
        return np.asarray(self._weights[self._within(self._reach[hub])].sum(axis=0))

    def place(self, hub: str, xy: tuple[float, float]) -> Change:
        """Add the hub, or move it if it is there, to a place in the network's metres."""
        where = snap(self._network, np.array([xy]), self._max_snap_m)
        row = self._search.matrix(where, self._largest_m)
        before = self._within(self._reach[hub]) if hub in self._reach else np.empty(0, np.int32)
        self._reach[hub] = _Reach(row.indices.astype(np.int32), row.data)
        return self._changed(before, self._within(self._reach[hub]), snapped=bool(where.ok[0]))

    def remove(self, hub: str) -> Change:
        """Take the hub away."""
        before = self._within(self._reach.pop(hub))
        return self._changed(before, np.empty(0, np.int32), snapped=True)

    def set_limit(self, limit_m: float) -> None:
        """Change the radius; up to the largest one no way is searched again."""
        self._limit_m = min(checked_limit(limit_m), self._largest_m)
        self._served[:] = 0
        for reach in self._reach.values():
            self._served[self._within(reach)] += 1
        self._table[:] = 0.0
        self._add(np.flatnonzero(self._served), 1.0)

    def nearest(self) -> tuple[LongIntegers, Floats]:
        """Return the nearest hub's place in `hubs` (-1: none in reach) and its metres, per point [d]."""
        best = np.full(len(self._served), np.inf)
        origin = np.full(len(self._served), -1, np.int64)
        for number, reach in enumerate(self._reach.values()):
            within = reach.metres <= self._limit_m + LIMIT_TOLERANCE_M
            demand, metres = reach.demand[within], reach.metres[within]
            nearer = metres < best[demand]
            best[demand[nearer]], origin[demand[nearer]] = metres[nearer], number
        return origin, best

    def _within(self, reach: _Reach) -> Integers:
        return reach.demand[reach.metres <= self._limit_m + LIMIT_TOLERANCE_M]

    def _changed(self, before: Integers, after: Integers, *, snapped: bool) -> Change:
        touched = np.concatenate((before, after))
        was = self._served[touched] > 0
        self._served[before] -= 1
        self._served[after] += 1
        now = self._served[touched] > 0
        gained = np.unique(touched[now & ~was]).astype(np.int64)
        lost = np.unique(touched[was & ~now]).astype(np.int64)
        self._add(gained, 1.0)
        self._add(lost, -1.0)
        return Change(snapped, gained, lost, float(self._table[:, 0].sum()))

    def _add(self, demand: LongIntegers, sign: float) -> None:
        np.add.at(self._table, self._unit[demand], sign * self._weights[demand])
