"""A marker on the line between Qiongshan (460107) and Ding'an (469021), and officers who visit it."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR, Role
from geo_service.settings import Settings
from layers.markers.evidence_tables import MarkerRecordRow
from layers.markers.register import append, hold_one, project
from tests.people import sign_in_as

LINE, SIDES = "460107469021", ["460107", "469021"]
CODE = "01079021901Q"
LON, LAT = 110.4, 19.75


def _scanned() -> tuple[str, bytes]:
    sink = BytesIO()
    Image.linear_gradient("L").save(sink, "PNG")
    return hashlib.sha256(sink.getvalue()).hexdigest(), sink.getvalue()


PAPER, SCAN = _scanned()
"""A signed sheet as photographed, and its hash; on record once `paper` has brought it."""


def form(**changed: Any) -> dict[str, Any]:
    """The form of a marker that stands on its own, far from those of the demonstration."""
    return {
        "id": str(uuid4()),
        "code": CODE,
        "number": CODE,
        "line_code": LINE,
        "unit_codes": SIDES,
        "set_kind": "single",
        "faces": 2,
        "material": "花岗岩",
        "managing_unit": "460107",
        "locations": ["琼山区三门坡镇", "定安县龙湖镇"],
        "valid_from": "2020-01-01",
        "legal_position": {"lon": LON, "lat": LAT, "accuracy_m": 0.5, "height_m": 31.2},
        "reference_objects": [
            {"name": "水塔", "azimuth_deg": 45.0, "distance_m": 120.0, "azimuth_kind": "true"},
            {"name": "桥头", "azimuth_deg": 170.5, "distance_m": 80.5},
            {"name": "庙门", "azimuth_deg": 300.0, "distance_m": 64.25},
        ],
    } | changed


def visit(**changed: Any) -> dict[str, Any]:
    """A patrol as a phone sends it."""
    return {
        "id": str(uuid4()),
        "kind": "patrol",
        "captured_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        "condition": "intact",
        "components": {"body": "good", "inscription": "good", "base": "good"},
        "observed_position": {"lon": LON, "lat": LAT, "accuracy_m": 4.0, "fix_type": 1, "source": "phone"},
        "note": "",
    } | changed


SignIn = Callable[..., TestClient]


@pytest.fixture
def sign_in(client: TestClient, hainan_session: Session, settings: Settings) -> SignIn:
    """Sign the client in as an officer of a role, in a jurisdiction."""

    def signed(name: str, *roles: Role, jurisdictions: tuple[str, ...] = ("460100",)) -> TestClient:
        sign_in_as(client, hainan_session, settings, name, *roles, jurisdictions=jurisdictions)
        return client

    return signed


@pytest.fixture
def surveyor(sign_in: SignIn) -> Callable[[], TestClient]:
    return lambda: sign_in("chen", Role.SURVEYOR)


@pytest.fixture
def bureau(sign_in: SignIn) -> Callable[[], TestClient]:
    return lambda: sign_in("lin", Role.BOUNDARY)


@pytest.fixture
def paper(surveyor: Callable[[], TestClient]) -> str:
    """A signed sheet on record, to be cited by its hash."""
    answer = surveyor().put(f"/api/photos/{PAPER}", content=SCAN)
    assert answer.status_code in {200, 201}, answer.text
    return PAPER


@pytest.fixture
def marker(bureau: Callable[[], TestClient]) -> str:
    """A marker in the register, never inspected."""
    answer = bureau().post("/api/markers", json=form())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


@pytest.fixture
def green(marker: str, hainan_session: Session) -> str:
    """The marker after a joint inspection that passed yesterday: normal under both profiles."""
    act_as(hainan_session, OPERATOR)
    held = hold_one(hainan_session, marker)
    row = {
        "id": uuid4(),
        "marker_id": held.id,
        "kind": "joint_result",
        "about": None,
        "happened_at": held.now - timedelta(days=1),
        "recorded_at": held.now,
        "person": "both sides",
        "content": {"passed": True, "condition": "intact", "position_check": "agrees"},
    }
    append(hainan_session, MarkerRecordRow, [row])
    project(hainan_session, [held.id], held.now)
    return marker
