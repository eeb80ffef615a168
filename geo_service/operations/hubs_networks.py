"""Road networks taken on record, each file a version of its own; refuses to change one."""

import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import shapely
from geoalchemy2 import WKTElement
from pyproj import CRS
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import require_reach
from geo_service.auth.officer import Officer
from geo_service.db import Database
from geo_service.exchange.hub_ground import read_ground
from geo_service.exchange.network_files import usual_classes
from geo_service.jobs import Progress, job_kind
from geo_service.operations.hubs import Described, office_of
from geo_service.operations.network_store import keep_network, pieces_of
from layers.errors import InvalidInput
from layers.geodesy import STORAGE_SRID, project_to_degrees
from layers.hubs import register
from layers.hubs.network import RoadNetwork, examine_network
from layers.hubs.tables import RoadNetworkRow

SUFFIXES: Final = (
    ".geojson",
    ".json",
    ".gpkg",
    ".csv",
    ".fgb",
    ".parquet",
    ".pbf",
    ".osm",
    ".zip",
    ".geojsonl",
    ".kml",
    ".xlsx",
)
JOB_KIND: Final = "import_network"
CHUNK: Final = 1024**2


class FileKindRefused(InvalidInput):
    """The upload's name does not say which kind of file it is. Facts: `file`, `accepts`."""

    code = "hubs.file_kind_refused"


def import_network(
    session: Session,
    officer: Officer,
    path: Path,
    about: Described,
    *,
    home_unit: str,
    layer: str | None = None,
    classes: Sequence[str] | None = None,
    crs: str | None = None,
) -> RoadNetworkRow:
    """Build a network version of a file's lines and keep it. Raises what `read_ground` does."""
    ground = read_ground(path, layer=layer, classes=classes or usual_classes(path), crs=crs, crs_wins=True)
    return record_network(
        session,
        ground.network,
        ground.plane,
        about,
        unit_code=office_of(officer, home_unit),
        recorded_by=officer.username,
    )


def record_network(
    session: Session, network: RoadNetwork, plane: CRS, about: Described, *, unit_code: str, recorded_by: str
) -> RoadNetworkRow:
    """Keep a built network as a version of an office, with its repair report."""
    extent = project_to_degrees(np.array([shapely.box(*network.extent)]), plane)[0]
    row = RoadNetworkRow(
        name=about.name,
        source=about.source,
        dated_on=about.dated_on,
        plane=plane.to_wkt(),
        file_id=keep_network(session, network),
        extent=WKTElement(extent.wkt, srid=STORAGE_SRID),
        report=report_of(network),
        unit_code=unit_code,
        recorded_by=recorded_by,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    record_act(
        session, "network.import", subject=("network", str(row.id)), detail={"name": row.name, **row.report}
    )
    return row


def report_of(network: RoadNetwork) -> dict[str, Any]:
    """Return what an office should look at before it trusts a network, in numbers."""
    report = examine_network(network)
    return {
        "nodes": report.nodes,
        "edges": report.edges,
        "length_m": round(report.length_m, 1),
        "components": report.components,
        "island_nodes": int(report.island_nodes.sum()),
        "island_length_m": round(float(report.island_length_m.sum()), 1),
        "dangling_ends": len(report.gap_m),
        "duplicate_edges": len(report.duplicate_edges),
    }


def remove_network(session: Session, officer: Officer, row: RoadNetworkRow) -> None:
    """Take a network version off the record; refused by the database while a scenario rests on it."""
    require_reach(session, officer, [row.unit_code or ""])
    file_id, detail = row.file_id, {"name": row.name}
    session.delete(row)
    session.flush()
    register.forget_file(session, file_id)
    record_act(session, "network.remove", subject=("network", str(row.id)), detail=detail)


@contextmanager
def uploaded(file: IO[bytes], name: str) -> Iterator[Path]:
    """Yield an upload as a file of a name of our own; raises `FileKindRefused` for a kind nobody reads."""
    suffix = next((each for each in SUFFIXES if name.lower().endswith(each)), None)
    if suffix is None:
        raise FileKindRefused(file=Path(name).name[:100], accepts=list(SUFFIXES))
    with tempfile.TemporaryDirectory(prefix="geo-upload-") as directory:
        place = Path(directory, f"upload{suffix}")
        with place.open("wb") as written:
            while chunk := file.read(CHUNK):
                written.write(chunk)
        yield place


def keep_upload(session: Session, path: Path) -> uuid.UUID:
    """Keep an upload until its job has read it."""
    return register.keep_file(session, pieces_of(path))


@job_kind(JOB_KIND)
def build_network(database: Database, progress: Progress, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Build a network of an upload as a job; the upload is let go whatever comes of it."""
    file_id = uuid.UUID(request["file_id"])
    progress.report(0.05, "read")
    try:
        with tempfile.TemporaryDirectory(prefix="geo-upload-") as directory:
            place = Path(directory, f"upload{request['suffix']}")
            with database.transaction() as session, place.open("wb") as file:
                for piece in register.file_pieces(session, file_id):
                    file.write(piece)
            progress.report(0.2, "build")
            dated = request.get("dated_on")
            about = Described(
                request["name"], request["source"], None if dated is None else date.fromisoformat(dated)
            )
            ground = read_ground(
                place,
                layer=request.get("layer"),
                classes=request.get("classes") or usual_classes(place),
                crs=request.get("crs"),
                crs_wins=True,
            )
            progress.report(0.8, "keep")
            with database.transaction() as session:
                session.execute(text("SET LOCAL statement_timeout = 0"))
                row = record_network(
                    session,
                    ground.network,
                    ground.plane,
                    about,
                    unit_code=request["unit_code"],
                    recorded_by=request["recorded_by"],
                )
                told = {"id": str(row.id), "name": row.name, "report": row.report}
    finally:
        with database.transaction() as session:
            register.forget_file(session, file_id)
    progress.report(1.0, "done")
    return told
