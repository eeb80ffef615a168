"""Rows as CSV with a WKT column, for spreadsheets and scripts; refuses to round coordinates."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely


def write_csv(target: Path, schema: Any, batches: Iterator[Any], *, geometry: str) -> None:
    """Write UTF-8 with byte order mark (spreadsheets need it for Chinese), the geometry last as `wkt`.

    Cells are written exactly; for what strangers sent, see `rejects`, which disarms formulas.
    """
    names = [name for name in schema.names if name != geometry]
    with target.open("w", encoding="utf-8-sig", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow([*names, "wkt"])
        for batch in batches:
            shapes = shapely.from_wkb(np.asarray(batch.column(geometry).to_pylist(), dtype=np.object_))
            wkt = shapely.to_wkt(shapes, rounding_precision=-1)
            columns = [batch.column(name).to_pylist() for name in names]
            writer.writerows(zip(*columns, wkt, strict=True))
