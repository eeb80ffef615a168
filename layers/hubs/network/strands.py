"""Many lines as a few arrays, as a network is built from them; refuses to be anything but lines."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString

from layers.hubs.network.road_network import Floats, Integers, LongIntegers

_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False)
class Strands:
    """Lines without an object for each: 16 bytes a vertex and 12 a part, where a geometry takes some hundred.

    - `xy` float64 [k, 2]: vertices of all parts, one part after another
    - `offsets` int64 [p + 1]: where each part begins; `line` int32 [p]: which line it is of
    - `lines`: how many lines there are, also without any part
    """

    xy: Floats
    offsets: LongIntegers
    line: Integers
    lines: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all vertices that are numbers; NaN where there is none."""
        low, high = np.full(2, np.inf), np.full(2, -np.inf)
        for first in range(0, len(self.xy), _AT_ONCE):
            piece = self.xy[first : first + _AT_ONCE]
            low = np.fmin(low, np.fmin.reduce(piece, axis=0))
            high = np.fmax(high, np.fmax.reduce(piece, axis=0))
        if not np.isfinite(low).all():
            low = high = np.full(2, np.nan)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def move(self, way: Callable[[Floats], Floats]) -> None:
        """Bring the vertices elsewhere, in place."""
        for first in range(0, len(self.xy), _AT_ONCE):
            self.xy[first : first + _AT_ONCE] = way(self.xy[first : first + _AT_ONCE])


def strands_of(lines: Sequence[LineString | MultiLineString] | NDArray[np.object_]) -> Strands:
    """Take lines apart; heights are left out.

    >>> strands_of([LineString([(0, 5), (5, 5), (9, 5)]), LineString([(5, 0), (5, 9)])]).offsets.tolist()
    [0, 3, 5]
    """
    parts, line = shapely.get_parts(np.asarray(lines, dtype=object), return_index=True)
    counts = shapely.get_num_coordinates(parts).astype(np.int64)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    return Strands(shapely.get_coordinates(parts), offsets, line.astype(np.int32), len(lines))


def joined(pieces: Iterable[Strands]) -> Strands:
    """Return lines that came some at a time as one, in their order."""
    held = list(pieces)
    xy = np.empty((sum(len(piece.xy) for piece in held), 2))
    offsets = np.zeros(1 + sum(len(piece.line) for piece in held), np.int64)
    line = np.empty(len(offsets) - 1, np.int32)
    vertices = parts = lines = 0
    for piece in _let_go(held):
        xy[vertices : vertices + len(piece.xy)] = piece.xy
        offsets[parts + 1 : parts + 1 + len(piece.line)] = vertices + piece.offsets[1:]
        line[parts : parts + len(piece.line)] = lines + piece.line
        vertices, parts, lines = vertices + len(piece.xy), parts + len(piece.line), lines + piece.lines
    return Strands(xy, offsets, line, lines)


def _let_go(held: list[Strands]) -> Iterable[Strands]:
    """Give the pieces in their order and let each go."""
    held.reverse()
    while held:
        yield held.pop()
