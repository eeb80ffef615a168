"""The tile matrix sets of the door, and where on the ground a tile of theirs lies."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from morecantile import Tile, TileMatrixSet
from morecantile import tms as every_tms
from morecantile.defaults import TileMatrixSets

NAMES: Final = ("WebMercatorQuad", "WorldCRS84Quad")
MATRIX_SETS: Final = TileMatrixSets({name: every_tms.get(name) for name in NAMES})


@dataclass(frozen=True, slots=True)
class Frame:
    """A tile's square in its CRS: the north-west corner and the side, in units of `srid`; `degrees` is the side at the equator."""

    srid: int
    left: float
    top: float
    size: float
    degrees: float


@dataclass(frozen=True, slots=True)
class _Matrix:
    first: Frame
    width: int
    height: int


def frame_of(matrix_set: str, z: int, x: int, y: int) -> Frame | None:
    """Return where a tile lies, None where there is no such tile."""
    matrix = _matrix(matrix_set, z)
    if matrix is None or not (0 <= x < matrix.width and 0 <= y < matrix.height):
        return None
    first = matrix.first
    left, top = first.left + x * first.size, first.top - y * first.size
    return Frame(first.srid, left, top, first.size, first.degrees)


@cache
def _set(name: str) -> TileMatrixSet:
    return MATRIX_SETS.get(name)


@cache
def _matrix(name: str, z: int) -> _Matrix | None:
    """Return a matrix and its first tile; the library takes longer to tell either than the database to make a tile."""
    if name not in NAMES or not 0 <= z <= _set(name).maxzoom:
        return None
    matrix = _set(name).matrix(z)
    box = _set(name).xy_bounds(Tile(0, 0, z))
    degrees = 360 / matrix.matrixWidth
    first = Frame(_set(name).crs.to_epsg() or 4326, box.left, box.top, box.right - box.left, degrees)
    return _Matrix(first, matrix.matrixWidth, matrix.matrixHeight)
