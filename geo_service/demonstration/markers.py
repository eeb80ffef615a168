"""Loads generated markers on the real lines of Haikou: seeded, dated from the day of loading, labelled synthetic."""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.demonstration.marker_cases import case_rows
from geo_service.demonstration.marker_joint import load_joint_inspection
from geo_service.demonstration.marker_papers import store_papers
from geo_service.demonstration.marker_sensors import device_of, load_sensors
from geo_service.demonstration.marker_stories import STORIES, Story, record_rows, visits
from layers.geodesy import STORAGE_SRID, project_to_degrees, project_to_metres, transformer
from layers.markers.displacement import CGCS2000
from layers.markers.evidence_tables import (
    CaseEventRow,
    InspectionReviewRow,
    InspectionRow,
    MarkerCaseRow,
    MarkerRecordRow,
    PhotoRow,
)
from layers.markers.marker_rows import marker_values, object_values
from layers.markers.model import (
    AzimuthKind,
    Grade,
    LegalPosition,
    Marker,
    OriginalCoordinates,
    ReferenceObject,
    SetKind,
)
from layers.markers.register import append, project
from layers.markers.tables import MarkerAliasRow, MarkerRow, ReferenceObjectRow

SEED: Final = 460100
NAMESPACE: Final = uuid.UUID("2b0d3c7e-6a7f-5c1d-8e55-460100000001")
RECORDED_BY: Final = "demonstration"
SOURCE: Final = "演示数据：按种子生成，非真实界桩 · generated, synthetic"
METRES_A_MARKER: Final = 3_700
CONTRACT_LINE: Final = "460105469021"
UNDER_WAY: Final = "460107469021"
OBJECTS: Final = ("水塔", "桥头", "民房屋角", "独立树", "电线杆", "庙门", "泵站", "里程碑")


@dataclass(frozen=True, slots=True)
class Placed:
    """A generated marker: its key, its form, and the story its records tell."""

    id: uuid.UUID
    marker: Marker
    story: Story
    under_contract: bool
    set_on: date


def load_markers(
    database: Database, *, store: str, tell: Callable[[str], None], on: date | None = None
) -> None:
    """Load markers, two years of records, cases in every stage, one joint inspection; nothing when they are there."""
    with database.acting_as(OPERATOR).transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('demonstration'))"))
        if session.execute(text("SELECT 1 FROM markers.marker WHERE synthetic LIMIT 1")).first():
            tell("demonstration markers: already there")
            return
        session.execute(text("SET LOCAL statement_timeout = 0"))
        append(session, PhotoRow, store_papers(store, recorded_by=RECORDED_BY))
        placed = _load(
            session, datetime.now(UTC) if on is None else datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
        )
        tell(f"demonstration markers: {placed}")


def _load(session: Session, now: datetime) -> int:
    chance = random.Random(SEED)  # noqa: S311 # a seeded demonstration, no secret
    placed = [each for line in _lines(session) for each in _on_line(line, chance, now)]
    stories = dict(zip(_chosen(placed), STORIES, strict=False))
    placed = [
        Placed(each.id, each.marker, stories.get(each.id, each.story), each.under_contract, each.set_on)
        for each in placed
    ]
    append(session, MarkerRow, (_row(each) for each in placed))
    append(
        session,
        ReferenceObjectRow,
        (row for each in placed for row in object_values(each.id, each.marker.reference_objects)),
    )
    append(session, MarkerAliasRow, (_alias(each) for each in placed))
    _load_evidence(session, placed, chance, now)
    load_sensors(session, placed, now, recorded_by=RECORDED_BY)
    project(session, [each.id for each in placed], now, anew=True)
    line = next((line for line in _lines(session) if line[0] == UNDER_WAY), None)
    if line is not None:
        here = [each.marker for each in placed if each.marker.line_code == UNDER_WAY]
        load_joint_inspection(session, line[0], line[1], line[3], here, now=now)
    return len(placed)


def _load_evidence(session: Session, placed: Sequence[Placed], chance: random.Random, now: datetime) -> None:
    inspections: list[dict[str, Any]] = []
    reviews: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []
    cases: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for each in placed:
        seen, judged = visits(each, chance, now)
        inspections += seen
        reviews += judged
        records += record_rows(each, now)
        case, acts = case_rows(each, now)
        cases += case
        events += acts
    for table, rows in (
        (InspectionRow, inspections),
        (InspectionReviewRow, reviews),
        (MarkerRecordRow, records),
        (MarkerCaseRow, cases),
        (CaseEventRow, events),
    ):
        append(session, table, rows)


Line = tuple[str, list[str], str, BaseGeometry]


def _lines(session: Session) -> list[Line]:
    """Return code, sides, name and course of each line that a district of Haikou has."""
    rows = session.execute(
        text(
            "SELECT l.line_code, l.unit_codes, l.name, ST_AsBinary(l.geometry) AS shape FROM boundaries.boundary_line l "
            "WHERE l.valid_to IS NULL AND l.level IN ('prefecture', 'county') AND NOT '460100' = ANY (l.unit_codes) "
            "AND EXISTS (SELECT FROM unnest(l.unit_codes) u WHERE starts_with(u, '4601')) ORDER BY l.line_code"
        )
    ).all()
    return [(row.line_code, row.unit_codes, row.name, shapely.from_wkb(bytes(row.shape))) for row in rows]


def _on_line(line: Line, chance: random.Random, now: datetime) -> Iterator[Placed]:
    """Yield markers evenly along a line, numbered from the west or the north, some as sets of two on its banks."""
    merged = shapely.line_merge(line[3])
    sides = line[1]
    (flat,), crs = project_to_metres([merged])
    longest = max(getattr(flat, "geoms", [flat]), key=lambda part: part.length)
    course = _from_west_or_north(longest)
    count = max(2, round(flat.length / METRES_A_MARKER))
    for serial in range(1, count + 1):
        along = course.length * (serial - 0.5) / count
        double = serial % 9 == 5
        spots = _banks(course, along) if double else [course.interpolate(along)]
        for post, spot in enumerate(project_to_degrees(spots, crs)):
            letter = "AB"[post] if double else "Q"
            number = f"{sides[0][2:]}{sides[1][2:]}{serial:03d}{letter}"
            post_unit = sorted(sides)[post] if double else None
            yield _placed(
                number, line, shapely.Point(spot.centroid), chance=chance, now=now, post_unit=post_unit
            )


def _from_west_or_north(line: BaseGeometry) -> BaseGeometry:
    west, south, east, north = line.bounds
    begin, end = line.coords[0], line.coords[-1]
    backward = begin[0] > end[0] if east - west >= north - south else begin[1] < end[1]
    turned: BaseGeometry = shapely.reverse(line) if backward else line
    return turned


def _banks(course: BaseGeometry, along: float) -> list[BaseGeometry]:
    """Return two places 25 m left and right of the line."""
    here = np.asarray(course.interpolate(along).coords[0])
    ahead = np.asarray(course.interpolate(along + 1).coords[0]) - here
    across = np.array([-ahead[1], ahead[0]]) / max(float(np.hypot(*ahead)), 1e-9)
    return [shapely.Point(here + 25 * across), shapely.Point(here - 25 * across)]


def _placed(
    number: str,
    line: Line,
    spot: shapely.Point,
    *,
    chance: random.Random,
    now: datetime,
    post_unit: str | None,
) -> Placed:
    code, sides, name, _ = line
    lon, lat = round(spot.x, 8), round(spot.y, 8)
    east, north = transformer(STORAGE_SRID, 4546).transform(lon, lat)
    contract = code == CONTRACT_LINE
    places = tuple(name.split("—"))
    marker = Marker(
        code=number,
        number=number,
        line_code=code,
        unit_codes=tuple(sides),
        grade=Grade.COUNTY,
        set_kind=SetKind.DOUBLE if post_unit else SetKind.SINGLE,
        set_code=number[:-1],
        faces=2,
        material=chance.choice(("花岗岩", "钢筋混凝土")),
        legal_position=LegalPosition(
            lon=lon,
            lat=lat,
            accuracy_m=0.5,
            height_m=round(chance.uniform(4, 80), 1),
            original=OriginalCoordinates(north=round(float(north), 3), east=round(float(east), 3), epsg=4546),
            method="GNSS",
        ),
        reference_objects=_objects(lon, lat, chance),
        post_unit=post_unit,
        managing_unit=sides[chance.random() < 0.5],
        guardian="演示管护员" if contract else None,
        locations=places,
        feature_relation=chance.choice(("位于田埂上", "位于乡村道路旁", "位于河岸", "位于橡胶林中")),
        inscriptions=tuple(places[:2]),
        set_on=date(2012, 5, 1),
        legal_instrument="演示：界线协议书（虚构）",
    )
    return Placed(uuid.uuid5(NAMESPACE, number), marker, Story(), contract, date(now.year - 6, 1, 1))


def _objects(lon: float, lat: float, chance: random.Random) -> tuple[ReferenceObject, ...]:
    objects = []
    for name in chance.sample(OBJECTS, 3):
        azimuth, distance = round(chance.uniform(0, 360), 2), round(chance.uniform(20, 180), 1)
        there_lon, there_lat, _ = CGCS2000.fwd(lon, lat, azimuth, distance)
        objects.append(
            ReferenceObject(
                name=name,
                azimuth_deg=azimuth,
                distance_m=distance,
                azimuth_kind=AzimuthKind.TRUE,
                lon=round(float(there_lon), 8),
                lat=round(float(there_lat), 8),
            )
        )
    return tuple(objects)


def _chosen(placed: Sequence[Placed]) -> list[uuid.UUID]:
    """Return the markers that have something to tell: spread over the lines."""
    return [each.id for each in placed if each.marker.set_kind is SetKind.SINGLE][
        1 :: max(2, len(placed) // 40)
    ]


def _row(each: Placed) -> dict[str, Any]:
    return {
        **marker_values(each.marker),
        "id": each.id,
        "name": "",
        "under_contract": each.under_contract,
        "baseline": "not_set" if each.story.not_set else "intact",
        "source": SOURCE,
        "synthetic": True,
        "form": {"synthetic": True} | _device(each),
        "valid_from": each.set_on,
        "version": 1,
        "recorded_by": RECORDED_BY,
    }


def _device(each: Placed) -> dict[str, Any]:
    number = device_of(each)
    return {"iot": {"number": number}} if number else {}


def _alias(each: Placed) -> dict[str, Any]:
    return {"id": uuid.uuid5(each.id, "alias"), "marker_id": each.id, "number": each.marker.number}
