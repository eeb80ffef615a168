"""Rows as KML, streamed; refuses characters that XML has no way to say.

KML means WGS 84. Coordinates are those of EPSG:4490, which is the same within centimetres, and the document says so.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.exchange.refusals import NotExportable

NOTICE: Final = "EPSG:4490 (CGCS2000), taken as WGS 84"
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_kml(
    target: Path, schema: Any, batches: Iterator[Any], *, geometry: str, layer: str, disclaimer: str
) -> None:
    """Write one document of typed placemarks; absent values are left out, so that empty text is not null."""
    fields = [each for each in schema if each.name != geometry]
    with target.open("w", encoding="utf-8", newline="") as sink:
        sink.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
        )
        notice = f"{NOTICE}. {disclaimer}" if disclaimer else NOTICE
        sink.write(
            f'<name>{_text(layer)}</name><description>{_text(notice)}</description><Schema name="row" id="row">'
        )
        for each in fields:
            sink.write(f"<SimpleField name={_attribute(each.name)} type={quoteattr(_kind(each.type))}/>")
        sink.write("</Schema>\n")
        for batch in batches:
            _write_batch(sink, batch, [each.name for each in fields], geometry)
        sink.write("</Document></kml>\n")


def _kind(kind: Any) -> str:
    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_integer(kind):
        return "int"
    return "double" if pa.types.is_floating(kind) else "string"


def _write_batch(sink: TextIO, batch: Any, names: list[str], geometry: str) -> None:
    shapes = shapely.from_wkb(np.asarray(batch.column(geometry).to_pylist(), dtype=np.object_))
    columns = [batch.column(name).to_pylist() for name in names]
    quoted = [_attribute(name) for name in names]
    label = names.index("name") if "name" in names else None
    for shape, *values in zip(shapes, *columns, strict=True):
        sink.write("<Placemark>")
        if label is not None and values[label] is not None:
            sink.write(f"<name>{_text(values[label])}</name>")
        sink.write('<ExtendedData><SchemaData schemaUrl="#row">')
        for name, value in zip(quoted, values, strict=True):
            if value is not None:
                sink.write(f"<SimpleData name={name}>{_text(value)}</SimpleData>")
        sink.write("</SchemaData></ExtendedData>")
        if shape is not None:
            sink.write(_shape(shape))
        sink.write("</Placemark>\n")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    said = repr(value) if isinstance(value, float) else str(value)
    if found := _NO_XML.search(said):
        raise NotExportable(format="kml", reason="character_not_in_xml", detail=repr(found.group()))
    return escape(said, {"\r": "&#13;"})


def _attribute(value: str) -> str:
    if found := _NO_XML.search(value):
        raise NotExportable(format="kml", reason="character_not_in_xml", detail=repr(found.group()))
    return quoteattr(value, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


def _shape(shape: BaseGeometry) -> str:
    if shape.is_empty:
        return "<MultiGeometry/>"
    if shape.geom_type in {"Point", "LineString", "LinearRing"}:
        return f"<{shape.geom_type}>{_places(shape)}</{shape.geom_type}>"
    if isinstance(shape, shapely.Polygon):
        holes = "".join(
            f"<innerBoundaryIs><LinearRing>{_places(ring)}</LinearRing></innerBoundaryIs>"
            for ring in shape.interiors
        )
        outer = f"<outerBoundaryIs><LinearRing>{_places(shape.exterior)}</LinearRing></outerBoundaryIs>"
        return f"<Polygon>{outer}{holes}</Polygon>"
    parts = "".join(_shape(part) for part in shapely.get_parts(shape))
    return f"<MultiGeometry>{parts}</MultiGeometry>"


def _places(shape: BaseGeometry) -> str:
    places = shapely.get_coordinates(shape, include_z=shape.has_z)
    written = " ".join(",".join(repr(float(number)) for number in place) for place in places)
    return f"<coordinates>{written}</coordinates>"
