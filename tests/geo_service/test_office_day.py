"""The office's day: it begins where the office is, not in Greenwich."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import ValidationError

from geo_service.paging import today
from geo_service.settings import Settings, get_settings


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_the_day_is_that_of_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    days = []
    for zone in ("Etc/GMT-14", "Etc/GMT+12"):  # 26 hours apart: never the same day
        monkeypatch.setenv("GEO_TIME_ZONE", zone)
        get_settings.cache_clear()
        days.append(today())
    assert days[0] - days[1] in {timedelta(days=1), timedelta(days=2)}


@pytest.mark.parametrize("zone", ["Haikou", "", "../etc/passwd", "Asia"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="Asia/Shanghai"):
        Settings(time_zone=zone)


def test_hainan_is_the_default() -> None:
    assert Settings().time_zone == "Asia/Shanghai"
