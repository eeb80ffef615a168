"""An upload taken in as it comes: counted, kept on disk and not in memory, looked at, forgotten when refused."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import IO, Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from geo_service.auth.gate import holding, require_one_of, whoever
from geo_service.auth.officer import Role
from geo_service.auth.refusals import SignInRequired
from geo_service.db import Database
from geo_service.documents.content import media_type_of
from geo_service.documents.names import plain_name
from geo_service.documents.refusals import UploadMalformed, UploadTooLarge
from geo_service.documents.store import digest_of

MEBIBYTE: Final = 1024**2
FORM_BYTES: Final = MEBIBYTE
"""Room for the fields and boundaries around the file."""
MOST_FIELDS: Final = 20
MOST_FIELD_BYTES: Final = 16 * 1024
RECORDERS: Final = (Role.BOUNDARY, Role.SURVEYOR, Role.NAMING, Role.PLANNER)
may_record = holding(*RECORDERS)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is whole and of an accepted type, with the form's fields."""

    file: IO[bytes]
    name: str
    sha256: str
    size: int
    media_type: str
    fields: Mapping[str, str]


class _Form(MultiPartParser):
    """Starlette's parser, which goes to disk above a mebibyte, fed by a counted stream that must end in a whole form.

    What is refused is refused inside the stream, so that the parser closes, and thereby removes, what it wrote.
    """

    def __init__(self, request: Request, most: int) -> None:
        super().__init__(
            request.headers,
            self._counted(request, most),
            max_files=1,
            max_fields=MOST_FIELDS,
            max_part_size=MOST_FIELD_BYTES,
        )
        self._ended = False

    def on_end(self) -> None:
        """Note that the closing boundary came."""
        self._ended = True

    async def _counted(self, request: Request, most: int) -> AsyncGenerator[bytes, None]:
        taken = 0
        async for chunk in request.stream():
            taken += len(chunk)
            if taken > most + FORM_BYTES:
                raise UploadTooLarge(most_bytes=most)
            yield chunk
        if not self._ended:
            raise UploadMalformed(reason="cut_off")


def admit(request: Request, *roles: Role) -> None:
    """Refuse whoever has none of the roles, in a transaction of its own, before any byte is taken.

    A slow upload then holds neither a connection nor a transaction; the act itself asks once more.
    """
    database: Database = request.app.state.database
    with database.transaction() as session:
        officer = whoever(request, session)
        if officer.id is None:
            raise SignInRequired
        require_one_of(officer, *roles)


async def receive(request: Request) -> AsyncIterator[Upload]:
    """Yield the upload of a request; whatever was written is gone when the request ends, or is refused.

    Raises `UploadTooLarge` while the bytes come in, `UploadMalformed` for a form that is cut off or holds
    not exactly one file, `TypeRefused` and `ContentRefused` for what the file is.
    """
    await run_in_threadpool(admit, request, *RECORDERS)
    most = request.app.state.settings.document_limit_mib * MEBIBYTE
    file, name, fields = await read_form(request, most)
    try:
        yield await run_in_threadpool(_look, file, name, fields, most)
    finally:
        file.close()


Received = Annotated[Upload, Depends(receive)]


async def read_form(request: Request, most: int) -> tuple[IO[bytes], str, Mapping[str, str]]:
    """Return the one file of a form, on disk above a mebibyte and the caller's to close, its name and the fields.

    Raises `UploadTooLarge` for more than `most` bytes, `UploadMalformed`.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most + FORM_BYTES:
        raise UploadTooLarge(most_bytes=most)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UploadMalformed(reason="not_multipart")
    try:
        read = await _Form(request, most).parse()
    except (MultiPartException, FormParserError, ValueError) as malformed:
        raise UploadMalformed(reason="unreadable", detail=str(malformed)[:200]) from malformed
    except ClientDisconnect as gone:
        raise UploadMalformed(reason="cut_off") from gone
    file = read.get("file")
    if not isinstance(file, UploadFile):
        await read.close()
        raise UploadMalformed(reason="no_file")
    fields = {name: value for name, value in read.items() if isinstance(value, str)}
    return file.file, file.filename or "", fields


def _look(file: IO[bytes], name: str, fields: Mapping[str, str], most: int) -> Upload:
    sha256, size = digest_of(file)
    if size > most:
        raise UploadTooLarge(most_bytes=most)
    if size == 0:
        raise UploadMalformed(reason="empty_file")
    return Upload(file, plain_name(name), sha256, size, media_type_of(file), fields)


def openapi_body(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI description of the form: the fields of `model`, a JSON schema, and the file."""
    schema = json.loads(json.dumps(model))
    schema["properties"] = {"file": {"type": "string", "format": "binary"}, **schema["properties"]}
    schema["required"] = ["file", *schema.get("required", [])]
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
