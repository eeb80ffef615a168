"""Importing units: all or nothing, twice is once, history kept, every reject with its reason."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from shapely.geometry import box, mapping
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.operations.boundary_import import Imported, ImportTerms, import_boundaries
from layers.boundaries.dossiers import unit_feature
from layers.boundaries.model import Level
from layers.geodesy import DatumRefused, PlaneParameters, wgs84_to_gcj02

pytestmark = pytest.mark.database
ON = date(2026, 1, 1)
GROUNDS = {"990101": box(110.0, 20.0, 110.1, 20.1), "990102": box(110.1, 20.0, 110.2, 20.1)}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    geopandas.GeoDataFrame(rows, crs="EPSG:4490").to_file(path)
    return path


def unit(code: str, name: str, ground: shapely.Polygon, **more: Any) -> dict[str, Any]:
    return {"code": code, "name": name, "level": "county", "geometry": ground, **more}


def both(**more: Any) -> list[dict[str, Any]]:
    return [unit(code, f"{code[-1]}县", ground, **more) for code, ground in GROUNDS.items()]


def taken(session: Session, path: Path, *, on: date = ON, **terms: Any) -> Imported:
    return import_boundaries(session, path, ImportTerms(**terms), recorded_by="test", on=on)


def on_record(session: Session) -> list[tuple[str, str, date, date | None]]:
    rows = session.execute(
        text(
            "SELECT code, name, valid_from, valid_to FROM boundaries.administrative_unit ORDER BY code, valid_from"
        )
    )
    return [tuple(row) for row in rows]


def test_a_file_is_taken_with_its_lines(session: Session, tmp_path: Path) -> None:
    done = taken(session, write(tmp_path / "a.gpkg", both()))
    assert (done.rows, done.begun, done.renewed, done.written, done.rejects) == (2, 2, 0, True, [])
    assert done.lines_changed == 1
    assert [row[0] for row in on_record(session)] == ["990101", "990102"]


def test_the_same_file_twice_is_once(session: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", both())
    taken(session, path)
    again = taken(session, path, on=date(2026, 6, 1))
    assert (again.begun, again.renewed, again.unchanged) == (0, 0, 2)
    assert [finding.code for finding in again.findings] == ["import.nothing_new"]
    assert len(on_record(session)) == 2


def test_a_unit_that_changed_gets_a_version_and_keeps_its_history(session: Session, tmp_path: Path) -> None:
    taken(session, write(tmp_path / "a.gpkg", both()))
    later = [unit("990101", "新1县", GROUNDS["990101"])]
    done = taken(session, write(tmp_path / "b.gpkg", later), on=date(2026, 6, 1))
    assert (done.begun, done.renewed) == (0, 1)
    assert on_record(session)[:2] == [
        ("990101", "1县", ON, date(2026, 6, 1)),
        ("990101", "新1县", date(2026, 6, 1), None),
    ]
    units = session.execute(
        text("SELECT count(DISTINCT unit_id) FROM boundaries.administrative_unit WHERE code = '990101'")
    ).scalar()
    assert units == 1


def test_a_dry_run_says_the_same_and_writes_nothing(session: Session, tmp_path: Path) -> None:
    done = taken(session, write(tmp_path / "a.gpkg", both()), dry_run=True)
    assert (done.begun, done.written, on_record(session)) == (2, False, [])


def test_one_bad_row_keeps_all_out(session: Session, tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(110, 20), (110.1, 20.1), (110.1, 20), (110, 20.1)])
    rows = [*both(), unit("99x", "坏", GROUNDS["990101"]), unit("990105", "结", bow_tie)]
    done = taken(session, write(tmp_path / "a.gpkg", rows))
    assert {(reject.row, reject.code) for reject in done.rejects} == {
        (3, "boundary.unit_code_invalid"),
        (4, "import.geometry_invalid"),
    }
    assert (done.written, on_record(session)) == (False, [])


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (both() + both(), "import.repeated_code"),
        (both(parent_code="999999"), "boundary.parent_unknown"),
        ([unit("990101", "", GROUNDS["990101"])], "boundary.name_missing"),
        ([{**unit("990101", "县", GROUNDS["990101"]), "level": "galaxy"}], "boundary.level_unknown"),
    ],
)
def test_each_contradiction_has_its_code(
    session: Session, tmp_path: Path, rows: list[Any], code: str
) -> None:
    done = taken(session, write(tmp_path / "a.gpkg", rows))
    assert {reject.code for reject in done.rejects} == {code}
    assert on_record(session) == []


def test_a_second_version_on_one_day_is_a_contradiction(session: Session, tmp_path: Path) -> None:
    taken(session, write(tmp_path / "a.gpkg", both()))
    done = taken(session, write(tmp_path / "b.gpkg", [unit("990101", "新1县", GROUNDS["990101"])]))
    assert [reject.code for reject in done.rejects] == ["boundary.version_not_older"]


def test_parents_are_found_in_the_file_and_on_record(session: Session, tmp_path: Path) -> None:
    city = {**unit("990100", "某市", box(110.0, 20.0, 110.2, 20.1)), "level": "prefecture"}
    taken(
        session,
        write(tmp_path / "a.gpkg", [city, unit("990101", "1县", GROUNDS["990101"], parent_code="990100")]),
    )
    taken(
        session, write(tmp_path / "b.gpkg", [unit("990102", "2县", GROUNDS["990102"], parent_code="990100")])
    )
    named = session.execute(
        text(
            "SELECT count(*) FROM boundaries.administrative_unit c JOIN boundaries.administrative_unit p "
            "ON p.unit_id = c.parent_id WHERE p.code = '990100'"
        )
    ).scalar()
    assert named == 2


def test_gcj02_is_moved_and_the_original_kept(session: Session, tmp_path: Path) -> None:
    shifted = shapely.transform(GROUNDS["990101"], lambda places: np.column_stack(wgs84_to_gcj02(*places.T)))
    feature = {
        "type": "Feature",
        "properties": {"code": "990101", "name": "1县"},
        "geometry": mapping(shifted),
    }
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    done = taken(session, path, crs="GCJ-02", level=Level.COUNTY)
    assert done.source_crs == "GCJ-02"
    stored, original, crs = session.execute(
        text(
            "SELECT ST_AsBinary(geometry), original_geometry, original_crs FROM boundaries.administrative_unit"
        )
    ).one()
    assert shapely.equals_exact(
        shapely.normalize(shapely.from_wkb(bytes(stored))),
        shapely.normalize(shapely.MultiPolygon([GROUNDS["990101"]])),
        1e-7,
    )
    assert (crs, shapely.equals_exact(shapely.from_wkb(bytes(original)), shifted, 1e-12)) == ("GCJ-02", True)


def test_the_real_districts_in_both_datums_are_one(session: Session, shared: Callable[..., Path]) -> None:
    path = shared("data", "boundaries", "hainan_admin_amap.gpkg")
    taken(session, path, layer="county_wgs84_derived", level=Level.COUNTY)
    done = taken(session, path, layer="county_gcj02", crs="GCJ-02", level=Level.COUNTY, on=date(2026, 6, 1))
    moved = session.execute(
        text(
            "SELECT max(ST_HausdorffDistance(a.geometry, b.geometry)) FROM boundaries.administrative_unit a "
            "JOIN boundaries.administrative_unit b USING (code) WHERE a.valid_to IS NOT NULL AND b.valid_to IS NULL"
        )
    ).scalar()
    assert (done.rows, done.renewed) == (26, 26)
    assert moved is not None
    assert moved < 1e-6


def test_names_are_data(session: Session, tmp_path: Path) -> None:
    odd = "'; DROP TABLE boundaries.administrative_unit; -- 😀"
    taken(session, write(tmp_path / "a.gpkg", [unit("990101", odd, GROUNDS["990101"])]))
    assert on_record(session)[0][1] == odd


def test_a_unit_tells_its_earlier_and_later_versions_although_no_act_led_to_them(
    session: Session, tmp_path: Path
) -> None:
    taken(session, write(tmp_path / "a.gpkg", both()))
    later = [unit("990101", "新1县", GROUNDS["990101"])]
    taken(session, write(tmp_path / "b.gpkg", later), on=date(2026, 6, 1))
    for day, told in (
        (ON, [("1县", "self"), ("新1县", "successor")]),
        (date(2026, 6, 1), [("1县", "predecessor"), ("新1县", "self")]),
    ):
        history = json.loads(unit_feature(session, "990101", day))["properties"]["history"]
        assert [(step["name"], step["relation"]) for step in history] == told


def test_a_code_taken_over_on_the_day_its_bearer_ended_is_another_unit(
    session: Session, tmp_path: Path
) -> None:
    day = date(2026, 6, 1)
    taken(session, write(tmp_path / "a.gpkg", both()))
    session.execute(
        text("UPDATE boundaries.administrative_unit SET valid_to = :day WHERE code = '990101'"), {"day": day}
    )
    done = taken(
        session, write(tmp_path / "b.gpkg", [unit("990101", "他县", GROUNDS["990101"])]), on=date(2026, 6, 1)
    )
    assert (done.begun, done.renewed) == (1, 0)
    units = text("SELECT count(DISTINCT unit_id) FROM boundaries.administrative_unit WHERE code = '990101'")
    assert session.execute(units).scalar() == 2


def test_a_version_that_ends_later_is_in_the_way(session: Session, tmp_path: Path) -> None:
    taken(session, write(tmp_path / "a.gpkg", both()))
    session.execute(text("UPDATE boundaries.administrative_unit SET valid_to = '2026-06-01'"))
    done = taken(session, write(tmp_path / "b.gpkg", both()), on=date(2025, 1, 1))
    assert {reject.code for reject in done.rejects} == {"boundary.version_in_the_way"}
    assert not done.written


@pytest.mark.parametrize(
    ("drawn_in", "declared", "code", "suggestion"),
    [
        (4546, "EPSG:4545", "crs.wrong_zone", "EPSG:4546"),
        (4545, "EPSG:4546", "crs.wrong_zone", "EPSG:4545"),
        (4546, "EPSG:4490", "crs.metres_declared_as_degrees", "EPSG:4546"),
    ],
)
def test_the_ground_on_record_tells_which_zone_is_meant(
    session: Session, tmp_path: Path, drawn_in: int, declared: str, *, code: str, suggestion: str
) -> None:
    taken(session, write(tmp_path / "a.gpkg", both()))
    beside = unit("990103", "3县", box(110.2, 20.0, 110.3, 20.1))
    frame = geopandas.GeoDataFrame([beside], crs="EPSG:4490").to_crs(drawn_in)
    path = tmp_path / "b.csv"
    frame.assign(wkt=frame.geometry.to_wkt()).drop(columns="geometry").to_csv(path, index=False)
    done = taken(session, path, crs=declared)
    assert [(reject.code, reject.facts["suggestion"]) for reject in done.rejects] == [(code, suggestion)]
    assert taken(session, path, crs=f"EPSG:{drawn_in}").written


def test_ground_far_from_what_is_on_record_is_taken(session: Session, tmp_path: Path) -> None:
    taken(session, write(tmp_path / "a.gpkg", both()))
    far = write(tmp_path / "b.gpkg", [unit("990901", "远县", box(121.0, 31.0, 121.1, 31.1))])
    assert taken(session, far).written


def test_another_datum_is_taken_with_parameters_and_they_are_on_record(
    session: Session, tmp_path: Path
) -> None:
    frame = geopandas.GeoDataFrame(both(), crs="EPSG:4490").to_crs(4546)
    path = tmp_path / "xian.gpkg"
    frame.set_crs(2382, allow_override=True).to_file(path)
    with pytest.raises(DatumRefused):
        taken(session, path)
    parameters = PlaneParameters("EPSG:2382", "EPSG:4546", 12.5, 115.2, 0.0, 0.0, approved_by="琼测1号")
    assert taken(session, path, parameters=parameters).written
    moved = session.execute(
        text(
            "SELECT ST_Distance(ST_Centroid(geometry)::geography, "
            "ST_SetSRID(ST_MakePoint(110.05, 20.05), 4490)::geography) "
            "FROM boundaries.administrative_unit WHERE code = '990101'"
        )
    ).scalar_one()
    assert moved == pytest.approx((12.5**2 + 115.2**2) ** 0.5, rel=0.001)
    told = session.execute(
        text(
            "SELECT detail -> 'parameters' ->> 'approved_by' FROM service.audit_entry WHERE act = 'unit.import'"
        )
    ).scalars()
    assert list(told) == ["琼测1号"]
