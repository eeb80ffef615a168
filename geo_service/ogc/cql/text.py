"""CQL2 text (OGC 21-065r2, annex B) to the tree of the JSON encoding: recursive descent by binding strength.

Every word is looked at once. A parser that tries one rule after another doubles its time with every bracket: a wrong text
of sixty characters then never ends.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from geo_service.ogc.cql.tokens import Sort, Token, stopped, tokens
from geo_service.ogc.cql.wkt import DIMENSIONS, KINDS, geometry
from geo_service.ogc.refusals import FilterInvalid

Tree = Any
DEEPEST: Final = 100

OR, AND, NOT, COMPARED, SUM, PRODUCT, POWER = range(1, 8)
COMPARISONS: Final = frozenset({"=", "<>", "!=", "<", ">", "<=", ">="})
INFIX: Final[Mapping[str, int]] = {
    "OR": OR, "AND": AND, **dict.fromkeys(COMPARISONS, COMPARED),
    **dict.fromkeys(("IS", "NOT", "LIKE", "BETWEEN", "IN"), COMPARED),
    "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT, "DIV": PRODUCT, "^": POWER,
}  # fmt: skip
CAPITAL: Final[Mapping[str, str]] = {
    name.lower(): name
    for name in ("t_finishedBy", "t_metBy", "t_overlappedBy", "t_startedBy", "a_containedBy")
}
ZEROS: Final = re.compile(r"\.?0+(?=Z\Z)")
LITERALS: Final[Mapping[str, Tree]] = {"TRUE": True, "FALSE": False, "NULL": None}


def read_text(written: str) -> Tree:
    """Return the tree of a text. Raises `FilterInvalid` for one that is no CQL2 or is nested too deep."""
    reader = Reader(written)
    try:
        tree = reader.expression(OR)
    except RecursionError:
        raise FilterInvalid(reason="too_deep", most=DEEPEST) from None
    if reader.here.sort is not Sort.END:
        raise reader.stopped()
    return tree


class Reader:
    """Where a text is being read."""

    def __init__(self, written: str) -> None:
        self._written = written
        self._tokens = tokens(written)
        self._at = 0
        self._depth = 0

    @property
    def here(self) -> Token:
        """The word that comes next."""
        return self._tokens[self._at]

    def stopped(self) -> FilterInvalid:
        """Return the refusal of the word that comes next."""
        return stopped(self._written, self.here.at)

    def take(self, *words: str) -> bool:
        """Go past the next word if it is one of these."""
        found = self.here.says(*words)
        self._at += found
        return found

    def need(self, *words: str) -> None:
        """Go past the next word, which has to be one of these. Raises `FilterInvalid`."""
        if not self.take(*words):
            raise self.stopped()

    def value(self, sort: Sort) -> Any:
        """Go past the next word, which has to be of that sort, and return what it says. Raises `FilterInvalid`."""
        if self.here.sort is not sort:
            raise self.stopped()
        self._at += 1
        return self._tokens[self._at - 1].value

    def number(self) -> float:
        """Go past a number with its sign. Raises `FilterInvalid`."""
        below = self.here.says("-")
        self.take("-", "+")
        found: float = self.value(Sort.NUMBER)
        return -found if below else found

    def deeper(self, read: Callable[[], Tree]) -> Tree:
        """Read what stands within brackets or behind NOT. Raises `FilterInvalid` at the hundredth within another."""
        if self._depth >= DEEPEST:
            raise FilterInvalid(reason="too_deep", most=DEEPEST)
        self._depth += 1
        found = read()
        self._depth -= 1
        return found

    def listed(self, read: Callable[[], Tree]) -> list[Tree]:
        """Read a list in brackets. Raises `FilterInvalid`."""
        self.need("(")
        if self.take(")"):
            return []
        found = [self.deeper(read)]
        while self.take(","):
            found.append(self.deeper(read))
        self.need(")")
        return found

    def anything(self) -> Tree:
        """Read a whole expression."""
        return self.expression(OR)

    def expression(self, weakest: int) -> Tree:
        """Read operators that bind at least so strongly, with what they join."""
        left = self._operand()
        while True:
            word = str(self.here.value).upper() if self.here.sort in {Sort.SIGN, Sort.NAME} else ""
            strength = INFIX.get(word, 0)
            if strength < weakest or not strength:
                return left
            left = self._joined(left, word, strength)

    def _joined(self, left: Tree, word: str, strength: int) -> Tree:
        self._at += 1
        if word in {"AND", "OR"}:
            parts = [*_same(word, left), *_same(word, self.expression(strength + 1))]
            while self.take(word):
                parts += _same(word, self.expression(strength + 1))
            return {"op": word.lower(), "args": parts}
        if strength == COMPARED and word not in COMPARISONS:
            return self._predicate(left, word)
        op = {"!=": "<>", "DIV": "div"}.get(word, word)
        return {"op": op, "args": [left, self.expression(strength + 1)]}

    def _predicate(self, left: Tree, word: str) -> Tree:
        if word == "IS":
            negated = self.take("NOT")
            self.need("NULL")
            return _negated_if({"op": "isNull", "args": [left]}, negated=negated)
        negated = word == "NOT"
        if negated:
            word = str(self.here.value).upper()
            self.need("LIKE", "BETWEEN", "IN")
        if word == "LIKE":
            args = [left, self.expression(SUM)]
        elif word == "BETWEEN":
            low = self.expression(SUM)
            self.need("AND")
            args = [left, low, self.expression(SUM)]
        else:
            args = [left, self.listed(self.anything)]
            if not args[1]:
                raise self.stopped()
        return _negated_if({"op": word.lower(), "args": args}, negated=negated)

    def _operand(self) -> Tree:
        here = self.here
        if here.sort in {Sort.NUMBER, Sort.STRING}:
            return self.value(here.sort)
        if here.sort is Sort.QUOTED:
            return {"property": self.value(Sort.QUOTED)}
        if here.sort is Sort.NAME:
            return self._named()
        if here.says("-", "+"):
            return self._signed()
        if here.says("("):
            found = self.listed(self.anything)
            return found[0] if len(found) == 1 else found
        raise self.stopped()

    def _signed(self) -> Tree:
        below = False
        while self.here.says("-", "+"):
            below ^= self.here.says("-")
            self._at += 1
        found = self._operand()
        if isinstance(found, int | float) and not isinstance(found, bool):
            return -found if below else found
        return {"op": "*", "args": [-1, found]} if below else found

    def _named(self) -> Tree:
        name: str = self.value(Sort.NAME)
        word = name.upper()
        if word in LITERALS:
            return LITERALS[word]
        if word == "NOT":
            return {"op": "not", "args": [self.deeper(lambda: self.expression(NOT))]}
        if word in {"AND", "OR"}:
            self._at -= 1
            raise self.stopped()
        if word in KINDS and self.here.says("(", *DIMENSIONS, "EMPTY"):
            return geometry(self, word)
        return self._called(name) if self.here.says("(") else {"property": name}

    def _called(self, name: str) -> Tree:
        lowered = name.lower()
        if lowered in {"date", "timestamp"}:
            self.need("(")
            written = self.value(Sort.STRING)
            self.need(")")
            return {lowered: _second(written)}
        if lowered == "interval":
            return {"interval": [_second(end) for end in self.listed(self.anything)]}
        if lowered == "bbox":
            return {"bbox": self.listed(self.number)}
        if lowered.startswith("a_"):
            return {"op": CAPITAL.get(lowered, lowered), "args": self.listed(self._array)}
        if lowered.startswith(("s_", "t_")) or lowered in {"casei", "accenti"}:
            name = CAPITAL.get(lowered, lowered)
        return {"op": name, "args": self.listed(self.anything)}

    def _array(self) -> Tree:
        """Read an argument of an array function: there even one value in brackets is an array."""
        return self.listed(self.anything) if self.here.says("(") else self.anything()


def _same(word: str, tree: Tree) -> list[Tree]:
    """Return what AND or OR joins; brackets around parts of the same word say nothing."""
    joined = isinstance(tree, dict) and tree.get("op") == word.lower()
    return tree["args"] if joined else [tree]


def _second(written: Tree) -> Tree:
    """Return a time without a fraction of zeros."""
    fraction = isinstance(written, str) and "." in written[19:]
    return ZEROS.sub("", written) if fraction else written


def _negated_if(tree: Tree, *, negated: bool) -> Tree:
    return {"op": "not", "args": [tree]} if negated else tree
