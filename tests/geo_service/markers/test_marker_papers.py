"""Registration forms and the result table: read back, they say what the register holds."""

from collections.abc import Callable
from io import BytesIO

import pytest
from docx import Document
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from geo_service.operations import marker_papers
from tests.geo_service.markers.conftest import CODE, LINE, PAPER, form, visit
from tests.geo_service.naming.test_papers import words_of

pytestmark = pytest.mark.database
As = Callable[[], TestClient]


def content_of(client: TestClient, path: str, **asked: str) -> bytes:
    answer = client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_the_form_of_a_marker_says_what_the_register_holds(marker: str, bureau: As) -> None:
    client = bureau()
    for ending in ("pdf", "docx"):
        words = words_of(content_of(client, f"/api/markers/{marker}/registration.{ending}"))
        assert f"界桩登记表：{CODE}" in words
        for said in (
            "花岗岩",
            "琼山区三门坡镇",
            "水塔",
            "45.00°",
            "真方位角",
            "120.00m",
            "31.20m",
            "110°24′00.00″",
        ):
            assert said in words, said
    english = words_of(content_of(client, f"/api/markers/{marker}/registration.docx", language="en"))
    assert "Referenceobjects" in english
    assert "true" in english


def test_the_form_has_a_sketch_the_last_photos_and_the_history(
    marker: str, paper: str, surveyor: As, bureau: As
) -> None:
    body = visit(photos=[{"sha256": paper, "shows": "overview"}])
    assert surveyor().post(f"/api/markers/{marker}/inspections", json=body).status_code == 201
    client = bureau()
    etag = client.get(f"/api/markers/{marker}").headers["etag"]
    changed = client.patch(
        f"/api/markers/{marker}", json={"guardian": "王某", "reason": "交接"}, headers={"If-Match": etag}
    )
    assert changed.status_code == 200, changed.text
    content = content_of(client, f"/api/markers/{marker}/registration.docx")
    assert len(Document(BytesIO(content)).inline_shapes) == 2
    words = words_of(content)
    assert PAPER[:12] in words
    assert "王某" in words
    assert "修改：guardian" in words


def test_signatures_on_record_are_printed_and_places_are_left_for_others(bureau: As) -> None:
    client = bureau()
    signed = [{"unit": "460107", "technician": "陈某", "date": "2012-05-01"}]
    answer = client.post(
        "/api/markers", json=form(form={"signatures": signed, "custody": {"unit": "三门坡镇政府"}})
    )
    assert answer.status_code == 201, answer.text
    words = words_of(content_of(client, f"/api/markers/{CODE}/registration.docx"))
    assert "陈某" in words
    assert "委托管护单位:三门坡镇政府" in words
    assert "2012-05-01" in words


def test_a_line_has_the_forms_of_all_its_markers_and_its_result_table(marker: str, bureau: As) -> None:
    client = bureau()
    listed = client.get("/api/markers", params={"line": LINE, "limit": 1000, "geometry": "none"}).json()[
        "features"
    ]
    words = words_of(content_of(client, f"/api/boundaries/lines/{LINE}/registrations.docx"))
    assert all(f"界桩登记表：{each['properties']['number']}" in words for each in listed)
    assert f"共{len(listed)}座" in words
    _, _, *rows = (
        load_workbook(BytesIO(content_of(client, f"/api/boundaries/lines/{LINE}/results.xlsx")))
        .worksheets[0]
        .iter_rows(values_only=True)
    )
    assert sorted(row[0] for row in rows) == sorted(each["id"] for each in listed)
    assert marker in {row[0] for row in rows}


def test_what_is_not_there_is_said(
    marker: str, bureau: As, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in = bureau()
    assert signed_in.get("/api/markers/NONE/registration.pdf").json()["code"] == "marker.not_found"
    for path in ("registrations.pdf", "results.xlsx"):
        assert signed_in.get(f"/api/boundaries/lines/000000000001/{path}").status_code == 404
    monkeypatch.setattr(marker_papers, "MOST_FORMS", 0)
    many = signed_in.get(f"/api/boundaries/lines/{LINE}/registrations.pdf")
    assert (many.status_code, many.json()["code"]) == (422, "marker.forms_too_many")
    client.cookies.clear()
    assert client.get(f"/api/markers/{marker}/registration.pdf").status_code == 401
