"""Single values of CQL2: properties, literals, arithmetic, folding of case and accents, functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from geo_service.ogc.cql import spatial
from geo_service.ogc.cql.terms import TYPES, Kind, Question, Term
from geo_service.ogc.refusals import FilterInvalid

# Whole numbers too are reckoned with as real ones: nothing runs over that a filter may ask.
ARITHMETIC: Final[Mapping[str, str]] = {
    "+": "(CAST({a} AS double precision) + CAST({b} AS double precision))",
    "-": "(CAST({a} AS double precision) - CAST({b} AS double precision))",
    "*": "(CAST({a} AS double precision) * CAST({b} AS double precision))",
    "/": "(CAST({a} AS double precision) / nullif(CAST({b} AS double precision), 0))",
    "div": "div(CAST({a} AS numeric), nullif(CAST({b} AS numeric), 0))",
    "%%": "mod(CAST({a} AS numeric), nullif(CAST({b} AS numeric), 0))",
    "^": "power(CAST({a} AS double precision), CAST({b} AS double precision))",
}
# Folded like Unicode: up and down again, so that ß meets SS whatever the locale of the database; composed first.
FOLDED: Final = '(lower(upper(normalize({a}, NFC) COLLATE "und-x-icu") COLLATE "und-x-icu") COLLATE "C")'
UNACCENTED: Final = '(unaccent(normalize({a}, NFC)) COLLATE "C")'


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a filter may call: SQL over its arguments, their kinds, and the kind of what comes out."""

    sql: str
    takes: tuple[Kind, ...]
    gives: Kind


FUNCTIONS: Final[Mapping[str, Function]] = {
    "lower": Function('lower({0} COLLATE "und-x-icu")', (Kind.TEXT,), Kind.TEXT),
    "upper": Function('upper({0} COLLATE "und-x-icu")', (Kind.TEXT,), Kind.TEXT),
    "char_length": Function("char_length({0})", (Kind.TEXT,), Kind.NUMBER),
    "abs": Function("abs({0})", (Kind.NUMBER,), Kind.NUMBER),
    "floor": Function("floor({0})", (Kind.NUMBER,), Kind.NUMBER),
    "ceil": Function("ceil({0})", (Kind.NUMBER,), Kind.NUMBER),
    "area_m2": Function("ST_Area(CAST({0} AS geography))", (Kind.GEOMETRY,), Kind.NUMBER),
    "length_m": Function("ST_Length(CAST({0} AS geography))", (Kind.GEOMETRY,), Kind.NUMBER),
    "distance_m": Function(
        "ST_Distance(CAST({0} AS geography), CAST({1} AS geography))",
        (Kind.GEOMETRY, Kind.GEOMETRY),
        Kind.NUMBER,
    ),
}
"""The office's own, listed at `/ogc/functions`; lengths and areas are those on the ellipsoid."""


def term(question: Question, node: Any) -> Term:
    """Return the value that a node of the tree stands for. Raises `FilterInvalid`, `PropertyUnknown`."""
    if isinstance(node, list):
        return array(question, node)
    if not isinstance(node, dict):
        return question.literal(node)
    for key, read in _LEAVES.items():
        if key in node:
            return read(question, node[key])
    if "op" in node:
        return _operation(question, node)
    if node.get("type") in spatial.GEOMETRY_TYPES:
        return spatial.geometry_literal(question, node)
    raise FilterInvalid(reason="node", found=str(node)[:200])


_LEAVES: Final[Mapping[str, Callable[[Question, Any], Term]]] = {
    "property": lambda question, name: question.property(name),
    "date": lambda question, written: question.day(written),
    "timestamp": lambda question, written: question.instant(written),
    "bbox": spatial.box_literal,
}


def arguments(node: dict[str, Any], count: int | None = None) -> list[Any]:
    """Return the arguments of an operation. Raises `FilterInvalid` when they are not as many as it takes."""
    found = node.get("args")
    if not isinstance(found, list) or (count is not None and len(found) != count):
        raise FilterInvalid(reason="arguments", found=str(node.get("op"))[:200])
    return found


def _operation(question: Question, node: dict[str, Any]) -> Term:
    from geo_service.ogc.cql.conditions import CONDITIONS, condition  # noqa: PLC0415 -- a condition is a value too

    name = str(node["op"])
    lowered = name.lower()
    if lowered in CONDITIONS:
        return Term(condition(question, node), Kind.BOOLEAN)
    if lowered.replace("%", "%%") in ARITHMETIC:
        return _calculated(question, lowered.replace("%", "%%"), arguments(node))
    if lowered in {"casei", "accenti"}:
        text = as_kind(question, term(question, arguments(node, 1)[0]), Kind.TEXT)
        return Term((FOLDED if lowered == "casei" else UNACCENTED).format(a=text.sql), Kind.TEXT)
    if lowered in FUNCTIONS:
        called = FUNCTIONS[lowered]
        given = [term(question, argument) for argument in arguments(node, len(called.takes))]
        sent = [as_kind(question, each, kind).sql for each, kind in zip(given, called.takes, strict=True)]
        return Term(called.sql.format(*sent), called.gives)
    raise FilterInvalid(reason="function_unknown", found=name[:200], functions=sorted(FUNCTIONS))


def _calculated(question: Question, op: str, given: list[Any]) -> Term:
    if not given or len(given) > 2:
        raise FilterInvalid(reason="arguments", found=op)
    terms = [as_kind(question, term(question, each), Kind.NUMBER).sql for each in given]
    if len(terms) == 1:
        if op not in {"-", "+"}:
            raise FilterInvalid(reason="arguments", found=op)
        return Term(f"({op} {terms[0]})", Kind.NUMBER)
    return Term(ARITHMETIC[op].format(a=terms[0], b=terms[1]), Kind.NUMBER)


def as_kind(question: Question, found: Term, kind: Kind) -> Term:
    """Return a term as another kind where that loses nothing: NULL, a day as instant, a text that says a time.

    Raises `FilterInvalid` where the kinds do not fit.
    """
    if found.kind is kind:
        return found
    if found.kind is Kind.NULL and kind in TYPES:
        return Term(f"CAST(NULL AS {TYPES[kind]})", kind)
    if found.kind is Kind.DATE and kind is Kind.TIMESTAMP:
        return Term(f"CAST({found.sql} AS timestamptz)", kind)
    if found.kind is Kind.TEXT and isinstance(found.literal, str):
        if kind is Kind.DATE:
            return question.day(found.literal)
        if kind is Kind.TIMESTAMP:
            day = len(found.literal) == len("2022-04-16")
            return (
                as_kind(question, question.day(found.literal), kind)
                if day
                else question.instant(found.literal)
            )
    raise FilterInvalid(reason="kinds_differ", found=f"{found.kind} – {kind}")


def array(question: Question, items: list[Any]) -> Term:
    """Return an array of plain values, all of one kind, as SQL; an empty one fits any. Raises `FilterInvalid`."""
    terms = [term(question, item) for item in items]
    kinds = {each.kind for each in terms}
    if kinds <= {Kind.NUMBER}:
        joined = ", ".join(f"CAST({each.sql} AS double precision)" for each in terms)
        literal: list[Any] | None = None if items else []
        return Term(f"CAST(ARRAY[{joined}] AS double precision[])", Kind.NUMBERS, literal)
    if kinds <= {Kind.TEXT, Kind.DATE, Kind.TIMESTAMP, Kind.BOOLEAN}:
        joined = ", ".join(f"CAST({each.sql} AS text)" for each in terms)
        return Term(f"CAST(ARRAY[{joined}] AS text[])", Kind.TEXTS)
    raise FilterInvalid(reason="array", found=str(items)[:200])
