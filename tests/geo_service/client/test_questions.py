"""Days as days, columns without rows, and the questions of the desk: due, tripoints, proposals, gaps, plans, releases."""

from typing import ClassVar
from uuid import uuid4

import geopandas
import pandas as pd
import pytest

from geo_service.auth.officer import Role
from geo_service.client import Client, ServiceError, columns
from geo_service.client.frames import frame_of, table_of

pytestmark = pytest.mark.database
NOWHERE = (1.0, 1.0, 1.1, 1.1)
LISTS = {
    "units": columns.UNITS, "lines": columns.LINES, "tripoints": columns.TRIPOINTS, "markers": columns.MARKERS,
    "names": columns.NAMES, "proposals": columns.PROPOSALS, "hubs": columns.HUBS, "demand": columns.DEMAND,
}  # fmt: skip


@pytest.fixture(scope="module")
def office(live, token):
    with Client(live, token(Role.PLANNER)) as client:
        yield client


@pytest.mark.parametrize("asked", LISTS)
def test_a_list_has_its_columns_and_its_crs_with_rows_and_without(office, asked: str) -> None:
    some, none = getattr(office, asked)(most=3), getattr(office, asked)(bbox=NOWHERE)
    told = {"id", *LISTS[asked], "geometry"}
    groups = {"population", "elderly_60", "households"} if asked == "demand" else set()
    assert set(some.columns) == told | groups
    assert (len(none), set(none.columns)) == (0, told)
    assert some.crs.to_epsg() == none.crs.to_epsg() == 4490
    kinds = {name: str(some[name].dtype) for name in told if str(some[name].dtype).startswith("datetime")}
    assert {name: str(none[name].dtype) for name in kinds} == kinds
    assert none[none["id"].str.startswith("46")].empty


def test_days_and_moments_are_times(office) -> None:
    markers = office.markers(most=400)
    for day in (
        "next_due_on",
        "patrol_due_on",
        "joint_due_on",
        "last_inspected_at",
        "valid_from",
        "valid_to",
    ):
        assert str(markers[day].dtype) == "datetime64[s]", day
    assert str(markers["since"].dtype) == "datetime64[us, UTC]"
    assert markers["valid_to"].isna().all()
    assert markers["next_due_on"].max() > pd.Timestamp("2026-06-01")
    line = office.lines(most=1).iloc[0]
    assert office.units(as_of=line["valid_from"], level="county")["valid_from"].le(line["valid_from"]).all()
    changed, _ = office.changes("markers")
    assert str(changed["colour_since"].dtype) == "datetime64[us, UTC]"
    shown = markers._repr_html_()
    assert "T00:00:00" not in shown
    assert "00:00:00" not in shown


def test_old_days_are_read_and_what_is_no_day_stays() -> None:
    found = table_of([{"held_on": "1368-01-23", "told_on": "spring", "at_on": "2026-01-02"}], {"of": 1})
    assert found["held_on"].dt.year.tolist() == [1368]
    assert found["told_on"].tolist() == ["spring"]
    assert found.attrs == {"of": 1}
    assert frame_of([]).crs.to_epsg() == 4490


def test_a_frame_goes_into_a_file_and_comes_back(office, tmp_path) -> None:
    markers = office.markers(most=5).drop(columns=["unit_codes"])
    markers.to_file(tmp_path / "markers.gpkg")
    again = geopandas.read_file(tmp_path / "markers.gpkg")
    assert again.crs.to_epsg() == 4490
    assert again["next_due_on"].tolist() == markers["next_due_on"].tolist()


def test_tripoints_of_a_unit_and_a_day(office) -> None:
    every = office.tripoints()
    assert every.geometry.geom_type.eq("Point").all()
    of_one = office.tripoints(unit="460107")
    assert 0 < len(of_one) < len(every)
    assert all("460107" in codes for codes in of_one["unit_codes"])
    assert office.tripoints(unit="460107')) OR ((").empty
    old = office.tripoints(as_of="2006-12-31")
    assert set(old["tripoint_code"]) != set(every["tripoint_code"])
    assert len(office.tripoints(most=2)) == 2


def test_what_is_due(office) -> None:
    due = office.due(days_ahead=730)
    assert tuple(due.columns) == columns.DUE
    assert str(due["due_on"].dtype) == "datetime64[s]"
    assert due["due_on"].is_monotonic_increasing
    assert due.attrs["by_kind"]["patrol"] == due["kind"].eq("patrol").sum()
    some = office.due(kind=["patrol", "joint"], days_ahead=730)
    assert set(some["kind"]) == {"patrol", "joint"}
    assert set(office.due(kind="joint", days_ahead=730)["kind"]) == {"joint"}
    none = office.due(unit="110000")
    assert (len(none), str(none["due_on"].dtype)) == (0, "datetime64[s]")


def test_history_cases_joint_inspections_and_alerts(live, token) -> None:
    with Client(live, token(Role.BOUNDARY)) as office:
        cases = office.cases()
        assert tuple(cases.columns) == columns.CASES
        assert str(cases["opened_at"].dtype) == "datetime64[us, UTC]"
        assert set(office.cases(stage="reported")["stage"]) == {"reported"}
        assert (len(office.cases(unit="110000")), len(office.cases(most=1))) == (0, 1)
        first = cases.iloc[0]
        case = office.case(first["id"])
        assert (tuple(case.columns[: len(columns.CASE_EVENTS)]), case.attrs["marker_code"]) == (
            columns.CASE_EVENTS,
            first["marker_code"],
        )
        assert len(case) > 0
        history = office.marker_history(first["marker_code"])
        assert history["since"].is_monotonic_increasing
        assert history.iloc[-1]["colour"] == office.marker(first["marker_code"]).iloc[0]["colour"]
        assert history.attrs["code"] == first["marker_code"]
        joint = office.joint_inspections()
        assert (tuple(joint.columns), len(joint) > 0) == (columns.JOINT_INSPECTIONS, True)
        assert office.joint_inspections(year=1991).empty
        alerts = office.alerts()
        assert alerts["code"].value_counts().to_dict() == alerts.attrs["by_code"]
        clocks = office.alerts(kind="clock")["code"]
        assert {code.partition(".")[0] for code in clocks} == {"clock"}
        assert 0 < len(clocks) < len(alerts)
        middle = alerts["since"].sort_values().iloc[len(alerts) // 2]
        assert len(office.alerts(since=middle)) == alerts["since"].ge(middle).sum() < len(alerts)


def test_demand_sets_networks_and_roads_without_a_name(office) -> None:
    sets = office.demand_sets()
    assert tuple(sets.columns) == columns.DEMAND_SETS
    assert len(office.demand(demand=sets.iloc[0]["id"])) == sets.iloc[0]["points"]
    assert office.networks().geometry.geom_type.eq("Polygon").all()
    roads = office.unnamed_roads()
    assert set(roads.columns) == {"id", *columns.UNNAMED_ROADS, "geometry"}
    assert office.unnamed_roads(bbox=NOWHERE).empty


def test_collections_of_the_open_door(office) -> None:
    counties = office.collection("units", where="level = 'county'")
    assert set(counties["code"]) == set(office.units(level="county")["code"])
    assert len(office.collection("units", where="level = 'county'", most=1)) == 1
    assert office.collection("units", bbox=NOWHERE).empty
    with pytest.raises(ServiceError) as refused:
        office.collection("units", where="level = ")
    assert refused.value.status == 400
    assert tuple(office.reference_layers().columns) == columns.REFERENCE_LAYERS


def test_proposals_and_names(live, token) -> None:
    with Client(live, token(Role.COMMITTEE)) as committee, Client(live, token="") as public:
        seen = public.proposals()
        assert set(seen["state"]) == {"public_comment"}
        assert str(seen["comment_until"].dtype) == "datetime64[s]"
        assert len(committee.proposals()) > len(seen)
        assert set(committee.proposals(state="precheck")["state"]) == {"precheck"}
        one = committee.proposal(seen.iloc[0]["id"])
        assert one.iloc[0]["name"] == seen.iloc[0]["name"]
        name = public.names(most=1).iloc[0]
        assert public.name(name["id"]).iloc[0]["name"] == name["name"]


def test_gaps_and_plans(office) -> None:
    gaps = office.gaps(limit_m=1000, metric="straight_line")
    assert gaps.geometry.geom_type.eq("Point").all()
    assert (len(gaps) > 0, gaps.crs.to_epsg()) == (True, 4490)
    assert 0 <= gaps.attrs["covered_share"] <= 1
    before = office.scenarios()
    assert set(columns.SCENARIOS) == set(before.columns)
    hub = {"id": "甲", "lon": 110.33, "lat": 20.03, "name": "甲"}
    plan = {
        "id": str(uuid4()),
        "name": "试",
        "limit_m": 1000,
        "metric": "straight_line",
        "hubs": [hub],
    }
    office.request("POST", "/api/hubs/scenarios", json=plan)
    listed = office.scenarios()
    assert str(listed["changed_at"].dtype) == str(before["changed_at"].dtype) == "datetime64[us, UTC]"
    assert listed.iloc[0]["id"] == plan["id"]
    hubs = office.scenario(plan["id"])
    assert (hubs["id"].tolist(), hubs.crs.to_epsg(), hubs.attrs["limit_m"]) == (["甲"], 4490, 1000)
    assert hubs.geometry.iloc[0].coords[0] == (110.33, 20.03)
    beside = office.compare_scenarios(plan["id"])
    assert {"code", "name"} <= set(beside.columns)
    assert beside.attrs["b"] != beside.attrs["a"]


def test_releases_are_listed_as_they_are_applied_for(office) -> None:
    none = office.releases()
    assert (tuple(none.columns), len(none)) == (columns.RELEASES, 0)
    made = office.apply_for_release(
        "markers", purpose="核对", recipient="市局", as_of=pd.Timestamp("2026-01-02")
    )
    listed = office.releases()
    assert listed["id"].tolist() == [made["id"]]
    assert listed["as_of"].tolist() == [pd.Timestamp("2026-01-02")]
    assert str(listed["requested_at"].dtype) == str(none["requested_at"].dtype) == "datetime64[us, UTC]"


class TestPatience:
    """A read is asked again when the service says later; an act never is."""

    HUBS: ClassVar = ("GET", "/api/hubs")

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_read_is_asked_again(self, busy, status: int) -> None:
        door, address = busy
        door.away, door.status = 2, status
        with Client(address) as client:
            assert len(client.hubs(most=1)) == 1
        assert door.seen == [self.HUBS] * 3

    def test_not_for_ever_and_not_past_its_patience(self, busy) -> None:
        door, address = busy
        door.away = 1000
        with Client(address) as client, pytest.raises(ServiceError) as refused:
            client.hubs(most=1)
        assert refused.value.status == 503
        assert len(door.seen) == 5
        door.seen.clear()
        door.retry_after = "3600"
        with Client(address) as client, pytest.raises(ServiceError):
            client.hubs(most=1)
        assert door.seen == [self.HUBS]
        door.seen.clear()
        door.retry_after = None
        with Client(address, patience_s=0.1) as client, pytest.raises(ServiceError):
            client.hubs(most=1)
        assert door.seen == [self.HUBS]

    def test_an_act_is_sent_once(self, busy, token) -> None:
        door, address = busy
        door.away = 1
        with Client(address, token(Role.SURVEYOR)) as client, pytest.raises(ServiceError):
            client.apply_for_release("markers", purpose="核对", recipient="市局")
        assert door.seen == [("POST", "/api/releases")]

    def test_other_refusals_are_not_asked_again(self, busy) -> None:
        door, address = busy
        door.away, door.status = 1, 500
        with Client(address) as client, pytest.raises(ServiceError):
            client.hubs(most=1)
        assert door.seen == [self.HUBS]


def test_address_and_token_come_from_the_environment_unless_given(live, token, monkeypatch) -> None:
    monkeypatch.setenv("GEO_ADDRESS", live)
    monkeypatch.setenv("GEO_TOKEN", token(Role.PLANNER))
    with Client() as office:
        office.scenarios()
    for stranger in (Client(token=""), Client(live, "no such token")):
        with stranger, pytest.raises(ServiceError) as refused:
            stranger.scenarios()
        assert refused.value.code == "auth.sign_in_required"
