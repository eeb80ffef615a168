"""Lists and records of a column as JSON text, for the formats that have no nested values."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa


def as_text_where_nested(schema: Any, batches: Iterator[Any]) -> tuple[Any, Iterator[Any]]:
    """Return the schema and batches with nested columns as JSON text; the others are left as they are."""
    nested = {field.name for field in schema if pa.types.is_nested(field.type)}
    if not nested:
        return schema, batches
    plain = pa.schema([pa.field(f.name, pa.string() if f.name in nested else f.type) for f in schema])
    return plain, (_plain(batch, plain, nested) for batch in batches)


def _plain(batch: Any, schema: Any, nested: set[str]) -> Any:
    columns = [
        pa.array([_json(value) for value in batch.column(name).to_pylist()], pa.string())
        if name in nested
        else batch.column(name)
        for name in schema.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)
