"""CQL2 text as the grammar of the standard has it, and texts made to keep a parser busy for ever."""

from typing import Any

import pytest

from geo_service.ogc.cql import read_filter
from geo_service.ogc.refusals import FilterInvalid

A, B, C = ({"op": "=", "args": [{"property": name}, 1]} for name in "abc")
GEOM = {"property": "geom"}


def op(name: str, *args: Any) -> dict[str, Any]:
    return {"op": name, "args": list(args)}


def named(name: str) -> dict[str, str]:
    return {"property": name}


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        # strings: annex B, rule escapeQuote, and the requirement on escaping
        ("n = 'O''Brien'", op("=", named("n"), "O'Brien")),
        (r"n = 'O\'Brien'", op("=", named("n"), "O'Brien")),
        (r"n = 'a\tb\nc'", op("=", named("n"), "a\tb\nc")),
        (r"n LIKE '50\%\_\\n'", op("like", named("n"), r"50\%\_\\n")),
        (r"n = '\'", op("=", named("n"), "\\")),
        ("n = ''", op("=", named("n"), "")),
        # numbers
        ("n = .5", op("=", named("n"), 0.5)),
        ("n = 5.", op("=", named("n"), 5.0)),
        ("n = -1.5E-3", op("=", named("n"), -0.0015)),
        ("n = 9007199254740993", op("=", named("n"), 9007199254740993)),
        # names
        ("_n = 1", op("=", named("_n"), 1)),
        (":n = 1", op("=", named(":n"), 1)),
        ("区划.名称 = '琼山'", op("=", named("区划.名称"), "琼山")),
        ('"a ""b"" 区" = 1', op("=", named('a "b" 区'), 1)),
        ('"and" = 1 AND order = 1', op("and", op("=", named("and"), 1), op("=", named("order"), 1))),
        ("date = DATE('2022-04-16')", op("=", named("date"), {"date": "2022-04-16"})),
        ("point = 'x'", op("=", named("point"), "x")),
        # strength
        ("a=1 OR b=1 AND NOT c=1", op("or", A, op("and", B, op("not", C)))),
        ("NOT a=1 AND b=1", op("and", op("not", A), B)),
        ("(a=1 AND b=1) AND c=1", op("and", A, B, C)),
        ("n BETWEEN 1 AND 2 AND a=1", op("and", op("between", named("n"), 1, 2), A)),
        ("1 + 2*3^2 = n", op("=", op("+", 1, op("*", 2, op("^", 3, 2))), named("n"))),
        ("n - 1 - -2 = 0", op("=", op("-", op("-", named("n"), 1), -2), 0)),
        ("-n ^ 2 > 8 DIV 3", op(">", op("^", op("*", -1, named("n")), 2), op("div", 8, 3))),
        ("n\n  not\tIn (1)", op("not", op("in", named("n"), [1]))),
        # arrays
        ("A_EQUALS(n, ())", op("a_equals", named("n"), [])),
        ("a_containedby(('a'), n)", op("a_containedBy", ["a"], named("n"))),
        ("A_OVERLAPS((1, (2, 3)), n)", op("a_overlaps", [1, [2, 3]], named("n"))),
        # times
        (
            "T_MEETS(INTERVAL(a, '..'), INTERVAL('2005-01-10T01:01:01.500Z', b))",
            op(
                "t_meets",
                {"interval": [named("a"), ".."]},
                {"interval": ["2005-01-10T01:01:01.5Z", named("b")]},
            ),
        ),
        # geometries
        (
            "S_INTERSECTS(geom, POINT(1e1 -2.5E+0))",
            op("s_intersects", GEOM, {"type": "Point", "coordinates": [10.0, -2.5]}),
        ),
        (
            "s_within(geom, multipoint z((1 2 3), 4 5 6))",
            op("s_within", GEOM, {"type": "MultiPoint", "coordinates": [[1, 2, 3], [4, 5, 6]]}),
        ),
        (
            "S_TOUCHES(geom, LINESTRING M(0 0 9, 1 1 9))",
            op("s_touches", GEOM, {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}),
        ),
        (
            "S_EQUALS(GEOMETRYCOLLECTION(POLYGON EMPTY, POINT(1 2)), geom)",
            op(
                "s_equals",
                {
                    "type": "GeometryCollection",
                    "geometries": [
                        {"type": "Polygon", "coordinates": []},
                        {"type": "Point", "coordinates": [1, 2]},
                    ],
                },
                GEOM,
            ),
        ),
        ("S_CROSSES(geom, BBOX(-1,+2,3e0,4))", op("s_crosses", GEOM, {"bbox": [-1, 2, 3.0, 4]})),
        # functions
        ("Buffer(geom, 1, 'm') IS NULL", op("isNull", op("Buffer", GEOM, 1, "m"))),
        ("now() > n", op(">", op("now"), named("n"))),
    ],
)
def test_texts_are_read_as_the_grammar_has_them(written: str, tree: Any) -> None:
    assert read_filter(written) == tree


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("", "1:1"),
        ("a = ", "1:5"),
        ("a = 1 b", "1:7"),
        ("a =\n  = 1", "2:3"),
        ("a IN ()", "1:8"),
        ("a IS 1", "1:6"),
        ("a NOT = 1", "1:7"),
        ("a BETWEEN 1 OR 2", "1:13"),
        ("1a = 1", "1:2"),
        ("a = 'x", "1:5"),
        ("a = 1;", "1:6"),
        ("AND a = 1", "1:1"),
        ("S_INTERSECTS(geom, POINT(1))", "1:27"),
        ("S_INTERSECTS(geom, LINESTRING(0 0, 1))", "1:37"),
        ("a = DATE(b)", "1:10"),
    ],
)
def test_a_refusal_says_where_reading_stopped(written: str, place: str) -> None:
    with pytest.raises(FilterInvalid) as refused:
        read_filter(written)
    assert refused.value.facts == {"reason": "not_cql2", "found": place}


@pytest.mark.parametrize("depth", [40, 95, 30_000])
@pytest.mark.parametrize(
    ("opening", "middle", "closing"),
    [
        ("(", "a=1", ""),
        ("(", "a==1", ")"),
        ("(", "a=1 b", ")"),
        ("NOT (", "a LIKE 1 2", ")"),
        ("(a=1 AND ", "b=2", ""),
        ("(a=", "1", ""),
        ("f(", "1", ""),
        ("a IN (", "1", ""),
        ("CASEI(", "a", ""),
        ("A_EQUALS(a,(", "1,2", ""),
        ("GEOMETRYCOLLECTION(", "POINT(1 2)", ""),
        ("-(", "1", ""),
        ("INTERVAL(", "'..'", ""),
        ("'", "a b", ""),
        ("''", "'", ""),
        ("\\'", "'", ""),
        ('"', "a", ""),
        ("1^", "", ""),
        ("1 OR 1 AND 1 = 1 + 1 * 1 ^ (", "1 1", ")"),
    ],
)
def test_no_text_keeps_the_parser_busy(opening: str, middle: str, closing: str, depth: int) -> None:
    """Read one word after another, each once; a parser that goes back would not end before the night does."""
    depth = min(depth, 65_000 // max(len(opening) + len(closing), 1))
    with pytest.raises(FilterInvalid):
        read_filter(opening * depth + middle + closing * depth)
