"""Acts on units leave their entry and keep to the jurisdiction, by HTTP and from the terminal."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from geo_service.auth.officer import OPERATOR, Role
from geo_service.cli import app as cli
from geo_service.db import Database
from geo_service.settings import get_settings
from tests.people import OUTSIDE, acts_of

pytestmark = pytest.mark.database


def rename(code: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "kind": "rename",
        "effective_on": "2021-01-01",
        "instrument": "国函〔2021〕1号",
        "predecessors": [code],
        "successors": [{"code": code, "name": name}],
    } | more


def test_a_change_by_its_own_office_is_on_record_once(office: Database, enter: Any) -> None:
    officer, act = enter(Role.BOUNDARY), rename("460108", "乙新区")
    with acts_of(office, "unit.change") as acts:
        first = officer.post("/api/boundaries/changes", json=act)
        again = officer.post("/api/boundaries/changes", json=act)
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert [(entry.officer, entry.subject_id) for entry in acts] == [
        (officer.headers["x-test-name"], act["id"])
    ]
    assert acts[0].detail["successors"] == ["460108"]
    assert officer.get("/api/boundaries/units/460108").json()["properties"]["name"] == "乙新区"


@pytest.mark.parametrize("kind", ["rename", "merge", "adopt"])
def test_a_change_beyond_the_jurisdiction_is_refused_and_leaves_no_entry(
    office: Database, enter: Any, kind: str
) -> None:
    act = {
        "rename": rename("460107", "外区"),
        "merge": rename("460107", "外区", kind="merge", predecessors=["460107", OUTSIDE]),
        "adopt": rename(OUTSIDE, "丙市", successors=[{"code": OUTSIDE, "parent_code": "460100"}]),
    }[kind]
    with acts_of(office, "unit.change") as acts:
        answer = enter(Role.BOUNDARY, jurisdictions=(OUTSIDE,)).post("/api/boundaries/changes", json=act)
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.forbidden")
    assert acts == []


def test_a_job_is_on_record_with_who_asked(office: Database, enter: Any) -> None:
    officer = enter(Role.BOUNDARY)
    with acts_of(office, "job.start") as started, acts_of(office, "job.cancel") as cancelled:
        job = officer.post("/api/boundaries/checks", json={}).json()
        officer.delete(f"/api/jobs/{job['id']}")
    for acts in (started, cancelled):
        assert [(entry.officer, entry.subject_id) for entry in acts] == [
            (officer.headers["x-test-name"], job["id"])
        ]


def test_an_import_from_the_terminal_is_the_operators(
    office: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outline = {
        "type": "Polygon",
        "coordinates": [[[109, 19], [109.1, 19], [109.1, 19.1], [109, 19.1], [109, 19]]],
    }
    unit = {"code": "469099", "name": "丁市", "level": "county", "parent_code": "460000"}
    file = tmp_path / "units.geojson"
    feature = {"type": "Feature", "properties": unit, "geometry": outline}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    monkeypatch.setenv("GEO_DATABASE_URL", office.url)
    get_settings.cache_clear()
    run = CliRunner().invoke
    command = ["import", "boundaries", str(file), "--crs", "EPSG:4490", "--format", "json"]
    with acts_of(office, "unit.import") as acts:
        assert run(cli, [*command, "--dry-run"]).exit_code == 0
        done = run(cli, command)
    get_settings.cache_clear()
    assert json.loads(done.stdout)["begun"] == 1, done.output
    assert [(entry.officer, entry.subject_id, entry.detail["begun"]) for entry in acts] == [
        ("operator", "units.geojson", 1)
    ]
    with office.acting_as(OPERATOR).transaction() as session:
        session.execute(text("DELETE FROM boundaries.boundary_line WHERE '469099' = ANY (unit_codes)"))
        session.execute(text("DELETE FROM boundaries.administrative_unit WHERE code = '469099'"))


def test_officers_and_tokens_are_kept_from_the_terminal(
    office: Database, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_DATABASE_URL", office.url)
    get_settings.cache_clear()
    run = CliRunner().invoke
    added = run(
        cli, ["user", "add", fresh, "--role", "surveyor", "--role", "planner", "--jurisdiction", "460107"]
    )
    assert added.stdout.splitlines()[1].startswith("/sign-in#link=")
    listed = json.loads(run(cli, ["user", "list", "--format", "json"]).stdout)
    assert next(each["roles"] for each in listed if each["username"] == fresh) == ["planner", "surveyor"]
    made = run(cli, ["token", "create", fresh, "--label", "平板", "--scope", "field"]).stdout.splitlines()
    assert run(cli, ["token", "create", fresh, "--label", "x", "--scope", "calendar"]).exit_code == 2
    assert run(cli, ["token", "revoke", made[1]]).exit_code == 0
    assert getattr(run(cli, ["token", "revoke", made[1]]).exception, "code", "") == "auth.token_not_found"
    assert run(cli, ["user", "disable", fresh]).stdout.startswith(f"{fresh}\t20")
    assert run(cli, ["user", "add", "x", "--role", "surveyor", "--jurisdiction", "46"]).exit_code == 2
    assert (
        getattr(run(cli, ["user", "disable", "nobody-here"]).exception, "code", "")
        == "auth.officer_not_found"
    )
    get_settings.cache_clear()
