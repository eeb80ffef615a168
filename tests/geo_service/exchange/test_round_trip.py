"""Every format, every kind of value and place: what is read again is what was written, or it was refused by a reason."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geo_service.exchange.refusals import NotExportable
from geo_service.exchange.writing import Export, write_features
from tests.geo_service.exchange.test_formats import DATES_ARE_TEXT, EMPTY_IS_NULL, ENDINGS, _back

PLACE = shapely.Point(110.25, 20.5)
ALL_IS_TEXT = {".csv", ".xlsx"}
NO_NAN = {".gpkg", ".geojson", ".geojsonl", ".xlsx"}
NO_ZERO_BYTE = {".gpkg", ".geojson", ".geojsonl", ".fgb", ".csv"}
ROUNDED_UP = 1.797693134862315e308
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

anything = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \t\n\r\u3000\u200b\0\x01\ufffe😀琼"),
    max_size=12,
)
texts = (
    st.none()
    | anything
    | anything.map(lambda said: f" {said} ")
    | st.sampled_from(
        [
            "",
            " ",
            "[1, 2]",
            '{"a":1}',
            "null",
            "NaN",
            "true",
            "007",
            "1e5",
            "'=1",
            "=1+1",
            "_x0041_",
            '"',
            "é\u0301",
        ]
    )
)
integers = st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-(2**53), 2**53)
floats = st.none() | st.floats(width=64) | st.sampled_from([-0.0, 5e-324, 1e308, 0.1])
moments = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 -- made UTC here
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)
nested = st.none() | st.fixed_dictionaries(
    {
        "名": st.none() | st.text("ab路😀", max_size=3),
        "n": st.none() | st.lists(st.integers(0, 9), max_size=2),
    }
)
record = pa.struct([("名", pa.string()), ("n", pa.list_(pa.int64()))])


def _there_and_back(ending: str, values: Any, shapes: Any = None) -> list[dict[str, Any]] | str:
    """Return the rows as they are read again, or the reason why they were not written; a file is there or it is not."""
    places = np.full(len(values), PLACE, dtype=object) if shapes is None else shapes
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        batch = {"row": list(range(len(values))), "v": values, "geometry": places}
        try:
            write_features(path, [batch], export=Export(layer="drawn"))
        except NotExportable as refused:
            assert list(Path(folder).iterdir()) == []
            return str(refused.facts["reason"])
        return _back(path)


def _values(ending: str, values: Any) -> list[Any] | str:
    back = _there_and_back(ending, values)
    return back if isinstance(back, str) else [row["v"] for row in back]


@pytest.mark.parametrize("ending", ENDINGS)
@FEW
@given(said=st.lists(texts, min_size=1, max_size=5))
@example(said=["a\0b"])
@example(said=["[1,2]", None, ""])
def test_text(ending: str, said: list[str | None]) -> None:
    found = _values(ending, pa.array(said, pa.string()))
    whole = "".join(filter(None, said))
    if found == "zero_byte":
        assert ending in NO_ZERO_BYTE
        assert "\0" in whole
    elif found == "character_not_in_xml":
        assert ending == ".kml"
    else:
        assert found == [None if ending in EMPTY_IS_NULL and text == "" else text for text in said]
        assert ending not in NO_ZERO_BYTE or "\0" not in whole


@pytest.mark.parametrize("ending", ENDINGS)
@FEW
@given(numbers=st.lists(integers, min_size=1, max_size=5))
@example(numbers=[2**63 - 1, -(2**63), None])
@example(numbers=[2**53, -(2**53)])
def test_whole_numbers(ending: str, numbers: list[int | None]) -> None:
    found = _values(ending, pa.array(numbers, pa.int64()))
    if found == "integer_too_large":
        assert ending in {".xlsx", ".geojson", ".geojsonl"}
        assert max(abs(number or 0) for number in numbers) > (2**53 if ending == ".xlsx" else 2**63 - 2)
    else:
        assert found == [None if n is None else str(n) if ending in ALL_IS_TEXT else n for n in numbers]


@pytest.mark.parametrize("ending", ENDINGS)
@FEW
@given(numbers=st.lists(floats, min_size=1, max_size=5))
@example(numbers=[math.nan, 1.5])
@example(numbers=[math.inf])
@example(numbers=[-0.0, 1.5])
def test_numbers(ending: str, numbers: list[float | None]) -> None:
    found = _values(ending, pa.array(numbers, pa.float64()))
    if found == "number_not_finite":
        assert ending in NO_NAN
        assert not all(number is None or math.isfinite(number) for number in numbers)
        return
    for back, number in zip(found, numbers, strict=True):
        if number is None:
            assert back is None
            continue
        read = float(back)
        if math.isnan(number):
            assert math.isnan(read)
        elif ending == ".xlsx":
            # Sixteen digits of the largest numbers there are may round up to none.
            assert read == pytest.approx(number, rel=1e-15) or abs(number) > ROUNDED_UP
        else:
            assert read == number
            assert ending == ".gpkg" or math.copysign(1, read) == math.copysign(1, number)


@pytest.mark.parametrize("ending", ENDINGS)
@FEW
@given(truths=st.lists(st.none() | st.booleans(), min_size=1, max_size=4))
def test_truths(ending: str, truths: list[bool | None]) -> None:
    found = _values(ending, pa.array(truths, pa.bool_()))
    assert found == [
        None if t is None else str(t).lower() if ending in ALL_IS_TEXT else t for t in truths
    ] or (ending == ".csv" and found == [None if t is None else str(t) for t in truths])


@pytest.mark.parametrize("ending", ENDINGS)
@FEW
@given(instants=st.lists(moments, min_size=1, max_size=4))
def test_instants_to_the_millisecond(ending: str, instants: list[datetime | None]) -> None:
    """A FlatGeobuf says no zone: what comes back is UTC."""
    found = _values(ending, pa.array(instants, pa.timestamp("us", "UTC")))
    for back, instant in zip(found, instants, strict=True):
        read = datetime.fromisoformat(back) if isinstance(back, str) else back
        assert isinstance(back, str) is (instant is not None and ending in DATES_ARE_TEXT)
        assert (read and read.replace(tzinfo=read.tzinfo or UTC)) == instant


@pytest.mark.parametrize("ending", ENDINGS)
@FEW
@given(records=st.lists(nested, min_size=1, max_size=4))
def test_records_in_records(ending: str, records: list[dict[str, Any] | None]) -> None:
    found = _values(ending, pa.array(records, record))
    assert [json.loads(each) if isinstance(each, str) else each for each in found] == records
    assert ending == ".parquet" or not any(isinstance(each, dict) for each in found)


# To the ninth decimal, which is all that GeoJSON keeps; each last bit is tried in `test_formats`.
HERE = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(lambda at: (round(at[0], 9), round(at[1], 9)))
MAKE: dict[str, Callable[..., Any]] = {
    "Point": lambda a, *_: shapely.Point(a),
    "LineString": lambda a, b, _: shapely.LineString([a, b]),
    "Polygon": lambda a, b, c: shapely.Polygon([a, b, c]),
    "MultiPoint": lambda a, b, _: shapely.MultiPoint([a, b]),
    "MultiLineString": lambda a, b, c: shapely.MultiLineString([[a, b], [b, c]]),
    "MultiPolygon": lambda a, b, c: shapely.MultiPolygon([shapely.Polygon([a, b, c])]),
    "GeometryCollection": lambda a, b, _: shapely.GeometryCollection(
        [shapely.Point(a), shapely.LineString([a, b])]
    ),
}
corners = st.tuples(HERE, HERE, HERE).filter(
    lambda three: min(math.dist(three[a], three[b]) for a, b in ((0, 1), (0, 2), (1, 2))) > 1e-6
)


@st.composite
def placed(draw) -> Any:
    kind = draw(st.sampled_from([*MAKE, "none", "empty"]))
    if kind == "none":
        return None
    if kind == "empty":
        return shapely.from_wkt(f"{draw(st.sampled_from(list(MAKE))).upper()} EMPTY")
    shape = MAKE[kind](*draw(corners))
    return shapely.force_3d(shape, draw(st.floats(-500, 9000))) if draw(st.booleans()) else shape


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(shapes=st.lists(placed(), min_size=1, max_size=4))
@example(shapes=[PLACE, shapely.Point(1, 2, 3)])
@example(shapes=[shapely.LineString([(180, 0), (180, 1)]), shapely.LineString([(179, 0), (-179, 1)])])
@example(shapes=[shapely.Polygon([(0, -1), (0, 0), (1e-9, 1)]), shapely.Point(0, 0, 0.0008999999999999999)])
def test_places(ending: str, shapes: list[Any]) -> None:
    """Where a format knows no empty place, none comes back; FlatGeobuf refuses heights."""
    found = _there_and_back(ending, list(range(len(shapes))), np.array([*shapes, None], dtype=object)[:-1])
    if found == "place_with_height":
        assert ending == ".fgb"
        assert any(shape is not None and shape.has_z for shape in shapes)
        return
    # GDAL writes nine places, and drops what stands behind six noughts; well-known text has sixteen.
    near = 1e-7 if "json" in ending else {".xlsx": 1e-12, ".csv": 1e-16}.get(ending, 0.0)
    for row, shape in zip(found, shapes, strict=True):
        back = row["geometry"]
        if shape is None or shape.is_empty:
            assert back is None or (back.is_empty and shape is not None)
            continue
        assert (back.geom_type, back.has_z) == (shape.geom_type, shape.has_z)
        # Rings may be turned, as RFC 7946 wants them, and a sliver's other way round when its places were rounded.
        assert len(shapely.get_coordinates(back)) == len(shapely.get_coordinates(shape))
        assert shapely.equals_exact(back, shape, near) or shapely.hausdorff_distance(back, shape) <= 2 * near
        if shape.has_z:
            heights = (shapely.get_coordinates(each, include_z=True)[:, 2] for each in (back, shape))
            assert np.allclose(*heights, atol=max(near, 1e-3 if "json" in ending else 0.0), rtol=0)


@pytest.mark.parametrize(
    ("ending", "values", "shape", "reason"),
    [
        (".zip", pa.array(["a\0b"]), PLACE, "zero_byte"),
        (".zip", pa.array([2**53 + 1]), PLACE, "integer_too_large"),
        (".zip", pa.array([math.nan]), PLACE, "number_not_finite"),
        (".zip", pa.array([b"\xff"]), PLACE, "bytes"),
        (".gpkg", pa.array([2**64 - 1], pa.uint64()), PLACE, "integer_too_large"),
        (".geojson", pa.array([1]), shapely.Point(math.inf, 1), "place_not_finite"),
        (".kml", pa.array([1]), shapely.Point(math.inf, 1), "place_not_finite"),
        (".geojsonl", pa.array([1]), shapely.from_wkt("POINT M (1 2 3)"), "measured_place"),
        (".fgb", pa.array([1]), shapely.Point(1, 2, 3), "place_with_height"),
    ],
)
def test_what_would_be_lost_without_a_word_is_refused(
    ending: str, values: Any, shape: Any, reason: str
) -> None:
    assert _there_and_back(ending, values, np.array([shape, None], dtype=object)[:1]) == reason


def test_a_shapefile_has_heights_everywhere_or_nowhere() -> None:
    deep = [shapely.Point(1, 2, 3), shapely.Point(1, 2, 4)]
    found = _there_and_back(".zip", [0, 1], np.array(deep, dtype=object))
    assert [row["geometry"].z for row in found] == [3, 4]
    assert _there_and_back(".zip", [0, 1], np.array([deep[0], PLACE], dtype=object)) == "place_with_height"
