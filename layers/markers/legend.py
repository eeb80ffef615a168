"""Every word the marker layer shows, in Chinese and English; decides nothing.

The definitions stand beside each choice on the form, so that two people mean the same by one word. Labels of
colours belong to the colour profile and are read from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from layers.markers.colour import ColourProfile
from layers.markers.evidence import Capacity, CaseEventKind
from layers.markers.model import (
    CaseStage,
    Colour,
    Component,
    ComponentCondition,
    Condition,
    Currency,
    CycleJoint,
    Grade,
    InspectionKind,
    PositionCheck,
    SetKind,
    Shape,
)

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Wording:
    """A code in words: label and, where a choice needs it, definition, in both languages."""

    zh: str
    en: str
    zh_definition: str = ""
    en_definition: str = ""

    def label(self, language: Language) -> str:
        """Return the label in a language."""
        return self.zh if language == "zh" else self.en


W = Wording
Words = Mapping[StrEnum, Wording]

CONDITION: Final[Words] = MappingProxyType(
    {
        Condition.INTACT: W(
            "完好",
            "intact",
            "桩体稳固、字迹清晰、未见损伤",
            "stands firm, inscription legible, no damage seen",
        ),
        Condition.MINOR_DEFECT: W(
            "轻微缺陷",
            "minor defect",
            "杂草遮挡、描红褪色或轻微倾斜，当场可处理",
            "weeds, faded paint or a slight lean; can be put right on the spot",
        ),
        Condition.DAMAGED: W(
            "损坏",
            "damaged",
            "桩体断裂、缺损、明显倾斜或字迹不可辨认",
            "broken, chipped, clearly leaning, or inscription not legible",
        ),
        Condition.DISPLACED: W(
            "移位",
            "displaced",
            "精度足够的测量证明偏离法定位置超过限差",
            "a measurement of sufficient accuracy proves it off its legal position beyond the limit",
        ),
        Condition.NOT_FOUND: W(
            "未找到",
            "not found",
            "已到现场寻找而未见，尚不能证明灭失",
            "looked for on site and not seen; its absence is not proven",
        ),
        Condition.MISSING: W(
            "丢失", "missing", "有证据表明界桩已不在原处", "evidence shows that it is no longer there"
        ),
        Condition.DESTROYED: W(
            "毁坏灭失", "destroyed", "有证据表明界桩已被毁", "evidence shows that it has been destroyed"
        ),
        Condition.NOT_SET: W(
            "未埋设",
            "not set",
            "协议书有此点位，实地未设桩",
            "a point of the agreement without a post on the ground",
        ),
        Condition.RETIRED: W(
            "报废", "retired", "经各方同意并报批后停用", "given up with the consent of all sides and approved"
        ),
    }
)
COMPONENT: Final[Words] = MappingProxyType(
    {
        Component.BODY: W("桩体", "body", "露出地面的部分", "the part above ground"),
        Component.INSCRIPTION: W(
            "注记", "inscription", "各面刻字与描红", "the text on each face and its paint"
        ),
        Component.BASE: W("基座", "base", "基础与培土", "foundation and earth about it"),
        Component.REFERENCE_OBJECTS: W(
            "方位物", "reference objects", "登记表所列方位物", "the objects that the form names"
        ),
        Component.SURROUNDINGS: W("桩周", "surroundings", "半径5米范围", "within 5 m of the marker"),
        Component.BELT: W("界线两侧", "belt of the line", "界线两侧各10米", "10 m on each side of the line"),
    }
)
COMPONENT_CONDITION: Final[Words] = MappingProxyType(
    {
        ComponentCondition.GOOD: W("良好", "good", "无需处理", "nothing to do"),
        ComponentCondition.MINOR: W("轻微问题", "minor", "当场可处理", "can be put right on the spot"),
        ComponentCondition.DAMAGED: W("损坏", "damaged", "须立案处理", "needs a case"),
        ComponentCondition.ABSENT: W("不存在", "absent", "应有而未见", "should be there and is not"),
        ComponentCondition.NOT_SEEN: W("未查看", "not seen", "本次未查看", "not looked at this time"),
    }
)
POSITION_CHECK: Final[Words] = MappingProxyType(
    {
        PositionCheck.AGREES: W("位置相符", "agrees", "偏差在限差内", "the offset is within the limit"),
        PositionCheck.RE_MEASURE: W(
            "需复测",
            "measure again",
            "手机定位超限，须用更高精度复测",
            "a phone's fix is beyond the limit; a better measurement is needed",
        ),
        PositionCheck.NONE: W("未检测", "none", "没有可用的定位", "no usable fix"),
    }
)
CURRENCY: Final[Words] = MappingProxyType(
    {
        Currency.NEVER: W("从未检查", "never", "没有已采纳的检查记录", "no accepted inspection on record"),
        Currency.OVERDUE: W("逾期", "overdue", "已过应检日期", "past the due day"),
        Currency.DUE_SOON: W("即将到期", "due soon", "在预警期内", "within the days of notice"),
        Currency.CURRENT: W("有效", "current", "未到预警期", "before the days of notice"),
    }
)
CYCLE_JOINT: Final[Words] = MappingProxyType(
    {
        CycleJoint.NOT_YET: W("本轮未联检", "not yet this round"),
        CycleJoint.HELD: W("本轮已联检未通过", "held this round, not passed"),
        CycleJoint.PASSED: W("本轮联检通过", "passed this round"),
    }
)
CASE_STAGE: Final[Words] = MappingProxyType(
    {
        CaseStage.NONE: W("无案件", "no case"),
        CaseStage.REPORTED: W("已报告", "reported"),
        CaseStage.VERIFIED: W("已核实", "verified"),
        CaseStage.ACCEPTED: W("已受理", "accepted"),
        CaseStage.REPAIRING: W("施工中", "works under way"),
        CaseStage.AWAITING_JOINT_ACCEPTANCE: W("待联合验收", "awaiting joint acceptance"),
        CaseStage.AWAITING_APPROVAL: W("待批准", "awaiting approval"),
        CaseStage.AWAITING_FILING: W("待备案", "awaiting filing"),
        CaseStage.CLOSED: W("已结案", "closed"),
    }
)
CASE_EVENT: Final[Words] = MappingProxyType(
    {
        CaseEventKind.REPORT_ABNORMAL: W("报告异常", "report abnormal"),
        CaseEventKind.JOINT_FAIL: W("联检不合格", "joint inspection failed"),
        CaseEventKind.VERIFY: W("核实", "verify"),
        CaseEventKind.DISMISS: W("不予立案", "dismiss"),
        CaseEventKind.LOSS_ATTEST: W("第二人证明灭失", "second person attests the loss"),
        CaseEventKind.CONFIRM_LOST: W("确认灭失", "confirm loss"),
        CaseEventKind.ACCEPT: W("受理", "accept"),
        CaseEventKind.RESTORE_PLAN: W("约定修复", "plan restoration"),
        CaseEventKind.ATTENDANCE_CONFIRM: W("毗邻方确认到场", "neighbour confirms attendance"),
        CaseEventKind.RESTORE_DONE: W("完成修复", "restored"),
        CaseEventKind.MOVE_APPLY: W("申请移位", "apply to move"),
        CaseEventKind.MOVE_PLAN: W("约定移桩", "plan the move"),
        CaseEventKind.MOVE_DONE: W("完成移桩", "moved"),
        CaseEventKind.ADD_APPLY: W("申请增设", "apply to add"),
        CaseEventKind.ADD_PLAN: W("约定设桩", "plan the addition"),
        CaseEventKind.ADD_DONE: W("完成设桩", "added"),
        CaseEventKind.RETIRE_APPLY: W("申请报废", "apply to retire"),
        CaseEventKind.RETIRE: W("同意报废", "consent to retire"),
        CaseEventKind.ACCEPTANCE_PASS: W("联合验收合格", "joint acceptance passed"),
        CaseEventKind.ACCEPTANCE_FAIL: W("联合验收不合格", "joint acceptance failed"),
        CaseEventKind.APPROVE: W("批准", "approve"),
        CaseEventKind.REFUSE: W("不予批准", "refuse approval"),
        CaseEventKind.FILE: W("备案", "file"),
        CaseEventKind.REVOKE: W("撤销", "revoke"),
        CaseEventKind.CORRECT: W("更正", "correct"),
    }
)
CAPACITY: Final[Words] = MappingProxyType(
    {
        Capacity.GUARDIAN: W("管护员", "guardian"),
        Capacity.PUBLIC: W("公众", "public"),
        Capacity.SENSOR: W("智能设备", "sensor"),
        Capacity.AGENCY: W("其他部门", "other agency"),
        Capacity.COUNTY_BUREAU: W("县级民政部门", "county bureau"),
        Capacity.MANAGING_SIDE: W("分工管理方", "managing side"),
        Capacity.ALL_SIDES: W("各方共同", "all sides together"),
        Capacity.NEIGHBOURING_SIDE: W("毗邻方", "neighbouring side"),
        Capacity.SIDE_SURVEYOR: W("分工管理方测绘人员", "surveyor of the managing side"),
        Capacity.APPLICANT: W("申请单位", "applicant"),
        Capacity.APPROVING_AUTHORITY: W(
            "批准机关的民政部门", "civil affairs body of the approving authority"
        ),
    }
)
INSPECTION_KIND: Final[Words] = MappingProxyType(
    {
        InspectionKind.PATROL: W("巡检", "patrol"),
        InspectionKind.JOINT: W("联检", "joint inspection"),
        InspectionKind.SPECIAL: W("专项检查", "special inspection"),
        InspectionKind.SENSOR: W("设备上报", "sensor message"),
    }
)
COLOUR: Final[Words] = MappingProxyType(
    {
        Colour.BLACK: W("黑", "black"),
        Colour.RED: W("红", "red"),
        Colour.BLUE: W("蓝", "blue"),
        Colour.YELLOW: W("黄", "yellow"),
        Colour.GREEN: W("绿", "green"),
    }
)
INK: Final[Mapping[Colour, str]] = MappingProxyType(
    {
        Colour.BLACK: "#1a1a1a",
        Colour.RED: "#c62828",
        Colour.BLUE: "#1565c0",
        Colour.YELLOW: "#f9c80e",
        Colour.GREEN: "#2e7d32",
    }
)
SHAPE: Final[Words] = MappingProxyType(
    {
        Shape.SQUARE: W("方形", "square"),
        Shape.CROSS: W("叉形", "cross"),
        Shape.RING: W("空心圆", "hollow ring"),
        Shape.DIAMOND: W("菱形", "diamond"),
        Shape.TRIANGLE: W("三角形", "triangle"),
        Shape.CIRCLE: W("圆形", "circle"),
    }
)
GRADE: Final[Words] = MappingProxyType(
    {
        Grade.PROVINCE: W("省级", "provincial"),
        Grade.CITY: W("市级", "city"),
        Grade.COUNTY: W("县级", "county"),
        Grade.TOWNSHIP: W("乡级", "township"),
        Grade.VILLAGE: W("村级", "village"),
    }
)
SET_KIND: Final[Words] = MappingProxyType(
    {
        SetKind.SINGLE: W("单立", "single"),
        SetKind.DOUBLE: W("双立", "double"),
        SetKind.TRIPLE: W("三立", "triple"),
    }
)
VOCABULARIES: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "condition": CONDITION,
        "component": COMPONENT,
        "component_condition": COMPONENT_CONDITION,
        "position_check": POSITION_CHECK,
        "currency": CURRENCY,
        "cycle_joint": CYCLE_JOINT,
        "case_stage": CASE_STAGE,
        "case_event": CASE_EVENT,
        "capacity": CAPACITY,
        "inspection_kind": INSPECTION_KIND,
        "colour": COLOUR,
        "shape": SHAPE,
        "grade": GRADE,
        "set_kind": SET_KIND,
    }
)


@dataclass(frozen=True, slots=True)
class ColourEntry:
    """One line of a map's legend: a colour with its second sign and its words under a profile."""

    rule: str
    colour: Colour
    shape: Shape
    ink: str
    label: Wording


def colour_entries(profile: ColourProfile) -> tuple[ColourEntry, ...]:
    """Return the legend of a colour profile in the order of its rules, same sign and words once."""
    entries: dict[tuple[Colour, Shape, str], ColourEntry] = {}
    for rule in profile.rules:
        label = Wording(rule.label["zh"], rule.label["en"])
        entries.setdefault(
            (rule.colour, rule.shape, label.zh),
            ColourEntry(rule.number, rule.colour, rule.shape, INK[rule.colour], label),
        )
    return tuple(entries.values())
