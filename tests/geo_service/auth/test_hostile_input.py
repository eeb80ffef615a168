"""What is sent to sign in by those who mean no good: refused plainly, and nothing forged in headers or logs."""

import io
import json
import logging
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from geo_service import logs
from geo_service.auth.next_page import next_page
from geo_service.auth.officer import Role
from geo_service.auth.refusals import UsernameRefused
from geo_service.auth.usernames import check_username, username_key
from layers.errors import InvalidInput
from tests.people import PASSWORD, sign_in_as

pytestmark = pytest.mark.database


def post(client: TestClient, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(
        "/api/session", content=content, headers={"Content-Type": "application/json", **headers}
    )


@pytest.mark.parametrize(
    "username",
    [
        "",
        "a\x00b",
        "a\r\nSet-Cookie: geo_session=x",
        "a\u202enimda",
        "x" * 201,
        "\U0001f9d1\u200d\U0001f33e" * 100,
        {"$ne": None},
        None,
        ["a"],
    ],
)
def test_a_name_that_is_none_is_refused(visitor: TestClient, username: Any) -> None:
    answer = post(visitor, {"username": username, "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body",
    [
        b'{"username": "\\ud800", "password": "x"}',
        b'{"username": "a", "password": "\\udfff"}',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"username": "a"}',
        b"",
        b"null",
    ],
)
def test_a_body_that_is_none_is_refused(visitor: TestClient, body: bytes) -> None:
    assert post(visitor, body).status_code in {400, 422}


@pytest.mark.parametrize("password", ["\x00", "a\x00b", "\r\n", "e\u0301" * 400, "密" * 1000])
def test_any_password_may_be_tried(visitor: TestClient, password: str) -> None:
    answer = post(visitor, {"username": "nobody-at-all", "password": password})
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.sign_in_refused")


def test_an_overlong_password_is_not_hashed(visitor: TestClient) -> None:
    answer = post(visitor, {"username": "nobody-at-all", "password": "x" * 1001})
    assert answer.status_code == 422
    assert "x" * 50 not in answer.text


def test_a_form_of_another_site_cannot_sign_anybody_in(visitor: TestClient) -> None:
    body = {"username": "administrator", "password": "x"}
    for content_type in ("text/plain", "application/x-www-form-urlencoded"):
        assert post(visitor, body, **{"Content-Type": content_type}).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/session"), ("DELETE", "/api/session"), ("POST", "/api/tokens")]
)
def test_a_change_from_another_sites_page_is_refused(
    enter: Any, headers: dict[str, str], method: str, path: str
) -> None:
    client = enter(Role.PLANNER)
    answer = client.request(method, path, headers=headers, json={"username": "a", "password": "b"})
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.origin_refused")
    assert client.get("/api/session").json()["signed_in"]


def test_a_change_from_the_own_page_is_taken(enter: Any) -> None:
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert enter(Role.PLANNER).delete("/api/session", headers=own).status_code == 204


NOWHERE_ELSE = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/a\r\nLocation: https://evil.example",
    "\\\\evil.example",
    "evil.example",
    "",
    "/\x00",
    "/a\\..\\b",
]


@pytest.mark.parametrize("wanted", NOWHERE_ELSE)
def test_sign_in_leads_nowhere_else(visitor: TestClient, wanted: str) -> None:
    with pytest.raises(InvalidInput):
        next_page(wanted)
    answer = post(visitor, {"username": "nobody", "password": "x", "next": wanted})
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")


@pytest.mark.parametrize(
    "wanted", ["/", "/account", "/?at=110.3,20.0,12#layers", "/field/?a=b%2F%2Fc", "/地图"]
)
def test_a_page_of_the_service_is_gone_to(wanted: str) -> None:
    assert next_page(wanted) == wanted


@pytest.mark.parametrize("name", ["wang", "Wang.Fang", "王芳", "海口-界线员2", "a", "Ｗａｎｇ"])
def test_a_plain_name_may_be_taken(name: str) -> None:
    assert check_username(name) == username_key(name)


@pytest.mark.parametrize(
    "name",
    [
        "\u0430dmin",  # Cyrillic а
        "\u0430\u0501\u043c\u0456\u043f",
        "adm\u0131n",  # Turkish ı
        "ο\u0440erator",
        "wang王",
        "王wang",
        "ad\u200bmin",
        "ad\u00admin",
        "\u202enimda",
        "a b",
        "a\x00",
        "a\n",
        "-a",
        "a" * 65,
        "",
        "e\u0301",
        "operator",
        "Operator",
        "ｗｏｒｋｅｒ",
        "public",
        "../etc",
        "<script>",
    ],
)
def test_a_name_that_passes_for_another_is_refused(name: str) -> None:
    with pytest.raises(UsernameRefused):
        check_username(name)


def test_a_look_alike_of_an_officer_does_not_sign_in(visitor: TestClient, enter: Any) -> None:
    enter(Role.PLANNER, username="aaron")
    answer = post(visitor, {"username": "\u0430aron", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.sign_in_refused")


def test_a_request_id_cannot_forge_a_header_or_a_log_line(visitor: TestClient, caplog: Any) -> None:
    sink = io.StringIO()
    handler = logging.StreamHandler(sink)
    handler.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().addHandler(handler)
    forged = b'x\r\n{"event":"request","status":200,"path":"/forged"}'
    try:
        answer = visitor.get(
            "/api/session/%0d%0a%7b%22event%22:%22forged%22%7d", headers={b"X-Request-ID": forged}
        )
        visitor.get("/api/session", headers={b"User-Agent": b"a\r\nb", b"Cookie": b"geo_session=\r\nx"})
    finally:
        logging.getLogger().removeHandler(handler)
    assert b"forged" not in answer.headers["x-request-id"].encode()
    lines = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert all(line["event"] != "forged" for line in lines)
    assert not any(line.get("path") == "/forged" for line in lines)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_what_is_not_seen_is_written_out_in_the_log(
    visitor: TestClient, capsys: Any, office_settings: Any, log_format: str
) -> None:
    """Escape sequences, old and new, and characters that turn the writing direction steer nobody's terminal."""
    logs.configure(log_format)
    try:
        visitor.get("/api/session/%1b%5d0;owned%07%c2%9b31m%e2%80%aegnp%0aforged")
    finally:
        written = capsys.readouterr().err
        logs.configure(office_settings.log_format)
    line = next(line for line in written.splitlines() if "owned" in line and "HTTP Request" not in line)
    assert "forged" in line, "one line"
    own_colours = re.compile(r"\x1b\[\d+m")
    assert own_colours.sub("", line).isprintable()
    assert r"\x1b]0;owned" in line.replace("\\\\", "\\")


def test_a_header_that_is_no_text_is_kept_readable(
    visitor: TestClient, office: Any, office_settings: Any, fresh: str
) -> None:
    with office.transaction() as session:
        sign_in_as(visitor, session, office_settings, fresh, Role.PLANNER)
    visitor.cookies.clear()
    body = {"username": fresh, "password": PASSWORD}
    assert post(visitor, body, **{"User-Agent": "Mozilla\x1b[31m\x07 red"}).status_code == 200
    shown = visitor.get("/api/session/list").json()["sessions"][0]["user_agent"]
    assert shown == "Mozilla[31m red"
