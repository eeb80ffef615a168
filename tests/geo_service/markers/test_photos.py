"""Photos in pieces: resumed where they broke off, kept only when their bytes hash to their name."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import text

from geo_service.app import create_app
from geo_service.auth.gate import COOKIE
from geo_service.auth.officer import Role
from geo_service.settings import Settings
from tests.geo_service.documents.test_bad_uploads import png
from tests.geo_service.markers.conftest import CODE, visit
from tests.people import begin, operator, put_officer

pytestmark = pytest.mark.database
As = Callable[[], TestClient]
SENDERS = 4
ROUNDS = 20


def picture(shade: int) -> tuple[str, bytes]:
    sink = BytesIO()
    Image.effect_noise((120, 90), shade).save(sink, "JPEG")
    return hashlib.sha256(sink.getvalue()).hexdigest(), sink.getvalue()


def piece(client: TestClient, name: str, whole: bytes, start: int, end: int):
    headers = {"Content-Range": f"bytes {start}-{end - 1}/{len(whole)}"}
    return client.put(f"/api/photos/{name}", content=whole[start:end], headers=headers)


def test_a_photo_in_one_piece_comes_back_as_it_was(surveyor: As) -> None:
    client, (name, whole) = surveyor(), picture(10)
    assert client.head(f"/api/photos/{name}").status_code == 404
    answer = client.put(f"/api/photos/{name}", content=whole)
    assert (answer.status_code, answer.json()["media_type"]) == (201, "image/jpeg")
    back = client.get(f"/api/photos/{name}")
    assert (back.content, back.headers["content-type"]) == (whole, "image/jpeg")
    assert client.put(f"/api/photos/{name}", content=whole).status_code == 200
    told = client.head(f"/api/photos/{name}")
    assert (told.headers["upload-complete"], told.headers["upload-offset"]) == ("?1", str(len(whole)))


def test_a_photo_goes_on_where_it_broke_off(surveyor: As) -> None:
    client, (name, whole) = surveyor(), picture(20)
    middle = len(whole) // 2
    assert piece(client, name, whole, 0, middle).status_code == 202
    told = client.head(f"/api/photos/{name}")
    assert (told.status_code, told.headers["upload-offset"], told.headers["upload-complete"]) == (
        200,
        str(middle),
        "?0",
    )
    wrong = piece(client, name, whole, middle + 1, len(whole))
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["facts"]["offset"]) == (
        409,
        "photo.offset_differs",
        middle,
    )
    assert client.get(f"/api/photos/{name}").status_code == 404
    assert piece(client, name, whole, middle, len(whole)).status_code == 201
    assert client.get(f"/api/photos/{name}").content == whole


def test_the_last_byte_calls_for_a_receipt_that_was_never_given(surveyor: As, settings: Settings) -> None:
    """All bytes are on the disk, and the service ended before it kept the photo."""
    client, (name, whole) = surveyor(), picture(25)
    partial = settings.data_dir / "uploads" / name
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_bytes(whole)
    told = client.head(f"/api/photos/{name}")
    assert (told.headers["upload-offset"], told.headers["upload-complete"]) == (str(len(whole)), "?0")
    assert piece(client, name, whole, len(whole) - 2, len(whole)).status_code == 409
    assert piece(client, name, whole, len(whole) - 1, len(whole)).status_code == 201
    assert client.get(f"/api/photos/{name}").content == whole


def test_a_small_picture_of_a_photo_is_upright_and_without_its_exif_data(surveyor: As) -> None:
    client, sink = surveyor(), BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    Image.effect_noise((1600, 1200), 30).save(sink, "JPEG", exif=exif)
    name = hashlib.sha256(sink.getvalue()).hexdigest()
    assert client.get(f"/api/photos/{name}/thumbnail").status_code == 404
    client.put(f"/api/photos/{name}", content=sink.getvalue())
    small = Image.open(BytesIO(client.get(f"/api/photos/{name}/thumbnail").content))
    assert (small.size, dict(small.getexif())) == ((360, 480), {})
    film = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\0" * 40
    digest = hashlib.sha256(film).hexdigest()
    client.put(f"/api/photos/{digest}", content=film)
    answer = client.get(f"/api/photos/{digest}/thumbnail")
    assert (answer.status_code, answer.json()["code"]) == (404, "photo.no_thumbnail")


def test_bytes_that_do_not_hash_to_the_name_are_given_up(surveyor: As) -> None:
    client, (name, _), (_, other) = surveyor(), picture(30), picture(40)
    answer = client.put(f"/api/photos/{name}", content=other)
    assert (answer.status_code, answer.json()["code"]) == (422, "photo.hash_differs")
    assert client.head(f"/api/photos/{name}").status_code == 404


def test_what_is_no_picture_is_refused(surveyor: As) -> None:
    script = b"<script>alert(1)</script>" * 20
    answer = surveyor().put(f"/api/photos/{hashlib.sha256(script).hexdigest()}", content=script)
    assert (answer.status_code, answer.json()["code"]) == (415, "photo.type_refused")


def test_pictures_are_looked_into_as_documents_are(surveyor: As) -> None:
    client = surveyor()
    for content, status, code in (
        (png(60_000, 60_000), 422, "document.content_refused"),
        (picture(70)[1][:-200], 201, ""),  # a JPEG without its end is still seen
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", 422, "document.content_refused"),
        (b"GIF89a<html><script>alert(1)</script>", 422, "document.content_refused"),
        (b"8BPS\x00\x01" + b"\0" * 40, 415, "photo.type_refused"),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            415,
            "photo.type_refused",
        ),
    ):
        path = f"/api/photos/{hashlib.sha256(content).hexdigest()}"
        answer = client.put(path, content=content)
        assert (answer.status_code, answer.json().get("code", "")) == (status, code), content[:20]
        assert client.head(path).status_code == (200 if status == 201 else 404)


def test_a_photo_is_shown_and_never_executed(surveyor: As) -> None:
    client, (name, whole) = surveyor(), picture(80)
    film = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\0" * 40
    for digest, content, shown in (
        (name, whole, "inline"),
        (hashlib.sha256(film).hexdigest(), film, "attachment"),
    ):
        assert client.put(f"/api/photos/{digest}", content=content).status_code == 201
        headers = client.get(f"/api/photos/{digest}").headers
        assert headers["content-disposition"] == shown
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].endswith("; sandbox")


@pytest.mark.parametrize("given", ["bytes 5-3/10", "bytes 0-10/10", "0-5/10", "bytes */10"])
def test_a_range_that_is_none_is_refused(surveyor: As, given: str) -> None:
    name, whole = picture(50)
    answer = surveyor().put(f"/api/photos/{name}", content=whole[:6], headers={"Content-Range": given})
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")


def test_an_inspection_may_name_a_photo_that_is_still_on_its_way(green: str, surveyor: As) -> None:
    client, (name, whole) = surveyor(), picture(60)
    body = visit(photos=[{"sha256": name, "shows": "face_1"}])
    recorded = client.post(f"/api/markers/{CODE}/inspections", json=body).json()["inspection"]
    assert recorded["photos"] == [{"sha256": name, "shows": "face_1", "arrived": False}]
    client.put(f"/api/photos/{name}", content=whole)
    told = client.get(f"/api/inspections/{body['id']}").json()["inspection"]
    assert told["photos"][0]["arrived"] is True


def test_photos_are_for_officers(client: TestClient) -> None:
    client.cookies.clear()
    name, whole = picture(70)
    assert client.put(f"/api/photos/{name}", content=whole).status_code == 401
    assert client.get(f"/api/photos/{name}").status_code == 401


@pytest.fixture
def signed_in(settings: Settings, new_database: Callable[[str], str]) -> Iterator[tuple[FastAPI, str]]:
    """A service with connections of its own, and a surveyor's session."""
    app = create_app(
        settings.model_copy(update={"database_url": new_database(f"geo_photos_{uuid4().hex[:8]}")})
    )
    with operator(app.state.database) as session:
        token = begin(session, put_officer(session, "chen", Role.SURVEYOR), settings)
    yield app, token
    app.state.database.dispose()


def phone(signed_in: tuple[FastAPI, str]) -> TestClient:
    app, token = signed_in
    client = TestClient(app, raise_server_exceptions=False)
    client.cookies.set(COOKIE, token)
    return client


def test_a_photo_that_comes_in_holds_no_connection(signed_in: tuple[FastAPI, str]) -> None:
    """A real server's session: let go before the body is read, taken up again as the same officer."""
    engine = signed_in[0].state.database.engine
    name, whole = picture(80)
    held = []

    def body() -> Iterator[bytes]:
        for start in range(0, len(whole), 1000):
            held.append(engine.pool.checkedout())
            yield whole[start : start + 1000]

    client = phone(signed_in)
    assert client.put(f"/api/photos/{name}", content=body()).status_code == 201
    assert client.get(f"/api/photos/{name}").content == whole
    assert held[-1] == 0


def test_a_photo_sent_many_times_at_once_is_kept_once(signed_in: tuple[FastAPI, str]) -> None:
    """Each sender is told that it is here or that another is sending it, and none takes it from under another."""
    phones = [phone(signed_in) for _ in range(SENDERS)]
    for shade in range(1, ROUNDS + 1):
        name, whole = picture(shade)
        together = Barrier(SENDERS)

        def send(
            client: TestClient, name: str = name, whole: bytes = whole, together: Barrier = together
        ) -> str:
            together.wait()
            answer = client.put(f"/api/photos/{name}", content=whole)
            return "kept" if answer.status_code in {200, 201} else answer.json()["code"]

        with ThreadPoolExecutor(SENDERS) as pool:
            told = Counter(pool.map(send, phones))
        assert told["kept"] > 0
        assert told["kept"] + told["photo.upload_busy"] == SENDERS, told
        assert phones[0].get(f"/api/photos/{name}").content == whole
    with operator(signed_in[0].state.database) as session:
        noted = session.execute(text("SELECT subject_id FROM service.audit_entry WHERE act = 'photo.record'"))
        assert len(noted.scalars().all()) == ROUNDS
