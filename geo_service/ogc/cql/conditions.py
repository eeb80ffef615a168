"""Conditions of CQL2: logic, comparison, LIKE, BETWEEN, IN, IS NULL, and those of space, time and arrays."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from geo_service.ogc.cql import spatial, temporal
from geo_service.ogc.cql.scalars import arguments, as_kind, term
from geo_service.ogc.cql.terms import Kind, Question, Term
from geo_service.ogc.refusals import FilterInvalid

COMPARED: Final = frozenset({"=", "<>", "<", ">", "<=", ">="})
ORDERED: Final = frozenset({Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP})
ARRAYS: Final[Mapping[str, str]] = {
    "a_equals": "({a} @> {b} AND {a} <@ {b})",
    "a_contains": "({a} @> {b})",
    "a_containedby": "({a} <@ {b})",
    "a_overlaps": "({a} && {b})",
}
BY_CODE_POINT: Final = ' COLLATE "C"'
CUT_OFF: Final = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
"""A pattern whose last backslash escapes nothing: the database would notice only where a row comes that far."""


EMPTY: Final = Term("CAST(ARRAY[] AS text[])", Kind.TEXTS)


def condition(question: Question, node: Any) -> str:
    """Return the SQL of a condition. Raises `FilterInvalid` for a tree that is none, `PropertyUnknown`."""
    if isinstance(node, dict) and "op" in node:
        read = CONDITIONS.get(str(node["op"]).lower())
        if read is not None:
            return read(question, node)
    found = term(question, node)
    if found.kind is Kind.NULL:
        return "CAST(NULL AS boolean)"
    if found.kind is not Kind.BOOLEAN:
        raise FilterInvalid(reason="not_a_condition", found=str(node)[:200])
    return f"({found.sql})"


def _joined(question: Question, node: dict[str, Any]) -> str:
    given = arguments(node)
    if not given:
        raise FilterInvalid(reason="arguments", found=node["op"])
    word = str(node["op"]).upper()
    return "(" + f" {word} ".join(condition(question, each) for each in given) + ")"


def _negated(question: Question, node: dict[str, Any]) -> str:
    return f"(NOT {condition(question, arguments(node, 1)[0])})"


def _compared(question: Question, node: dict[str, Any]) -> str:
    left, right = (term(question, each) for each in arguments(node, 2))
    return _comparison(question, str(node["op"]), left, right)


def _comparison(question: Question, op: str, left: Term, right: Term) -> str:
    left, right = alike(question, left, right)
    # Equality is the same under every order of characters and can then use an index.
    by_order = left.kind is Kind.TEXT and op not in {"=", "<>"}
    order = BY_CODE_POINT if by_order else ""
    return f"({left.sql}{order} {op} {right.sql}{order})"


def alike(question: Question, left: Term, right: Term) -> tuple[Term, Term]:
    """Return two terms as one kind that can be compared. Raises `FilterInvalid`."""
    if left.kind is Kind.NULL:
        left = as_kind(question, left, Kind.TEXT if right.kind is Kind.NULL else right.kind)
    if left.kind is not right.kind:
        to_left = right.kind is Kind.NULL or (left.kind, right.kind) in {
            (Kind.TIMESTAMP, Kind.DATE), (Kind.DATE, Kind.TEXT), (Kind.TIMESTAMP, Kind.TEXT),
        }  # fmt: skip
        if to_left:
            right = as_kind(question, right, left.kind)
        else:
            left = as_kind(question, left, right.kind)
    if left.kind not in ORDERED:
        raise FilterInvalid(reason="not_comparable", found=str(left.kind))
    return left, right


def _like(question: Question, node: dict[str, Any]) -> str:
    left, right = (as_kind(question, term(question, each), Kind.TEXT) for each in arguments(node, 2))
    if isinstance(right.literal, str) and CUT_OFF.search(right.literal):
        raise FilterInvalid(reason="pattern", found=right.literal[:200])
    return f"({left.sql}{BY_CODE_POINT} LIKE {right.sql}{BY_CODE_POINT})"


def _between(question: Question, node: dict[str, Any]) -> str:
    value, low, high = (term(question, each) for each in arguments(node, 3))
    return f"({_comparison(question, '>=', value, low)} AND {_comparison(question, '<=', value, high)})"


def _in(question: Question, node: dict[str, Any]) -> str:
    value, members = arguments(node, 2)
    if not isinstance(members, list) or not members:
        raise FilterInvalid(reason="arguments", found="in")
    found = term(question, value)
    return (
        "(" + " OR ".join(_comparison(question, "=", found, term(question, each)) for each in members) + ")"
    )


def _is_null(question: Question, node: dict[str, Any]) -> str:
    return f"({term(question, arguments(node, 1)[0]).sql} IS NULL)"


def _spatial(question: Question, node: dict[str, Any]) -> str:
    left, right = (term(question, each) for each in arguments(node, 2))
    return spatial.related(str(node["op"]).lower(), left, right).sql


def _temporal(question: Question, node: dict[str, Any]) -> str:
    left, right = arguments(node, 2)
    return temporal.related(question, str(node["op"]).lower(), left, right).sql


def _array(question: Question, node: dict[str, Any]) -> str:
    left, right = (term(question, each) for each in arguments(node, 2))
    if left.literal == [] and right.kind is Kind.TEXTS:
        left = EMPTY
    elif right.literal == [] and left.kind is Kind.TEXTS:
        right = EMPTY
    if left.kind is not right.kind or left.kind not in {Kind.TEXTS, Kind.NUMBERS}:
        raise FilterInvalid(reason="not_an_array", found=f"{left.kind} – {right.kind}")
    return ARRAYS[str(node["op"]).lower()].format(a=left.sql, b=right.sql)


CONDITIONS: Final[Mapping[str, Callable[[Question, dict[str, Any]], str]]] = {
    "and": _joined,
    "or": _joined,
    "not": _negated,
    "like": _like,
    "between": _between,
    "in": _in,
    "isnull": _is_null,
    **dict.fromkeys(COMPARED, _compared),
    **dict.fromkeys(spatial.FUNCTIONS, _spatial),
    **dict.fromkeys(temporal.RELATIONS, _temporal),
    **dict.fromkeys(ARRAYS, _array),
}
