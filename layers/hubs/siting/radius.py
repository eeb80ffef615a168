"""Can p sites reach everybody within a radius? Refuses to say no without proof."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy import sparse

from layers.hubs.siting.answer import Stopped
from layers.hubs.siting.control import Search
from layers.hubs.siting.nearest import NearLists, near_lists, nearest_two, places
from layers.hubs.siting.problem import CostMatrix, FloatArray, IndexArray, SitingProblem
from layers.hubs.siting.set_cover import fewest_rows

ADDED_AT_ONCE: Final = 12


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """One radius asked: sites (rows of the problem) if they suffice, else how many are needed at least.

    `settled` is False where the time ran out before either was known.
    """

    sites: IndexArray | None
    needed: int
    settled: bool
    stopped: Stopped


@dataclass(slots=True, eq=False)
class RadiusQuestion:
    """The demand that can be reached, and the few points that have decided radii so far.

    Only those few are given to the solver; points that its sites leave out are added until none is left
    (the relaxation of Chen and Chen, 1987). `radii` are the distances that occur, ascending, from the least
    that could do; `fixed` are rows of the problem.
    """

    lists: NearLists
    p: int
    fixed: IndexArray
    radii: FloatArray
    by_demand: CostMatrix
    deciding: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, problem: SitingProblem, p: int) -> "RadiusQuestion":
        """Gather the pairs; no radius below the longest of the shortest walks can do."""
        lists = near_lists(problem, weightless=True)
        least = float(lists.metres[lists.starts[:-1]].max()) if lists.demand.size else np.inf
        radii = np.unique(lists.metres[lists.metres >= least])
        shape = (lists.demand.size, lists.candidates.size)
        by_demand: CostMatrix = sparse.csr_array((lists.metres, lists.sites, lists.starts), shape=shape)
        return cls(lists, p, np.flatnonzero(problem.fixed), radii, by_demand)

    def farthest(self, sites: IndexArray) -> float:
        """Longest walk to the nearest of the sites; infinite where somebody reaches none."""
        return float(self._walks(sites).max(initial=0.0))

    def _walks(self, sites: IndexArray) -> FloatArray:
        place = places(self.lists.candidates.size, np.searchsorted(self.lists.candidates, sites))
        _, near, _ = nearest_two(self.lists.starts, self.lists.sites, self.lists.metres, place, np.inf)
        walks: FloatArray = near
        return walks

    def ask(self, radius: float, search: Search, seconds: float) -> Probe:
        """Look for p sites, the fixed ones among them, that reach everybody within `radius` metres."""
        until = search.seconds + seconds
        near_fixed = self._walks(self.fixed) <= radius if self.fixed.size else None
        if not self.deciding:
            self._add(np.zeros(self.lists.demand.size) + np.inf, radius)
        while True:
            rows = np.array([row for row in self.deciding if near_fixed is None or not near_fixed[row]])
            sets = self._sets(rows.astype(np.int64), radius)
            found = fewest_rows(
                sets, search, enough=self.p - self.fixed.size, time_limit_s=until - search.seconds
            )
            needed = self.fixed.size + found.at_least
            if needed > self.p:
                return Probe(None, needed, settled=True, stopped=None)
            if self.fixed.size + found.rows.size > self.p:
                return Probe(None, needed, settled=False, stopped=found.stopped or "time_limit")
            sites = np.union1d(self.fixed, self.lists.candidates[found.rows])
            walks = self._walks(sites)
            if (walks <= radius).all():
                return Probe(sites, needed, settled=True, stopped=None)
            stopped = search.stopped()
            if stopped is not None or search.seconds >= until:
                return Probe(None, needed, settled=False, stopped=stopped)
            self._add(walks, radius)

    def _sets(self, rows: IndexArray, radius: float) -> CostMatrix:
        """Candidates × deciding demand, 1 within the radius."""
        part = sparse.coo_array(self.by_demand[rows])
        near = part.data <= radius
        shape = (self.lists.candidates.size, rows.size)
        return sparse.csr_array((np.ones(int(near.sum())), (part.col[near], part.row[near])), shape=shape)

    def _add(self, walks: FloatArray, radius: float) -> None:
        """Add the farthest demand left out, then the farthest of those that share no candidate with it, and so on."""
        waiting = walks > radius
        for _ in range(ADDED_AT_ONCE):
            if not waiting.any():
                return
            row = int(np.argmax(np.where(waiting, walks, -1.0)))
            self.deciding.append(row)
            lists = self.lists
            mine = slice(lists.starts[row], lists.starts[row + 1])
            blocked = np.zeros(lists.candidates.size, dtype=np.bool_)
            blocked[lists.sites[mine][lists.metres[mine] <= radius]] = True
            pairs = blocked[lists.sites] & (lists.metres <= radius)
            owners = np.searchsorted(lists.starts, np.flatnonzero(pairs), side="right") - 1
            waiting[owners] = False
            waiting[row] = False
