"""Words of what is due in naming (待办), zh and en, with the rule that sets each day."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from layers.naming.due_list import NamingDueKind
from layers.naming.legend import Wording

W = Wording

KIND: Final[Mapping[StrEnum, Wording]] = MappingProxyType(
    {
        NamingDueKind.HOLD: W(
            "地名预留到期",
            "end of a name's hold",
            "预留期满，名称不再保留；期限由规则配置规定",
            "after this day the name is free again; the periods are those of the rule profile",
        ),
        NamingDueKind.ACCEPTANCE: W(
            "地名申请受理",
            "acceptance of an application for a name",
            "提交后在规则配置规定的日数内受理、退回补正或不予受理",
            "accepted, returned or rejected within the days of the rule profile after it was submitted",
        ),
        NamingDueKind.COMMENT: W(
            "地名征求意见截止",
            "end of public comment on a name",
            "征求意见的最后一日；其后逐条答复意见，形成征求意见报告（条例第十一条，实施办法第五条）",
            "last day for opinions; then each is answered and the consultation report made (Decree 753, art. 11; "
            "MCA Order 71, art. 5)",
        ),
        NamingDueKind.MEETING: W(
            "地名委员会会议",
            "sitting of the naming committee",
            "会议召开之日；议程各项均有结论后不再列出",
            "the day of the sitting, until every item of its agenda has an outcome",
        ),
        NamingDueKind.DECISION: W(
            "地名审批",
            "decision on a name",
            "自提交起至批准或不予批准，在规则配置规定的日数内办结",
            "approved or rejected within the days of the rule profile after it was submitted",
        ),
        NamingDueKind.FILING: W(
            "地名备案",
            "filing of a name",
            "批准之日起十五日内报上一级备案（条例第十三条）",
            "to the next level up within 15 days of approval (Decree 753, art. 13)",
        ),
        NamingDueKind.ANNOUNCEMENT: W(
            "地名公告",
            "announcement of a name",
            "批准之日起十五日内向社会公告（条例第十四条）",
            "to the public within 15 days of approval (Decree 753, art. 14)",
        ),
    }
)
