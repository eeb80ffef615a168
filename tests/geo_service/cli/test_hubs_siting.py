"""`hubs siting` on drawn ground: a street 1,000 m long, a street across, and one far off."""

import json

import numpy as np
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

from geo_service.cli.hubs import app

STREETS = [[(0, 0), (500, 0), (1000, 0)], [(500, -400), (500, 0), (500, 400)], [(5000, 0), (5200, 0)]]
CANDIDATES = {"a": (100, 0), "b": (500, 0), "c": (900, 0), "far": (5100, 0)}
DEMAND = {
    1: (100, 10, 50),
    2: (450, 0, 20),
    3: (900, -5, 30),
    4: (500, 400, 40),
    5: (3000, 3000, 7),
}


def write(path, shapes, fields):
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(shapes, dtype=object)),
        [np.asarray(values) for values in fields.values()],
        list(fields),
        geometry_type=shapes[0].geom_type,
        crs="EPSG:32649",
        driver="GPKG",
        layer="layer",
    )
    return str(path)


@pytest.fixture
def files(tmp_path):
    def points(name, places, **fields):
        shapes = [shapely.Point(300_000 + x, 2_200_000 + y) for x, y, *_ in places.values()]
        return write(tmp_path / name, shapes, {"id": list(places), **fields})

    lines = [shapely.LineString([(300_000 + x, 2_200_000 + y) for x, y in line]) for line in STREETS]
    return {
        "network": write(tmp_path / "streets.gpkg", lines, {"number": np.arange(len(lines))}),
        "candidates": points("candidates.gpkg", CANDIDATES),
        "demand": points("demand.gpkg", DEMAND, weight=[float(place[2]) for place in DEMAND.values()]),
        "keep": points("keep.gpkg", {"old": (510, 390)}),
        "known": points("known.gpkg", {"c": (900, 0)}),
    }


def siting(files, method, *more):
    given = [method, "--network", files["network"], "--candidates", files["candidates"]]
    result = CliRunner().invoke(
        app, ["siting", "--method", *given, "--demand", files["demand"], "--format", "json", *more]
    )
    return result, json.loads(result.stdout) if result.stdout.startswith("{") else None


def test_mclp_names_the_sites_that_cover_most(files):
    result, answer = siting(files, "mclp", "--p", "2", "--limit-m", "402")
    assert result.exit_code == 0
    # b covers 2 (50 m), 4 (400 m): 60; a covers 1 (10 m), 2 (350 m): 70; c covers 3 (5 m): 30.
    assert (answer["sites"], answer["objective"], answer["bound"]) == (["a", "b"], 110.0, 110.0)
    assert (answer["gap"], answer["status"]) == (0.0, "optimal")
    assert answer["uncoverable"] == {"count": 1, "ids": [5]}
    assert answer["unsnapped_ids"] == {"candidates": [], "demand": [5]}


def test_lscp_covers_what_can_be_covered(files):
    result, answer = siting(files, "lscp", "--limit-m", "402")
    assert result.exit_code == 0
    assert (answer["sites"], answer["objective"], answer["status"]) == (["a", "b", "c"], 3.0, "optimal")
    assert answer["uncoverable"]["ids"] == [5]


def test_p_median_walks_along_the_streets(files):
    _, answer = siting(files, "p_median", "--p", "2")
    walked = {"a": [10, 350, 805, 800], "b": [410, 50, 405, 400], "c": [810, 450, 5, 800]}
    best = min(
        (np.minimum(walked[one], walked[other]) @ [50, 20, 30, 40], [one, other])
        for one, other in (("a", "b"), ("a", "c"), ("b", "c"))
    )
    assert answer["objective"] == pytest.approx(best[0])
    assert answer["sites"] == best[1]
    assert answer["mean_m"] == pytest.approx(best[0] / 140)


def test_p_center_shortens_the_longest_walk(files):
    _, answer = siting(files, "p_center", "--p", "2")
    assert answer["objective"] == pytest.approx(405.0)
    assert answer["sites"] == ["a", "b"]


def test_straight_lines_need_no_street(files):
    _, answer = siting(files, "p_center", "--p", "1", "--metric", "straight_line")
    # (3000, 3000) has no street within 500 m, but a bee line to every candidate.
    assert answer["uncoverable"]["count"] == 0
    assert answer["unsnapped"] == {"candidates": 0, "demand": 0}
    assert answer["sites"] == ["c"]
    assert answer["objective"] == pytest.approx(np.hypot(2100, 3000))


def test_kept_hubs_are_sites_and_count(files):
    _, answer = siting(files, "mclp", "--p", "2", "--limit-m", "402", "--keep", files["keep"])
    # The kept hub covers 4, so a (1 and 2) beats b.
    assert answer["sites"] == ["a", "old"]
    assert answer["objective"] == 110.0


def test_a_kept_hub_may_be_one_of_the_candidates(files):
    _, answer = siting(files, "mclp", "--p", "1", "--limit-m", "402", "--keep", files["known"])
    assert (answer["sites"], answer["objective"]) == (["c"], 30.0)


def test_more_sites_than_candidates_is_said_clearly(files):
    result, answer = siting(files, "mclp", "--p", "9", "--limit-m", "402")
    assert result.exit_code == 1
    assert (answer["status"], answer["reason"]) == ("infeasible", "hubs.p_exceeds_candidates")
    assert (answer["sites"], answer["objective"], answer["gap"]) == ([], None, None)


@pytest.mark.parametrize(
    "more",
    [
        ("mclp", "--limit-m", "402"),
        ("mclp", "--p", "2"),
        ("lscp",),
        ("lscp", "--limit-m", "0"),
        ("p_center", "--p", "0"),
        ("p_median", "--p", "1", "--time-limit-s", "-1"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(files, more):
    result, _ = siting(files, *more)
    assert result.exit_code == 2


def test_the_table_says_the_same(files):
    given = ["--network", files["network"], "--candidates", files["candidates"], "--demand", files["demand"]]
    result = CliRunner().invoke(app, ["siting", "--method", "lscp", *given, "--limit-m", "402", "--p", "3"])
    assert result.exit_code == 0
    assert "a b c" in result.stdout
    assert "--p" in result.stderr
