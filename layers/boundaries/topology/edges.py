"""Edges of a coverage, and which of them are walked more often one way than the other.

Every ring is walked with its unit on the left, so the shared edge of two neighbours is walked once
each way and cancels. What is left over is the outer limit and the faults, and nothing else has to
be looked at: the number of units over a place only changes across a left-over edge.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.boundaries.topology.ground import Geometries

Numbers = NDArray[np.int64]
Places = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Edges:
    """Directed edges: `start` and `end` are rows of `places` (n, 2), `unit` lies on their left."""

    places: Places
    start: Numbers
    end: Numbers
    unit: Numbers

    @classmethod
    def of(cls, polygons: Geometries) -> Self:
        """Take the rings of valid (multi)polygons apart; equal coordinates become one place."""
        parts, part_unit = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        xy, vertex_ring = shapely.get_coordinates(rings, return_index=True)
        joined = xy[:, 0] + 1j * xy[:, 1]
        distinct, vertex = np.unique(joined, return_inverse=True)
        same_ring = vertex_ring[1:] == vertex_ring[:-1]
        start, end = vertex[:-1][same_ring], vertex[1:][same_ring]
        unit = part_unit[ring_part][vertex_ring[:-1][same_ring]]
        places = np.column_stack([distinct.real, distinct.imag])
        return cls(places, start, end, unit).only(start != end)

    def __len__(self) -> int:
        return len(self.start)

    def only(self, chosen: Flags | Numbers) -> Self:
        """Return the chosen edges over the same places."""
        return type(self)(self.places, self.start[chosen], self.end[chosen], self.unit[chosen])

    def with_more(self, more: "Edges") -> Self:
        """Return these edges and more of the same places."""
        joined = (
            np.concatenate([getattr(self, row), getattr(more, row)]) for row in ("start", "end", "unit")
        )
        return type(self)(self.places, *joined)

    def moved(self, new_place: Numbers) -> Self:
        """Return the edges with every place replaced by `new_place[place]`, vanished edges left out."""
        start, end = new_place[self.start], new_place[self.end]
        return type(self)(self.places, start, end, self.unit).only(start != end)

    def pair_keys(self) -> Numbers:
        """Return one number per edge, equal for the same two places in either direction."""
        low, high = np.minimum(self.start, self.end), np.maximum(self.start, self.end)
        return np.asarray(low * len(self.places) + high, dtype=np.int64)

    def left_over(self) -> Flags:
        """Return which edges are walked more often one way than the other."""
        _, group = np.unique(self.pair_keys(), return_inverse=True)
        sign = np.where(self.start < self.end, 1.0, -1.0)
        return np.asarray(np.bincount(group, weights=sign)[group] != 0, dtype=np.bool_)

    def lines(self) -> Geometries:
        """Return one straight LineString per edge."""
        ends = np.stack([self.places[self.start], self.places[self.end]], axis=1)
        return np.atleast_1d(np.asarray(shapely.linestrings(ends), dtype=np.object_))

    def at_ends(self, count_of_units: int) -> Numbers:
        """Return one number per end of an edge, naming its place and unit: place * units + unit."""
        return np.concatenate([self.start, self.end]) * count_of_units + np.tile(self.unit, 2)
