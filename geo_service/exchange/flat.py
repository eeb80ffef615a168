"""Geometries without heights and measures; touches none that has neither, since making a copy of each costs the most."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray


def flat(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the geometries in two dimensions; the array that was given where all of them are."""
    raised = np.asarray(shapely.has_z(shapes)) | np.asarray(shapely.has_m(shapes))
    if not raised.any():
        return shapes
    lowered: Any = shapes.copy()
    lowered[raised] = shapely.force_2d(shapes[raised])
    return np.asarray(lowered, dtype=np.object_)
