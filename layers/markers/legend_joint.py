"""Words of joint inspections (联检), zh and en: stages, stops of the walk, what is looked at there, answers, archives."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from layers.markers.legend import Wording

W = Wording
Words = Mapping[str, Wording]

STAGE: Final[Words] = MappingProxyType(
    {
        "planned": W("已列入计划", "planned"),
        "plan_signed": W("实施方案已签署", "plan signed"),
        "compared": W("内业比对完成", "compared indoors"),
        "surveyed": W("外业检查完成", "walked and recorded"),
        "settled": W("处理意见一致", "opinions settled"),
        "report_signed": W("联检报告已签署", "report signed"),
        "filed": W("已备案", "filed"),
        "archived": W("已归档", "archived"),
    }
)
TASK_KIND: Final[Words] = MappingProxyType(
    {
        "marker": W("界桩", "marker"),
        "tripoint": W("三交点", "tripoint"),
        "segment": W("界线段", "segment"),
        "other_mark": W("其他标志物", "other mark"),
    }
)
TASK_ITEM: Final[Words] = MappingProxyType(
    {
        "condition": W("界桩状况", "condition"),
        "condition_seen": W("所见状况", "condition seen"),
        "position": W("位置", "position"),
        "reference_objects": W("方位物", "reference objects"),
        "inscription": W("注记", "inscription"),
        "photos": W("照片", "photos"),
        "comparison_with_form": W("与登记表比对", "comparison with the form"),
        "observance": W("界线遵守情况", "observance of the line"),
        "terrain_change": W("地形变化", "change of terrain"),
        "cross_line_works": W("跨界工程", "works across the line"),
        "one_sided_marks": W("单方标志", "marks of one side alone"),
    }
)
ANSWER: Final[Words] = MappingProxyType(
    {
        "agrees": W(
            "一致", "agrees", "与协议书、附图、登记表一致", "as the agreement, its map and the form have it"
        ),
        "differs": W(
            "不一致",
            "differs",
            "与协议书、附图或登记表不符",
            "other than the agreement, its map or the form has it",
        ),
        "changed": W("有变化", "changed", "自上次联检以来有变化", "changed since the last joint inspection"),
        "not_seen": W("未能查看", "not seen", "到场但未能查看", "visited, but it could not be seen"),
        "not_applicable": W("不适用", "does not apply", "此处没有该项", "there is nothing of the kind here"),
    }
)
ARCHIVE: Final[Words] = MappingProxyType(
    {"county": W("县级", "county"), "city": W("市级", "city"), "province": W("省级", "province")}
)
VOCABULARIES: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "joint_stage": STAGE,
        "joint_task_kind": TASK_KIND,
        "joint_item": TASK_ITEM,
        "joint_answer": ANSWER,
        "joint_archive": ARCHIVE,
    }
)
