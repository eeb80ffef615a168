"""A layer of the record as a file: one door for the command line, snapshots and released data."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from geo_service.exchange.writing import Export, Written, write_features
from geo_service.operations import marker_export
from layers.boundaries import exporting as boundaries
from layers.boundaries.ground import UnitGround
from layers.features import Box
from layers.hubs import exporting as hubs
from layers.markers.queries import MarkerFilter
from layers.markers.register import follow_the_clock
from layers.naming import exporting as naming

OUTLINES: Final = "示意轮廓，非法定界线；以详图为准 · outlines are not authoritative; the detailed map is"
STANDARD_NAMES: Final = "以地名主管部门公布的标准地名为准 · the published standard names are authoritative"
EXPORTS: Final = {
    "boundaries": Export(layer="units", geometry_type="MultiPolygon", disclaimer=OUTLINES),
    "lines": Export(layer="lines", geometry_type="MultiLineString", disclaimer=OUTLINES),
    "markers": Export(layer="markers", geometry_type="Point"),
    "names": Export(layer="names", disclaimer=STANDARD_NAMES),
    "hubs": Export(layer="hubs", geometry_type="Point"),
    "tripoints": Export(layer="tripoints", geometry_type="Point", disclaimer=OUTLINES),
    "signs": Export(layer="signs", geometry_type="Point", disclaimer=STANDARD_NAMES),
}


def write_layer(
    session: Session,
    layer: str,
    path: Path,
    *,
    as_of: date,
    past: bool = False,
    within: Box | UnitGround | None = None,
    form: str | None = None,
    profile: str,
    overwrite: bool = False,
    moment: bool = False,
) -> Written:
    """Write a layer as it was on a day; `past` asks for a marker's state on that day, `profile` for its colours.

    `within` is a box or the ground of a unit; features that meet it are written whole, none is cut.
    `moment` says that the session is one of `Database.moment`, before which the clock was followed.
    Raises what `write_features` does.
    """
    if layer == "markers" and not moment:
        follow_the_clock(session)
    batches = _batches(session, layer, as_of=as_of, past=past, within=within, profile=profile)
    return write_features(path, batches, export=EXPORTS[layer], form=form, overwrite=overwrite)


def _batches(
    session: Session, layer: str, *, as_of: date, past: bool, within: Box | UnitGround | None, profile: str
) -> Iterator[Any]:
    if layer == "names":
        return naming.export_batches(session, as_of=as_of, within=within)
    if layer == "signs":
        return naming.sign_batches(session, within=within)
    if layer == "hubs":
        return hubs.hub_batches(session, within)
    if layer == "markers":
        where = {"bbox": within} if isinstance(within, Box) else {"ground": within}
        return marker_export.export_batches(
            session, MarkerFilter(as_of=as_of, past=past, profile=profile, **where)
        )
    return boundaries.export_batches(
        session, "units" if layer == "boundaries" else layer, as_of=as_of, within=within
    )
