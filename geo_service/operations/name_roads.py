"""Rows of one name gathered into roads and places, each a new name; refuses to judge or to keep them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.operations.name_file import NameTerms, Piece
from layers.geodesy import project_to_metres
from layers.naming.model import NameKind
from layers.naming.parser import kind_of
from layers.naming.register import NewName

STREET_ENDINGS: Final = {"LineString", "MultiLineString"}
ONE_ROAD_WITHIN_M: Final = 200.0
NEAR_DEG: Final = 0.01
FEW: Final = 200


def gathered(
    pieces: Sequence[Piece], terms: NameTerms, *, source: str, on: date, crs: str
) -> Iterator[NewName]:
    """Gather the pieces that bear one name into roads, and give each as a new name.

    Rows whose lines lie within 200 m of each other are one road; rows that state different kinds are never one.
    """
    by_kind: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_kind[piece.says("kind")].append(piece)
    for kind, alike in by_kind.items():
        for group in _connected(alike):
            name = group[0].name
            first = next(
                (piece for piece in group if piece.says("origin") or piece.says("meaning")), group[0]
            )
            unit, authority = group[0].unit or ("", "")
            yield NewName(
                name,
                _kind(kind, name, group[0].ground, terms),
                unit,
                authority,
                source,
                terms.valid_from or on,
                reading=tuple(first.says("reading").split()),
                geometry=_whole([piece.ground for piece in group]),
                road_class=road_class(group[0]),
                aliases=tuple(filter(None, first.says("aliases").replace("；", ";").split(";"))),
                origin=first.says("origin"),
                meaning=first.says("meaning"),
                heritage=first.says("heritage") or None,
                original_geometry=group[0].original if len(group) == 1 else None,
                original_crs=crs if len(group) == 1 else None,
            )


def road_class(piece: Piece) -> str:
    """Return the class of a road as the register writes it."""
    given = piece.says("road_class").lower()
    return "".join(letter for letter in given if letter.isalpha() or letter == "_")[:30]


def _kind(given: str, name: str, ground: BaseGeometry, terms: NameTerms) -> NameKind:
    if given:
        return NameKind(given)
    if terms.kind is not None:
        return terms.kind
    return NameKind.STREET if ground.geom_type in STREET_ENDINGS else kind_of(name)


def _connected(pieces: Sequence[Piece]) -> list[list[Piece]]:
    if len(pieces) == 1:
        return [list(pieces)]
    if len(pieces) <= FEW and _all_far_apart([piece.ground for piece in pieces]):
        return [[piece] for piece in pieces]
    metres, _ = project_to_metres([piece.ground for piece in pieces])
    tree = shapely.STRtree(metres)
    ones, others = tree.query(metres, predicate="dwithin", distance=ONE_ROAD_WITHIN_M)
    head = np.arange(len(pieces))
    for one, other in zip(ones, others, strict=True):
        low, high = sorted((_root(head, int(one)), _root(head, int(other))))
        head[high] = low
    groups: dict[int, list[Piece]] = defaultdict(list)
    for place, piece in enumerate(pieces):
        groups[_root(head, place)].append(piece)
    return list(groups.values())


def _all_far_apart(grounds: Sequence[BaseGeometry]) -> bool:
    """Whether no two boxes come within some kilometre: then no two roads do within 200 m, in any projection used here.

    Most names that repeat are villages far from each other; projecting them costs a hundred times as much.
    """
    west, south, east, north = shapely.bounds(grounds).T
    wide = NEAR_DEG / np.cos(np.radians(min(max(-south.min(), north.max()), 89.0)))
    beside = west[:, None] - east > wide
    above = south[:, None] - north > NEAR_DEG
    far = beside | beside.T | above | above.T
    return bool(far.sum() == len(grounds) * (len(grounds) - 1))


def _root(head: Any, place: int) -> int:
    while head[place] != place:
        place = int(head[place])
    return place


def _whole(grounds: Sequence[BaseGeometry]) -> BaseGeometry:
    if len(grounds) == 1:
        return grounds[0]
    if all(ground.geom_type in STREET_ENDINGS for ground in grounds):
        parts = [part for ground in grounds for part in getattr(ground, "geoms", [ground])]
        merged = shapely.line_merge(shapely.MultiLineString(parts))
        return merged if merged.geom_type in STREET_ENDINGS else shapely.MultiLineString(parts)
    return grounds[0]
