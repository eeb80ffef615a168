"""A joint inspection from the five-year plan to its archive, by officers of both sides, with its report on paper."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from uuid import uuid4

import pytest
from docx import Document
from fastapi.testclient import TestClient
from pypdf import PdfReader

from geo_service.auth.officer import Role

pytestmark = pytest.mark.database
LINE, SIDES = "460107460108", ["460107", "460108"]
SignIn = Callable[..., TestClient]
YEAR = datetime.now(UTC).year
REPORT = "联检报告 2026 第 1 号"
PATH = "/api/joint-inspections"


def of(client: TestClient, side: str, sign_in: SignIn) -> TestClient:
    return sign_in(f"bo{side}", Role.BOUNDARY, jurisdictions=(side,))


def plan(client: TestClient, **asked) -> list[dict]:
    answer = client.get(f"{PATH}/plan", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["lines"]


def begun(client: TestClient, **asked) -> dict:
    body = {"id": str(uuid4()), "line_code": LINE, "year": YEAR} | asked
    answer = client.post(PATH, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json() | {"etag": answer.headers["etag"]}


def changed(client: TestClient, joint: dict, where: str = "", **asked):
    send = client.post if where else client.patch
    etag = client.get(f"{PATH}/{joint['id']}").headers["etag"]
    return send(f"{PATH}/{joint['id']}{where}", json=asked, headers={"If-Match": etag})


def sign(client: TestClient, joint: dict, side: str, document: str):
    body = {"id": str(uuid4()), "side": side, "person": f"代表{side}", "document": document}
    answer = client.post(
        f"{PATH}/{joint['id']}/signatures", json=body | {"signed_at": datetime.now(UTC).isoformat()}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def record_all(client: TestClient, joint: dict, side: str) -> None:
    for task in joint["task_list"]:
        body = {
            "id": str(uuid4()),
            "task": task["order"],
            "side": side,
            "person": f"代表{side}",
            "condition": "damaged" if task["kind"] == "marker" and task["order"] < 4 else "intact",
            "answers": dict.fromkeys(task["checklist"], "agrees"),
        }
        answer = client.post(f"{PATH}/{joint['id']}/records", json=body)
        assert answer.status_code == 201, answer.text


def test_every_line_stands_once_in_the_plan_of_the_round(bureau):
    lines = plan(bureau())
    assert len(lines) == len({line["line_code"] for line in lines}) == 52
    assert all(line["lead"] not in line["cooperating"] and len(line["cooperating"]) == 1 for line in lines)
    years = {line["year"] for line in lines}
    assert len(years) == 5
    assert plan(bureau(), year=min(years)) == [line for line in lines if line["year"] == min(years)]


def test_what_has_begun_stands_in_its_year_and_whose_it_is_is_said(sign_in: SignIn, client: TestClient):
    first = of(client, SIDES[0], sign_in)
    joint = begun(first)
    line = next(each for each in plan(first) if each["line_code"] == LINE)
    assert (line["joint_id"], line["year"], line["own"]) == (joint["id"], YEAR, True)
    told = first.get(f"{PATH}/{joint['id']}").json()
    assert (told["own_sides"], told["next_lead"], told["archived_in"]) == ([SIDES[0]], SIDES[1], [])
    outside = sign_in("fu", Role.BOUNDARY, jurisdictions=("469005",))
    assert next(each for each in plan(outside) if each["line_code"] == LINE)["own"] is False


def test_from_the_plan_to_the_archive(sign_in: SignIn, paper: str, client: TestClient):
    first = of(client, SIDES[0], sign_in)
    joint = begun(first)
    assert (joint["stage"], joint["lead"]) == ("planned", SIDES[0])
    assert {task["kind"] for task in joint["task_list"]} >= {"marker", "segment"}
    again = first.post(PATH, json={"id": str(uuid4()), "line_code": LINE, "year": YEAR})
    assert (again.status_code, again.json()["code"]) == (409, "joint.planned_already")
    early = changed(first, joint, report_document=REPORT)
    assert (early.status_code, early.json()["code"]) == (409, "joint.step_refused")
    assert changed(first, joint, plan_document=paper, indoor_minutes="纪要 1").status_code == 200
    for side in SIDES:
        client = of(first, side, sign_in)
        sign(client, joint, side, paper)
        record_all(client, joint, side)
    whole = client.get(f"{PATH}/{joint['id']}").json()
    assert (whole["stage"], whole["next_stage"]) == ("surveyed", "settled")
    damaged = [task for task in joint["task_list"] if task["kind"] == "marker" and task["order"] < 4]
    for task in damaged:
        opinion = {"id": str(uuid4()), "task": task["order"], "text": "重立", "agreed_by": SIDES}
        order = {
            "condition": "damaged",
            "responsible": SIDES[0],
            "measure": "扶正加固",
            "deadline": f"{YEAR}-12-31",
        }
        assert client.post(f"{PATH}/{joint['id']}/opinions", json=opinion | order).status_code == 201
    report = client.get(f"{PATH}/{joint['id']}/report").json()
    failed = sorted(code for task in damaged for code in task["subjects"])
    assert sorted(report["failed"]) == failed
    assert [order["responsible"] for order in report["work_orders"]] == [SIDES[0]] * len(damaged)
    assert changed(client, joint, report_document=REPORT).status_code == 200
    refused = changed(client, joint, "/filing", filing_number="琼民备 1", filed_on=f"{YEAR}-11-01")
    assert (refused.status_code, refused.json()["code"]) == (409, "joint.step_refused")
    for side in SIDES:
        client = of(client, side, sign_in)
        sign(client, joint, side, REPORT)
    filed = changed(client, joint, "/filing", filing_number="琼民备 1", filed_on=f"{YEAR}-11-01")
    assert (filed.status_code, filed.json()["stage"]) == (200, "filed"), filed.text
    assert {marker_colour(client, code) for code in failed} == {"red"}
    passed = marker_of(client, report["passed"][0])
    assert (passed["condition"], passed["joint_currency"]) == ("intact", "current")
    line = client.get(f"/api/boundaries/lines/{LINE}").json()["properties"]
    assert date.fromisoformat(line["last_joint_inspection_on"]).year == YEAR
    assert date.fromisoformat(line["next_due_on"]).year == YEAR + 5
    done = next(each for each in plan(client) if each["line_code"] == LINE)
    assert (done["done_on"][:4], done["year"], done["lead"]) == (str(YEAR), YEAR, SIDES[0])
    assert (done["joint_id"], done["own"], done["needs_consent"]) == (joint["id"], True, False)
    archived = changed(client, joint, "/archive", archived_in=["county", "city", "province"])
    assert (archived.status_code, archived.json()["stage"]) == (200, "archived")
    later = next(each for each in plan(client, on=f"{YEAR + 5}-01-01") if each["line_code"] == LINE)
    assert later["lead"] == SIDES[1]
    papers(client, joint)


def marker_of(client: TestClient, code: str) -> dict:
    return client.get(f"/api/markers/{code}").json()["properties"]


def marker_colour(client: TestClient, code: str) -> str:
    return marker_of(client, code)["colour"]["code"]


def papers(client: TestClient, joint: dict) -> None:
    pdf = client.get(f"{PATH}/{joint['id']}/report.pdf")
    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    pages = PdfReader(BytesIO(pdf.content)).pages
    text = "".join(page.extract_text() for page in pages).replace(" ", "").replace("\n", "")
    for word in ("联合检查报告", "整改任务", "扶正加固", "琼民备1", f"代表{SIDES[1]}"):
        assert word in text
    assert sum(len(page.images) for page in pages) == 1
    docx = client.get(f"{PATH}/{joint['id']}/report.docx", params={"language": "en"})
    paragraphs = [each.text for each in Document(BytesIO(docx.content)).paragraphs]
    assert any("Joint inspection report" in each for each in paragraphs)


def test_another_year_than_the_due_one_needs_consent(sign_in: SignIn, client: TestClient):
    client = of(client, SIDES[0], sign_in)
    due = "460106469021"  # last inspected more than five years ago
    client = sign_in("bo460106", Role.BOUNDARY, jurisdictions=("460106",))
    line = client.get(f"/api/boundaries/lines/{due}")
    kept = client.patch(
        f"/api/boundaries/lines/{due}",
        json={"last_joint_inspection_on": f"{YEAR - 2}-06-01"},
        headers={"If-Match": line.headers["etag"]},
    )
    assert kept.status_code == 200, kept.text
    asked = {"id": str(uuid4()), "line_code": due, "year": YEAR}
    refused = client.post(PATH, json=asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "joint.consent_missing")
    assert client.post(PATH, json=asked | {"consent": "琼民函 3 号"}).status_code == 201


def test_what_is_asked_wrongly_is_said(sign_in: SignIn, client: TestClient):
    client = of(client, SIDES[0], sign_in)
    stranger = client.post(PATH, json={"id": str(uuid4()), "line_code": LINE, "year": YEAR, "lead": "469005"})
    assert (stranger.status_code, stranger.json()["code"]) == (422, "input.invalid")
    unknown = client.post(PATH, json={"id": str(uuid4()), "line_code": "111111222222", "year": YEAR})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "boundary.line_not_found")
    joint = begun(client)
    same = client.post(PATH, json={"id": joint["id"], "line_code": LINE, "year": YEAR})
    assert same.status_code == 200
    missing = changed(client, joint, plan_document="0" * 64)
    assert (missing.status_code, missing.json()["code"]) == (409, "joint.paper_not_on_file")
    blind = client.patch(f"{PATH}/{joint['id']}", json={"indoor_minutes": "x"})
    assert (blind.status_code, blind.json()["code"]) == (428, "request.etag_missing")
    outside = sign_in("fu", Role.BOUNDARY, jurisdictions=("469005",))
    assert outside.post(PATH, json={"id": str(uuid4()), "line_code": LINE, "year": YEAR}).status_code == 403
