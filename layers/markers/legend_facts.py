"""The facts that colours are derived from, in words, with what each means; decides nothing."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from layers.markers.colour import Value
from layers.markers.legend import (
    CASE_STAGE,
    CONDITION,
    CURRENCY,
    CYCLE_JOINT,
    POSITION_CHECK,
    Language,
    Wording,
    Words,
)

W = Wording
FACT: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "condition": W(
            "状况",
            "condition",
            "最近一次已采纳的观察所见",
            "what the last accepted observation found",
        ),
        "condition_confirmed": W(
            "已由第二人确认",
            "confirmed by a second person",
            "另一人已凭证据确认该状况",
            "a second person has confirmed the condition on evidence",
        ),
        "position_check": W(
            "位置核对",
            "position check",
            "实测位置与法定位置按精度比较的结果",
            "observed against legal position, by what both measurements are good for",
        ),
        "patrol_currency": W(
            "巡检时效", "patrol", "按巡检周期是否到期", "whether the next patrol is due, by the policy"
        ),
        "joint_currency": W(
            "联检时效",
            "joint inspection",
            "按五年联检周期是否到期",
            "whether the next joint inspection is due, by the five-year cycle",
        ),
        "case_stage": W("案件阶段", "case stage", "案件走到哪一步", "how far its case has come"),
        "filing_pending": W(
            "待备案", "filing to come", "新设或移动的界桩尚未备案", "set or moved, and not filed yet"
        ),
        "sensor_alarm_open": W(
            "设备报警未确认",
            "sensor alarm open",
            "设备报警尚无人确认",
            "an alarm that nobody has acknowledged",
        ),
        "sync_conflict": W(
            "离线冲突未解决",
            "offline conflict open",
            "离线记录的状况互相矛盾，尚未裁定",
            "records made offline contradict each other on the condition",
        ),
        "review_pending": W(
            "有检查待审核",
            "inspection awaits review",
            "已提交而未采纳的检查",
            "an inspection sent in and not accepted yet",
        ),
        "visited_this_cycle": W(
            "本轮已检查",
            "visited this cycle",
            "本轮内有已采纳的巡检或联检",
            "an accepted patrol or joint inspection in this cycle",
        ),
        "cycle_joint": W(
            "本轮联检",
            "joint inspection of this cycle",
            "本五年轮次联检的结果",
            "what the joint inspection of this five-year cycle has brought",
        ),
    }
)
"""In the order of `MarkerFacts`."""
_VALUES: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "condition": CONDITION,
        "position_check": POSITION_CHECK,
        "patrol_currency": CURRENCY,
        "joint_currency": CURRENCY,
        "case_stage": CASE_STAGE,
        "cycle_joint": CYCLE_JOINT,
    }
)
_YES_NO: Final = MappingProxyType({True: W("是", "yes"), False: W("否", "no")})


def value_label(fact: str, value: Value, language: Language) -> str:
    """Return the value of a fact in words.

    >>> value_label("sync_conflict", True, "en")
    'yes'
    """
    if isinstance(value, bool):
        return _YES_NO[value].label(language)
    return _VALUES[fact][value].label(language)


def fact_said(fact: str, value: Value, language: Language) -> str:
    """Return a fact and its value in words.

    >>> fact_said("sync_conflict", True, "zh")
    '离线冲突未解决：是'
    """
    between = "：" if language == "zh" else ": "
    return f"{FACT[fact].label(language)}{between}{value_label(fact, value, language)}"
