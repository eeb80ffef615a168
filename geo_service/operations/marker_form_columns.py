"""The parts of a registration form as flat columns of a file, and back: custody, device, signatures; loses nothing.

A part that a form does not have is an empty cell; what a cell cannot be is said by the name of its column. Blanks at the
ends of a cell are nobody's words: readers of files drop them.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from geo_service.exchange.mapping import TargetColumn
from geo_service.schemas.marker_form import FormParts
from layers.findings import Finding

MOST_SIDES: Final = 4
Path = tuple[str | int, ...]
PARTS: Final[Mapping[str, tuple[Path, str]]] = MappingProxyType(
    {
        "spatial_id": (("spatial_id",), "空间标识"),
        "sketch": (("sketch",), "示意图"),
        "custody_unit": (("custody", "unit"), "委托管护单位"),
        "custody_person": (("custody", "person"), "委托管护人"),
        "custody_contract": (("custody", "contract"), "管护合同"),
        "custody_since": (("custody", "since"), "管护开始日期"),
        "custody_until": (("custody", "until"), "管护截止日期"),
        "iot_number": (("iot", "number"), "设备编号"),
        "iot_name": (("iot", "name"), "设备名称"),
        "iot_online": (("iot", "online"), "设备在线"),
        "iot_last_message_at": (("iot", "last_message_at"), "最近上报时间"),
        "iot_tilted": (("iot", "tilted"), "是否倾斜"),
        "iot_low_battery": (("iot", "low_battery"), "电量低"),
        "iot_drift_m": (("iot", "drift_m"), "设备位移"),
        "iot_position": (("iot", "position"), "设备位置"),
        **{
            f"signed_{side}_{part}": (("signatures", side - 1, part), f"{zh}{side}")
            for side in range(1, MOST_SIDES + 1)
            for part, zh in (
                ("unit", "签字方"),
                ("technician", "技术员"),
                ("officer", "勘界负责人"),
                ("date", "签字日期"),
            )
        },
    }
)
"""Column → where it stands in the form, and the name that an office gives it."""
TRUTHS: Final = MappingProxyType(
    {"true": True, "1": True, "yes": True, "是": True, "false": False, "0": False, "no": False, "否": False}
)
_TRUTH: Final = frozenset({"iot_online", "iot_tilted", "iot_low_battery"})
TARGETS: Final = (
    TargetColumn("guardian", aliases=("管护员",)),
    TargetColumn("under_contract", aliases=("是否托管", "委托管护")),
    TargetColumn("synthetic", aliases=("是否示例",)),
    *(TargetColumn(name, aliases=(zh,)) for name, (_, zh) in PARTS.items()),
)


def cells_of(form: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the cells of a form: text as it stands in it, `true` and `false`, numbers in full."""
    return {name: _cell(_found(form, path)) for name, (path, _) in PARTS.items()}


def _found(form: Any, path: Path) -> Any:
    for step in path:
        if isinstance(step, int):
            form = form[step] if isinstance(form, Sequence) and step < len(form) else None
        else:
            form = form.get(step) if isinstance(form, Mapping) else None
    return form


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def form_of(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return the form that a row's cells make; a side without any cell is no side. Checks nothing.

    >>> form_of({"custody_unit": "三门坡镇政府", "iot_tilted": "否"})
    {'custody': {'unit': '三门坡镇政府'}, 'iot': {'tilted': False}}
    """
    form: dict[str, Any] = {}
    sides: dict[int, dict[str, Any]] = {}
    for name, (path, _) in PARTS.items():
        given = cells.get(name, "")
        if not given.strip():
            continue
        value = _value(name, given)
        match path:
            case (str(part),):
                form[part] = value
            case (str(part), str(field)):
                form.setdefault(part, {})[field] = value
            case (_, int(side), str(field)):
                sides.setdefault(side, {})[field] = value
    if sides:
        form["signatures"] = [sides[side] for side in sorted(sides)]
    if truth(cells.get("synthetic")):
        form["synthetic"] = True
    return form


def truth(given: str | None) -> bool | None:
    """Return yes or no, as a cell says it in one of the languages; None where it says neither."""
    return TRUTHS.get((given or "").strip().casefold())


def _value(name: str, given: str) -> Any:
    if name in _TRUTH:
        known = truth(given)
        return given if known is None else known
    if name == "iot_drift_m":
        try:
            return float(given)
        except ValueError:
            return given
    return given


def faults(code: str, cells: Mapping[str, str]) -> Iterator[Finding]:
    """Yield `marker.value_unknown` for each column whose cell the form cannot have."""
    for name in ("under_contract", "synthetic"):
        if cells.get(name) and truth(cells[name]) is None:
            yield Finding("marker.value_unknown", (code,), {"field": name, "given": cells[name]})
    form = form_of(cells)
    for part, name in (("iot", each) for each in sorted(_TRUTH)):
        value = form.get(part, {}).get(name.removeprefix("iot_"))
        if isinstance(value, str):  # a truth that the schema would take in other words than ours
            yield Finding("marker.value_unknown", (code,), {"field": name, "given": value})
            form[part].pop(name.removeprefix("iot_"))
    try:
        FormParts.model_validate(form)
    except ValidationError as wrong:
        for error in wrong.errors(include_url=False):
            field = _column(error["loc"])
            yield Finding(
                "marker.value_unknown", (code,), {"field": field, "given": cells.get(field) or error["msg"]}
            )


def _column(where: Sequence[str | int]) -> str:
    """Return the column behind a place of the form; for a place that has no column of its own, the part's name."""
    exact = next((name for name, (path, _) in PARTS.items() if path == tuple(where)), None)
    return exact or str(where[0] if where else "signatures")
