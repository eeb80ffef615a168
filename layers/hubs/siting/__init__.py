"""Where hubs should stand: every answer with its proven bound; refuses to load, store or draw anything.

Rule and vocabulary follow the field (spopt, SuperMap): *candidates* may be existing and kept (现状点),
forced (必选点), free (候选点) or forbidden (排除点); *demand* is weighted; costs are walking metres.
"""

from layers.hubs.siting.allocation import Allocation, allocate
from layers.hubs.siting.answer import SitingAnswer, SitingProgress
from layers.hubs.siting.control import SearchControl
from layers.hubs.siting.curve import CurvePoint, coverage_curve
from layers.hubs.siting.lscp import solve_lscp
from layers.hubs.siting.mclp import solve_mclp
from layers.hubs.siting.p_center import solve_p_center
from layers.hubs.siting.p_median import solve_p_median
from layers.hubs.siting.problem import SitingInputRefused, SitingProblem
from layers.hubs.siting.reach import search_bound_m

__all__ = [
    "Allocation",
    "CurvePoint",
    "SearchControl",
    "SitingAnswer",
    "SitingInputRefused",
    "SitingProblem",
    "SitingProgress",
    "allocate",
    "coverage_curve",
    "search_bound_m",
    "solve_lscp",
    "solve_mclp",
    "solve_p_center",
    "solve_p_median",
]
