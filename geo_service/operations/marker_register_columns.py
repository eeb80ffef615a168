"""What a registration form says of a marker's set, place and reference objects, as flat columns of a file, and back."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from geo_service.exchange.mapping import TargetColumn
from layers.findings import Finding
from layers.markers.model import AzimuthKind, Marker, ReferenceObject

MOST_OBJECTS: Final = 6
"""方位物: at least three on a form; one with more than six keeps the first six in a file."""
MOST_PLACES: Final = 3
SIDES_SEPARATOR: Final = ";"
AZIMUTHS: Final = MappingProxyType(
    {
        "坐标方位角": AzimuthKind.GRID,
        "真方位角": AzimuthKind.TRUE,
        "磁方位角": AzimuthKind.MAGNETIC,
        **{kind.value: kind for kind in AzimuthKind},
    }
)
PLAIN: Final = MappingProxyType(
    {
        "set_code": "组号",
        "post_unit": "桩位所在单位",
        "feature_relation": "与地物关系",
        "inscriptions": "桩面注记",
        "set_on": "埋设日期",
        "legal_instrument": "法律文书",
        "public": "是否公开",
        "survey_method": "测量方法",
    }
)
OBJECT: Final = MappingProxyType(
    {
        "name": "方位物{}",
        "azimuth_deg": "方位角{}",
        "azimuth_kind": "方位角类型{}",
        "distance_m": "距离{}",
        "lon": "方位物经度{}",
        "lat": "方位物纬度{}",
    }
)
COLUMNS: Final = (
    *PLAIN,
    *(f"place_{number}" for number in range(1, MOST_PLACES + 1)),
    *(f"object_{number}_{part}" for number in range(1, MOST_OBJECTS + 1) for part in OBJECT),
)
TARGETS: Final = (
    *(TargetColumn(name, aliases=(zh,)) for name, zh in PLAIN.items()),
    *(
        TargetColumn(f"object_{number}_{part}", aliases=(zh.format(number),))
        for number in range(1, MOST_OBJECTS + 1)
        for part, zh in OBJECT.items()
    ),
)


def cells_of(marker: Marker) -> dict[str, str | float | None]:
    """Return the cells of a marker: each of `COLUMNS`, None where the form says nothing."""
    legal = marker.legal_position
    cells: dict[str, str | float | None] = {
        "set_code": marker.set_code,
        "post_unit": marker.post_unit,
        "feature_relation": marker.feature_relation or None,
        "inscriptions": SIDES_SEPARATOR.join(marker.inscriptions) or None,
        "set_on": marker.set_on.isoformat() if marker.set_on else None,
        "legal_instrument": marker.legal_instrument or None,
        "public": "true" if marker.public else "false",
        "survey_method": (legal.method or None) if legal else None,
    }
    for place in range(MOST_PLACES):
        cells[f"place_{place + 1}"] = marker.locations[place] if place < len(marker.locations) else None
    for place in range(MOST_OBJECTS):
        found = marker.reference_objects[place] if place < len(marker.reference_objects) else None
        for part in OBJECT:
            value = getattr(found, part) if found else None
            cells[f"object_{place + 1}_{part}"] = value.value if isinstance(value, AzimuthKind) else value
    return cells


def objects_of(cells: Mapping[str, str]) -> tuple[ReferenceObject, ...]:
    """Return the reference objects that a row's cells make; `faults` has looked at them."""
    return tuple(
        ReferenceObject(
            name=cells[f"object_{number}_name"],
            azimuth_deg=float(cells[f"object_{number}_azimuth_deg"]),
            distance_m=float(cells[f"object_{number}_distance_m"]),
            azimuth_kind=AZIMUTHS[cells.get(f"object_{number}_azimuth_kind") or AzimuthKind.GRID.value],
            lon=_number(cells.get(f"object_{number}_lon")),
            lat=_number(cells.get(f"object_{number}_lat")),
        )
        for number in range(1, MOST_OBJECTS + 1)
        if cells.get(f"object_{number}_name")
    )


def faults(code: str, cells: Mapping[str, str]) -> Iterator[Finding]:
    """Yield `marker.value_unknown` for each cell that the form cannot have, by the name of its column."""
    for number in range(1, MOST_OBJECTS + 1):
        given = {part: cells.get(f"object_{number}_{part}", "").strip() for part in OBJECT}
        if any(given.values()):
            for part in _wrong(given):
                yield _unknown(code, f"object_{number}_{part}", given[part])
    if cells.get("set_on") and _day(cells["set_on"]) is None:
        yield _unknown(code, "set_on", cells["set_on"])


def _wrong(given: Mapping[str, str]) -> Iterator[str]:
    """Yield the parts of a reference object that cannot be: a name, an azimuth and a distance it must have."""
    if not given["name"]:
        yield "name"
    for part, least, most in (("azimuth_deg", 0, 360), ("distance_m", 0, 100_000)):
        if not _within(given[part], least, most):
            yield part
    if given["azimuth_kind"] and given["azimuth_kind"] not in AZIMUTHS:
        yield "azimuth_kind"
    for part, other, most in (("lon", "lat", 180), ("lat", "lon", 90)):
        if not _within(given[part], -most, most) and (given[part] or given[other]):
            yield part


def facts_of(cells: Mapping[str, str], *, truth: bool | None) -> dict[str, Any]:
    """Return the model's fields that a row's cells make; `truth` is what the cell `public` says."""
    return {
        "set_code": cells.get("set_code"),
        "post_unit": cells.get("post_unit"),
        "feature_relation": cells.get("feature_relation", ""),
        "inscriptions": tuple(
            side.strip()
            for side in cells.get("inscriptions", "").replace("；", SIDES_SEPARATOR).split(SIDES_SEPARATOR)
            if side.strip()
        ),
        "set_on": _day(cells.get("set_on", "")),
        "legal_instrument": cells.get("legal_instrument", ""),
        "public": bool(truth),
        "reference_objects": objects_of(cells),
    }


def _unknown(code: str, column: str, given: str) -> Finding:
    return Finding("marker.value_unknown", (code,), {"field": column, "given": given})


def _number(given: str | None) -> float | None:
    return float(given) if given else None


def _within(given: str, least: float, most: float) -> bool:
    try:
        return least <= float(given) <= most
    except ValueError:
        return False


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return None
