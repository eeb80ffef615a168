"""A filter read into the tree that CQL2's JSON encoding defines; refuses what is too long or too deep.

Whatever a text says, reading it takes time that grows with its length alone (`text`).
"""

import json
from typing import Any, Final, Literal

from geo_service.ogc.cql.text import DEEPEST, read_text
from geo_service.ogc.refusals import FilterInvalid

Tree = Any
Language = Literal["cql2-text", "cql2-json"]

LONGEST: Final = 65_536


def read_filter(written: str, language: Language = "cql2-text") -> Tree:
    """Return the tree of a filter: dictionaries, lists and plain values. Raises `FilterInvalid`.

    >>> read_filter("name = '琼山'")
    {'op': '=', 'args': [{'property': 'name'}, '琼山']}
    """
    if len(written) > LONGEST:
        raise FilterInvalid(reason="too_long", found=len(written), most=LONGEST)
    if "\0" in written or "\\u0000" in written:
        raise FilterInvalid(reason="zero_byte")
    tree = _json(written) if language == "cql2-json" else read_text(written)
    if _deeper_than(tree, DEEPEST):
        raise FilterInvalid(reason="too_deep", most=DEEPEST)
    _refuse_half_characters(tree)
    return tree


def _json(written: str) -> Tree:
    try:
        return json.loads(written)
    except (ValueError, RecursionError) as error:
        raise FilterInvalid(reason="not_json", found=str(error)[:200]) from None


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
