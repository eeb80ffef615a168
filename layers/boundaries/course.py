"""How far two courses of one line lie apart on the ground; says where, and never which of them is right."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from layers.geodesy import project_to_degrees, project_to_metres

STEP_DEG: Final = 0.0002
"""Straight stretches, straight in degrees as they are stored, are followed in steps of about 20 m."""

Course = BaseGeometry
"""A line, in one part or several."""


@dataclass(frozen=True, slots=True)
class Apart:
    """The Hausdorff distance of two courses (m) and where it is, in degrees of EPSG:4490."""

    metres: float
    lon: float
    lat: float


def courses_apart(one: Course, other: Course) -> Apart:
    """Return how far two courses lie apart at most: from each of one to the nearest of the other, both ways round.

    Both in degrees of EPSG:4490; taken in metres of the zone in which they lie, at the vertices and every
    `STEP_DEG` between them. A part that the other lacks counts with its distance to what the other has.
    """
    (first, second), crs = project_to_metres([shapely.segmentize(each, STEP_DEG) for each in (one, other)])
    metres, place = max(_farthest(first, second), _farthest(second, first), key=lambda found: found[0])
    degrees = project_to_degrees([place], crs)[0]
    return Apart(metres, degrees.x, degrees.y)


def _farthest(course: Course, other: Course) -> tuple[float, Point]:
    """Return the greatest distance from a place of a course to the other course, and the place; both in metres."""
    places = np.asarray(shapely.points(shapely.get_coordinates(course)), dtype=np.object_)
    pieces = [
        np.asarray(shapely.linestrings(np.stack([at[:-1], at[1:]], axis=1)), dtype=np.object_)
        for part in shapely.get_parts(other)
        if len(at := shapely.get_coordinates(part)) > 1
    ]
    tree = shapely.STRtree(np.concatenate(pieces))
    (asked, _), metres = tree.query_nearest(places, return_distance=True, all_matches=False)
    worst = int(np.argmax(metres))
    return float(metres[worst]), places[asked[worst]]
