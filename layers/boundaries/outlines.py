"""Thins outlines for the zooms of the map, neighbours together, so that they still meet (D17)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.geodesy import project_to_metres

WEB_MERCATOR: Final = 3857
WEB_MERCATOR_PIXEL_M: Final = 156_543.03392804097  # a pixel of zoom 0 at the equator, 256-pixel tiles


def thinned(
    outlines: Sequence[BaseGeometry], bands: Sequence[int]
) -> dict[int, tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.float64]]]:
    """Return band → (outlines, label points, label radii), all in EPSG:3857.

    `outlines` are polygons in EPSG:4490, shape (n,), of one level; an outline is thinned to about a quarter of a
    pixel of the band's highest zoom by Shapely's `coverage_simplify`, which moves a shared edge once. The
    last band is not thinned. The label stands at the centre of the largest circle inside the outline.
    """
    whole, _ = project_to_metres(outlines, WEB_MERCATOR)
    circles = shapely.maximum_inscribed_circle(_largest_parts(whole), tolerance=50.0)
    points, radii = shapely.get_point(circles, 0), shapely.length(circles)
    made = {}
    for band in bands:
        tolerance = WEB_MERCATOR_PIXEL_M / 2**band / 4  # a page draws a tile at twice its size
        shapes = whole if band == bands[-1] else shapely.coverage_simplify(whole, tolerance)
        made[band] = (shapes, points, radii)
    return made


def _largest_parts(outlines: NDArray[np.object_]) -> NDArray[np.object_]:
    parts, owners = shapely.get_parts(outlines, return_index=True)
    order = np.lexsort((-shapely.area(parts), owners))
    first = np.unique(owners[order], return_index=True)[1]
    return np.asarray(parts[order][first], dtype=object)
