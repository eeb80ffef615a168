"""A plan followed while hubs are dragged: the same answer as asking anew, one search a move."""

import pytest

from geo_service.auth.officer import Role
from tests.geo_service.hubs import town
from tests.people import sign_in_as

pytestmark = pytest.mark.database


def placed(**places):
    return [
        {"id": hub, "lon": town.at(*place)[0], "lat": town.at(*place)[1]} for hub, place in places.items()
    ]


def asked_live(planner, drawn, hubs, **more):
    answer = planner.post("/api/hubs/coverage/live", json=drawn.asked(hubs=hubs, **({"limit_m": 900} | more)))
    assert answer.status_code == 200, answer.text
    return answer.json()


STEPS = [
    {"a": (2, 2), "b": (8, 2)},
    {"a": (2, 2), "b": (8, 3.5)},
    {"a": (2, 2), "b": (8, 3.5), "c": (6, 8)},
    {"c": (6, 8), "a": (2.5, 2)},
    {"a": (2, 2), "b": (8, 2)},
    {},
]


@pytest.mark.parametrize("metric", ["walking", "straight_line"])
def test_every_step_says_what_a_fresh_question_says(planner, drawn, metric):
    for step in STEPS:
        hubs = placed(**step)
        live = asked_live(planner, drawn, hubs, metric=metric)
        fresh = planner.post(
            "/api/hubs/coverage", json=drawn.asked(hubs=hubs, limit_m=900, metric=metric, cells=True)
        ).json()
        for name in ("total_weight", "covered_weight", "covered_share", "units"):
            assert live[name] == fresh[name], (step, name)
        assert live["cells"]["times_served"] == fresh["cells"]["times_served"]
        assert {h["id"]: h["covered_weight"] for h in live["hubs"]} == {
            h["id"]: h["covered_weight"] for h in fresh["hubs"]
        }
        if metric == "walking":
            assert live["straight_line"] == fresh["straight_line"]
        within = [
            at
            for at, metres in enumerate(fresh["cells"]["distance_m"])
            if metres is not None and metres <= 900
        ]
        assert [live["cells"]["hub"][at] for at in within] == [fresh["cells"]["hub"][at] for at in within]


def test_a_move_is_one_search_and_a_radius_none(planner, drawn):
    first = asked_live(planner, drawn, placed(a=(2, 2), b=(8, 2), c=(6, 8)))
    moved = asked_live(planner, drawn, placed(a=(2, 2), b=(8, 3), c=(6, 8)))
    slid = asked_live(planner, drawn, placed(a=(2, 2), b=(8, 3), c=(6, 8)), limit_m=600)
    assert (moved["searches"], slid["searches"]) == (1, 0)
    assert slid["covered_weight"] < moved["covered_weight"]
    back = asked_live(planner, drawn, placed(a=(2, 2), b=(8, 2), c=(6, 8)))
    assert back["covered_weight"] == first["covered_weight"]


def test_two_officers_plans_do_not_touch(planner, drawn, hainan_session, settings):
    mine = asked_live(planner, drawn, placed(a=(2, 2)))
    sign_in_as(planner, hainan_session, settings, "planner-3", Role.PLANNER)
    asked_live(planner, drawn, placed(a=(8, 8)))
    sign_in_as(planner, hainan_session, settings, "planner-1", Role.PLANNER)
    again = asked_live(planner, drawn, placed(a=(2, 2)))
    assert (again["covered_weight"], again["searches"]) == (mine["covered_weight"], 0)
