"""The client against a live service: each question answered as a GeoDataFrame, refusals by their code."""

import re

import geopandas
import pytest

from geo_service.auth.officer import Role
from geo_service.client import Client, Frame, ServiceError

pytestmark = pytest.mark.database
CANDIDATES = [{"id": "甲", "lon": 110.33, "lat": 20.03}, {"id": "乙", "lon": 110.2, "lat": 19.9}]
HAIKOU = (110.1, 19.5, 110.7, 20.1)


@pytest.fixture(scope="module")
def office(live, token):
    with Client(live, token(Role.PLANNER)) as client:
        yield client


def test_lists_are_geodataframes_in_the_storage_crs(office) -> None:
    units = office.units(level="county", bbox=HAIKOU)
    assert isinstance(units, geopandas.GeoDataFrame)
    assert units.crs.to_epsg() == 4490
    assert {"460105", "460106", "460107", "460108"} <= set(units["code"])
    assert units.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    lines = office.lines(unit="460107")
    assert lines["length_m"].gt(0).all()
    markers = office.markers(bbox=HAIKOU)
    assert markers["colour"].isin(["blue", "black", "red", "yellow", "green"]).all()
    assert office.hubs()["status"].notna().all()
    assert office.names(q="路", most=5).shape[0] <= 5
    assert "population" in " ".join(map(str, office.demand(most=3).columns))


def test_cursors_are_followed_to_the_end_and_no_further(office, monkeypatch) -> None:
    whole = office.units(most=None)
    monkeypatch.setattr("geo_service.client.connection.PAGE", 7)
    paged = office.units()
    assert paged["id"].tolist() == whole["id"].tolist()
    assert len(paged) > 14
    assert len(office.units(most=10)) == 10


def test_one_thing_and_a_place(office) -> None:
    assert office.unit("460107").iloc[0]["name"] == "琼山区"
    line = office.lines(most=1).iloc[0]["line_code"]
    assert office.line(line).iloc[0]["line_code"] == line
    marker = office.markers(most=1).iloc[0]["code"]
    assert office.marker(marker).iloc[0]["code"] == marker
    assert office.locate(110.35, 19.95)["level"].tolist()[0] == "province"
    assert office.units(as_of="2006-12-31", level="county", q="定安")["code"].tolist() == ["469025"]


def test_questions_to_engines(office) -> None:
    found = office.check_name("宜海路", kind="street")
    assert found.attrs["spelling"]["plain"] == "Yihai Lu"
    assert list(found.columns) == ["code", "severity", "subject", "zh", "en"]
    reach = office.coverage(limit_m=1000, metric="straight_line")
    assert isinstance(reach, Frame)
    assert 0 <= reach.attrs["covered_share"] <= 1
    assert reach.geometry.notna().all()
    by_unit = office.coverage(of="units", limit_m=1000, metric="straight_line", by="county")
    assert len(by_unit) > 0
    sites = office.siting(
        "mclp", within_s=90, p=1, limit_m=1000, metric="straight_line", keep=[], candidates=CANDIDATES
    )
    assert (len(sites), sites.geometry.notna().all()) == (1, True)
    assert "objective" in sites.attrs


def test_the_feed_is_followed_by_token(office) -> None:
    first, place = office.changes("hubs")
    assert set(first["change"]) <= {"added", "changed"}
    assert len(first) >= len(office.hubs())
    again, later = office.changes("hubs", place)
    assert (len(again), later) == (0, place)


def test_refusals_carry_their_code(live, office) -> None:
    with pytest.raises(ServiceError) as refused:
        office.unit("999999")
    assert (refused.value.status, refused.value.code) == (404, "boundary.unit_not_found")
    with pytest.raises(ServiceError) as refused, Client(live, "no such token") as stranger:
        stranger.demand()
    assert refused.value.code == "auth.sign_in_required"
    with pytest.raises(ServiceError) as refused, Client("http://127.0.0.1:9", timeout_s=2) as nowhere:
        nowhere.units()
    assert refused.value.code == "service.unreachable"
    with pytest.raises(ServiceError) as refused:
        office.coverage(limit_m=-1)
    assert refused.value.code == "hubs.limit_invalid"


def test_a_frame_shows_itself_as_a_map_that_fetches_nothing(office) -> None:
    shown = office.units(level="county", bbox=HAIKOU)._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "琼山区" in shown
    addresses = set(re.findall(r"https?://[\w./-]+", shown))
    assert all(address.startswith("http://www.w3.org/") for address in addresses), addresses
    kept = office.units(level="county", bbox=HAIKOU)
    assert isinstance(kept[kept["code"] == "460107"], Frame)
    assert "iframe" not in kept.iloc[:0]._repr_html_()
    assert "<table" in kept.drop(columns="geometry")._repr_html_()
    hostile = kept.iloc[:1].assign(name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in hostile._repr_html_().replace("&lt;", "<").replace("&amp;lt;", "&lt;")
