"""The naming office on Hainan's ground."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from geo_service.settings import Settings
from tests.geo_service.naming.office import Office


@pytest.fixture
def office(client: TestClient, hainan_session: Session, settings: Settings) -> Office:
    """An office with a naming officer signed in."""
    office = Office(client, hainan_session, settings)
    office.officer()
    return office
