"""Custody, device and signatures of a form through files and back: what went out comes in again, and nothing else."""

import string
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR
from geo_service.exchange.writing import Export, write_features
from geo_service.operations import marker_register_columns
from geo_service.operations.marker_export import export_batches, write_result_table
from geo_service.operations.marker_form_columns import PARTS, cells_of, form_of
from geo_service.operations.marker_import import ImportedMarkers, MarkerTerms, import_markers
from geo_service.schemas.marker_form import Custody, Device, FormParts, SideSigned
from layers.markers.model import Marker
from layers.markers.queries import MarkerFilter
from layers.markers.register import load
from layers.markers.tables import MarkerRow
from tests.geo_service.markers.conftest import SIDES, form
from tests.geo_service.markers.test_exchange import HEADER, ROW, TODAY, asked, write
from tests.geo_service.markers.test_form_parts import SIGNED, WHOLE

As = Callable[[], TestClient]
HOSTILE = {
    "custody": {"unit": "=1+1", "person": '王,"某"\n李', "contract": "'00012", "since": "2024-01-01"},
    "iot": {"number": "000123", "online": True, "low_battery": False, "position": "桩顶; 南侧"},
    "signatures": [SIGNED | {"technician": "@SUM(A1)", "officer": "－"}],
}
KEPT = "SELECT code, form, guardian, under_contract, synthetic FROM markers.marker WHERE code = ANY (:codes)"


def written(session: Session, path: Path, wanted: MarkerFilter) -> Path:
    if path.suffix == ".xlsx":
        write_result_table(session, path, wanted, overwrite=False, register=True)
    else:
        batches = export_batches(session, wanted, whole_form=True)
        write_features(path, batches, export=Export(layer="markers", geometry_type="Point"))
    return path


def kept(session: Session, codes: list[str]) -> dict[str, tuple[Any, ...]]:
    return {row.code: tuple(row)[1:] for row in session.execute(text(KEPT), {"codes": codes})}


def taken(session: Session, path: Path) -> ImportedMarkers:
    return import_markers(session, path, MarkerTerms(crs="EPSG:4490"), recorded_by="operator", on=TODAY)


@pytest.mark.database
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".gpkg"])
def test_what_goes_out_comes_in_again(
    bureau: As, hainan_session: Session, session: Session, tmp_path: Path, ending: str
) -> None:
    client, codes = bureau(), ["010790219001Q", "010790219002Q", "010790219003Q"]
    for code, parts in zip(codes, (WHOLE, HOSTILE, {}), strict=True):
        body = form(
            code=code, number=code, id=str(uuid4()), form=parts, guardian="符管护", under_contract=bool(parts)
        )
        answer = client.post("/api/markers", json=body)
        assert answer.status_code == 201, answer.text
    act_as(hainan_session, OPERATOR)
    path = written(hainan_session, tmp_path / f"markers{ending}", asked())
    done = taken(session, path)
    assert (done.rejects, done.written) == ([], True)
    listed = [row.code for row in hainan_session.execute(text("SELECT code FROM markers.marker"))]
    before, after = kept(hainan_session, listed), kept(session, listed)
    assert len(after) == done.begun > 100
    assert {code: after[code] for code in codes} == {code: before[code] for code in codes}
    assert after == {code: before[code] for code in after}
    assert sum(synthetic for *_, synthetic in after.values()) == done.begun - len(codes)
    assert whole(session, list(after)) == whole(hainan_session, list(after))


def whole(session: Session, codes: list[str]) -> dict[str, Marker]:
    """Markers by their codes; a position that was never projected gains the numbers it was imported by."""
    ids = session.execute(select(MarkerRow.id).where(MarkerRow.code.in_(codes))).scalars().all()
    return {marker.code: replace(marker, legal_position=None) for _, marker, _ in load(session, ids)}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"object_1_azimuth_deg": "12"}, ["object_1_name", "object_1_distance_m"]),
        ({"object_2_name": "水塔", "object_2_azimuth_deg": "361", "object_2_distance_m": "4"}, ["object_2_azimuth_deg"]),
        ({"object_1_name": "桥", "object_1_azimuth_deg": "nan", "object_1_distance_m": "inf"},
         ["object_1_azimuth_deg", "object_1_distance_m"]),
        ({"object_1_name": "桥", "object_1_azimuth_deg": "1", "object_1_distance_m": "2", "object_1_azimuth_kind": "北"},
         ["object_1_azimuth_kind"]),
        ({"object_1_name": "桥", "object_1_azimuth_deg": "1", "object_1_distance_m": "2", "object_1_lon": "110"},
         ["object_1_lat"]),
        ({"set_on": "2020/05/06"}, ["set_on"]),
    ],
)  # fmt: skip
def test_a_reference_object_is_told_by_its_column_what_it_lacks(
    given: dict[str, str], named: list[str]
) -> None:
    found = marker_register_columns.faults("M1", given)
    assert [finding.evidence["field"] for finding in found] == named


@pytest.mark.database
def test_files_for_others_name_nobody(bureau: As, hainan_session: Session) -> None:
    answer = bureau().post("/api/markers", json=form(form=WHOLE))
    assert answer.status_code == 201, answer.text
    columns = next(iter(export_batches(hainan_session, asked())))
    assert not {"guardian", "under_contract", *PARTS} & set(columns)


@pytest.mark.database
@pytest.mark.parametrize(
    ("column", "cell", "named"),
    [
        ("管护开始日期", "someday", "custody_since"),
        ("设备在线", "maybe", "iot_online"),
        ("设备位移", "-3", "iot_drift_m"),
        ("设备位移", "far", "iot_drift_m"),
        ("最近上报时间", "2026-01-02T03:04:05", "iot_last_message_at"),
        ("示意图", "sketch.png", "sketch"),
        ("签字方1", "海口", "signed_1_unit"),
        ("签字方2", SIDES[0], "signed_2_date"),
        ("是否托管", "perhaps", "under_contract"),
    ],
)
def test_a_cell_that_the_form_cannot_have_keeps_the_file_out(
    hainan_session: Session, tmp_path: Path, column: str, cell: str, named: str
) -> None:
    side = [] if column.startswith("签字方2") else ["2020-05-06", SIDES[0]]
    header = [*HEADER, *(["签字日期1", "签字方1"] if side else []), column]
    if column == "签字方1":
        side, header = side[:1], [*HEADER, "签字日期1", column]
    path = write(tmp_path / "forms.csv", [*ROW, *side, cell], header=header)
    done = import_markers(
        hainan_session, path, MarkerTerms(crs="EPSG:4546"), recorded_by="operator", on=TODAY
    )
    assert [(reject.code, reject.facts.get("field")) for reject in done.rejects] == [
        ("marker.value_unknown", named if named != "signed_2_date" else "signed_1_date")
    ]
    assert not done.written


@pytest.mark.database
def test_an_office_may_write_its_own_words(hainan_session: Session, tmp_path: Path) -> None:
    header = [*HEADER, "委托管护单位", "是否倾斜", "是否托管", "管护员", "签字方1", "签字日期1"]
    path = write(
        tmp_path / "forms_gbk.csv",
        [*ROW, "三门坡镇政府", "否", "是", "符某", SIDES[0], "2020-05-06"],
        header=header,
    )
    done = import_markers(
        hainan_session, path, MarkerTerms(crs="EPSG:4546"), recorded_by="operator", on=TODAY
    )
    assert done.rejects == []
    assert kept(hainan_session, [ROW[0]])[ROW[0]] == (
        {
            "custody": {"unit": "三门坡镇政府"},
            "iot": {"tilted": False},
            "signatures": [{"unit": SIDES[0], "date": "2020-05-06"}],
        },
        "符某",
        True,
        False,
    )


def test_every_part_of_the_form_has_a_column() -> None:
    paths = {path for path, _ in PARTS.values()}
    for part, model in (("custody", Custody), ("iot", Device)):
        assert {path[1] for path in paths if path[0] == part} == set(model.model_fields)
    assert {path[2] for path in paths if path[0] == "signatures"} == set(SideSigned.model_fields)
    assert {path[0] for path in paths} | {"synthetic"} == set(FormParts.model_fields)
    assert len({zh for _, zh in PARTS.values()}) == len(PARTS)


words = st.text(string.ascii_letters + "界桩 ,;\"'=@", min_size=1).filter(str.strip)
truths = st.booleans()


@given(
    custody=st.dictionaries(st.sampled_from(["unit", "person", "contract"]), words, min_size=1),
    device=st.fixed_dictionaries(
        {}, optional={"online": truths, "tilted": truths, "drift_m": st.floats(0, 1e5), "name": words}
    ).filter(bool),
    sides=st.lists(
        st.fixed_dictionaries({"unit": words, "date": words}, optional={"officer": words}), max_size=4
    ),
)
def test_a_form_is_its_cells(custody: dict, device: dict, sides: list[dict]) -> None:
    whole = {"custody": custody, "iot": device} | ({"signatures": sides} if sides else {})
    cells = {name: cell for name, cell in cells_of(whole).items() if cell is not None}
    assert form_of(cells) == whole
