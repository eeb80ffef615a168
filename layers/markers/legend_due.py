"""Words of what is due (待办), zh and en: kinds with the rule that sets their day, and how near that day is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from layers.due import DueState
from layers.markers.due_list import DueKind
from layers.markers.legend import Wording, Words

W = Wording

KIND: Final[Words] = MappingProxyType(
    {
        DueKind.PATROL: W(
            "巡检",
            "patrol",
            "自上次巡检起按现行巡检周期计算；从未巡检的，当日到期",
            "the interval of the policy in force after the last patrol; one never patrolled is due today",
        ),
        DueKind.JOINT: W(
            "联检",
            "joint inspection",
            "界线每五年联合检查一次（条例第十二条），以该线最早到期的界桩为准",
            "every line every five years (order 353, art. 12), by the marker of the line that is due first",
        ),
        DueKind.JOINT_PLAN: W(
            "联检实施方案",
            "plan of a joint inspection",
            "各方于联检当年五月十五日前签署（一个自治区的做法，可配置）",
            "signed by every side by 15 May of its year (practice of one autonomous region, configurable)",
        ),
        DueKind.FILING: W(
            "联检备案",
            "filing of a joint inspection",
            "结果由各方共同备案（条例第十二条），期限为当年十二月一日（一个自治区的做法，可配置）",
            "filed by all sides (order 353, art. 12), by 1 December of its year (practice of one autonomous region, "
            "configurable)",
        ),
        DueKind.WORK_ORDER: W(
            "整改任务",
            "work order",
            "联检共同处理意见中商定的期限，登记完成后不再列出",
            "the day that a joint opinion of a joint inspection sets, until it is recorded as done",
        ),
        DueKind.REPORT: W(
            "详细记录",
            "detailed record",
            "发现损毁、丢失、移动后，在规定时限（现行十二小时）内形成详细记录",
            "within the hours of the policy (twelve as shipped) after damage, loss or movement was found",
        ),
        DueKind.REPAIR: W(
            "修复",
            "repair",
            "与毗邻方商定的修复、移设、增设日期",
            "the day for restoring, moving or adding that was agreed with the neighbouring side",
        ),
    }
)
STATE: Final[Words] = MappingProxyType(
    {
        DueState.OVERDUE: W("逾期", "overdue", "期限已过", "the day has passed"),
        DueState.SOON: W("即将到期", "due soon", "七天内到期", "within seven days"),
        DueState.AHEAD: W("未到期", "later", "七天以后到期", "more than seven days ahead"),
    }
)
VOCABULARIES: Final[Mapping[str, Words]] = MappingProxyType({"due_kind": KIND, "due_state": STATE})
