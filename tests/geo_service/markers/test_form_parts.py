"""The parts of the registration form that nothing is derived from: taken as they come, refused where they cannot be."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.geo_service.markers.conftest import CODE, SIDES, form

pytestmark = pytest.mark.database
SIGNED = {"unit": SIDES[0], "technician": "王技术", "officer": "李勘界", "date": "2020-05-06"}
WHOLE = {
    "spatial_id": "JZ-0107",
    "sketch": "a" * 64,
    "custody": {
        "unit": "三门坡镇政府",
        "person": "符管护",
        "contract": "2024-3",
        "since": "2024-01-01",
        "until": "2026-12-31",
    },
    "iot": {
        "number": "TX-88",
        "tilted": False,
        "drift_m": 0.04,
        "last_message_at": "2026-01-02T03:04:05+08:00",
    },
    "signatures": [SIGNED, SIGNED | {"unit": SIDES[1]}],
}


def changed(client: TestClient, parts: dict[str, Any]) -> Any:
    etag = client.get(f"/api/markers/{CODE}").headers["etag"]
    return client.patch(f"/api/markers/{CODE}", json={"form": parts}, headers={"If-Match": etag})


def test_the_parts_are_kept_as_they_came(marker: str, bureau: Callable[[], TestClient]) -> None:
    client = bureau()
    assert changed(client, WHOLE).status_code == 200
    assert client.get(f"/api/markers/{marker}").json()["properties"]["form"] == WHOLE


@pytest.mark.parametrize(
    "parts",
    [
        {"sketch": "no hash"},
        {"custody": {"unit": "镇政府", "since": "2026-01-01", "until": "2025-01-01"}},
        {"custody": "镇政府"},
        {"iot": {"drift_m": -1}},
        {"iot": {"last_message_at": "2026-01-02T03:04:05"}},
        {"iot": {"smell": "none"}},
        {"signatures": [SIGNED, SIGNED]},
        {"signatures": [{"unit": SIDES[0]}]},
        {"signatures": [SIGNED | {"unit": "海口"}]},
        {"costody": {}},
    ],
)
def test_what_cannot_be_is_refused(
    marker: str, bureau: Callable[[], TestClient], parts: dict[str, Any]
) -> None:
    client = bureau()
    answer = changed(client, parts)
    assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid")
    assert not client.get(f"/api/markers/{marker}").json()["properties"]["form"]
    new = form(code="01079021902Q", number="01079021902Q", form=parts)
    assert client.post("/api/markers", json=new).status_code == 422
