"""Streets of a file as lines for the road network; refuses areas, points and files without streets.

Every line is a street that may be walked both ways, unless classes are named; `walkable` among them stands for all that
OpenStreetMap does not close to walkers, which is what the register of networks takes of an extract.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo_service.exchange.feature_source import Features, stream_features, taken_off_the_map
from layers.errors import InvalidInput
from layers.hubs.network.strands import Strands, joined, strands_of

# Ways of OpenStreetMap nobody walks: built for motors only, not built yet, or no way at all
# (wiki.openstreetmap.org, Key:highway and the access defaults by country for "foot").
NOT_WALKABLE: Final = frozenset({
    "abandoned", "bus_guideway", "busway", "construction", "demolished", "disused", "elevator", "motorway",
    "motorway_link", "no", "planned", "platform", "proposed", "raceway", "razed", "rest_area", "services",
})  # fmt: skip
LINEAR: Final = ("LineString",)
OSM_SUFFIXES: Final = (".pbf", ".osm")
CLASS_COLUMNS: Final = ("highway", "fclass", "class", "road_class")
WALKABLE: Final = "walkable"
"""Stands for every class but those that nobody walks, minding `foot` and `access` of an OSM file."""
_FORBIDDEN: Final = ('"foot"=>"no"', '"foot"=>"private"', '"access"=>"no"', '"area"=>"yes"')
_EXPRESSLY_ALLOWED: Final = ('"foot"=>"yes"', '"foot"=>"designated"', '"foot"=>"permissive"')


class NoStreets(InvalidInput):
    """The file has no line that may be walked. Facts: `file`, `features`, `classes`."""

    code = "hubs.no_streets"


class ClassColumnMissing(InvalidInput):
    """Classes are asked for, but no column tells the class of a line. Facts: `file`, `columns`."""

    code = "hubs.class_column_missing"


@dataclass(frozen=True, eq=False)
class StreetLines:
    """Lines of streets that may be walked both ways, in the CRS the file states.

    `left_out` counts the lines of the file that are no street to walk: closed to walkers, or of no class asked for.
    """

    lines: Strands
    crs: CRS | None
    left_out: int


def usual_classes(path: Path) -> tuple[str, ...] | None:
    """Return what the register takes of a file when nobody says: of an OSM file what may be walked, else every line."""
    return (WALKABLE,) if _is_osm(path) else None


def _is_osm(path: Path) -> bool:
    return path.name.lower().endswith(OSM_SUFFIXES)


def read_streets(
    path: Path,
    *,
    layer: str | None = None,
    classes: Collection[str] | None = None,
    crs: str | None = None,
    crs_wins: bool = False,
) -> StreetLines:
    """Read the streets of a file, of all its classes or of those named only.

    `crs` matters here where it is GCJ-02 or BD-09: such lines come at their place in WGS 84 when the file states
    no CRS or what is said wins; OpenStreetMap is in WGS 84 whatever map the points beside it were read off.
    Raises `NoStreets`, `ClassColumnMissing`, `FileUnreadable`.
    """
    asked: dict[str, Any] = {"layer": layer}
    if _is_osm(path):
        asked = {
            "layer": layer or "lines",
            "columns": ["highway", "other_tags"],
            "where": "highway IS NOT NULL",
        }
    pieces: list[Strands] = []
    seen = left_out = 0
    stated: CRS | None = None
    for read in stream_features(path, kinds=LINEAR, **asked):
        features = read
        if not _is_osm(path) and (crs_wins or read.crs is None):
            features = taken_off_the_map(read, crs, file=path.name)
        lines, closed = _streets(features, path, classes)
        pieces.append(strands_of(lines))
        seen, left_out, stated = seen + len(features.geometry), left_out + closed, features.crs
    streets = joined(pieces)
    if streets.lines == 0:
        raise NoStreets(file=path.name, features=seen, classes=sorted(classes or ()))
    return StreetLines(streets, stated, left_out)


def _streets(
    features: Features, path: Path, classes: Collection[str] | None
) -> tuple[NDArray[np.object_], int]:
    """Return the lines to walk, and how many are none."""
    walkable = np.ones(len(features.geometry), bool)
    if classes is not None:
        walkable = _walked(features, _class_of(features, path).astype(str), classes)
    kind = shapely.get_type_id(features.geometry)
    linear = np.isin(kind, (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING))
    drawn = linear & ~shapely.is_empty(features.geometry)
    return features.geometry[drawn & walkable], int((drawn & ~walkable).sum())


def _class_of(features: Features, path: Path) -> NDArray[np.object_]:
    for name in CLASS_COLUMNS:
        if name in features.columns:
            return features.columns[name]
    raise ClassColumnMissing(file=path.name, columns=list(features.columns)[:20])


def _walked(features: Features, kinds: NDArray[np.object_], classes: Collection[str]) -> NDArray[np.bool_]:
    named = np.asarray(np.isin(kinds, list(classes)))
    if WALKABLE not in classes:
        return named
    usual = ~np.isin(kinds, list(NOT_WALKABLE))
    tags = [str(tags) for tags in features.columns.get("other_tags", [""] * len(kinds))]
    allowed = np.array([any(tag in text for tag in _EXPRESSLY_ALLOWED) for text in tags], bool)
    forbidden = np.array([any(tag in text for tag in _FORBIDDEN) for text in tags], bool)
    return np.asarray(named | (usual & (allowed | ~forbidden)))
