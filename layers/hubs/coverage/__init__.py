"""Which ground a hub reaches, on foot along the network or by the circle; refuses files and wording."""

from layers.hubs.coverage.assessment import Coverage, WeightsInvalid, assess_straight_line, assess_walking
from layers.hubs.coverage.distribution import (
    Gap,
    Shares,
    Span,
    gini,
    palma,
    ranked_gaps,
    shared_weight,
    shares_by_unit,
    span_of_hubs,
)
from layers.hubs.coverage.floating_catchment import Zone, ZonesInvalid, floating_catchment
from layers.hubs.coverage.legs import LIMIT_TOLERANCE_M
from layers.hubs.coverage.live import Change, LivePlan
from layers.hubs.coverage.parts import Part, Run, assess_walking_in_parts, catchments_in_parts
from layers.hubs.coverage.search import (
    Engine,
    LimitInvalid,
    Nearest,
    Search,
    catchments,
    cost_matrix,
    nearest_hub,
    prepare_search,
)
from layers.hubs.coverage.straight_line import straight_line_matrix, straight_line_nearest

__all__ = [
    "LIMIT_TOLERANCE_M",
    "Change",
    "Coverage",
    "Engine",
    "Gap",
    "LimitInvalid",
    "LivePlan",
    "Nearest",
    "Part",
    "Run",
    "Search",
    "Shares",
    "Span",
    "WeightsInvalid",
    "Zone",
    "ZonesInvalid",
    "assess_straight_line",
    "assess_walking",
    "assess_walking_in_parts",
    "catchments",
    "catchments_in_parts",
    "cost_matrix",
    "floating_catchment",
    "gini",
    "nearest_hub",
    "palma",
    "prepare_search",
    "ranked_gaps",
    "shared_weight",
    "shares_by_unit",
    "span_of_hubs",
    "straight_line_matrix",
    "straight_line_nearest",
]
