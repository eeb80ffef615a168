"""The outdoor task list of a joint inspection, made from the line itself; refuses to leave ground unvisited.

Every set of posts, every piece of line between two of them, every other mark: in the order in which the sides walk
the line (provincial-line joint inspection method art. 3; practice of a township line, point by point and segment by
segment).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shapely import LineString, Point, line_merge
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from layers.geodesy import ellipsoidal_length_m, project_to_degrees, project_to_metres
from layers.markers.model import Marker


class TaskKind(StrEnum):
    """What a task visits: posts, posts where three units meet, a piece of line, another mark."""

    MARKER = "marker"
    TRIPOINT = "tripoint"
    SEGMENT = "segment"
    OTHER_MARK = "other_mark"


class TaskItem(StrEnum):
    """What is looked at (method art. 3): observance, markers, objects, other marks, terrain, works across."""

    CONDITION = "condition"
    POSITION = "position"
    REFERENCE_OBJECTS = "reference_objects"
    INSCRIPTION = "inscription"
    PHOTOS = "photos"
    COMPARISON_WITH_FORM = "comparison_with_form"
    OBSERVANCE = "observance"
    TERRAIN_CHANGE = "terrain_change"
    CROSS_LINE_WORKS = "cross_line_works"
    ONE_SIDED_MARKS = "one_sided_marks"


_POSTS = (
    TaskItem.COMPARISON_WITH_FORM,
    TaskItem.CONDITION,
    TaskItem.INSCRIPTION,
    TaskItem.POSITION,
    TaskItem.REFERENCE_OBJECTS,
    TaskItem.PHOTOS,
)
CHECKLIST = {
    TaskKind.MARKER: _POSTS,
    TaskKind.TRIPOINT: _POSTS,
    TaskKind.SEGMENT: (
        TaskItem.OBSERVANCE,
        TaskItem.TERRAIN_CHANGE,
        TaskItem.CROSS_LINE_WORKS,
        TaskItem.ONE_SIDED_MARKS,
    ),
    TaskKind.OTHER_MARK: (TaskItem.CONDITION, TaskItem.POSITION, TaskItem.PHOTOS),
}


@dataclass(frozen=True, slots=True)
class OtherMark:
    """其他标志物: a mark other than a post that the agreement names; position in EPSG:4490 degrees."""

    code: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTask:
    """One stop of the walk: subject codes, place (EPSG:4490), metres along the line, who has to be there."""

    order: int
    kind: TaskKind
    subjects: tuple[str, ...]
    place: BaseGeometry
    along_m: float
    length_m: float
    sides: tuple[str, ...]

    @property
    def checklist(self) -> tuple[TaskItem, ...]:
        """Return what is looked at here."""
        return CHECKLIST[self.kind]


@dataclass(frozen=True, slots=True)
class _Stop:
    along: float
    kind: TaskKind
    subjects: tuple[str, ...]
    place: Point
    sides: tuple[str, ...]


def task_list(
    line: BaseGeometry,
    sides: Sequence[str],
    markers: Iterable[Marker],
    other_marks: Iterable[OtherMark] = (),
) -> tuple[JointTask, ...]:
    """Return the tasks of a line in walking order; `line` in EPSG:4490 degrees, lengths in metres on the ellipsoid.

    Posts of one set are one task; where three units meet it is a tripoint and all three have to come. The segments
    between the stops together are the whole line. A line in parts is walked part after part.
    """
    merged = line_merge(line) if line.geom_type == "MultiLineString" else line
    parts = list(getattr(merged, "geoms", [merged]))
    stops = _stops(markers, other_marks, tuple(sides))
    flat, crs = project_to_metres([*parts, *(stop.place for stop in stops)])
    flat_parts, flat_places = flat[: len(parts)], flat[len(parts) :]
    tasks: list[JointTask] = []
    walked = 0.0
    for part in flat_parts:
        here = [
            (float(part.project(place)), stop)
            for stop, place in zip(stops, flat_places, strict=True)
            if min(flat_parts, key=place.distance) is part
        ]
        for task in _walk(part, sorted(here, key=lambda item: item[0]), tuple(sides)):
            along, kind, subjects, place, task_sides = task
            in_degrees = place if isinstance(place, Point) else project_to_degrees([place], crs)[0]
            length_m = 0.0 if isinstance(place, Point) else ellipsoidal_length_m(in_degrees)
            tasks.append(
                JointTask(
                    order=len(tasks) + 1,
                    kind=kind,
                    subjects=subjects,
                    place=in_degrees,
                    along_m=walked + along,
                    length_m=length_m,
                    sides=task_sides,
                )
            )
        walked += part.length
    return tuple(tasks)


def _stops(
    markers: Iterable[Marker], other_marks: Iterable[OtherMark], sides: tuple[str, ...]
) -> list[_Stop]:
    sets: dict[str, list[Marker]] = {}
    for marker in markers:
        if marker.legal_position is not None:
            sets.setdefault(marker.set_code or marker.code, []).append(marker)
    stops = []
    for posts in sets.values():
        units = tuple(sorted({unit for post in posts for unit in post.unit_codes} | set(sides)))
        legal = [post.legal_position for post in posts if post.legal_position is not None]
        place = Point(sum(p.lon for p in legal) / len(legal), sum(p.lat for p in legal) / len(legal))
        kind = TaskKind.TRIPOINT if len(units) > 2 else TaskKind.MARKER
        stops.append(_Stop(0.0, kind, tuple(sorted(post.code for post in posts)), place, units))
    stops += [
        _Stop(0.0, TaskKind.OTHER_MARK, (mark.code,), Point(mark.lon, mark.lat), sides)
        for mark in other_marks
    ]
    return stops


Walked = tuple[float, TaskKind, tuple[str, ...], BaseGeometry, tuple[str, ...]]


def _walk(part: LineString, stops: Sequence[tuple[float, _Stop]], sides: tuple[str, ...]) -> list[Walked]:
    """Return stops and the pieces between them, along one part in metres; pieces are still in metres."""
    walked: list[Walked] = []
    begin, name = 0.0, "start"
    for at, stop in [*stops, (float(part.length), None)]:
        until = "end" if stop is None else stop.subjects[0]
        if at > begin:
            piece = substring(part, begin, at)
            walked.append((begin, TaskKind.SEGMENT, (name, until), piece, sides))
        if stop is not None:
            walked.append((at, stop.kind, stop.subjects, stop.place, stop.sides))
        begin, name = at, until
    return walked
