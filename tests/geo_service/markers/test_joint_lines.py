"""What a line's documents say beside its markers: other marks in the walk, counts, the comparison, the plan on paper."""

from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import pytest
from docx import Document
from fastapi.testclient import TestClient
from pypdf import PdfReader

from geo_service.auth.officer import Role
from tests.geo_service.markers.test_joint_plans import LINE, PATH, SIDES, begun, of, plan

pytestmark = pytest.mark.database
SignIn = Callable[..., TestClient]
DUE = "460106469021"
"""A line that was inspected less than five years ago in the tests that say so."""


def line_of(client: TestClient) -> dict:
    answer = client.get(f"{PATH}/lines/{LINE}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def on_line(client: TestClient) -> list[float]:
    shape = client.get(f"/api/boundaries/lines/{LINE}").json()["geometry"]
    part = shape["coordinates"] if shape["type"] == "LineString" else shape["coordinates"][0]
    return part[len(part) // 2][:2]


def mark(client: TestClient, **changed) -> dict:
    lon, lat = on_line(client)
    told = {"id": str(uuid4()), "code": "石桥东墩", "lon": lon, "lat": lat, "description": "桥墩外缘"}
    return told | {"document": "协议书第 4 条", "valid_from": "2010-01-01"} | changed


def test_another_mark_of_the_line_is_walked_to_until_it_has_ended(
    sign_in: SignIn, client: TestClient
) -> None:
    client = of(client, SIDES[0], sign_in)
    asked = mark(client)
    path = f"{PATH}/lines/{LINE}/other-marks"
    assert client.post(path, json=asked).status_code == 201
    assert client.post(path, json=asked).status_code == 201
    taken = client.post(path, json=asked | {"id": str(uuid4())})
    assert (taken.status_code, taken.json()["code"]) == (409, "record.conflict")
    assert client.post(path, json=mark(client, code="古榕")).status_code == 201
    early = client.post(f"{path}/古榕/end", json={"valid_to": "2009-01-01", "document": "补充协议"})
    assert (early.status_code, early.json()["code"]) == (422, "input.invalid")
    ended = client.post(f"{path}/古榕/end", json={"valid_to": "2024-05-01", "document": "补充协议"})
    assert ended.status_code == 200
    again = client.post(f"{path}/古榕/end", json={"valid_to": "2024-05-02", "document": "补充协议"})
    assert (again.status_code, again.json()["code"]) == (404, "joint.other_mark_not_found")
    assert client.post(path, json=mark(client, code="堤 1/2")).status_code == 201
    slash = client.post(f"{path}/堤 1/2/end", json={"valid_to": "2024-05-01", "document": "补充协议"})
    assert slash.status_code == 200
    tasks = begun(client)["task_list"]
    others = [task for task in tasks if task["kind"] == "other_mark"]
    assert [task["subjects"] for task in others] == [["石桥东墩"]]
    assert others[0]["checklist"] == ["condition", "position", "photos"]
    outside = sign_in("fu", Role.BOUNDARY, jurisdictions=("469005",))
    assert outside.get(f"{PATH}/lines/{LINE}").status_code == 403
    assert outside.post(path, json=asked | {"id": str(uuid4()), "code": "x"}).status_code == 403


def test_the_register_is_held_against_the_counts_of_the_documents(
    sign_in: SignIn, client: TestClient
) -> None:
    client = of(client, SIDES[0], sign_in)

    def differing() -> list[str]:
        found = [each for each in line_of(client)["findings"] if each["code"] == "marker.count_differs"]
        return [each["evidence"]["of"] for each in found]

    assert (line_of(client)["declared"], differing()) == (None, [])
    posts = sum(len(task["subjects"]) for task in begun(client)["task_list"] if task["kind"] != "segment")
    told = {"id": str(uuid4()), "total": posts + 1, "document": "成果表"}
    assert client.post(f"{PATH}/lines/{LINE}/counts", json=told).status_code == 201
    assert differing() == ["total"]
    told = {"id": str(uuid4()), "total": posts, "document": "成果表（更正）"}
    answer = client.post(f"{PATH}/lines/{LINE}/counts", json=told)
    assert answer.json()["declared"]["document"] == "成果表（更正）"
    assert differing() == []


def test_plan_and_comparison_go_onto_paper(sign_in: SignIn, client: TestClient) -> None:
    client = of(client, SIDES[0], sign_in)
    joint = begun(client)
    pdf = client.get(f"{PATH}/{joint['id']}/plan.pdf")
    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)
    text = text.replace(" ", "").replace("\n", "")
    last = joint["task_list"][-1]["subjects"][0]
    for word in ("联合检查实施方案", "第十二条", "牵头", "外业任务清单", SIDES[1], last):
        assert word in text
    told = {"id": str(uuid4()), "total": 999, "document": "成果表"}
    assert client.post(f"{PATH}/lines/{LINE}/counts", json=told).status_code == 201
    docx = client.get(f"{PATH}/{joint['id']}/indoor.docx", params={"language": "en"})
    document = Document(BytesIO(docx.content))
    assert any("Indoor comparison" in each.text for each in document.paragraphs)
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert "count differs from the documents" in cells
    assert any("999" in cell for cell in cells)


def test_a_plan_that_people_have_changed_is_checked(sign_in: SignIn, client: TestClient) -> None:
    client = sign_in("bo460106", Role.BOUNDARY, jurisdictions=("460106",))
    years = client.get(f"{PATH}/plan").json()["years"]

    def found() -> list[str]:
        findings = client.get(f"{PATH}/plan").json()["findings"]
        return [each["code"] for each in findings if DUE in each["subject"]]

    line = client.get(f"/api/boundaries/lines/{DUE}")
    last = f"{years[0] - 1}-06-01"  # due in the last year of the round
    kept = client.patch(
        f"/api/boundaries/lines/{DUE}",
        json={"last_joint_inspection_on": last},
        headers={"If-Match": line.headers["etag"]},
    )
    assert kept.status_code == 200, kept.text
    asked = {"id": str(uuid4()), "line_code": DUE, "year": years[0], "consent": "琼民函 3 号"}
    assert client.post(PATH, json=asked).status_code == 201
    told = next(each for each in plan(client) if each["line_code"] == DUE)
    assert (told["year"], told["needs_consent"]) == (years[0], False)
    assert found() == []
    later = {"id": str(uuid4()), "line_code": LINE, "year": years[1], "lead": SIDES[1]}
    client = of(client, SIDES[0], sign_in)
    assert client.post(PATH, json=later).status_code == 201
    told = next(each for each in plan(client) if each["line_code"] == LINE)
    assert (told["lead"], told["cooperating"]) == (SIDES[1], [SIDES[0]])
