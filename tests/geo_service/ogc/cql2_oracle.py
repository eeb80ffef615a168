"""CQL2 worked out by hand: a tree asked of plain rows with Shapely, and written as text; shares nothing with the service."""

import operator
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import shapely
from shapely.geometry import shape

Row = Mapping[str, Any]
COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
RECKONED: Final[Mapping[str, Callable[[Any, Any], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "div": lambda a, b: int(a / b),
    "%": lambda a, b: a - b * int(a / b),
    "^": operator.pow,
}
RELATED: Final = {
    f"s_{name}": getattr(shapely, name)
    for name in ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains")
}
# Allen's relations of a = [a1, a2] and b = [b1, b2], by how their ends stand: a1-b1, a1-b2, a2-b1, a2-b2.
TIMES: Final[Mapping[str, Callable[[Sequence[int]], bool]]] = {
    "t_after": lambda s: s[1] > 0,
    "t_before": lambda s: s[2] < 0,
    "t_disjoint": lambda s: s[1] > 0 or s[2] < 0,
    "t_intersects": lambda s: s[1] <= 0 and s[2] >= 0,
    "t_equals": lambda s: s[0] == 0 and s[3] == 0,
    "t_contains": lambda s: s[0] < 0 and s[3] > 0,
    "t_during": lambda s: s[0] > 0 and s[3] < 0,
    "t_starts": lambda s: s[0] == 0 and s[3] < 0,
    "t_startedBy": lambda s: s[0] == 0 and s[3] > 0,
    "t_finishes": lambda s: s[0] > 0 and s[3] == 0,
    "t_finishedBy": lambda s: s[0] < 0 and s[3] == 0,
    "t_meets": lambda s: s[2] == 0,
    "t_metBy": lambda s: s[1] == 0,
    "t_overlaps": lambda s: s[0] < 0 < s[2] and s[3] < 0,
    "t_overlappedBy": lambda s: s[0] > 0 > s[1] and s[3] > 0,
}
DAY: Final = timedelta(days=1) - timedelta(microseconds=1)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def value(tree: Any, row: Row) -> Any:  # noqa: PLR0911 -- a case a line
    """Return what a tree comes to for a row; None where it is unknown."""
    if not isinstance(tree, dict):
        return tree
    if "property" in tree:
        return row[tree["property"]]
    if "date" in tree:
        return date.fromisoformat(tree["date"])
    if "timestamp" in tree:
        return datetime.fromisoformat(tree["timestamp"])
    if "type" in tree:
        return shape(tree)
    if "bbox" in tree:
        west, south, east, north = tree["bbox"]
        sides = [(west, east)] if west <= east else [(west, 180), (-180, east)]
        return shapely.union_all([shapely.box(left, south, right, north) for left, right in sides])
    return _done(tree["op"], tree["args"], row)


def _done(op: str, args: list[Any], row: Row) -> Any:  # noqa: PLR0911 -- a case a line
    if op in {"and", "or"}:
        found = [value(each, row) for each in args]
        decided = op == "or"
        return decided if decided in found else None if None in found else not decided
    if op == "isNull":
        return value(args[0], row) is None
    if op in TIMES:
        return _timed(op, *(_span(each, row) for each in args))
    if op == "in":
        return _done("or", [{"op": "=", "args": [args[0], each]} for each in args[1]], row)
    if op == "between":
        sides = [{"op": ">=", "args": args[:2]}, {"op": "<=", "args": [args[0], args[2]]}]
        return _done("and", sides, row)
    given = [value(each, row) for each in args]
    if any(each is None for each in given):
        return None
    return _known(op, *given)


def _known(op: str, a: Any, b: Any = None) -> Any:  # noqa: PLR0911 -- a case a line
    if op == "not":
        return not a
    if op in COMPARED:
        return COMPARED[op](a, b)
    if op in RECKONED:
        return None if op in {"/", "div", "%"} and b == 0 else RECKONED[op](a, b)
    if op in RELATED:
        return bool(RELATED[op](a, b))
    if op == "casei":
        return unicodedata.normalize("NFC", a).casefold()
    if op == "accenti":
        plain = unicodedata.normalize("NFD", a)
        return "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(LETTERS)
    assert op == "like", op
    parts = re.findall(r"\\.|.", b, re.DOTALL)
    pattern = "".join({"%": ".*", "_": "."}.get(part) or re.escape(part.removeprefix("\\")) for part in parts)
    return re.fullmatch(pattern, a, re.DOTALL) is not None


LETTERS: Final = str.maketrans({"ø": "o", "Ø": "O", "ı": "i", "ł": "l", "Ł": "L"})


Span = tuple[datetime, datetime, bool]


def _span(tree: Any, row: Row) -> Span | None:
    """Return from when to when, and whether it is told in days alone."""
    ends = tree.get("interval", [tree, tree])
    found, by_day = [], True
    for end, open_end in zip(ends, (FIRST, LAST), strict=True):
        if end == "..":
            found.append((open_end, open_end))
            continue
        known = value({"timestamp" if "T" in end else "date": end} if isinstance(end, str) else end, row)
        if known is None:
            return None
        if isinstance(known, datetime):
            by_day = False
            found.append((known, known))
        else:
            start = datetime(known.year, known.month, known.day, tzinfo=UTC)
            found.append((start, start + DAY))
    return found[0][0], found[1][1], by_day


def _timed(op: str, a: Span | None, b: Span | None) -> bool | None:
    if a is None or b is None:
        return None
    ends = [each[:2] for each in (a, b)]
    if a[2] and b[2]:  # a day beside a day is an instant
        ends = [(start, end.replace(hour=0, minute=0, second=0, microsecond=0)) for start, end in ends]
    stand = [(x > y) - (x < y) for x in ends[0] for y in ends[1]]
    return TIMES[op](stand)


def text(tree: Any) -> str:  # noqa: C901, PLR0911 -- a case a line
    """Return a tree as CQL2 text."""
    if isinstance(tree, bool) or tree is None:
        return "NULL" if tree is None else str(tree).upper()
    if isinstance(tree, str):
        return "'" + tree.replace("'", "''") + "'"
    if isinstance(tree, list):
        return "(" + ", ".join(map(text, tree)) + ")"
    if not isinstance(tree, dict):
        return repr(tree)
    if "property" in tree:
        return '"' + tree["property"] + '"'
    for name in ("date", "timestamp"):
        if name in tree:
            return f"{name.upper()}('{tree[name]}')"
    if "interval" in tree:
        return f"INTERVAL{text(tree['interval'])}"
    if "bbox" in tree:
        return f"BBOX{text(tree['bbox'])}"
    if "type" in tree:
        return shapely.to_wkt(shape(tree), rounding_precision=-1)
    return _written(tree["op"], tree["args"])


def _written(op: str, args: list[Any]) -> str:  # noqa: PLR0911 -- a case a line
    parts = [text(each) for each in args]
    if op in {"and", "or"}:
        return "(" + f"\n {op} ".join(parts) + ")"
    if op == "not":
        return f"NOT ({parts[0]})"
    if op == "isNull":
        return f"{parts[0]} is null"
    if op == "between":
        return f"{parts[0]} Between {parts[1]} AND {parts[2]}"
    if op in COMPARED or op in RECKONED:
        return f"({parts[0]} {op} {parts[1]})"
    if op in {"like", "in"}:
        return f"{parts[0]} {op} {parts[1]}"
    return f"{op.upper()}({', '.join(parts)})"
