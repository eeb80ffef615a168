"""How long a siting search may run and who listens; refuses to decide anything about sites."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from layers.hubs.siting.answer import SitingProgress, Stopped, relative_gap

BOUND_EVERY_S: Final = 0.25
"""Bounds rise hundreds of times a second; nobody reads that fast."""


@dataclass(frozen=True, slots=True)
class SearchControl:
    """Time limit in seconds, the relative gap that is good enough, the seed, and who listens.

    `progress` is called with every better answer or bound, from the solving thread; `cancel` is asked
    often and ends the search with the best so far when it says True.
    """

    time_limit_s: float = 60.0
    accept_gap: float = 0.0
    seed: int = 0
    progress: Callable[[SitingProgress], None] | None = None
    cancel: Callable[[], bool] | None = None


@dataclass(slots=True)
class Search:
    """One run under a `SearchControl`: its clock, and the door to its listener."""

    control: SearchControl
    started: float = field(default_factory=time.perf_counter)
    _told: tuple[float, float | None] = (-math.inf, None)

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self.started

    @property
    def remaining_s(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.control.time_limit_s - self.seconds)

    def stopped(self) -> Stopped:
        """Why the run has to end now, if it has to."""
        if self.control.cancel is not None and self.control.cancel():
            return "cancelled"
        return "time_limit" if self.remaining_s <= 0.0 else None

    def good_enough(self, objective: float, bound: float) -> bool:
        """Whether the asker is content with this gap."""
        gap = relative_gap(objective, bound)
        return gap is not None and gap <= self.control.accept_gap

    def report(self, sites: tuple[str, ...], objective: float | None, bound: float | None) -> None:
        """Tell the listener, if there is one: a better answer at once, a mere better bound not too often."""
        now = self.seconds
        told_at, told = self._told
        if self.control.progress is None or (objective == told and now - told_at < BOUND_EVERY_S):
            return
        self._told = now, objective
        self.control.progress(SitingProgress(now, sites, objective, bound, relative_gap(objective, bound)))
