"""A saved plan as a report, a workbook and a GeoPackage: the same figures in each. Works out nothing itself."""

import json
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from openpyxl import Workbook
from sqlalchemy.orm import Session

from geo_service.messages import catalogue
from geo_service.operations.hubs_areas import areas
from geo_service.operations.hubs_coverage import answer
from geo_service.operations.hubs_plan import Plan, assess, plan_of
from geo_service.operations.hubs_scenarios import compare
from geo_service.schemas.hubs import AreasQuestion, CoverageQuestion
from layers.boundaries.model import Level
from layers.geodesy import STORAGE_CRS
from layers.hubs import queries
from layers.hubs.coverage import LIMIT_TOLERANCE_M
from layers.hubs.model import Metric
from web_map.reports.hub_coverage import HubReport
from web_map.reports.offline_page import Table

OUTLINE_TOLERANCE_DEG: Final = 0.0005


@dataclass(frozen=True, eq=False)
class Findings:
    """All that the three forms of a report are made of."""

    name: str
    plan: Plan
    told: dict[str, Any]
    compared: dict[str, Any]
    areas: dict[str, Any]
    circle_only: Any
    reached: Any


def findings(session: Session, scenario_id: uuid.UUID, *, by: Level, on: date) -> Findings:
    """Assess a scenario, beside what exists now."""
    row = queries.scenario(session, scenario_id)
    plan = plan_of(session, CoverageQuestion(scenario=scenario_id, by=by, as_of=on))
    told = answer(plan, cells=True, capacities=True)
    metres = np.array([np.inf if m is None else m for m in told["cells"]["distance_m"]])
    # The table's own threshold, not the rounded metres of the answer.
    reached = assess(plan).nearest.distance_m <= plan.limit_m + LIMIT_TOLERANCE_M
    circles = assess(plan, Metric.STRAIGHT_LINE).nearest.distance_m <= plan.limit_m + LIMIT_TOLERANCE_M
    drawn: dict[str, Any] = {"type": "FeatureCollection", "features": []}
    if plan.metric is Metric.WALKING and len(metres):
        drawn = areas(session, AreasQuestion(scenario=scenario_id))
    return Findings(
        row.name,
        plan,
        told,
        compare(session, None, scenario_id, by=by, on=on),
        drawn,
        circles & ~reached,
        reached,
    )


class _Words(dict[str, str]):
    """Words of the report by their short key."""

    def __missing__(self, key: str) -> str:
        return key


def _words(language: str) -> Mapping[str, str]:
    start = "report.hub."
    return _Words(
        {key[len(start) :]: text for key, text in catalogue(language).items() if key.startswith(start)}
    )


def report_of(found: Findings, *, language: str, on: date) -> HubReport:
    """Return the report's figures and words, as HTML and paper are made of them."""
    words, told, plan = _words(language), found.told, found.plan
    lon_lat = plan.ground.demand.lon_lat
    states = {
        "reached": found.reached,
        "circle_only": found.circle_only,
        "uncovered": ~found.reached & ~found.circle_only,
    }
    outlines: Any = (
        [] if plan.units is None else shapely.simplify(plan.units.outlines.shapes, OUTLINE_TOLERANCE_DEG)
    )
    return HubReport(
        language=language,
        title=words["title"].format(name=found.name),
        about=words["about"].format(
            date=on.isoformat(), limit=_metres(plan.limit_m), metric=words[plan.metric.value]
        ),
        note=words["synthetic"] if "合成" in f"{plan.ground.demand_facts['source']}" else "",
        figures=Table("", [words["figure"], words["value"]], _figures(found, words)),
        tables=_tables(found, words),
        method=_method(found, words),
        method_title=words["method"],
        map_title=words["map"],
        state_words={state: words[state] for state in states},
        cells={state: [tuple(each) for each in lon_lat[mask].tolist()] for state, mask in states.items()},
        hubs=[
            (hub["lon"], hub["lat"], f"{hub['name'] or hub['id']} {_count(hub['covered_weight'])}")
            for hub in told["hubs"]
        ],
        areas={
            "type": "FeatureCollection",
            "features": [f for f in found.areas["features"] if f["geometry"]],
        },
        outlines=json.loads(gpd.GeoSeries(outlines).to_json())
        if len(outlines)
        else {"type": "FeatureCollection", "features": []},
        area_words=words["isochrones"],
        hub_words=words["hubs"],
    )


def _figures(found: Findings, words: Mapping[str, str]) -> list[list[str]]:
    told, fair = found.told, found.compared["b"]["equity"]
    worst = fair["worst_unit"]
    rows = [
        [words["total"], _count(told["total_weight"])],
        [words["covered"], f"{_count(told['covered_weight'])} ({_share(told['covered_share'])})"],
        [words["gained"], _count(found.compared["difference"]["covered_weight"])],
        [words["twice"], _count(told["overlaps"]["served_more_than_once_weight"])],
        [
            words["walk"],
            " / ".join(_metres(told["distribution"][name]) for name in ("median_m", "p90_m", "farthest_m")),
        ],
        [words["gini"], "–" if fair["gini_of_walk"] is None else f"{fair['gini_of_walk']:.3f}"],
        [
            words["room"],
            f"{_count(told['by_capacity']['served_weight'])} ({_share(told['by_capacity']['served_share'])})",
        ],
    ]
    if "straight_line" in told:
        circle = told["straight_line"]
        rows.insert(
            2, [words["circle"], f"{_count(circle['covered_weight'])} ({_share(circle['covered_share'])})"]
        )
    if worst is not None:
        rows.append([words["worst"], f"{worst['name']} {_share(worst['covered_share'])}"])
    rows += [
        [f"{words['beyond']} {group}", _share(share)] for group, share in fair["share_beyond_limit"].items()
    ]
    return rows


def _tables(found: Findings, words: Mapping[str, str]) -> list[Table]:
    told, difference = found.told, found.compared["difference"]
    units = [
        [
            unit["name"] or words["no_unit"],
            _count(unit["total_weight"]),
            _share(unit["a"]),
            _share(unit["b"]),
            _count(unit["gained_weight"]),
        ]
        for unit in difference["units"]
    ]
    hubs = [
        [hub["id"], hub["name"] or "", _count(hub["covered_weight"]), _count(hub["nearest_weight"]),
         "–" if hub["capacity"] is None else _count(hub["capacity"]), _metres(hub["mean_m"]), _metres(hub["farthest_m"])]
        for hub in told["hubs"]
    ]  # fmt: skip
    gaps = [
        [str(gap["rank"]), gap["unit_name"] or words["no_unit"], f"{gap['lon']:.5f}, {gap['lat']:.5f}", gap["nearest_hub"] or "–",
         _count(gap["weight"]), _metres(gap["excess_m"])]
        for gap in told["gaps"]
    ]  # fmt: skip
    head = words.__getitem__
    return [
        Table(
            head("by_unit"), [head("unit"), head("total"), head("now"), head("plan"), head("gained")], units
        ),
        Table(
            head("by_hub"),
            [
                head("id"),
                head("name"),
                head("covered"),
                head("nearest"),
                head("capacity"),
                head("mean"),
                head("farthest"),
            ],
            hubs,
            2,
        ),
        Table(
            head("gaps"),
            [head("rank"), head("unit"), head("place"), head("nearest_hub"), head("total"), head("excess")],
            gaps,
            4,
        ),
    ]


def _method(found: Findings, words: Mapping[str, str]) -> list[str]:
    told = found.told
    demand, network = told["demand"], told["network"]
    said = [
        words[f"method_{found.plan.metric.value}"].format(
            limit=_metres(found.plan.limit_m), snap=_metres(told["max_snap_m"])
        )
    ]
    said.append(
        words["source_demand"].format(name=demand["name"], source=demand["source"], date=demand["counted_on"])
    )
    if network is not None:
        said.append(
            words["source_network"].format(
                name=network["name"],
                source=network["source"],
                date=network["dated_on"],
                edges=network["edges"],
                components=network["components"],
            )
        )
    said.append(words["unsnapped"].format(hubs=told["unsnapped"]["hubs"], demand=told["unsnapped"]["demand"]))
    return said


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _metres(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} m"


def layers_of(found: Findings) -> dict[str, list[dict[str, Any]]]:
    """Return the tables behind a report: hubs, units, gaps, cells, overlaps; one row a thing."""
    told, cells = found.told, found.told["cells"]
    ids = [hub["id"] for hub in told["hubs"]]
    columns = zip(
        cells["ids"],
        cells["lon"],
        cells["lat"],
        cells["weight"],
        cells["hub"],
        cells["distance_m"],
        cells["times_served"],
        found.reached.tolist(),
        strict=True,
    )
    return {
        "hubs": told["hubs"],
        "units": [{name: value for name, value in unit.items() if name != "groups"} for unit in told["units"]],
        "gaps": [{**gap, "demand": " ".join(gap["demand"])} for gap in told["gaps"]],
        "cells": [
            {"id": id_, "lon": lon, "lat": lat, "weight": weight, "nearest_hub": ids[hub] if hub >= 0 else None,
             "distance_m": metres, "hubs_in_reach": times, "covered": covered}
            for id_, lon, lat, weight, hub, metres, times, covered in columns
        ],
        "overlaps": [{"hub_a": p["hubs"][0], "hub_b": p["hubs"][1], "weight": p["weight"]} for p in told["overlaps"]["pairs"]],
    }  # fmt: skip


def workbook(found: Findings) -> bytes:
    """Return the tables as a workbook, one sheet a table; no cell is ever a formula."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in layers_of(found).items():
        sheet = book.create_sheet(name)
        heads = list(rows[0]) if rows else []
        for at, values in enumerate([heads, *([row[head] for head in heads] for row in rows)], start=1):
            for column, value in enumerate(values, start=1):
                cell = sheet.cell(at, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def geopackage(found: Findings) -> bytes:
    """Return hubs, gaps, cells and areas as layers of a GeoPackage in EPSG:4490."""
    tables = layers_of(found)
    with tempfile.TemporaryDirectory(prefix="geo-report-") as directory:
        place = Path(directory, "plan.gpkg")
        for name in ("hubs", "gaps", "cells"):
            _layer(tables[name]).to_file(place, layer=name, driver="GPKG")
        drawn = [each for each in found.areas["features"] if each["geometry"]]
        if drawn:
            shapes = [shapely.geometry.shape(each["geometry"]) for each in drawn]
            gpd.GeoDataFrame(
                [each["properties"] for each in drawn], geometry=shapes, crs=STORAGE_CRS
            ).to_file(place, layer="areas", driver="GPKG")
        return place.read_bytes()


def _layer(rows: Sequence[Mapping[str, Any]]) -> Any:
    places = [shapely.Point(row["lon"], row["lat"]) for row in rows]
    return gpd.GeoDataFrame([dict(row) for row in rows], geometry=places, crs=STORAGE_CRS)
