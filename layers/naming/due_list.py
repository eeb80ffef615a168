"""What a naming office and its committee must have done by a day, and which clock of a proposal sets it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class NamingDueKind(StrEnum):
    """What has to be done."""

    HOLD = "name_hold"
    ACCEPTANCE = "name_acceptance"
    COMMENT = "name_comment"
    MEETING = "name_meeting"
    DECISION = "name_decision"
    FILING = "name_filing"
    ANNOUNCEMENT = "name_announcement"


OF_CLOCK: Final[Mapping[str, NamingDueKind]] = MappingProxyType(
    {
        "hold": NamingDueKind.HOLD,
        "hold_in_all": NamingDueKind.HOLD,
        "acceptance": NamingDueKind.ACCEPTANCE,
        "case": NamingDueKind.DECISION,
        "public_comment": NamingDueKind.COMMENT,
        "filing": NamingDueKind.FILING,
        "announcement": NamingDueKind.ANNOUNCEMENT,
    }
)
"""Of two clocks of one kind that run on a proposal, that which runs out first is told."""
