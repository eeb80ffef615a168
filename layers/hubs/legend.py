"""Words of hubs and their metrics in both languages, with the colours and shapes the map shows them by."""

from typing import Final

from layers.boundaries.legend import Sign
from layers.hubs.model import HubStatus, Metric

STATUSES: Final = (
    Sign(HubStatus.EXISTING, "现状点", "existing", "已建成使用", "built and in use", "#1b2a57", "circle"),
    Sign(
        HubStatus.PLANNED,
        "必选点",
        "planned",
        "规划必建",
        "to be built whatever is chosen",
        "#0b63ce",
        "square",
    ),
    Sign(HubStatus.CANDIDATE, "候选点", "candidate", "可供选择", "may be chosen", "#6b7c85", "diamond"),
    Sign(HubStatus.EXCLUDED, "排除点", "excluded", "不可选择", "never to be chosen", "#9b1c1c", "cross"),
)
METRICS: Final = (
    Sign(Metric.WALKING, "步行路网", "walking", "沿路网步行的距离", "the walk along streets"),
    Sign(
        Metric.STRAIGHT_LINE,
        "直线",
        "straight line",
        "直线距离，用于对照",
        "as the crow flies, for comparison",
    ),
)
