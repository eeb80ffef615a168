"""A filter read into the tree that CQL2's JSON encoding defines; refuses what is too long or too deep.

Text is parsed by the library `cql2`. Its parser recurses without a bound, in compiled code, so a text of brackets alone
would end the process: whatever is longer than a page is parsed on a stack that holds every text of the length allowed.
"""

import json
import re
import threading
from typing import Any, Final, Literal

import cql2

from geo_service.ogc.refusals import FilterInvalid

Tree = Any
Language = Literal["cql2-text", "cql2-json"]

LONGEST: Final = 65_536
DEEPEST: Final = 100
SHORT: Final = 500
"""Characters that cannot nest deeper than any stack holds."""
STACK_BYTES: Final = 512 * 2**20
"""Measured: 60,000 characters of brackets need less; the system lends what is touched, until the thread ends."""
QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_stack_size = threading.Lock()


def read_filter(written: str, language: Language = "cql2-text") -> Tree:
    """Return the tree of a filter: dictionaries, lists and plain values. Raises `FilterInvalid`.

    >>> read_filter("name = '琼山'")
    {'op': '=', 'args': [{'property': 'name'}, '琼山']}
    """
    if len(written) > LONGEST:
        raise FilterInvalid(reason="too_long", found=len(written), most=LONGEST)
    if "\0" in written or "\\u0000" in written:
        raise FilterInvalid(reason="zero_byte")
    if language == "cql2-text" and _brackets(written) > DEEPEST:
        raise FilterInvalid(reason="too_deep", most=DEEPEST)
    tree = _json(written) if language == "cql2-json" else _text(written)
    if _deeper_than(tree, DEEPEST):
        raise FilterInvalid(reason="too_deep", most=DEEPEST)
    _refuse_half_characters(tree)
    return tree


def _json(written: str) -> Tree:
    try:
        return json.loads(written)
    except (ValueError, RecursionError) as error:
        raise FilterInvalid(reason="not_json", found=str(error)[:200]) from None


def _text(written: str) -> Tree:
    answer: list[Tree] = []

    def parse() -> None:
        try:
            answer.append(cql2.parse_text(written).to_json())
        except BaseException as error:  # noqa: BLE001 -- a panic of compiled code is no `Exception`
            answer.append(error)

    if len(written) <= SHORT:
        parse()
    else:
        with _stack_size:
            before = threading.stack_size(STACK_BYTES)
            try:
                thread = threading.Thread(target=parse, daemon=True)
                thread.start()
            finally:
                threading.stack_size(before)
        thread.join()
    if isinstance(answer[0], BaseException):
        raise FilterInvalid(reason="not_cql2", found=_place(str(answer[0]))) from None
    return answer[0]


def _brackets(written: str) -> int:
    """Return how deep brackets nest, outside of quotation marks."""
    depth = deepest = 0
    for sign in QUOTED.sub("", written):
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return deepest


def _place(said: str) -> str:
    """Return line and column where the parser stopped, without the grammar's inner names."""
    first = said.strip().splitlines()[0].strip() if said.strip() else ""
    return first.removeprefix("--> ")[:200]


def _refuse_half_characters(tree: Tree) -> None:
    """Raise `FilterInvalid` for a half of a surrogate pair: JSON can write one, no text can hold it."""
    try:
        json.dumps(tree, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise FilterInvalid(reason="half_character") from None


def _deeper_than(tree: Tree, most: int) -> bool:
    """Walk level by level, so that depth costs no stack."""
    level = [tree]
    for _ in range(most):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        ]
        if not level:
            return False
    return True
