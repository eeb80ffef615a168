"""Ground split into overlapping parts answers what the whole answers, to the last metre."""

from collections.abc import Sequence

import numpy as np
import pytest
from shapely import LineString

from layers.hubs.coverage import (
    assess_walking,
    assess_walking_in_parts,
    catchments,
    catchments_in_parts,
)
from layers.hubs.coverage.parts import Part
from layers.hubs.network import RoadNetwork, build_network, snap
from layers.hubs.network.excerpt import excerpt


def here(work, parts: Sequence[Part]):
    return [work(part) for part in parts]


def city(seed: int, *, directed: bool = False) -> RoadNetwork:
    """A lattice of 40 × 40 blocks with a third of its streets gone, and an island far away."""
    chance = np.random.default_rng(seed)
    xy = np.stack(np.meshgrid(np.arange(41), np.arange(41)), axis=-1) * 150.0 + chance.normal(
        0, 20, (41, 41, 2)
    )
    lines = [LineString([xy[r, c], xy[r, c + 1]]) for r in range(41) for c in range(40)]
    lines += [LineString([xy[r, c], xy[r + 1, c]]) for r in range(40) for c in range(41)]
    kept = [line for line in lines if chance.random() > 0.33]
    kept.append(LineString([(20_000, 20_000), (20_400, 20_000)]))
    if not directed:
        return build_network(kept)
    factors = chance.choice([0.8, 1.0, 1.6, np.inf], (2, len(kept)), p=[0.2, 0.5, 0.2, 0.1])
    return build_network(kept, forward_factor=factors[0], backward_factor=factors[1])


def asked(network: RoadNetwork, seed: int, hubs: int = 12, homes: int = 900):
    chance = np.random.default_rng(seed + 100)
    places = chance.uniform(-300, 6300, (homes, 2))
    places[-2:] = [(20_200, 20_050), (40_000, 0)]  # on the island; nowhere
    stands = chance.uniform(0, 6000, (hubs, 2))
    return (
        snap(network, stands, 500),
        snap(network, places, 500),
        chance.integers(0, 900, homes).astype(float),
    )


@pytest.mark.parametrize("parts", [1, 2, 5, 16])
@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("limits", [(300.0,), (500.0, 1000.0, 2500.0)])
def test_parts_tell_what_the_whole_tells(parts: int, limits, *, directed: bool):
    network = city(parts, directed=directed)
    hubs, homes, weights = asked(network, parts)
    whole = assess_walking(network, hubs, homes, weights, limits)
    split = assess_walking_in_parts(here, network, hubs, homes, weights, limits_m=limits, parts=parts)
    assert split.total_weight == whole.total_weight
    for name in ("covered_weight", "hub_covered_weight", "hub_nearest_weight", "times_served"):
        np.testing.assert_array_equal(getattr(split, name), getattr(whole, name), err_msg=name)
    np.testing.assert_allclose(split.nearest.distance_m, whole.nearest.distance_m, atol=1e-6)
    np.testing.assert_array_equal(split.nearest.reached, whole.nearest.reached)
    near = whole.nearest.distance_m <= limits[-1]
    np.testing.assert_array_equal(split.nearest.origin[near], whole.nearest.origin[near])


@pytest.mark.parametrize("limit", [400.0, 3000.0, np.inf])
def test_every_pair_is_measured_once(limit: float):
    network = city(3, directed=True)
    hubs, homes, _ = asked(network, 3)
    whole = catchments(network, hubs, homes, limit)
    split = catchments_in_parts(here, network, hubs, homes, limit, parts=7)
    assert split.shape == whole.shape
    np.testing.assert_array_equal(split.indptr, whole.indptr)
    np.testing.assert_array_equal(split.indices, whole.indices)
    np.testing.assert_allclose(split.data, whole.data, atol=1e-6)


def test_a_part_is_smaller_than_the_whole():
    network = city(4)
    hubs, homes, weights = asked(network, 4)
    sizes = []

    def measured(work, parts: Sequence[Part]):
        sizes.extend(part.network.edge_count for part in parts)
        return here(work, parts)

    catchments_in_parts(measured, network, hubs, homes, 500.0, parts=16)
    assert len(sizes) == 16
    assert max(sizes) < network.edge_count / 3
    assert len(weights) == len(homes)


def test_a_hub_far_beyond_the_margin_is_found_by_looking_again():
    road = build_network([LineString([(0, 0), (30_000, 0)])])
    hubs, homes = snap(road, np.array([(29_900.0, 0)])), snap(road, np.array([(100.0, 0), (29_000, 0)]))
    split = assess_walking_in_parts(here, road, hubs, homes, np.ones(2), limits_m=500.0, parts=2)
    np.testing.assert_allclose(split.nearest.distance_m, [29_800, 900])


def test_no_hub_and_no_demand_are_answers_too():
    network = city(5)
    hubs, homes, weights = asked(network, 5)
    none = snap(network, np.empty((0, 2)))
    assert assess_walking_in_parts(
        here, network, none, homes, weights, limits_m=500.0, parts=3
    ).covered_weight == [0]
    assert (
        assess_walking_in_parts(here, network, hubs, none, np.empty(0), limits_m=500.0, parts=3).total_weight
        == 0
    )


def test_an_excerpt_keeps_streets_whole_and_points_on_them():
    network = city(6, directed=True)
    piece = excerpt(network, (1000, 1000, 2500, 2500))
    np.testing.assert_array_equal(piece.network.forward_m, network.forward_m[piece.edges])
    for mine, theirs in zip(piece.network.edge_shapes, network.edge_shapes[piece.edges], strict=True):
        assert mine.equals(theirs)
    _, homes, _ = asked(network, 6)
    brought, rows = piece.brought(homes)
    np.testing.assert_array_equal(piece.edges[brought.edge], homes.edge[rows])
    assert 0 < len(rows) < len(homes)
