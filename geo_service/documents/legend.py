"""What kinds of papers there are and what they may be linked to, in both languages: written here only.

The kinds are those that Order 353, art. 13, and the archives of joint inspections have on file.
"""

from typing import Final

from layers.boundaries.legend import Sign

TYPES: Final = (
    Sign(
        "agreement",
        "协议书",
        "agreement",
        "界线协议书、管理协议书、三交点协议书",
        "on a line, its managing, a tripoint",
    ),
    Sign(
        "agreement_map",
        "协议书附图",
        "agreement map",
        "协议书附图、工作图",
        "map that an agreement refers to",
    ),
    Sign(
        "approval",
        "批复",
        "approval",
        "政府或主管部门的批准文件",
        "decision of a government or its department",
    ),
    Sign(
        "application",
        "申请",
        "application",
        "移动、增设界桩或命名、更名的申请",
        "to move or add a marker, to name",
    ),
    Sign("consent", "同意文件", "consent", "毗邻各方政府的同意文件", "of the adjoining governments"),
    Sign(
        "result_table", "成果表", "result table", "界桩成果表、边界点成果表", "of markers and boundary points"
    ),
    Sign("registration_form", "登记表", "registration form", "界桩登记表", "of a marker"),
    Sign(
        "inspection_report", "联检报告", "joint inspection report", "联合检查报告及记录", "with its records"
    ),
    Sign("plan", "实施方案", "plan", "联合检查实施方案", "of a joint inspection"),
    Sign("minutes", "会议纪要", "minutes", "会议记录、纪要", "of a meeting"),
    Sign("notice", "公告", "notice", "公布界线、地名的公告", "that publishes a line or a name"),
    Sign("detailed_map", "详图", "detailed map", "行政区域界线详图", "official published map of a line"),
    Sign("photo", "照片", "photo", "现场照片", "taken on the ground"),
    Sign("other", "其他", "other", "其他材料", "anything else"),
)

SUBJECT_KINDS: Final = (
    Sign("unit", "行政区划单位", "unit"),
    Sign("line", "界线", "line"),
    Sign("marker", "界桩", "marker"),
    Sign("change", "区划变更", "change of units"),
    Sign("proposal", "地名方案", "naming proposal"),
)
