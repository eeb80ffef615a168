"""Layers for reference over HTTP: seen by everybody, kept by administrators and boundary officers."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from geo_service.auth.gate import SignedIn, Whoever, holding
from geo_service.auth.officer import Officer
from geo_service.db import DbSession
from geo_service.documents.names import disposition, plain_name
from geo_service.documents.reception import MEBIBYTE, admit, openapi_body, read_form
from geo_service.documents.refusals import UploadTooLarge as FormTooLarge
from geo_service.etags import IfMatch, etag_of, require_match
from geo_service.exchange.looking import look_into
from geo_service.exchange.sources import NATIVE_SUFFIXES
from geo_service.operations import reference_layers as layers
from geo_service.operations import reference_uploads as uploads
from geo_service.operations.reference_files import write_layer_file
from geo_service.schemas.jobs import Job
from geo_service.schemas.reference import (
    FileContent,
    LayerChange,
    NewReferenceLayer,
    ReferenceLayer,
    ReferenceLayers,
    ReferenceUpload,
)
from geo_service.tables import ReferenceLayerRow, ReferenceUploadRow
from layers.errors import InvalidInput

router = APIRouter(prefix="/api/reference-layers", tags=["reference layers"])
Keeper = Annotated[Officer, Depends(holding(*layers.KEEPERS))]
Form = Literal["gpkg", "shapefile", "geojson", "geojsonseq", "flatgeobuf", "parquet", "kml", "csv", "xlsx"]
FIELDS: Final = {
    "properties": {"id": {"type": "string", "format": "uuid"}},
    "required": ["id"],
    "type": "object",
}
OFFICERS: Final = (
    "source_file", "source_layer", "source_crs", "sha256", "recorded_at", "recorded_by", "removed_at", "removed_by",
)  # fmt: skip


@router.get("")
def list_layers(
    request: Request, session: DbSession, officer: Whoever, response: Response
) -> ReferenceLayers:
    """List the layers; where they come from is told to officers, and those that can be had back to who keeps layers."""
    response.headers["Cache-Control"] = "no-store"
    removed = layers.removed_layers(session) if officer.holds(*layers.KEEPERS) else []
    return ReferenceLayers(
        layers=[told(row, officer) for row in layers.list_layers(session)],
        removed=[told(row, officer) for row in removed],
        most_mib=request.app.state.settings.layer_limit_mib,
    )


def told(row: ReferenceLayerRow, officer: Officer) -> ReferenceLayer:
    """Return a layer as the officer may see it."""
    style = layers.style_of(row)
    origin = {name: getattr(row, name) for name in OFFICERS} if officer.id is not None else {}
    return ReferenceLayer.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "title": row.title,
            "features": row.features,
            "geometry_type": row.geometry_type,
            "columns": row.columns,
            "bbox": row.bbox,
            "style": style,
            "etag": etag_of({"id": row.id, "title": row.title, "style": style.model_dump()}),
            "kept_until": None if row.removed_at is None else row.removed_at + layers.KEPT,
            **origin,
        }
    )


async def received(request: Request) -> AsyncIterator[tuple[IO[bytes], str, UUID]]:
    """Yield an upload with its name and id; what was written is gone when the request ends.

    Raises `UploadTooLarge` while the bytes come in, `UploadMalformed`, `InvalidInput` for an id that is none.
    """
    await run_in_threadpool(admit, request, *layers.KEEPERS)
    most = request.app.state.settings.layer_limit_mib
    try:
        file, name, fields = await read_form(request, most * MEBIBYTE)
    except FormTooLarge as large:
        raise uploads.UploadTooLarge(most_mib=most) from large
    try:
        yield file, plain_name(name), _id_of(fields.get("id", ""))
    finally:
        file.close()


def _id_of(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise InvalidInput(field="id", given=given[:100], expected="UUID") from None


@router.post(
    "/uploads",
    status_code=201,
    responses={200: {"model": ReferenceUpload}},
    openapi_extra=openapi_body(FIELDS),
)
def take_upload(
    upload: Annotated[tuple[IO[bytes], str, UUID], Depends(received)],
    session: DbSession,
    officer: Keeper,
    response: Response,
) -> ReferenceUpload:
    """Take a file in and look into it; it is kept for a day. The same id sent twice is kept once."""
    file, name, upload_id = upload
    row, new = uploads.keep_upload(session, officer, upload_id, file, name)
    response.status_code = 201 if new else 200
    with uploads.fetched(session, row) as path:
        return _described(row, path)


@router.get("/uploads/{upload_id}")
def look_at_upload(
    session: DbSession,
    officer: Keeper,
    upload_id: UUID,
    layer: Annotated[str | None, Query(max_length=300)] = None,
    wkt: Annotated[str | None, Query(max_length=300)] = None,
    lon: Annotated[str | None, Query(max_length=300)] = None,
    lat: Annotated[str | None, Query(max_length=300)] = None,
) -> ReferenceUpload:
    """Look into one's own upload: at another of its layers, or with other columns of places."""
    named = {"wkt": wkt, "lon": lon, "lat": lat}
    row = uploads.find_upload(session, upload_id)
    with uploads.fetched(session, row) as path:
        return _described(row, path, layer=layer, columns={key: name for key, name in named.items() if name})


def _described(row: ReferenceUploadRow, path: Path, **terms: Any) -> ReferenceUpload:
    seen = look_into(path, **terms)
    content = FileContent.model_validate(
        {
            **{name: getattr(seen, name) for name in FileContent.model_fields if hasattr(seen, name)},
            "layers": [{"name": name, "geometry_type": kind} for name, kind in seen.layers.items()],
            "columns": [{"name": name, "type": str(seen.types.get(name, "string"))} for name in seen.fields],
        }
    )
    about = {name: getattr(row, name) for name in ("id", "file_name", "size", "sha256", "recorded_at")}
    return ReferenceUpload(content=content, **about)


@router.post("", status_code=202, responses={200: {"model": Job}})
def add_layer(session: DbSession, officer: Keeper, asked: NewReferenceLayer, response: Response) -> Job:
    """Load an upload as a layer, as a job of the id given: all rows or none. Sent twice it is done once."""
    job, new = uploads.start_loading(session, officer, asked)
    response.status_code = 202 if new else 200
    return Job.model_validate(job)


@router.get("/{name}")
def get_layer(session: DbSession, officer: Whoever, name: str, response: Response) -> ReferenceLayer:
    """One layer, with the ETag that a change names."""
    found = told(layers.find_layer(session, name), officer)
    response.headers["ETag"] = found.etag
    return found


@router.patch("/{name}")
def change_layer(
    session: DbSession,
    officer: Keeper,
    name: str,
    asked: LayerChange,
    response: Response,
    if_match: IfMatch = None,
) -> ReferenceLayer:
    """Give a layer another title or look."""
    row = layers.find_layer(session, name)
    require_match(if_match, told(row, officer).etag)
    changed = told(layers.change_layer(session, row, title=asked.title, style=asked.style), officer)
    response.headers["ETag"] = changed.etag
    return changed


@router.delete("/{name}")
def remove_layer(session: DbSession, officer: Keeper, name: str) -> ReferenceLayer:
    """Take a layer away; until `kept_until` it can be had back."""
    return told(layers.remove_layer(session, name, by=officer.username), officer)


@router.post("/removed/{layer_id}/restoration")
def restore_layer(session: DbSession, officer: Keeper, layer_id: UUID) -> ReferenceLayer:
    """Show a layer again that was removed or replaced; one that is shown stays so."""
    return told(layers.restore_layer(session, layer_id), officer)


@router.get("/{name}/file", response_class=FileResponse)
def layer_file(session: DbSession, officer: SignedIn, name: str, form: Form = "gpkg") -> FileResponse:
    """Return a layer as a file of an exchange format, in EPSG:4490."""
    row = layers.find_layer(session, name)
    folder = Path(tempfile.mkdtemp(prefix="geo-layer-"))
    try:
        path = folder / f"layer{NATIVE_SUFFIXES[form]}"
        write_layer_file(session, row, path, form=form)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    behind = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    headers = {"Content-Disposition": disposition("attachment", f"{row.name}{path.suffix}")}
    return FileResponse(path, media_type="application/octet-stream", headers=headers, background=behind)
