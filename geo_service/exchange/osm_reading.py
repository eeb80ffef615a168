"""Lines of an OpenStreetMap extract, a batch at a time; refuses any other file, whatever it is called."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyogrio.raw import open_arrow

from geo_service.exchange.feature_source import FileUnreadable
from geo_service.exchange.flat import flat
from geo_service.exchange.refusals import FormatUnknown, UnreadableFile
from geo_service.exchange.sources import recognised


@dataclass(frozen=True, slots=True)
class OsmLines:
    """Some lines, flat, in the CRS that the file states, with the columns that were asked for."""

    crs: str | None
    geometry: NDArray[np.object_]
    columns: dict[str, list[Any]]


def osm_lines(
    path: Path, *, layer: str, columns: Sequence[str], where: str, at_once: int
) -> Iterator[OsmLines]:
    """Yield the lines of a layer of an extract, `at_once` of them at a time.

    GDAL keeps the nodes that lines refer to in 100 MB, and beyond that in a file of its own. Raises `FileUnreadable`.
    """
    try:
        with recognised(path) as source:
            if source.format != "osm":
                raise FileUnreadable(file=path.name, reason="the content is not what the name says")
            file = next(iter(source.parts.values()))
            with open_arrow(
                file,
                layer=layer,
                columns=list(columns),
                where=where,
                batch_size=at_once,
                use_pyarrow=True,
            ) as (meta, reader):
                geometry = next(name for name in reader.schema.names if name not in columns)
                for batch in reader:
                    shapes = shapely.from_wkb(batch.column(geometry).to_numpy(zero_copy_only=False))
                    said = {name: batch.column(name).to_pylist() for name in columns}
                    yield OsmLines(meta["crs"], flat(np.asarray(shapes, dtype=np.object_)), said)
    except (FormatUnknown, UnreadableFile) as refused:
        raise FileUnreadable(file=path.name, reason=refused.facts.get("reason", refused.code)) from refused
    except (ValueError, RuntimeError, OSError, pa.ArrowException) as error:
        raise FileUnreadable(file=path.name, reason=str(error).split("/")[-1][:200]) from error
