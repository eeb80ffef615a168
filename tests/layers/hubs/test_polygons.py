"""Areas agree with the table: no demand point on the wrong side, and districts share ground with nobody."""

import numpy as np
import pytest
import shapely
from shapely import LineString

from layers.hubs.coverage import catchments, nearest_hub
from layers.hubs.network import build_network, snap
from layers.hubs.polygons import clipped_to_discs, network_cells


@pytest.fixture(scope="module", params=["helsinki", "porto_alegre"])
def city(request, real_streets):
    network = build_network(real_streets(request.param))
    random = np.random.default_rng(12)
    low, high = network.node_xy.min(axis=0), network.node_xy.max(axis=0)
    home_xy, hub_xy = random.uniform(low, high, (500, 2)), random.uniform(low, high, (15, 2))
    homes, hubs = snap(network, home_xy, 300.0), snap(network, hub_xy, 300.0)
    return network, home_xy, homes, hubs, network_cells(network, home_xy, homes, off_road_m=80.0)


def test_no_demand_point_is_wrongly_in_or_out(city):
    network, home_xy, homes, hubs, cells = city
    reached = catchments(network, hubs, homes, 800.0)
    areas = cells.isochrones(hubs, 800.0)
    assert shapely.is_valid(areas).all()
    for hub, area in enumerate(areas):
        inside = np.flatnonzero(shapely.contains_xy(area, *home_xy.T))
        assert inside.tolist() == reached.indices[reached.indptr[hub] : reached.indptr[hub + 1]].tolist()
        assert area.is_empty == (not hubs.ok[hub])


def test_districts_are_exclusive_and_name_the_nearest_hub(city):
    network, home_xy, homes, hubs, cells = city
    districts = cells.districts(hubs)
    nearest = nearest_hub(network, hubs, homes)
    for hub, district in enumerate(districts):
        inside = np.flatnonzero(shapely.contains_xy(district, *home_xy.T))
        assert inside.tolist() == np.flatnonzero(nearest.origin == hub).tolist()
    some = districts[~shapely.is_empty(districts)]
    assert shapely.coverage_is_valid(some)
    assert shapely.union_all(some).area == pytest.approx(shapely.area(some).sum(), rel=1e-9)


def test_districts_up_to_a_limit_lie_in_the_isochrones(city):
    *_, hubs, cells = city
    for district, area in zip(cells.districts(hubs, 800.0), cells.isochrones(hubs, 800.0), strict=True):
        assert shapely.difference(district, area).area < 1e-3


def test_cells_are_a_coverage_and_keep_to_the_street(city):
    *_, cells = city
    assert shapely.is_valid(cells.shapes).all()
    assert shapely.coverage_is_valid(cells.shapes)
    xy, owner = shapely.get_coordinates(cells.shapes, return_index=True)
    point = shapely.centroid(cells.shapes)[owner]
    assert shapely.distance(shapely.points(xy), point).max() <= 2 * 80.0


def test_a_unit_clips_the_area(city):
    *_, hubs, cells = city
    low, high = cells.network.node_xy.min(axis=0), cells.network.node_xy.mean(axis=0)
    unit = shapely.box(*low, *high)
    whole, part = cells.isochrones(hubs, 800.0), cells.isochrones(hubs, 800.0, within=unit)
    assert shapely.area(part).sum() == pytest.approx(shapely.area(shapely.intersection(whole, unit)).sum())
    assert (shapely.difference(part, unit.buffer(1e-6)) == shapely.Polygon()).all()


def test_the_disc_cuts_a_cell_and_leaves_no_crack():
    cells = np.array([shapely.box(-1000, -1000, 0, 1000), shapely.box(0, -1000, 1000, 1000)])
    centres = np.array([[-30.0, 0.0], [30.0, 0.0]])
    cut = clipped_to_discs(cells, centres, 100.0)
    assert shapely.coverage_is_valid(cut)
    segment = np.arccos(0.3) - 0.3 * np.sqrt(1 - 0.09)  # of the circle of radius 1 beyond the border
    assert shapely.area(cut) == pytest.approx([1e4 * (np.pi - segment)] * 2, rel=0.01)
    assert shapely.get_num_geometries(shapely.coverage_union_all(cut)) == 1
    assert shapely.intersection(cut[0], cut[1]).length == pytest.approx(2 * np.sqrt(100**2 - 30**2))


def test_a_cell_wider_than_its_disc_becomes_the_disc():
    cut = clipped_to_discs(np.array([shapely.box(-500, -500, 500, 500)]), np.zeros((1, 2)), 10.0)
    assert cut[0].area == pytest.approx(np.pi * 100, rel=0.01)


def test_one_short_street():
    network = build_network([LineString([(0, 0), (10, 0)])])
    hub = snap(network, np.array([[5.0, 0.0]]))
    cells = network_cells(network)
    assert len(cells) == 2
    assert cells.isochrones(hub, 100.0)[0].contains(shapely.Point(5, 3))
    assert cells.isochrones(hub, 1.0)[0].is_empty
