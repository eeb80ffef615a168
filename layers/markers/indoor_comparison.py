"""The indoor half of a joint inspection: line, markers and documents compared before anybody walks; changes none."""

from collections.abc import Iterator, Sequence
from itertools import chain

from shapely.geometry.base import BaseGeometry

from layers.findings import Finding
from layers.markers.description import compare_description
from layers.markers.model import Marker
from layers.markers.numbering import NumberScheme
from layers.markers.registry_checks import (
    DeclaredCounts,
    RegistryTolerances,
    counts,
    numbered_sets,
    numbers_and_sets,
    off_line,
    original_coordinates,
    reference_objects,
)
from layers.markers.serial_order import serial_order


def compare_line(
    line_code: str,
    line: BaseGeometry | None,
    markers: Sequence[Marker],
    scheme: NumberScheme,
    *,
    declared: DeclaredCounts,
    tolerances: RegistryTolerances,
    declination_deg: float | None = None,
    home: tuple[float, float, float, float] | None = None,
) -> Iterator[Finding]:
    """Yield everything that the register of one line says against its geometry, its documents or itself.

    `line` is its legal geometry in EPSG:4490 degrees, None where the line is not on record; `home` the ground that a
    declared zone must lead to (west, south, east, north in degrees). Signed descriptions are compared where there is one.
    """
    yield from off_line(markers, {} if line is None else {line_code: line}, tolerances)
    yield from numbers_and_sets(markers, scheme)
    if line is not None:
        yield from serial_order(line_code, line, numbered_sets(markers, scheme))
    yield from counts(line_code, markers, scheme, declared)
    for marker in markers:
        described = compare_description(marker) if marker.position_description else ()
        yield from chain(
            reference_objects(marker, tolerances, declination_deg=declination_deg),
            original_coordinates(marker, tolerances, home=home),
            described,
        )
