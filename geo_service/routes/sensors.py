"""Sensors over HTTP: their messages, signed by their source, and the sources, which are an administrator's."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from geo_service.auth.acting import coming_from
from geo_service.auth.gate import Administrator, NeverStored, caller_of
from geo_service.db import DbSession
from geo_service.messages import preferred_language
from geo_service.operations import sensor_messages, sensor_sources
from geo_service.schemas.sensors import (
    MadeSensorSource,
    NewSensorSource,
    RotateSecret,
    SensorBatch,
    SensorMessage,
    SensorReceipt,
    SensorReceipts,
    SensorSource,
    SensorSources,
)
from layers.errors import InvalidInput

router = APIRouter(prefix="/api/sensors", tags=["sensors"])
MOST_BYTES: Final = 1024**2
"""A batch of 500 messages is about 200 KB."""


async def body_of(request: Request) -> bytes:
    """Return the body as it came, which is what was signed; raises 413 once it is larger than a batch can be."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(413)
    return bytes(body)


def signed_as(
    geo_source: Annotated[str, Header(max_length=64, description="id of the source")] = "",
    geo_timestamp: Annotated[str, Header(max_length=20, description="Unix seconds at signing")] = "",
    geo_signature: Annotated[
        str, Header(max_length=100, description="`sha256=` and HMAC-SHA256 of `timestamp.body` in hex")
    ] = "",
) -> sensor_sources.Signed:
    """Return what the headers say of the sender."""
    return sensor_sources.Signed(geo_source, geo_timestamp, geo_signature)


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's JSON schema without references, to stand by itself."""
    whole = model.model_json_schema()
    named = whole.pop("$defs", {})

    def inline(part: Any) -> Any:
        if isinstance(part, list):
            return [inline(each) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return inline(named[part["$ref"].rpartition("/")[2]])
        return {name: inline(each) for name, each in part.items()}

    made: dict[str, Any] = inline(whole)
    return made


def _messages_body() -> dict[str, Any]:
    message = _schema(SensorMessage)
    batch = _schema(SensorBatch)
    batch["properties"]["messages"]["items"] = message
    content = {"application/json": {"schema": {"anyOf": [message, batch]}}}
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/messages",
    status_code=201,
    responses={200: {"model": SensorReceipt | SensorReceipts}},
    openapi_extra=_messages_body(),
)
def receive(
    request: Request,
    session: DbSession,
    body: Annotated[bytes, Depends(body_of)],
    signed: Annotated[sensor_sources.Signed, Depends(signed_as)],
    response: Response,
) -> SensorReceipt | SensorReceipts:
    """Take a message, or `{"messages": [...]}`, each judged by itself; the receipt leaves after the commit."""
    source, officer = sensor_sources.sender_of(session, signed, body, datetime.now(UTC))
    coming_from(session, caller_of(request).address, getattr(request.state, "request_id", None))
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInput(field="body", expected="JSON in UTF-8") from None
    if not isinstance(given, dict):
        raise InvalidInput(field="body", expected="a message, or messages")
    try:
        if "messages" in given:
            batch = SensorBatch.model_validate(given).messages
            language = preferred_language(request.headers.get("accept-language"))
            response.status_code = 200
            receipts = sensor_messages.receive_batch(session, source, officer, batch, language=language)
            return SensorReceipts(results=receipts)
        receipt = sensor_messages.receive_one(session, source, officer, given)
    except ValidationError as invalid:
        raise RequestValidationError(invalid.errors()) from None
    response.status_code = 201 if receipt.status == "accepted" else 200
    return receipt


@router.get("/sources", dependencies=[NeverStored])
def list_sources(session: DbSession, officer: Administrator) -> SensorSources:
    """List who may send messages of sensors in one's jurisdictions, and when each was last heard."""
    found = [SensorSource.model_validate(row) for row in sensor_sources.list_sources(session)]
    return SensorSources(sources=found)


@router.post("/sources", status_code=201, dependencies=[NeverStored])
def add_source(session: DbSession, officer: Administrator, asked: NewSensorSource) -> MadeSensorSource:
    """Let a platform or gateway send messages for the office of a unit; its secret is shown this once."""
    row = sensor_sources.add_source(session, officer, name=asked.name, unit=asked.unit)
    return MadeSensorSource.model_validate(row)


@router.post("/sources/{source_id}/secret", dependencies=[NeverStored])
def rotate_secret(
    session: DbSession, officer: Administrator, source_id: UUID, asked: RotateSecret
) -> MadeSensorSource:
    """Give a source a new secret, shown this once; the one before holds for the hours that are asked."""
    row = sensor_sources.rotate_secret(session, source_id, grace_hours=asked.grace_hours)
    return MadeSensorSource.model_validate(row)


@router.delete("/sources/{source_id}", status_code=204)
def revoke_source(session: DbSession, officer: Administrator, source_id: UUID) -> None:
    """Take nothing more from a source; its messages stay."""
    sensor_sources.revoke_source(session, source_id)
