"""Voronoi cells cut off at a largest distance from their own point; refuses to open cracks between them.

The border of two cells is equally far from both points, so a circle about either cuts it in the same
place. That place is computed once for each border and given to both cells, bit for bit: what was a
coverage stays one, and can be united as one.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.hubs.network.road_network import Floats, LongIntegers, Shapes

_ARC_STEP = np.pi / 16


@dataclass(frozen=True)
class _Sides:
    """Directed sides [s] of convex cells, counter-clockwise: owner cell, both ends, the part kept."""

    cell: LongIntegers
    begin: Floats
    end: Floats


def clipped_to_discs(cells: Shapes, centres: Floats, radius_m: float) -> Shapes:
    """Cut convex cells [c] off at `radius_m` from their centres [c, 2]; the rest of a circle is 32 chords.

    Only cells that reach farther are touched. Metres of one plane.
    """
    result = cells.copy()
    xy, owner = shapely.get_coordinates(cells, return_index=True)
    farthest = np.zeros(len(cells))
    np.maximum.at(farthest, owner, np.hypot(*(xy - centres[owner]).T))
    far = np.flatnonzero(farthest > radius_m)
    if len(far):
        result[far] = _cut(shapely.orient_polygons(cells[far]), centres[far], radius_m)
    return result


def _cut(cells: Shapes, centres: Floats, radius_m: float) -> Shapes:
    whole = _sides(cells)
    kept = _within_discs(whole, centres, radius_m)
    xy, cell = _rings(kept, centres, radius_m) if len(kept.cell) else (kept.begin, kept.cell)
    untouched = np.setdiff1d(np.arange(len(cells)), kept.cell)
    circles = _circles(centres[untouched], radius_m)
    xy = np.concatenate((xy, circles.reshape(-1, 2)))
    cell = np.concatenate((cell, np.repeat(untouched, circles.shape[1])))
    order = np.argsort(cell, kind="stable")
    rings = shapely.linearrings(xy[order], indices=cell[order])
    return np.asarray(shapely.polygons(rings), dtype=object)


def _sides(cells: Shapes) -> _Sides:
    xy, owner = shapely.get_coordinates(cells, return_index=True)
    same = owner[1:] == owner[:-1]
    return _Sides(owner[:-1][same], xy[:-1][same], xy[1:][same])


def _within_discs(sides: _Sides, centres: Floats, radius_m: float) -> _Sides:
    """Return the part of every side within its cell's disc; computed once for both cells of a border."""
    turned = (sides.begin[:, 0] > sides.end[:, 0]) | (
        (sides.begin[:, 0] == sides.end[:, 0]) & (sides.begin[:, 1] > sides.end[:, 1])
    )
    low = np.where(turned[:, None], sides.end, sides.begin)
    high = np.where(turned[:, None], sides.begin, sides.end)
    _, first, border = np.unique(
        np.concatenate((low, high), axis=1), axis=0, return_index=True, return_inverse=True
    )
    centre = centres[sides.cell[first]]
    enter, leave = _chord(low[first], high[first], centre, radius_m)
    inside = (enter < leave)[border]
    near = _point(low[first], high[first], enter)[border]
    away = _point(low[first], high[first], leave)[border]
    begin, end = np.where(turned[:, None], away, near), np.where(turned[:, None], near, away)
    return _Sides(sides.cell[inside], begin[inside], end[inside])


def _chord(low: Floats, high: Floats, centre: Floats, radius_m: float) -> tuple[Floats, Floats]:
    """Share of the way from low to high where the circle is entered and left; entered after left if never."""
    run, back = high - low, low - centre
    a = np.einsum("ij,ij->i", run, run)
    b = np.einsum("ij,ij->i", run, back)
    discriminant = b * b - a * (np.einsum("ij,ij->i", back, back) - radius_m**2)
    root = np.sqrt(np.maximum(discriminant, 0.0))
    enter, leave = np.clip((-b - root) / a, 0.0, 1.0), np.clip((-b + root) / a, 0.0, 1.0)
    missed = discriminant <= 0
    enter[missed], leave[missed] = 1.0, 0.0
    return enter, leave


def _point(low: Floats, high: Floats, share: Floats) -> Floats:
    """Point at a share of the way; the ends themselves bit for bit."""
    between = low + (high - low) * share[:, None]
    between = np.where(share[:, None] <= 0, low, between)
    return np.asarray(np.where(share[:, None] >= 1, high, between))


def _rings(sides: _Sides, centres: Floats, radius_m: float) -> tuple[Floats, LongIntegers]:
    """Vertices of the cut cells in order: both ends of each side kept, and the arc to the next one."""
    following = np.arange(1, len(sides.cell) + 1)
    opens = np.flatnonzero(np.diff(sides.cell, prepend=-1))
    following[np.append(opens[1:], len(sides.cell)) - 1] = opens
    start = np.arctan2(*(sides.end - centres[sides.cell])[:, ::-1].T)
    stop = np.arctan2(*(sides.begin[following] - centres[sides.cell])[:, ::-1].T)
    gap = (sides.end != sides.begin[following]).any(axis=1)
    sweep = np.where(gap, (stop - start) % (2 * np.pi), 0.0)
    # A sweep of nearly a full turn is a step back by rounding, not an arc.
    sweep[sweep > 2 * np.pi - 1e-6] = 0.0
    inner = np.maximum(np.ceil(sweep / _ARC_STEP).astype(int) - 1, 0)
    counts = 2 + inner
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    angle = start[owner] + sweep[owner] * (place - 1) / (inner[owner] + 1)
    cell = sides.cell[owner]
    arc = centres[cell] + radius_m * np.stack((np.cos(angle), np.sin(angle)), axis=1)
    xy = np.where((place == 0)[:, None], sides.begin[owner], arc)
    xy = np.where((place == 1)[:, None], sides.end[owner], xy)
    fresh = np.ones(len(xy), bool)
    fresh[1:] = (cell[1:] != cell[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
    return xy[fresh], cell[fresh]


def _circles(centres: Floats, radius_m: float) -> NDArray[np.float64]:
    """Full circles [c, corners, 2] for cells that no border of theirs comes near."""
    angle = np.arange(0.0, 2 * np.pi, _ARC_STEP)
    return centres[:, None, :] + radius_m * np.stack((np.cos(angle), np.sin(angle)), axis=1)[None]
