"""Level, change or finding → label in both languages, colour and shape: written here only."""

from dataclasses import dataclass
from typing import Final

from layers.boundaries.model import ChangeKind, Level


@dataclass(frozen=True, slots=True)
class Sign:
    """How one code is shown: two labels, a definition in both languages, and a stroke or fill."""

    code: str
    zh: str
    en: str
    definition_zh: str = ""
    definition_en: str = ""
    colour: str | None = None
    shape: str | None = None


LEVELS: Final = (
    Sign(Level.PROVINCE, "省级", "province", "省、自治区、直辖市", "province", "#7b2d26", "solid"),
    Sign(
        Level.PREFECTURE,
        "地级",
        "prefecture",
        "地级市、自治州",
        "prefecture-level city",
        "#9a3b2f",
        "long-dash",
    ),
    Sign(
        Level.COUNTY,
        "县级",
        "county",
        "县、县级市、市辖区",
        "county, county-level city, district",
        "#b0563f",
        "dash",
    ),
    Sign(
        Level.TOWNSHIP,
        "乡级",
        "township",
        "乡、镇、街道",
        "township, town, subdistrict",
        "#8a6a52",
        "dash-dot",
    ),
    Sign(
        Level.VILLAGE,
        "村级",
        "village",
        "村、社区（基层群众自治组织）",
        "village or community committee",
        "#8f8371",
        "dot",
    ),
)

CHANGES: Final = (
    Sign(ChangeKind.ESTABLISH, "设立", "established"),
    Sign(ChangeKind.MERGE, "合并", "merged"),
    Sign(ChangeKind.SPLIT, "分设", "split"),
    Sign(ChangeKind.TRANSFER, "界线变更", "ground transferred"),
    Sign(ChangeKind.RENAME, "更名", "renamed"),
    Sign(ChangeKind.RECODE, "代码变更", "recoded"),
)

FINDINGS: Final = (
    Sign(
        "boundary.gap", "空隙", "gap", "相邻单位之间有无主地面", "ground between neighbours belongs to nobody"
    ),
    Sign(
        "boundary.overlap", "重叠", "overlap", "同一地面属于两个单位", "the same ground belongs to two units"
    ),
    Sign(
        "boundary.sliver", "狭长碎片", "sliver", "沿界线的狭长单位", "a strip along the line, kept as a unit"
    ),
    Sign(
        "boundary.unshared_vertex",
        "未共用节点",
        "unshared vertex",
        "界线节点只在一侧存在",
        "a vertex of the shared line that one side lacks",
    ),
    Sign(
        "boundary.self_intersection",
        "自相交",
        "self-intersection",
        "图形无效：环自相交",
        "the ring crosses itself",
    ),
    Sign(
        "boundary.duplicate_polygon",
        "重复图形",
        "duplicate polygon",
        "两条记录图形相同",
        "two records have one geometry",
    ),
    Sign(
        "boundary.duplicate_code",
        "重复代码",
        "duplicate code",
        "两条记录代码相同",
        "two records have one code",
    ),
    Sign(
        "boundary.stray_part",
        "飞地碎块",
        "stray part",
        "单位的一部分落在别的单位内",
        "a part of a unit lies inside another one",
    ),
    Sign(
        "boundary.wrong_parent_code",
        "上级代码不符",
        "wrong parent",
        "上级代码与所在地不符",
        "the parent code contradicts code or place",
    ),
)
