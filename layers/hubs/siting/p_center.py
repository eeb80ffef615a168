"""Shortest worst walk to p hubs (p-center); refuses to call a radius least before it is proved."""

from dataclasses import dataclass

import numpy as np

from layers.hubs.siting.answer import SitingAnswer, Stopped, status_of
from layers.hubs.siting.control import Search, SearchControl
from layers.hubs.siting.mclp import filled
from layers.hubs.siting.problem import IndexArray, SitingProblem
from layers.hubs.siting.radius import Probe, RadiusQuestion
from layers.hubs.siting.screening import impossible, out_of_reach, refuse_unsupported, why_impossible


def solve_p_center(problem: SitingProblem, p: int, *, control: SearchControl | None = None) -> SitingAnswer:
    """Choose p sites, kept and forced ones among them, so that the farthest demand point walks least.

    p-center after Hakimi (1964), by halving the distances that occur: p sites reach everybody within a
    radius, or they do not (Minieka, 1970). Every demand point counts, whatever its weight; those out of reach
    of all allowed candidates are listed as uncoverable and left out. Meant for a background job: the
    handbook's city took minutes. Raises `SitingInputRefused`; answers `infeasible` with a reason where no
    p sites can be named or p sites cannot reach all that is reachable.
    """
    search = Search(control or SearchControl())
    refuse_unsupported(problem, "p_center", budget=False, capacities=False)
    uncoverable = problem.demand_names(out_of_reach(problem))
    reason = why_impossible(problem, p)
    if reason is not None:
        return impossible("p_center", search, reason, uncoverable=uncoverable)
    question = RadiusQuestion.of(problem, p)
    if question.radii.size == 0:
        question_sites, bracket = question.fixed, _Bracket(0.0, 0.0, None)
    else:
        probe = question.ask(float(question.radii[-1]), search, search.remaining_s)
        if probe.needed > p:
            facts = {"p": float(p), "needed": float(probe.needed)}
            return impossible("p_center", search, ("hubs.p_below_needed", facts), uncoverable=uncoverable)
        if probe.sites is None:
            return _nothing_yet(search, probe, uncoverable)
        question_sites, bracket = _halved(problem, question, probe.sites, search)
    sites = filled(problem, question_sites, p)
    return SitingAnswer(
        method="p_center",
        sites=problem.site_ids(sites),
        objective=bracket.upper,
        bound=bracket.lower,
        status=status_of(
            bracket.upper, bracket.lower, stopped=bracket.stopped, accept_gap=search.control.accept_gap
        ),
        seconds=search.seconds,
        uncoverable=uncoverable,
        facts={"total_weight": float(problem.weights.sum())},
    )


@dataclass(frozen=True, slots=True)
class _Bracket:
    """The least radius lies between `lower` and `upper`, metres."""

    lower: float
    upper: float
    stopped: Stopped


def _nothing_yet(search: Search, probe: Probe, uncoverable: tuple[str, ...]) -> SitingAnswer:
    """Time ran out before any p sites were found that reach everybody."""
    return SitingAnswer(
        method="p_center",
        sites=(),
        objective=None,
        bound=None,
        status=probe.stopped or "time_limit",
        seconds=search.seconds,
        uncoverable=uncoverable,
    )


def _halved(
    problem: SitingProblem, question: RadiusQuestion, sites: IndexArray, search: Search
) -> tuple[IndexArray, _Bracket]:
    """Halve the radii left; one that is not settled in its share of the time is left for the end."""
    radii = question.radii
    best = sites
    low, high = -1, int(np.searchsorted(radii, question.farthest(sites)))
    open_low, open_high = None, -1
    stopped: Stopped = None
    while high - low > 1:
        stopped = search.stopped()
        lower = float(radii[low + 1])
        search.report(problem.site_ids(best), float(radii[high]), lower)
        if stopped is not None or search.good_enough(float(radii[high]), lower):
            break
        share = 0.25
        if open_low is None:
            middle = (low + high) // 2
        elif high - open_high > 1:
            middle = (open_high + high) // 2
        elif open_low - low > 1:
            middle = (low + open_low) // 2
        else:
            middle, share = open_low, 1.0
        probe = question.ask(float(radii[middle]), search, max(1.0, share * search.remaining_s))
        if probe.sites is not None:
            reached = int(np.searchsorted(radii, question.farthest(probe.sites)))
            if reached < high:
                best, high = probe.sites, reached
        elif probe.settled:
            low = middle
        else:
            open_low = middle if open_low is None else min(open_low, middle)
            open_high = max(open_high, middle)
        if open_low is not None and (open_low <= low or open_high >= high):
            open_low, open_high = None, -1
    return best, _Bracket(float(radii[min(low + 1, high)]), float(radii[high]), stopped)
