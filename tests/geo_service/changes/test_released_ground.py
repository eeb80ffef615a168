"""A release by unit gives what meets the unit's own ground and no neighbours' line, on winding outlines of townships."""

from datetime import date
from uuid import uuid4

import geopandas
import pytest
import shapely
from geoalchemy2.shape import from_shape
from shapely import LineString, MultiLineString, Point, box

from geo_service.auth.acting import act_as
from geo_service.auth.officer import Officer, Role
from geo_service.exchange.refusals import NotExportable
from geo_service.operations.layer_files import write_layer
from geo_service.releases.requests import ground_of
from layers.boundaries.line_register import derive_on, refresh_outlines
from layers.boundaries.model import Level, UnitVersion
from layers.boundaries.register import establish
from layers.boundaries.tables import BoundaryLineRow
from layers.features import Box
from layers.hubs.register import add_hub
from layers.naming.model import NameKind
from layers.naming.register import NewName
from layers.naming.register import enter as enter_name
from tests.townships import Coverage, townships

pytestmark = pytest.mark.database
BEGAN, LATER, TODAY = date(2020, 1, 1), date(2024, 1, 1), date(2026, 11, 27)


def code(row: int, column: int) -> str:
    return f"9901{1 + row}{1 + column}"


@pytest.fixture
def ground(session) -> Coverage:
    """Sixteen winding counties of one city,."""
    coverage = townships(16)
    whole = shapely.union_all(list(coverage.units.values()))
    units = [
        UnitVersion("990000", "某省", Level.PROVINCE, BEGAN, "drawn"),
        UnitVersion("990100", "某市", Level.PREFECTURE, BEGAN, "drawn", parent_code="990000", geometry=whole),
    ]
    for row in range(4):
        for column in range(4):
            shape = coverage.cell(row, column)
            units.append(
                UnitVersion(code(row, column), f"县{row}{column}", Level.COUNTY, BEGAN, "drawn", parent_code="990100", geometry=shape)
            )  # fmt: skip
    establish(session, units, recorded_by="test")
    refresh_outlines(session)
    derive_on(session, BEGAN)
    return coverage


def given(session, tmp_path, layer: str, unit: str, on: date = TODAY) -> geopandas.GeoDataFrame:
    path = tmp_path / f"{layer}-{unit}-{on}.parquet"
    within = ground_of(session, unit, on)
    try:
        write_layer(
            session,
            layer,
            path,
            as_of=on,
            within=within,
            form="parquet",
            profile="condition_first",
            overwrite=True,
        )
    except NotExportable:
        return geopandas.GeoDataFrame({"code": [], "geometry": []})
    return geopandas.read_parquet(path)


def sides(frame: geopandas.GeoDataFrame) -> set[str]:
    return set(frame["unit_codes"])


def test_a_unit_is_given_its_own_lines_whole_and_none_of_its_neighbours(session, tmp_path, ground) -> None:
    everything = tmp_path / "all.parquet"
    write_layer(session, "lines", everything, as_of=TODAY, form="parquet", profile="condition_first")
    lines = geopandas.read_parquet(everything)
    for row in range(4):
        for column in range(4):
            mine = code(row, column)
            frame = given(session, tmp_path, "lines", mine)
            own = lines[lines["unit_codes"].str.contains(mine)]
            assert sides(frame) == set(own["unit_codes"]), mine
            assert set(frame.geometry.to_wkb()) == set(own.geometry.to_wkb())
    west, south, east, north = ground.cell(1, 1).bounds
    write_layer(
        session, "lines", tmp_path / "box.parquet", as_of=TODAY, within=Box(west, south, east, north),
        form="parquet", profile="condition_first",
    )  # fmt: skip
    rectangle = sides(geopandas.read_parquet(tmp_path / "box.parquet"))
    assert len(rectangle) > len(sides(given(session, tmp_path, "lines", code(1, 1))))  # what it gave away


def test_a_surveyed_line_is_given_where_it_runs_along_and_not_where_it_ends(
    session, tmp_path, ground
) -> None:
    """Lines of no code of the unit: one crosses it, one runs along it, one overshoots a tripoint by centimetres."""
    shape = ground.cell(1, 1)
    centre = shape.representative_point()
    south = LineString(ground.paths["h", 1, 1])
    corner = south.coords[0]
    over = LineString([(corner[0] - 0.01, corner[1] - 0.01), (corner[0] + 2e-7, corner[1] + 2e-7)])
    assert over.intersects(shape)
    crossing = LineString([(centre.x - 1, centre.y), (centre.x + 1, centre.y)])
    for number, line in enumerate((crossing, south, over)):
        session.add(
            BoundaryLineRow(
                line_code=f"88000{number}880009", level="county", name="外线", unit_codes=[f"88000{number}", "880009"],
                unit_ids=[uuid4(), uuid4()], length_m=1, derived=False, valid_from=BEGAN,
                geometry=from_shape(MultiLineString([line]), 4490),
            )
        )  # fmt: skip
    session.flush()
    found = {each for each in sides(given(session, tmp_path, "lines", code(1, 1))) if each.startswith("88")}
    assert found == {"880000;880009", "880001;880009"}


def test_tripoints_and_units_are_the_units_own(session, tmp_path, ground) -> None:
    mine = code(1, 1)
    frame = given(session, tmp_path, "tripoints", mine)
    assert len(frame) == 4
    assert all(mine in codes for codes in frame["unit_codes"])
    assert set(given(session, tmp_path, "boundaries", mine)["code"]) == {mine}
    below = {code(row, column) for row in range(4) for column in range(4)}
    assert set(given(session, tmp_path, "boundaries", "990100")["code"]) >= below
    assert "990000" not in set(given(session, tmp_path, "boundaries", "990100")["code"])


def test_hubs_and_names_by_where_they_stand(session, tmp_path, ground) -> None:
    shape, beside = ground.cell(1, 1), ground.cell(1, 2)
    for name, place in (("in", shape), ("out", beside)):
        point = place.representative_point()
        hub = {"code": name, "name": name, "status": "existing", "source": "drawn"}
        add_hub(session, hub, lon=point.x, lat=point.y, recorded_by="test")
    corner = Point(ground.paths["h", 1, 1][0])
    outside = ground.cell(0, 1).representative_point()
    named = {
        "穿境路": LineString([outside, shape.representative_point()]),
        "止界路": LineString([outside, corner]),
        "对岸区": box(*beside.representative_point().buffer(0.002).bounds),
        "本区": box(*shape.representative_point().buffer(0.002).bounds),
    }  # fmt: skip
    act_as(session, Officer(username="namer", roles=frozenset({Role.NAMING}), jurisdictions=frozenset({"*"})))
    for words, geometry in named.items():
        kind = NameKind.STREET if isinstance(geometry, LineString) else NameKind.COMMUNITY
        new = NewName(words, kind, code(1, 1), "990100", "drawn", BEGAN, geometry=geometry)
        enter_name(session, [new], recorded_by="test")
    assert set(given(session, tmp_path, "hubs", code(1, 1))["code"]) == {"in"}
    assert set(given(session, tmp_path, "names", code(1, 1))["name"]) == {"穿境路", "本区"}


def test_the_ground_is_that_of_the_day(session, tmp_path, ground) -> None:
    """A county that took its neighbour in has had two grounds."""
    whole = shapely.union(ground.cell(1, 1), ground.cell(1, 2))
    session.connection().exec_driver_sql(
        "UPDATE boundaries.administrative_unit SET valid_to = %s WHERE code IN (%s, %s)",
        (LATER, code(1, 1), code(1, 2)),
    )
    joined = UnitVersion(
        code(1, 1), "合县", Level.COUNTY, LATER, "drawn", parent_code="990100", geometry=whole
    )
    establish(session, [joined], recorded_by="test")
    derive_on(session, LATER)
    before, after = (sides(given(session, tmp_path, "lines", code(1, 1), day)) for day in (BEGAN, TODAY))
    assert f"{code(1, 1)};{code(1, 2)}" in before
    assert after == {";".join(sorted((code(1, 1), code(*each)))) for each in ((1, 0), (0, 1), (2, 1), (0, 2), (2, 2), (1, 3))}  # fmt: skip
