"""What a siting search says: sites, objective, proven bound; refuses to state a gap that is not proven."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Method: TypeAlias = Literal["lscp", "mclp", "p_median", "p_center"]
Stopped: TypeAlias = Literal["time_limit", "cancelled"] | None
Status: TypeAlias = Literal["optimal", "within_gap", "time_limit", "cancelled", "infeasible"]

PROVEN: Final = 1e-7
"""Relative gap up to which an answer is called optimal: the solver's own tolerance, not a search's."""


@dataclass(frozen=True, slots=True)
class SitingProgress:
    """The best so far while a search runs: same meaning as in `SitingAnswer`."""

    seconds: float
    sites: tuple[str, ...]
    objective: float | None
    bound: float | None
    gap: float | None


@dataclass(frozen=True, slots=True)
class SitingAnswer:
    """Sites with their objective and how far from the best possible they may be.

    `objective`: number of sites (lscp), weight covered (mclp), weight × metres (p_median), metres of the
    farthest demand (p_center). `bound`: no choice of sites can do better; `gap` = |objective − bound| ÷
    |objective|. `uncoverable` demand lies out of reach of every allowed candidate and is left out of the
    objective; `unserved` demand could be reached, but not from the sites chosen. `status`: `optimal` is
    proven, `within_gap` means the gap asked for is proven, `time_limit` and `cancelled` carry the best so
    far, `infeasible` carries a `reason` and no sites.
    """

    method: Method
    sites: tuple[str, ...]
    objective: float | None
    bound: float | None
    status: Status
    seconds: float
    uncoverable: tuple[str, ...] = ()
    unserved: tuple[str, ...] = ()
    reason: str | None = None
    facts: Mapping[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """Proven relative gap, or None where there is no objective or no bound."""
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """|objective − bound| ÷ |objective|; 0 where both are 0, None where it cannot be said.

    >>> relative_gap(200.0, 201.0)
    0.005
    """
    if objective is None or bound is None:
        return None
    if objective == bound:
        return 0.0
    return abs(objective - bound) / abs(objective) if objective else None


def status_of(objective: float, bound: float, *, stopped: Stopped, accept_gap: float) -> Status:
    """`optimal` when proven, `within_gap` when near enough for the asker, else why the search stopped."""
    gap = relative_gap(objective, bound)
    if gap is not None and gap <= PROVEN:
        return "optimal"
    if gap is not None and gap <= accept_gap:
        return "within_gap"
    return stopped or "time_limit"
