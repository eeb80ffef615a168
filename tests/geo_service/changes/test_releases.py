"""Requests for controlled data: applied for, decided by another, fetched once, and every step in the audit."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import geopandas
import pytest
from sqlalchemy import text

from geo_service.auth.officer import Officer, Role
from tests.access_records import PDF
from tests.people import INSIDE, OUTSIDE, acts_of, operator

pytestmark = pytest.mark.database
ASKED = {
    "layer": "lines",
    "form": "gpkg",
    "purpose": "联合检查外业底图",
    "recipient": "某勘测院",
    "bbox": [110, 20, 110.3, 20.1],
}


def apply(client, **more) -> str:
    made = client.post("/api/releases", json=ASKED | more)
    assert made.status_code == 201, made.text
    return made.json()["id"]


def test_the_whole_way_of_a_request(office, enter, visitor, tmp_path) -> None:
    planner, boundary = enter(Role.PLANNER), enter(Role.BOUNDARY)
    release = apply(planner)
    assert [each["id"] for each in planner.get("/api/releases").json()["releases"]] == [release]
    assert release in [each["id"] for each in boundary.get("/api/releases").json()["releases"]]
    decided = boundary.post(f"/api/releases/{release}/review", json={"approved": True, "note": "限本次使用"})
    assert decided.status_code == 200, decided.text
    link = decided.json()["link"]
    with acts_of(office, "release.download") as downloads:
        fetched = visitor.get(link)
        assert fetched.status_code == 200
        again = visitor.get(link)
    assert (again.status_code, again.json()["code"]) == (410, "release.link_spent")
    (tmp_path / "a.gpkg").write_bytes(fetched.content)
    frame = geopandas.read_file(tmp_path / "a.gpkg")
    assert (frame.crs.to_epsg(), set(frame["line_code"])) == (4490, {"460107460108", "460108469005"})
    (now,) = planner.get("/api/releases").json()["releases"]
    digest = hashlib.sha256(fetched.content).hexdigest()
    assert (now["state"], now["sha256"], now["note"]) == ("downloaded", digest, "限本次使用")
    assert "link" not in now
    (entry,) = downloads
    assert (entry.subject_id, entry.detail["sha256"], entry.detail["rows"]) == (release, digest, 2)


def test_nobody_decides_on_his_own_and_nobody_twice(enter) -> None:
    boundary, other = enter(Role.BOUNDARY), enter(Role.BOUNDARY)
    release = apply(boundary)
    own = boundary.post(f"/api/releases/{release}/review", json={"approved": True})
    assert (own.status_code, own.json()["code"]) == (403, "release.by_applicant")
    refused = other.post(f"/api/releases/{release}/review", json={"approved": False, "note": "用途不明"})
    assert (refused.status_code, refused.json()["state"], refused.json()["link"]) == (200, "refused", None)
    twice = other.post(f"/api/releases/{release}/review", json={"approved": True})
    assert (twice.status_code, twice.json()["code"]) == (409, "release.decided")


def test_another_office_neither_sees_nor_decides(enter) -> None:
    release = apply(enter(Role.PLANNER))
    stranger = enter(Role.BOUNDARY, jurisdictions=(OUTSIDE,))
    assert release not in [each["id"] for each in stranger.get("/api/releases").json()["releases"]]
    assert stranger.post(f"/api/releases/{release}/review", json={"approved": True}).status_code == 404
    assert (
        enter(Role.SURVEYOR).post(f"/api/releases/{release}/review", json={"approved": True}).status_code
        == 403
    )


def test_a_link_ends_after_three_days_and_a_failed_export_does_not_use_it_up(office, enter, visitor) -> None:
    boundary = enter(Role.BOUNDARY)
    nowhere = apply(enter(Role.PLANNER), bbox=[1, 1, 2, 2])
    link = boundary.post(f"/api/releases/{nowhere}/review", json={"approved": True}).json()["link"]
    for _ in range(2):  # there is nothing to write, and the link still holds
        refused = visitor.get(link)
        assert refused.json()["code"] == "export.not_exportable"
    late = apply(enter(Role.PLANNER))
    link = boundary.post(f"/api/releases/{late}/review", json={"approved": True}).json()["link"]
    with operator(office) as session:
        session.execute(
            text(
                "UPDATE service.release_request SET expires_at = now() - interval '1 second' WHERE id = :id"
            ),
            {"id": late},
        )
    assert visitor.get(link).status_code == 410
    assert visitor.get("/api/releases/files/nonsense").status_code == 410


def test_of_two_at_once_one_gets_the_file(enter, app, visitor) -> None:
    release = apply(enter(Role.PLANNER))
    link = (
        enter(Role.BOUNDARY).post(f"/api/releases/{release}/review", json={"approved": True}).json()["link"]
    )
    with ThreadPoolExecutor(4) as pool:
        answers = sorted(answer.status_code for answer in pool.map(lambda _: visitor.get(link), range(4)))
    assert answers == [200, 410, 410, 410]


@pytest.mark.parametrize(
    "wrong",
    [
        {"layer": "audit"},
        {"form": "xlsm"},
        {"bbox": [1, 2, 3]},
        {"bbox": [9, 9, 1, 1]},
        {"purpose": ""},
        {"ground_code": "460107"},  # and a box besides
        {"bbox": None, "ground_code": "460107'--"},
    ],
)
def test_what_cannot_be_asked_for_is_a_problem(enter, wrong) -> None:
    answer = enter(Role.PLANNER).post("/api/releases", json=ASKED | wrong)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_the_ground_of_a_unit_is_its_own(enter, visitor, tmp_path) -> None:
    planner, boundary = enter(Role.PLANNER), enter(Role.BOUNDARY)
    release = apply(planner, bbox=None, ground_code="460108")
    (asked,) = planner.get("/api/releases").json()["releases"]
    assert (asked["ground_code"], asked["bbox"]) == ("460108", None)
    decided = boundary.post(f"/api/releases/{release}/review", json={"approved": True}).json()
    (tmp_path / "a.gpkg").write_bytes(visitor.get(decided["link"]).content)
    lines = set(geopandas.read_file(tmp_path / "a.gpkg")["line_code"])
    assert lines
    assert all("460108" in line for line in lines)
    unknown = planner.post("/api/releases", json=ASKED | {"bbox": None, "ground_code": "990000"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "boundary.unit_not_found")


def test_the_applicant_takes_the_link_himself_and_the_one_before_ends(enter, visitor) -> None:
    planner, boundary = enter(Role.PLANNER), enter(Role.BOUNDARY)
    release = apply(planner)
    early = planner.post(f"/api/releases/{release}/link")
    assert (early.status_code, early.json()["code"]) == (410, "release.link_spent")
    decided = boundary.post(f"/api/releases/{release}/review", json={"approved": True}).json()
    others = boundary.post(f"/api/releases/{release}/link")
    assert (others.status_code, others.json()["code"]) == (404, "release.not_found")
    taken = planner.post(f"/api/releases/{release}/link").json()
    assert taken["expires_at"] == decided["expires_at"]
    assert visitor.get(decided["link"]).status_code == 410
    assert visitor.get(taken["link"]).status_code == 200
    assert planner.post(f"/api/releases/{release}/link").status_code == 410


def test_the_database_lets_nobody_approve_his_own(office, enter) -> None:
    boundary = enter(Role.BOUNDARY)
    release = apply(boundary)
    (mine,) = boundary.get("/api/releases").json()["releases"][:1]
    asker = Officer(username=mine["requested_by"], roles=frozenset(), jurisdictions=frozenset({INSIDE}))
    with office.acting_as(asker).transaction() as session:
        raised = session.execute(
            text("UPDATE service.release_request SET state = 'approved' WHERE id = :id"), {"id": release}
        )
    assert raised.rowcount == 0


def test_a_refusal_says_why(enter) -> None:
    release = apply(enter(Role.PLANNER))
    for unsaid in ({"approved": False}, {"approved": False, "note": "  "}):
        answer = enter(Role.BOUNDARY).post(f"/api/releases/{release}/review", json=unsaid)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.note")


def test_the_paper_that_asks_is_one_that_the_applicant_may_read(office, enter) -> None:
    planner = enter(Role.PLANNER)
    fields = {"id": str(uuid4()), "type": "application", "title": "数据提供函"}
    filed = planner.post("/api/documents", data=fields, files={"file": ("a.pdf", PDF, "application/pdf")})
    assert filed.status_code == 201, filed.text
    release = apply(planner, document_id=fields["id"])
    shown = next(each for each in planner.get("/api/releases").json()["releases"] if each["id"] == release)
    assert shown["document_id"] == fields["id"]
    stranger = enter(Role.PLANNER, jurisdictions=(OUTSIDE,))
    foreign = stranger.post("/api/releases", json=ASKED | {"document_id": fields["id"]})
    assert (foreign.status_code, foreign.json()["code"]) == (404, "document.not_found")
