"""A marker's row and the model, one from the other; decides nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from layers.markers.model import (
    AzimuthKind,
    Grade,
    LegalPosition,
    Marker,
    OriginalCoordinates,
    ReferenceObject,
    SetKind,
)

PLAIN = (
    "code",
    "number",
    "line_code",
    "set_code",
    "faces",
    "material",
    "post_unit",
    "managing_unit",
    "guardian",
    "feature_relation",
    "position_description",
    "set_on",
    "legal_instrument",
    "public",
)


def marker_of(row: Any, objects: Iterable[Any]) -> Marker:
    """Return a marker from its row (with `lon`, `lat`) and the rows of its reference objects."""
    return Marker(
        **{name: getattr(row, name) for name in PLAIN},
        unit_codes=tuple(row.unit_codes),
        grade=Grade(row.grade),
        set_kind=SetKind(row.set_kind),
        locations=tuple(row.locations),
        inscriptions=tuple(row.inscriptions),
        legal_position=_position(row),
        reference_objects=tuple(_object(each) for each in objects),
    )


def _position(row: Any) -> LegalPosition | None:
    if row.lon is None:
        return None
    original = None
    if row.original_epsg is not None:
        original = OriginalCoordinates(
            north=row.original_north, east=row.original_east, epsg=row.original_epsg
        )
    return LegalPosition(
        lon=row.lon,
        lat=row.lat,
        accuracy_m=row.accuracy_m,
        height_m=row.height_m,
        original=original,
        method=row.survey_method,
    )


def _object(row: Any) -> ReferenceObject:
    return ReferenceObject(
        name=row.name,
        azimuth_deg=row.azimuth_deg,
        distance_m=row.distance_m,
        azimuth_kind=AzimuthKind(row.azimuth_kind),
        lon=row.lon,
        lat=row.lat,
    )


def marker_values(marker: Marker) -> dict[str, Any]:
    """Return the columns of a marker's row; key, validity and source are the register's."""
    legal = marker.legal_position
    original = legal.original if legal else None
    return {
        **{name: getattr(marker, name) for name in PLAIN},
        "unit_codes": list(marker.unit_codes),
        "grade": marker.grade.value,
        "set_kind": marker.set_kind.value,
        "locations": list(marker.locations),
        "inscriptions": list(marker.inscriptions),
        "geometry": f"SRID=4490;POINT({legal.lon!r} {legal.lat!r})" if legal else None,
        "accuracy_m": legal.accuracy_m if legal else None,
        "height_m": legal.height_m if legal else None,
        "original_north": original.north if original else None,
        "original_east": original.east if original else None,
        "original_epsg": original.epsg if original else None,
        "survey_method": legal.method if legal else "",
    }


def object_values(marker_id: Any, objects: Sequence[ReferenceObject]) -> list[dict[str, Any]]:
    """Return the rows of a marker's reference objects, in the order of the form."""
    return [
        {
            "marker_id": marker_id,
            "place": place,
            "name": item.name,
            "azimuth_deg": item.azimuth_deg,
            "azimuth_kind": item.azimuth_kind.value,
            "distance_m": item.distance_m,
            "geometry": None if item.lon is None else f"SRID=4490;POINT({item.lon!r} {item.lat!r})",
        }
        for place, item in enumerate(objects, start=1)
    ]
