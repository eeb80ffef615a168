"""Which column of a file is which column of the record; refuses to choose between two candidates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from geo_service.exchange.refusals import MappingInvalid, MissingColumn

# Names that Chinese and common exchange files use, compared without case, blanks and underscores.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("adcode", "代码", "区划代码", "行政区划代码", "行政代码", "xzqdm", "pac", "gb", "区县代码"),
    "name": ("名称", "区划名称", "行政区名称", "xzqmc", "地名", "标准地名", "区县名称"),
    "level": ("级别", "行政级别", "xzjb"),
    "parent_code": ("parent", "上级代码", "父级代码", "parentadcode", "pid"),
    "pinyin": ("拼音", "罗马字母拼写", "汉语拼音"),
    "valid_from": ("生效日期", "启用日期", "开始日期"),
    "valid_to": ("失效日期", "废止日期", "结束日期"),
    "line_code": ("界线代码", "界线编号"),
    "marker_number": ("界桩号", "界桩编号", "marker_no", "marker_code"),
    "source": ("来源", "数据来源"),
    "remark": ("备注", "note"),
    "wkt": ("geometry", "geom", "the_geom", "几何", "wkt_geom", "shape"),
    "lon": ("longitude", "lng", "经度", "x", "东坐标", "横坐标", "east", "easting"),
    "lat": ("latitude", "纬度", "y", "北坐标", "纵坐标", "north", "northing"),
}


@dataclass(frozen=True, slots=True)
class TargetColumn:
    """A column that the record wants. `text` columns are read as text, so that codes keep their zeros.

    >>> TargetColumn("code", required=True).names()[:3]
    ('code', 'adcode', '代码')
    """

    name: str
    required: bool = False
    text: bool = True
    aliases: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return all names it may go by, its own first."""
        return (self.name, *(self.aliases or ALIASES.get(self.name, ())))


def read_mapping(stated: Iterable[str]) -> dict[str, str]:
    """Read `source=target` pairs as {target: source}; the last `=` divides, a source may hold others.

    >>> read_mapping(["代码=code", "a=b=name"])
    {'code': '代码', 'name': 'a=b'}
    """
    pairs: dict[str, str] = {}
    for text in stated:
        source, divider, target = text.rpartition("=")
        if not (divider and source.strip() and target.strip()):
            raise MappingInvalid(mapping=text[:200], reason="not_source_equals_target")
        if target.strip() in pairs:
            raise MappingInvalid(mapping=text[:200], reason="target_twice")
        pairs[target.strip()] = source.strip()
    return pairs


def map_columns(
    found: Sequence[str], targets: Sequence[TargetColumn], stated: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return {target: column of the file}. What is stated wins; else the first known name that is there.

    Raises `MappingInvalid` for a stated column or target that does not exist, `MissingColumn` when a required one is
    not found.
    """
    wishes = dict(stated or {})
    known = {target.name for target in targets}
    for target, source in wishes.items():
        if source not in found:
            raise MappingInvalid(mapping=f"{source}={target}", reason="no_such_column", found=list(found))
        if target not in known:
            raise MappingInvalid(mapping=f"{source}={target}", reason="no_such_target", known=sorted(known))
    by_key: dict[str, str] = {}
    for column in found:
        by_key.setdefault(_key(column), column)
    taken = set(wishes.values())
    for column_wanted in targets:
        if column_wanted.name in wishes:
            continue
        candidates = (by_key.get(_key(name)) for name in column_wanted.names())
        chosen = next((column for column in candidates if column is not None and column not in taken), None)
        if chosen is not None:
            wishes[column_wanted.name] = chosen
            taken.add(chosen)
    missing = [target for target in targets if target.required and target.name not in wishes]
    if missing:
        raise MissingColumn(
            missing=[target.name for target in missing],
            found=list(found),
            known_names={target.name: list(target.names()) for target in missing},
        )
    return {target.name: wishes[target.name] for target in targets if target.name in wishes}


def _key(name: str) -> str:
    return "".join(name.split()).replace("_", "").casefold()
