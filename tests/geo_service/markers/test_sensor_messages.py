"""Messages of sensors over HTTP: signed, taken once, each judged by itself, none lost, and only ever added."""

import io
import json
import os
import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from geo_service.auth.acting import act_as, act_for_source
from geo_service.auth.officer import OPERATOR, Officer, Role
from geo_service.cli import app as cli
from geo_service.operations.marker_forms import register_marker
from geo_service.operations.sensor_sources import add_source
from geo_service.schemas.markers import NewMarker
from geo_service.settings import get_settings
from geo_service.signatures import signature
from tests.access_records import KEEPER, marker_form
from tests.conftest import ROOT
from tests.geo_service.markers.conftest import CODE, LAT, LON, SignIn
from tests.geo_service.markers.sensing import DEVICE, message, send, signed, tilted
from tests.people import OUTSIDE, operator

pytestmark = pytest.mark.database
As = Callable[[], TestClient]


@pytest.fixture
def source(sign_in: SignIn) -> dict[str, Any]:
    """A platform that speaks for the city's devices."""
    answer = sign_in("ruan", Role.ADMINISTRATOR).post(
        "/api/sensors/sources", json={"name": "智能界桩平台", "unit": "460100"}
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
def fitted(green: str, bureau: As) -> str:
    """The green marker, with the device on its form."""
    return fit(bureau(), green)


def fit(client: TestClient, code: str, device: str = DEVICE) -> str:
    etag = client.get(f"/api/markers/{code}").headers["etag"]
    answer = client.patch(
        f"/api/markers/{code}", json={"form": {"iot": {"number": device}}}, headers={"If-Match": etag}
    )
    assert answer.status_code == 200, answer.text
    return code


def colour(client: TestClient, code: str = CODE) -> tuple[str, str]:
    properties = client.get(f"/api/markers/{code}").json()["properties"]
    return properties["colour"]["code"], properties["condition"]


def test_a_message_is_matched_by_the_device_on_the_form(
    source: dict[str, Any], fitted: str, client: TestClient
) -> None:
    answer = send(client, source, message())
    receipt = answer.json()
    assert (answer.status_code, receipt["status"], receipt["marker_code"]) == (201, "accepted", fitted)
    assert (receipt["unmatched"], receipt["findings"]) == (None, [])
    assert colour(client) == ("green", "intact")


def test_a_tilt_reddens_the_marker_and_leaves_its_condition(
    source: dict[str, Any], fitted: str, client: TestClient
) -> None:
    (finding,) = send(client, source, tilted(11.5)).json()["findings"]
    assert finding["code"] == "sensor.tilted"
    assert finding["subject"] == [fitted, DEVICE]
    evidence = finding["evidence"]
    assert (evidence["value"], evidence["limit"], evidence["weight"]) == (11.5, 5.0, "alarm")
    assert colour(client) == ("red", "intact")
    summed = client.get("/api/markers/summary", params={"line": "460107469021"}).json()
    counted = client.get("/api/markers", params={"line": "460107469021", "colour": "red", "count": "true"})
    assert summed["by_colour"]["red"] == counted.json()["numberMatched"]


def test_a_low_battery_is_told_and_colours_nothing(
    source: dict[str, Any], fitted: str, client: TestClient
) -> None:
    (finding,) = send(client, source, message(reading={"battery_percent": 12})).json()["findings"]
    assert (finding["code"], finding["evidence"]["weight"]) == ("sensor.low_battery", "attention")
    assert colour(client) == ("green", "intact")


@pytest.mark.parametrize(
    ("quality", "code"),
    [
        ({"accuracy_m": 0.05, "source": "external"}, "sensor.displaced"),
        ({"accuracy_m": 5.0, "source": "phone"}, "sensor.re_measure"),
    ],
)
def test_a_position_is_judged_by_its_accuracy(
    source: dict[str, Any], fitted: str, client: TestClient, quality: dict[str, Any], code: str
) -> None:
    fix = {"lon": LON, "lat": LAT + 30 / 111_000} | quality
    answer = send(client, source, message(reading={"position": fix}))
    (finding,) = answer.json()["findings"]
    assert finding["code"] == code
    assert finding["evidence"]["value"] == pytest.approx(30, abs=0.5)
    properties = client.get(f"/api/markers/{fitted}").json()["properties"]
    assert (properties["condition"], properties["position_check"]) == ("intact", "agrees")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: headers | {"Geo-Signature": "sha256=" + "0" * 64},
        lambda headers: headers | {"Geo-Source": "01890000-0000-7000-8000-000000000000"},
        lambda headers: headers | {"Geo-Source": "nobody"},
        lambda headers: headers | {"Geo-Timestamp": str(int(headers["Geo-Timestamp"]) + 1)},
        lambda headers: headers | {"Geo-Timestamp": "soon"},
        lambda headers: {"Content-Type": headers["Content-Type"]},
    ],
)
def test_what_no_source_signed_is_refused(source: dict[str, Any], client: TestClient, spoil: Any) -> None:
    body = json.dumps(message()).encode()
    answer = client.post("/api/sensors/messages", content=body, headers=spoil(signed(source, body)))
    assert (answer.status_code, answer.json()["code"]) == (401, "sensor.signature_refused")


def test_a_body_changed_on_its_way_is_refused(source: dict[str, Any], client: TestClient) -> None:
    body = json.dumps(tilted(1.0)).encode()
    changed = body.replace(b"1.0", b"9.0")
    assert changed != body
    answer = client.post("/api/sensors/messages", content=changed, headers=signed(source, body))
    assert answer.json()["code"] == "sensor.signature_refused"


@pytest.mark.parametrize("ago_s", [301, 86_400, -400])
def test_an_old_signature_is_refused_with_both_clocks(
    source: dict[str, Any], client: TestClient, ago_s: int
) -> None:
    answer = send(client, source, message(), at=int(time.time()) - ago_s)
    refusal = answer.json()
    assert (answer.status_code, refusal["code"]) == (401, "sensor.timestamp_refused")
    assert refusal["facts"]["now"] - refusal["facts"]["timestamp"] == pytest.approx(ago_s, abs=5)


def test_a_message_replayed_within_the_window_is_the_same_message(
    source: dict[str, Any], fitted: str, bureau: As, client: TestClient
) -> None:
    body = json.dumps(tilted(11.5)).encode()
    headers = signed(source, body)
    first, again = (client.post("/api/sensors/messages", content=body, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() | {"status": "duplicate"} == again.json()
    records = bureau().get(f"/api/markers/{fitted}/history").json()["records"]
    assert sum(record["kind"] == "flagged" for record in records) == 1


def test_the_same_id_with_another_body_is_a_conflict(
    source: dict[str, Any], fitted: str, client: TestClient
) -> None:
    sent = message()
    assert send(client, source, sent).status_code == 201
    answer = send(client, source, sent | {"reading": {"tilt_deg": 40}})
    assert (answer.status_code, answer.json()["code"]) == (409, "record.conflict")
    assert send(client, source, sent | {"sent_at": datetime.now(UTC).isoformat()}).status_code == 200


def test_each_message_of_a_batch_is_judged_by_itself(
    source: dict[str, Any], fitted: str, client: TestClient
) -> None:
    known = message()
    send(client, source, known)
    batch = [
        tilted(9.0),
        {"id": "broken", "device": DEVICE},
        known,
        known | {"reading": {"tilt_deg": 1}},
        message(device="HK-IOT-9999"),
        "no message",
        message(device="\udcff"),
    ]
    answer = send(client, source, {"messages": batch})
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [each["status"] for each in results] == [
        "accepted", "refused", "duplicate", "refused", "accepted", "refused", "refused",
    ]  # fmt: skip
    assert [each["code"] for each in results if each["status"] == "refused"] == [
        "input.invalid", "record.conflict", "input.invalid", "input.invalid",
    ]  # fmt: skip
    assert "captured_at" in results[1]["detail"]
    assert results[4]["unmatched"] == "no_marker"
    assert colour(client)[0] == "red"


def test_a_batch_too_large_is_refused(source: dict[str, Any], client: TestClient) -> None:
    assert send(client, source, {"messages": [{}] * 501}).status_code == 422
    answer = send(client, source, message(firmware="x" * 1_100_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "request.body_too_large")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b'{"id": "a"}', b"[" * 100_000, b'{"messages": []}', b"NaN"]
)
def test_what_is_no_message_is_said_to_be_none(
    source: dict[str, Any], client: TestClient, body: bytes
) -> None:
    answer = client.post("/api/sensors/messages", content=body, headers=signed(source, body))
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")


def test_both_clocks_are_kept_and_the_skew_is_measured(
    source: dict[str, Any], fitted: str, client: TestClient, hainan_session: Session
) -> None:
    slow = timedelta(hours=5)
    now = datetime.now(UTC)
    sent = message(
        captured_at=(now - slow - timedelta(minutes=10)).isoformat(), sent_at=(now - slow).isoformat()
    )
    receipt = send(client, source, sent).json()
    assert receipt["clock_skew_s"] == pytest.approx(5 * 3600, abs=5)
    assert [each["code"] for each in receipt["findings"]] == ["sensor.clock_wrong"]
    act_as(hainan_session, OPERATOR)
    row = hainan_session.execute(
        text(
            "SELECT captured_at, sent_at, happened_at, received_at FROM markers.sensor_message WHERE id = :id"
        ),
        {"id": receipt["receipt"]},
    ).one()
    assert row.captured_at.isoformat() == datetime.fromisoformat(sent["captured_at"]).isoformat()
    assert row.happened_at == pytest.approx(row.received_at - timedelta(minutes=10), abs=timedelta(seconds=5))


def test_a_device_that_goes_on_leaning_raises_one_alarm(
    source: dict[str, Any], fitted: str, bureau: As, client: TestClient
) -> None:
    for degrees in (8.0, 8.5, 9.0):
        assert send(client, source, tilted(degrees)).status_code == 201
    records = bureau().get(f"/api/markers/{fitted}/history").json()["records"]
    (alarm,) = [each for each in records if each["kind"] == "flagged"]
    assert (alarm["content"]["code"], alarm["content"]["value"]) == ("sensor.tilted", 8.0)
    assert alarm["person"] == "sensor:智能界桩平台"


def test_a_device_of_another_offices_marker_is_unmatched(
    source: dict[str, Any], fitted: str, sign_in: SignIn, client: TestClient
) -> None:
    elsewhere = sign_in("ruan2", Role.ADMINISTRATOR, jurisdictions=("460200",)).post(
        "/api/sensors/sources", json={"name": "三亚平台", "unit": "460200"}
    )
    receipt = send(client, elsewhere.json(), tilted(30.0)).json()
    assert (receipt["marker_code"], receipt["unmatched"]) == (None, "out_of_reach")
    assert colour(client) == ("green", "intact")


def test_sources_are_an_administrators_of_their_jurisdiction(
    source: dict[str, Any], sign_in: SignIn, client: TestClient
) -> None:
    told = client.get("/api/sensors/sources").json()["sources"]
    assert {each["name"]: each["active"] for each in told}["智能界桩平台"] is True
    assert "secret" not in json.dumps(told)
    again = client.post("/api/sensors/sources", json={"name": "智能界桩平台", "unit": "460107"})
    assert (again.status_code, again.json()["code"]) == (409, "sensor.source_taken")
    beyond = client.post("/api/sensors/sources", json={"name": "外", "unit": "469005"})
    assert beyond.json()["code"] == "auth.forbidden"
    other = sign_in("ruan3", Role.ADMINISTRATOR, jurisdictions=("469005",))
    assert other.get("/api/sensors/sources").json()["sources"] == []
    gone = other.delete(f"/api/sensors/sources/{source['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "sensor.source_not_found")


def test_a_new_secret_and_the_one_before(source: dict[str, Any], client: TestClient) -> None:
    path = f"/api/sensors/sources/{source['id']}"
    renewed = client.post(f"{path}/secret", json={"grace_hours": 2}).json()
    assert renewed["secret"] != source["secret"]
    assert [send(client, each, message()).status_code for each in (source, renewed)] == [201, 201]
    at_once = client.post(f"{path}/secret", json={"grace_hours": 0}).json()
    assert [send(client, each, message()).status_code for each in (source, renewed, at_once)] == [
        401,
        401,
        201,
    ]


def test_a_source_that_was_revoked_is_heard_no_more(source: dict[str, Any], client: TestClient) -> None:
    assert client.delete(f"/api/sensors/sources/{source['id']}").status_code == 204
    assert send(client, source, message()).json()["code"] == "sensor.signature_refused"
    *standing, ended = client.get("/api/sensors/sources").json()["sources"]
    assert (ended["id"], ended["active"]) == (source["id"], False)
    assert all(each["active"] for each in standing)


# What follows is committed: rows of other transactions are met, and the database's own rules.


@pytest.fixture
def platform(office: Any) -> dict[str, Any]:
    with operator(office) as session:
        row = add_source(session, OPERATOR, name=f"平台{time.time_ns()}", unit="460100")
        return {"id": str(row.id), "secret": row.secret, "name": row.name}


def put_marker(office: Any, code: str, device: str) -> None:
    with office.acting_as(KEEPER).transaction() as session:
        form = marker_form(code) | {"form": {"iot": {"number": f" {device} "}}}
        register_marker(session, KEEPER, NewMarker.model_validate(form), today=datetime.now(UTC).date())


def test_the_same_message_sent_many_times_at_once_is_one(
    platform: dict[str, Any], office: Any, visitor: TestClient
) -> None:
    put_marker(office, "01070108930Q", "D-930")
    sent = tilted(12.0, device="D-930")
    start = threading.Barrier(8)

    def once(_: int) -> Any:
        start.wait()
        return send(visitor, platform, sent)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(once, range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["receipt"] for answer in answers}) == 1
    with operator(office) as session:
        counted = text(
            "SELECT (SELECT count(*) FROM markers.sensor_message WHERE device = 'D-930'), (SELECT count(*) FROM "
            "markers.marker_record r WHERE r.content ->> 'device' = 'D-930')"
        )
        assert session.execute(counted).one() == (1, 1)


def test_messages_are_only_ever_added(
    platform: dict[str, Any], visitor: TestClient, as_superuser: Callable[[str], Any]
) -> None:
    assert send(visitor, platform, message(device="nowhere")).status_code == 201
    for act in ("UPDATE markers.sensor_message SET device = 'x'", "DELETE FROM markers.sensor_message",
                "TRUNCATE markers.sensor_message"):  # fmt: skip
        with pytest.raises(Exception, match="evidence is never changed"):
            as_superuser(act)


def test_an_unmatched_message_is_seen_by_its_office_alone(
    platform: dict[str, Any], office: Any, visitor: TestClient
) -> None:
    send(visitor, platform, message(device=f"lost-{platform['id']}"))
    asked = text("SELECT count(*) FROM markers.sensor_message WHERE device = :device")
    seen = {}
    for place in ("460100", "460107", OUTSIDE):
        officer = Officer("x", frozenset({Role.BOUNDARY}), frozenset({place}))
        with office.acting_as(officer).transaction() as session:
            seen[place] = session.execute(asked, {"device": f"lost-{platform['id']}"}).scalar_one()
    assert seen == {"460100": 1, "460107": 0, OUTSIDE: 0}


def test_the_database_refuses_an_alarm_without_a_message(platform: dict[str, Any], office: Any) -> None:
    put_marker(office, "01070108931Q", "D-931")
    source = Officer(f"sensor:{platform['name']}", frozenset(), frozenset({"460100"}))
    alarm = text(
        "INSERT INTO markers.marker_record (id, marker_id, kind, happened_at, recorded_at, person, content) "
        "SELECT gen_random_uuid(), id, 'flagged', now(), now(), 'x', CAST(:content AS jsonb) FROM markers.marker "
        "WHERE code = '01070108931Q'"
    )
    for content in (
        {"flag": "sensor_alarm", "message": "01890000-0000-7000-8000-000000000000"},
        {"flag": "filing"},
    ):
        with office.acting_as(source).transaction() as session:
            act_for_source(session, platform["id"])
            with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
                session.execute(alarm, {"content": json.dumps(content)})


def test_the_manuals_recipes_sign_as_the_service_checks() -> None:
    page = (ROOT / "docs" / "sensors.md").read_text(encoding="utf-8")
    assert f"`{signature('secret', 1, b'{}')}`" in page
    shell = re.search(r"^signature=\$\((.+)\)$", page, re.MULTILINE)
    assert shell
    said = subprocess.run(
        ["sh", "-c", shell[1]],
        env={"PATH": os.environ["PATH"], "timestamp": "1", "body": "{}", "SECRET": "secret"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"sha256={said.stdout.strip()}" == signature("secret", 1, b"{}")


def test_the_manuals_message_is_one(source: dict[str, Any], client: TestClient) -> None:
    page = (ROOT / "docs" / "sensors.md").read_text(encoding="utf-8")
    example = re.search(r"## 3\. A message\n\n```json\n(.+?)```", page, re.DOTALL)
    assert example
    answer = send(client, source, json.loads(example[1]))
    assert (answer.status_code, answer.json()["status"]) == (201, "accepted")


def test_the_manuals_program_sends_what_is_taken(
    source: dict[str, Any], client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "sensors.md").read_text(encoding="utf-8")
    recipe = re.search(r"With Python.+?```python\n(.+?)```", page, re.DOTALL)
    assert recipe

    def carried(request: urllib.request.Request) -> io.BytesIO:
        path = urlsplit(request.full_url).path
        return io.BytesIO(client.post(path, content=request.data, headers=dict(request.headers)).content)

    monkeypatch.setattr(urllib.request, "urlopen", carried)
    made: dict[str, Any] = {}
    exec(recipe[1], made)  # noqa: S102 # the page's own recipe, as a reader would run it
    receipt = made["send"]("http://office", source["id"], source["secret"], message())
    assert receipt["status"] == "accepted"


def test_sources_from_a_terminal(
    office: Any, office_settings: Any, visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEO_DATABASE_URL", office.url)
    monkeypatch.setenv("GEO_DATA_DIR", str(office_settings.data_dir))
    get_settings.cache_clear()
    run = CliRunner().invoke
    name = f"终端{time.time_ns()}"
    identity, secret = run(cli, ["sensors", "add", name, "--unit", "460100"]).stdout.split()
    assert send(visitor, {"id": identity, "secret": secret}, message()).status_code == 201
    listed = json.loads(run(cli, ["sensors", "list", "--format", "json"]).stdout)
    (told,) = [each for each in listed if each["id"] == identity]
    assert (told["active"], told["last_message_at"] is not None, "secret" in told) == (True, True, False)
    renewed = run(cli, ["sensors", "rotate", identity, "--grace-hours", "0"]).stdout.strip()
    tried = [{"id": identity, "secret": each} for each in (secret, renewed)]
    assert [send(visitor, each, message()).status_code for each in tried] == [401, 201]
    assert run(cli, ["sensors", "revoke", identity]).exit_code == 0
    assert send(visitor, tried[1], message()).status_code == 401
    again = run(cli, ["sensors", "revoke", identity])
    assert getattr(again.exception, "code", "") == "sensor.source_not_found"
    assert run(cli, ["sensors", "add", "x", "--unit", "46"]).exit_code == 2
    get_settings.cache_clear()
