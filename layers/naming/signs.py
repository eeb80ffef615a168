"""Where the signs of a road stand and what they show; refuses ground that is not in metres (it cannot tell)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import atan2, cos, degrees, sin
from typing import Final

from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from layers.naming.spelling import spell

EAST_WEST: Final = 90.0
ONE_PLACE_WITHIN_M: Final = 30.0


class SignColour(StrEnum):
    """Ground of a street sign, white letters on it: blue runs east-west, green north-south (practice: Henan 2025)."""

    BLUE = "blue"
    GREEN = "green"


class SignPlace(StrEnum):
    """Why a sign stands where it stands."""

    START = "start"
    END = "end"
    CROSSING = "crossing"


@dataclass(frozen=True, slots=True)
class PlannedSign:
    """A sign: place in metres of the road's CRS, why there, bearing of the road there, colour, text, pinyin, arrows.

    `arrows` are the bearings in which the road goes on from the sign, degrees clockwise from north.
    """

    place: Point
    reason: SignPlace
    bearing: float
    colour: SignColour
    text: str
    pinyin: str
    arrows: tuple[float, ...]
    crossing: str = ""


def colour_of_bearing(bearing: float) -> SignColour:
    """Blue for a road nearer to east-west, green for one nearer to north-south; 45 degrees counts as east-west."""
    turn = abs((bearing - EAST_WEST + 90.0) % 180.0 - 90.0)
    return SignColour.BLUE if turn <= 45.0 else SignColour.GREEN


def main_bearing(line: LineString) -> float:
    """Bearing of a road as a whole, 0 to 180 degrees, its pieces weighed by their length."""
    doubled = [(2 * _radians(piece), _length(piece)) for piece in pairwise(line.coords)]
    east = sum(length * sin(angle) for angle, length in doubled)
    north = sum(length * cos(angle) for angle, length in doubled)
    return degrees(atan2(east, north)) / 2.0 % 180.0


def plan_signs(
    name: str,
    line: LineString,
    crossings: Iterable[tuple[str, BaseGeometry]],
    *,
    confirmed: Sequence[str] = (),
) -> tuple[PlannedSign, ...]:
    """Signs at both ends and at the main crossings (practice: a Guangdong city), in the order of the line.

    `crossings` are the main roads that may cross, by name. A crossing within 30 m of an end or of
    another sign gets no sign of its own (our default).
    """
    pinyin, colour = spell(name, confirmed=confirmed).sign, colour_of_bearing(main_bearing(line))
    stations: list[tuple[float, SignPlace, str]] = [
        (0.0, SignPlace.START, ""),
        (line.length, SignPlace.END, ""),
    ]
    for other, geometry in crossings:
        for place in _points(line.intersection(geometry)):
            station = line.project(place)
            if all(abs(station - taken) > ONE_PLACE_WITHIN_M for taken, _, _ in stations):
                stations.append((station, SignPlace.CROSSING, other))
    signs = []
    for station, reason, other in sorted(stations):
        bearing = _bearing_at(line, station)
        back = (bearing + 180.0) % 360.0
        arrows = {SignPlace.START: (bearing,), SignPlace.END: (back,)}.get(reason, (bearing, back))
        place = line.interpolate(station)
        signs.append(PlannedSign(place, reason, bearing % 180.0, colour, name, pinyin, arrows, other))
    return tuple(signs)


def _radians(piece: tuple[tuple[float, ...], tuple[float, ...]]) -> float:
    (x, y, *_), (to_x, to_y, *_) = piece
    return atan2(to_x - x, to_y - y)


def _length(piece: tuple[tuple[float, ...], tuple[float, ...]]) -> float:
    return Point(piece[0]).distance(Point(piece[1]))


def _points(shared: BaseGeometry) -> list[Point]:
    pieces = getattr(shared, "geoms", [shared])
    return [piece if isinstance(piece, Point) else piece.centroid for piece in pieces if not piece.is_empty]


def _bearing_at(line: LineString, station: float) -> float:
    before, after = (
        line.interpolate(max(0.0, station - 1.0)),
        line.interpolate(min(line.length, station + 1.0)),
    )
    return degrees(atan2(after.x - before.x, after.y - before.y)) % 360.0
