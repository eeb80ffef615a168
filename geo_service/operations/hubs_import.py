"""Hubs of a file taken on the register: all rows or none; a code that is there is changed, not doubled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from pydantic import ValidationError
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer
from geo_service.exchange.feature_source import Features, read_features, taken_off_the_map
from geo_service.exchange.point_files import NoPoints, PointTable
from geo_service.exchange.rejects import Reject
from geo_service.operations.hubs import add_hub, change_hub, hub_content
from geo_service.operations.hubs_demand import degrees_of
from geo_service.schemas.hubs import HubChange, NewHub
from layers.hubs.tables import HubRow

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("id", "编号", "代码", "hub_code"),
    "name": ("名称",),
    "status": ("状态",),
    "capacity": ("容量", "服务人数"),
    "floor_area_m2": ("建筑面积", "面积"),
    "services": ("服务内容", "功能"),
    "opened_on": ("启用日期", "开放日期"),
    "address": ("地址",),
}
STATUS_WORDS: Final = {
    "现状": "existing",
    "规划": "planned",
    "必选": "planned",
    "候选": "candidate",
    "排除": "excluded",
}


@dataclass(frozen=True, slots=True)
class ImportedHubs:
    """What became of a file: rows, new and changed hubs, rows refused; nothing is written when one is."""

    rows: int
    added: int
    changed: int
    unchanged: int
    rejects: list[Reject]
    written: bool


def import_hubs(
    session: Session,
    officer: Officer,
    path: Path,
    *,
    source: str,
    layer: str | None = None,
    crs: str | None = None,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> ImportedHubs:
    """Take hubs of a file on record. `mapping` is target → column. Raises `NoPoints`, `FileUnreadable`."""
    features = read_features(path, kinds=("Point", "Polygon"), layer=layer)
    features = taken_off_the_map(features, crs, file=path.name)
    if len(features.geometry) == 0:
        raise NoPoints(file=path.name)
    asked, rejects = _asked(features, mapping or {}, source, crs)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    if not rejects and not dry_run:
        for hub in asked:
            counts[_take(session, officer, hub)] += 1
    return ImportedHubs(
        len(features.geometry), **counts, rejects=rejects, written=not rejects and not dry_run
    )


def _asked(
    features: Features, mapping: Mapping[str, str], source: str, crs: str | None
) -> tuple[list[NewHub], list[Reject]]:
    columns = _columns(features, mapping)
    shapes = features.geometry
    placed = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    xy = np.full((len(shapes), 2), np.nan)
    xy[placed] = shapely.get_coordinates(shapely.centroid(shapes[placed]))
    finite = np.isfinite(xy).all(axis=1)
    lon_lat = np.full_like(xy, np.nan)
    if finite.any():
        table = PointTable(np.flatnonzero(finite), xy[finite], np.ones(int(finite.sum())), features.crs)
        lon_lat[finite] = degrees_of(table, crs)
    asked: list[NewHub] = []
    rejects: list[Reject] = []
    seen: set[str] = set()
    for row in range(len(shapes)):
        values = {name: _value(name, column[row]) for name, column in columns.items()}
        values = {name: value for name, value in values.items() if value is not None}
        attributes = {name: str(value) for name, value in values.items()}
        if not finite[row]:
            rejects.append(Reject(row + 1, "hubs.place_missing", {}, attributes))
            continue
        lon, lat = (float(degree) for degree in lon_lat[row])
        try:
            hub = NewHub.model_validate(
                {"name": values.get("code"), "source": source, **values, "lon": lon, "lat": lat}
            )
        except ValidationError as wrong:
            facts = {".".join(map(str, each["loc"])): each["msg"] for each in wrong.errors()}
            rejects.append(Reject(row + 1, "input.invalid", facts, attributes, shapes[row]))
            continue
        if hub.code in seen:
            rejects.append(Reject(row + 1, "hubs.ids_refused", {"ids": [hub.code]}, attributes, shapes[row]))
        seen.add(hub.code)
        asked.append(hub)
    return asked, rejects


def _columns(features: Features, mapping: Mapping[str, str]) -> dict[str, Any]:
    known = {name.strip().lower(): name for name in features.columns}
    found: dict[str, Any] = {}
    for target, aliases in ALIASES.items():
        names: Sequence[str] = [mapping[target]] if target in mapping else [target, *aliases]
        column = next((known[name.lower()] for name in names if name.lower() in known), None)
        if column is not None:
            found[target] = features.columns[column]
    return found


def _value(name: str, given: Any) -> Any:
    """Return a cell as the register takes it; None for an empty one."""
    text = "" if given is None or given != given else str(given).strip()  # noqa: PLR0124 -- only NaN differs from itself
    if not text:
        return None
    if name == "services":
        return [
            each.strip()
            for each in text.replace("、", ",").replace(";", ",").strip("[]").split(",")
            if each.strip(" '\"")
        ]
    if name == "status":
        return STATUS_WORDS.get(text, text)
    if name == "opened_on":
        return text[:10]
    if name in {"code", "capacity"} and text.endswith(".0"):
        return text.removesuffix(".0")
    return text


def _take(session: Session, officer: Officer, asked: NewHub) -> str:
    known = session.query(HubRow).filter(HubRow.code == asked.code).one_or_none()
    if known is None:
        add_hub(session, officer, asked)
        return "added"
    given = asked.model_dump(exclude={"id", "code"}, exclude_unset=True)
    before = hub_content(known)
    if all(before[name] == value for name, value in given.items()):
        return "unchanged"
    change_hub(session, officer, known, HubChange.model_validate(given))
    return "changed"
