"""Columns to PostgreSQL's binary COPY format without a loop over rows; refuses types it has no exact form for."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geo_service.exchange.refusals import StagingRefused

# PostgreSQL counts days and microseconds from here.
_EPOCH_DAYS: Final = (date(2000, 1, 1) - date(1970, 1, 1)).days
_EPOCH_MICROSECONDS: Final = int((datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000)
_POINT: Final = np.dtype([("order", "u1"), ("kind", "<u4"), ("srid", "<i4"), ("x", "<f8"), ("y", "<f8")])
_POINT_WITH_SRID: Final = 0x20000001
_TEXT_OID: Final = 25


@dataclass(frozen=True, slots=True)
class PointColumn:
    """A geometry column of points only, as coordinates [n, 2] east first."""

    coordinates: NDArray[np.float64]
    srid: int

    def __len__(self) -> int:
        """Rows of the column."""
        return len(self.coordinates)


def encode_block(batch: Mapping[str, Any], columns: Mapping[str, str]) -> tuple[memoryview, int]:
    """Return the rows of one batch as COPY bytes, and their number.

    Per row: the number of fields in two bytes, then for each field its length in four (-1 for null) and its bytes.
    """
    missing = [name for name in columns if name not in batch]
    if missing:
        raise StagingRefused(column=missing, reason="column_missing")
    rows = _length(batch, columns)
    encoded = [_encoded(name, batch[name], kind, rows) for name, kind in columns.items()]
    fixed = _fixed_block(encoded, rows)
    if fixed is not None:
        return fixed, rows
    parts: list[Any] = [pa.scalar(len(columns).to_bytes(2, "big"), pa.large_binary())]
    for values in encoded:
        parts += [_lengths(values), _plain(values)]
    joined = pc.binary_join_element_wise(*parts, pa.scalar(b"", pa.large_binary()))
    return _bytes_of(joined), rows


def _encoded(name: str, values: Any, kind: str, rows: int) -> Any:
    """Return a column as Arrow `binary(n)` or `large_binary`, each value in PostgreSQL's own bytes."""
    try:
        return ENCODED_TYPES[kind](_repeated(values, rows))
    except (pa.ArrowException, ValueError, TypeError, OverflowError, AttributeError) as error:
        raise StagingRefused(column=name, reason="value_does_not_fit", detail=str(error)[:300]) from error


def _fixed_block(encoded: Sequence[Any], rows: int) -> memoryview | None:
    """Lay rows of constant width out by NumPy alone: the fast path for points and numbers without nulls."""
    widths = [
        values.type.byte_width if pa.types.is_fixed_size_binary(values.type) and not values.null_count else 0
        for values in encoded
    ]
    if not rows or not all(widths):
        return None
    block = np.empty((rows, 2 + sum(4 + width for width in widths)), dtype=np.uint8)
    block[:, :2] = np.frombuffer(len(encoded).to_bytes(2, "big"), dtype=np.uint8)
    at = 2
    for values, width in zip(encoded, widths, strict=True):
        block[:, at : at + 4] = np.frombuffer(width.to_bytes(4, "big"), dtype=np.uint8)
        block[:, at + 4 : at + 4 + width] = _fixed_bytes(values, width)
        at += 4 + width
    return block.reshape(-1).data


def _fixed_bytes(values: Any, width: int) -> NDArray[np.uint8]:
    data = np.frombuffer(values.buffers()[1], dtype=np.uint8)
    return data[values.offset * width : (values.offset + len(values)) * width].reshape(-1, width)


def _plain(values: Any) -> Any:
    whole = values if pa.types.is_large_binary(values.type) else values.cast(pa.large_binary())
    return pc.fill_null(whole, b"") if whole.null_count else whole


def _lengths(values: Any) -> Any:
    lengths = np.asarray(pc.fill_null(pc.binary_length(values), -1)).astype(">i4")
    return _fixed(lengths.view(np.uint8), 4).cast(pa.large_binary())


def _bytes_of(joined: Any) -> memoryview:
    offsets = np.frombuffer(joined.buffers()[1], dtype=np.int64)
    first, last = offsets[joined.offset], offsets[joined.offset + len(joined)]
    data = joined.buffers()[2]
    return memoryview(b"") if data is None else memoryview(data)[first:last]


def _length(batch: Mapping[str, Any], columns: Mapping[str, str]) -> int:
    sized = {name: len(batch[name]) for name in columns if _is_column(batch[name])}
    if len(set(sized.values())) > 1:
        raise StagingRefused(column=sized, reason="unequal_lengths")
    return next(iter(sized.values()), 0)


def _is_column(values: Any) -> bool:
    return hasattr(values, "__len__") and not isinstance(values, str | bytes | dict)


def _repeated(values: Any, rows: int) -> Any:
    if _is_column(values):
        return values
    return [values] * rows


def _fixed(data: NDArray[np.uint8], width: int, valid: Any = None) -> Any:
    """Return `width` bytes a row as a fixed-size binary array; `valid` is None or a mask."""
    rows = data.size // width
    data = np.ascontiguousarray(data)
    mask = None if valid is None else pa.array(valid).buffers()[1]
    return pa.Array.from_buffers(pa.binary(width), rows, [mask, pa.py_buffer(data)])


def _number(arrow: Any, big_endian: str, shift: int = 0) -> Callable[[Any], Any]:
    def encode(values: Any) -> Any:
        array = _arrow(values)
        column = array if array.type == arrow else pc.cast(array, arrow)
        if pa.types.is_temporal(arrow):
            column = column.view(pa.int32() if arrow.bit_width == 32 else pa.int64())
        valid = None if not column.null_count else np.asarray(column.is_valid())
        numbers = np.asarray(column.fill_null(0) if column.null_count else column)
        shifted = numbers - shift if shift else numbers
        data = np.ascontiguousarray(shifted.astype(big_endian))
        encoded = _fixed(data.view(np.uint8), data.dtype.itemsize, valid)
        return encoded if valid is None else encoded.cast(pa.large_binary())

    return encode


def _arrow(values: Any) -> Any:
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    if isinstance(values, pa.Array):
        return values
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return pa.array(values)  # NaN is a value of its own in PostgreSQL
    return pa.array(values)


def _boolean(values: Any) -> Any:
    return _number(pa.uint8(), ">u1")(pc.cast(_arrow(values), pa.uint8()))


def _text(values: Any) -> Any:
    array = pc.cast(_arrow(values), pa.large_string())
    # Looking for a zero in all bytes at once is far quicker than row by row; what stands behind a null may hold one.
    if len(array) and _holds_zero(_bytes_of(array)) and pc.any(pc.match_substring(array, "\0")).as_py():
        msg = "text holds a zero byte"
        raise ValueError(msg)
    return array.cast(pa.large_binary())


def _holds_zero(data: memoryview) -> bool:
    return not np.frombuffer(data, dtype=np.uint8).all()


def _bytea(values: Any) -> Any:
    array = values if isinstance(values, pa.Array) else pa.array(values, pa.large_binary())
    return pc.cast(array, pa.large_binary())


def _uuid(values: Any) -> Any:
    if isinstance(values, np.ndarray) and values.dtype == np.uint8:
        return _fixed(values.reshape(-1), 16)
    plain = [
        None if value is None else (value if isinstance(value, UUID) else UUID(str(value))).bytes
        for value in values
    ]
    return pa.array(plain, pa.large_binary())


def _texts(values: Any) -> Any:
    """Return lists of text as one-dimensional arrays, their elements laid out for all rows at once."""
    lists = values if isinstance(values, pa.Array) else pa.array(values, pa.large_list(pa.large_string()))
    lists = pc.cast(lists, pa.large_list(pa.large_string()))
    elements = _text(lists.values)
    laid = pc.binary_join_element_wise(
        _lengths(elements), _plain(elements), pa.scalar(b"", pa.large_binary())
    )
    starts = np.frombuffer(lists.buffers()[1], dtype=np.int64)[lists.offset : lists.offset + len(lists) + 1]
    offsets = np.frombuffer(laid.buffers()[1], dtype=np.int64)[laid.offset + starts]
    data = laid.buffers()[2] or pa.py_buffer(b"")
    bodies = pa.Array.from_buffers(pa.large_binary(), len(lists), [None, pa.py_buffer(offsets), data])
    sizes = np.diff(starts)
    heads = np.zeros((len(lists), 5), dtype=">i4")  # dimensions, nulls, element type, size, first index
    heads[:, 0], heads[:, 2], heads[:, 3], heads[:, 4] = sizes > 0, _TEXT_OID, sizes, 1
    head = _fixed(heads.view(np.uint8).reshape(-1), 20).cast(pa.large_binary())
    head = pc.if_else(pa.array(sizes > 0), head, pc.binary_slice(head, 0, 12))
    whole = pc.binary_join_element_wise(head, bodies, pa.scalar(b"", pa.large_binary()))
    return pc.if_else(lists.is_valid(), whole, None) if lists.null_count else whole


def _jsonb(values: Any) -> Any:
    items = values.to_pylist() if isinstance(values, pa.Array) else values
    # The leading 1 is the version of the binary form of jsonb.
    plain = [
        None if item is None else b"\x01" + json.dumps(item, ensure_ascii=False).encode() for item in items
    ]
    return pa.array(plain, pa.large_binary())


def _geometry(values: Any) -> Any:
    if isinstance(values, PointColumn):
        return _points(values.coordinates, values.srid)
    if isinstance(values, pa.Array):
        return pc.cast(values, pa.large_binary())
    array = np.asarray(values, dtype=np.object_)
    first = next((value for value in array if value is not None), None)
    if first is None or isinstance(first, bytes):
        return pa.array(array, pa.large_binary())
    kinds = shapely.get_type_id(array)
    if (kinds == shapely.GeometryType.POINT).all() and not (
        shapely.is_empty(array) | shapely.has_z(array)
    ).any():
        return _points(shapely.get_coordinates(array), shapely.get_srid(array))
    return pa.array(shapely.to_wkb(array, include_srid=True), pa.large_binary())


def _points(coordinates: NDArray[np.float64], srid: Any) -> Any:
    """Return points as EWKB of 25 bytes each, built column by column."""
    records = np.empty(len(coordinates), dtype=_POINT)
    records["order"], records["kind"], records["srid"] = 1, _POINT_WITH_SRID, srid
    records["x"], records["y"] = coordinates[:, 0], coordinates[:, 1]
    return _fixed(records.view(np.uint8), _POINT.itemsize)


ENCODED_TYPES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "smallint": _number(pa.int16(), ">i2"),
    "integer": _number(pa.int32(), ">i4"),
    "bigint": _number(pa.int64(), ">i8"),
    "real": _number(pa.float32(), ">f4"),
    "double precision": _number(pa.float64(), ">f8"),
    "boolean": _boolean,
    "date": _number(pa.date32(), ">i4", _EPOCH_DAYS),
    "timestamp with time zone": _number(pa.timestamp("us", "UTC"), ">i8", _EPOCH_MICROSECONDS),
    "text": _text,
    "bytea": _bytea,
    "uuid": _uuid,
    "text[]": _texts,
    "jsonb": _jsonb,
    "geometry": _geometry,
}
