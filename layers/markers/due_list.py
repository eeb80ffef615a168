"""What is due of markers, lines and joint inspections."""

from enum import StrEnum

from layers.markers.model import Condition


class DueKind(StrEnum):
    """What has to be done."""

    PATROL = "patrol"
    JOINT = "joint"
    JOINT_PLAN = "joint_plan"
    FILING = "filing"
    WORK_ORDER = "work_order"
    REPORT = "report"
    REPAIR = "repair"


WITHOUT_DUTY = frozenset({Condition.RETIRED, Condition.NOT_SET})
