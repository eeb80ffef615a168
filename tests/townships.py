"""Synthetic township-like coverages of any size, and faults put into them at known places."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point, Polygon

from tests.grids import EAST_M, HAIKOU, NORTH_M

Path = NDArray[np.float64]
Key = tuple[str, int, int]
METRES = np.array([EAST_M, NORTH_M])


@dataclass
class Coverage:
    """`rows` x `columns` cells about 4 km wide; neighbours share winding lines vertex by vertex.

    `paths` are the lines in degrees: ("h", r, c) from node (r, c) east, ("v", r, c) from it north.
    """

    rows: int
    columns: int
    paths: dict[Key, Path]
    units: dict[str, MultiPolygon] = field(default_factory=dict)

    def code(self, row: int, column: int) -> str:
        return f"9901{row % 100:02d}{column:03d}"

    def ring(self, row: int, column: int, instead: dict[Key, Path] | None = None) -> Path:
        """Return the ring of a cell, counter-clockwise, with some of its lines replaced."""
        paths = self.paths | (instead or {})
        south, east = paths["h", row, column], paths["v", row, column + 1]
        north, west = paths["h", row + 1, column][::-1], paths["v", row, column][::-1]
        return np.concatenate([side[:-1] for side in (south, east, north, west)])

    def cell(self, row: int, column: int, instead: dict[Key, Path] | None = None) -> MultiPolygon:
        return MultiPolygon([Polygon(self.ring(row, column, instead))])

    def inner_lines(self) -> Iterator[tuple[Key, tuple[int, int], tuple[int, int]]]:
        """Yield (line, cell south of it, cell north of it) for lines between two rows."""
        for row in range(1, self.rows):
            for column in range(self.columns):
                yield ("h", row, column), (row - 1, column), (row, column)


def townships(count: int, *, seed: int = 7, vertices: int = 24, cell_m: float = 4_000.0) -> Coverage:
    """Return a coverage of about `count` units (a square number of them), the same for the same seed."""
    side = max(2, round(count**0.5))
    rng = np.random.default_rng(seed)
    nodes = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    nodes += rng.uniform(-0.15, 0.15, nodes.shape)  # indexed [row, column] -> (east, north) in cells
    paths: dict[Key, Path] = {}
    for row in range(side + 1):
        for column in range(side + 1):
            if column < side:
                paths["h", row, column] = _winding(nodes[row, column], nodes[row, column + 1], vertices, rng)
            if row < side:
                paths["v", row, column] = _winding(nodes[row, column], nodes[row + 1, column], vertices, rng)
    degrees = {key: np.round(path * cell_m / METRES + HAIKOU, 9) for key, path in paths.items()}
    coverage = Coverage(side, side, degrees)
    coverage.units = {
        coverage.code(row, column): coverage.cell(row, column)
        for row in range(side)
        for column in range(side)
    }
    return coverage


def _winding(start: Path, end: Path, vertices: int, rng: np.random.Generator) -> Path:
    along = np.linspace(0, 1, vertices + 2)[:, None]
    step = end - start
    wave = np.array([-step[1], step[0]])
    sway = sum(rng.uniform(-0.03, 0.03) / mode * np.sin(np.pi * mode * along) for mode in (1, 2, 3, 5, 8))
    return start + along * step + sway * wave


def bulged(path: Path, width_m: float, first: int, last: int) -> Path:
    """Return a line moved sideways by up to `width_m` (left of its walk) between two of its vertices."""
    metres = path * METRES
    step = metres[2:] - metres[:-2]
    left = np.column_stack([-step[:, 1], step[:, 0]]) / np.hypot(*step.T)[:, None]
    bulge = np.zeros(len(path))
    bulge[first : last + 1] = np.sin(np.linspace(0, np.pi, last - first + 1))
    moved = metres.copy()
    moved[1:-1] += left * width_m * bulge[1:-1, None]
    return np.where(bulge[:, None] != 0, np.round(moved / METRES, 9), path)


@dataclass(frozen=True)
class Injected:
    """A fault that was put in: its code, the units it concerns, a place in it."""

    code: str
    units: frozenset[str]
    place: Point


def inject(coverage: Coverage, seed: int) -> tuple[list[str], list[MultiPolygon], list[Injected]]:
    """Return codes and polygons of a coverage with one fault between every two rows that lie together.

    Widths reach from 10 cm to 40 m, and every fault lies between vertices that stay shared.
    """
    rng = np.random.default_rng(seed)
    units, extra, faults = dict(coverage.units), [], []
    touched: set[str] = set()
    for key, south, north in coverage.inner_lines():
        below, above = coverage.code(*south), coverage.code(*north)
        if {below, above} & touched:
            continue
        touched |= {below, above}
        kind = rng.choice(["gap", "overlap", "sliver", "unshared_vertex"])
        path, width = coverage.paths[key], float(rng.choice([0.1, 0.4, 1.5, 6.0, 40.0]))
        first = int(rng.integers(2, len(path) - 13))
        last = first + int(rng.integers(4, 11))
        if kind == "unshared_vertex":
            share = rng.uniform(0.2, 0.8)
            vertex = path[first] + share * (path[first + 1] - path[first])
            units[above] = coverage.cell(*north, {key: np.insert(path, first + 1, vertex, axis=0)})
            faults.append(Injected("boundary.unshared_vertex", frozenset({below, above}), Point(vertex)))
            continue
        # the northern unit's southern line moves north for a gap or strip, south for an overlap
        line = bulged(path, -width if kind == "overlap" else width, first, last)
        units[above] = coverage.cell(*north, {key: line})
        strip = Polygon([*path[first : last + 1], *line[first + 1 : last][::-1]])
        concerned = {below, above}
        if kind == "sliver":
            code = f"99{len(extra):07d}"
            extra.append((code, MultiPolygon([strip])))
            concerned.add(code)
        faults.append(Injected(f"boundary.{kind}", frozenset(concerned), strip.representative_point()))
    every = [*units.items(), *extra]
    order = rng.permutation(len(every))
    return [every[row][0] for row in order], [every[row][1] for row in order], faults
