"""Error code → HTTP status, the only table of it; errors leave as RFC 9457 problems."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from geo_service.messages import preferred_language, words
from layers.errors import LayerError

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[str, int]] = {
    "alert.answered": 409,
    "alert.not_found": 404,
    "audit.anchor_unreadable": 422,
    "auth.calendar_address_not_found": 404,
    "auth.forbidden": 403,
    "auth.link_refused": 403,
    "auth.officer_not_found": 404,
    "auth.origin_refused": 403,
    "auth.own_rights": 409,
    "auth.password_too_weak": 422,
    "auth.password_wrong": 403,
    "auth.provider_not_configured": 404,
    "auth.provider_refused": 403,
    "auth.provider_unavailable": 503,
    "auth.session_not_found": 404,
    "auth.sign_in_refused": 401,
    "auth.sign_in_required": 401,
    "auth.token_not_found": 404,
    "auth.too_many_attempts": 429,
    "auth.username_refused": 422,
    "auth.username_taken": 409,
    "backup.archive_refused": 422,
    "backup.audit_broken": 409,
    "backup.differs": 409,
    "backup.incomplete": 422,
    "backup.newer_revision": 409,
    "backup.nothing_there": 409,
    "backup.place_not_empty": 409,
    "backup.place_not_prepared": 409,
    "backup.program_failed": 503,
    "backup.program_missing": 503,
    "backup.target_exists": 409,
    "boundary.change_leaves_gap": 409,
    "boundary.change_overlaps": 409,
    "boundary.change_refused": 409,
    "boundary.line_code_invalid": 422,
    "boundary.line_not_found": 404,
    "boundary.unit_code_invalid": 422,
    "boundary.unit_not_found": 404,
    "cluster.account_missing": 503,
    "cluster.busy": 503,
    "cluster.disk_full": 503,
    "cluster.failed": 503,
    "cluster.not_permitted": 503,
    "cluster.other_major_version": 503,
    "cluster.path_too_long": 503,
    "cluster.postgis_missing": 503,
    "cluster.postgresql_missing": 503,
    "cluster.start_refused": 503,
    "cluster.stop_refused": 503,
    "crs.datum_not_approved": 422,
    "crs.unreadable": 422,
    "database.constraint": 409,
    "database.unavailable": 503,
    "demonstration.outlines_missing": 503,
    "document.content_refused": 422,
    "document.digest_wrong": 422,
    "document.not_found": 404,
    "document.repeated": 409,
    "document.store_unusable": 503,
    "document.subject_not_found": 404,
    "document.subject_out_of_reach": 403,
    "document.type_refused": 415,
    "document.upload_malformed": 400,
    "exchange.coordinates_missing": 422,
    "exchange.file_unreadable": 422,
    "export.file_exists": 409,
    "export.not_exportable": 422,
    "field.outbox_unreadable": 422,
    "field.pack_too_large": 422,
    "field.record_unknown": 422,
    "hubs.class_column_missing": 422,
    "hubs.code_taken": 409,
    "hubs.column_missing": 422,
    "hubs.crs_missing": 422,
    "hubs.demand_not_found": 404,
    "hubs.far_from_network": 422,
    "hubs.file_kind_refused": 415,
    "hubs.group_unknown": 422,
    "hubs.hub_not_found": 404,
    "hubs.id_taken": 409,
    "hubs.ids_refused": 422,
    "hubs.limit_invalid": 422,
    "hubs.network_empty": 422,
    "hubs.network_file_invalid": 422,
    "hubs.network_geometry_invalid": 422,
    "hubs.network_not_found": 404,
    "hubs.no_points": 422,
    "hubs.no_streets": 422,
    "hubs.place_missing": 422,
    "hubs.preset_invalid": 422,
    "hubs.preset_not_found": 404,
    "hubs.scenario_not_found": 404,
    "hubs.scenarios_differ": 409,
    "hubs.scheduler_unreachable": 503,
    "hubs.siting_input_invalid": 422,
    "hubs.weights_invalid": 422,
    "hubs.zones_invalid": 422,
    "import.archive_refused": 422,
    "import.crs_unknown": 422,
    "import.format_unknown": 422,
    "import.layer_unknown": 422,
    "import.mapping_invalid": 422,
    "import.missing_column": 422,
    "import.parameters_invalid": 422,
    "import.path_refused": 422,
    "import.piece_too_large": 422,
    "import.staging_refused": 422,
    "import.unreadable_file": 422,
    "input.invalid": 422,
    "job.cancelled": 409,
    "job.interrupted": 409,
    "job.not_found": 404,
    "joint.consent_missing": 409,
    "joint.not_found": 404,
    "joint.order_not_found": 404,
    "joint.other_mark_not_found": 404,
    "joint.paper_not_on_file": 409,
    "joint.planned_already": 409,
    "joint.records_closed": 409,
    "joint.signature_not_own": 409,
    "joint.step_refused": 409,
    "layer.refused": 409,
    "marker.case_not_found": 404,
    "marker.case_step_refused": 409,
    "marker.code_taken": 409,
    "marker.declination_missing": 422,
    "marker.edit_conflict": 409,
    "marker.edit_decided": 409,
    "marker.edit_moved": 409,
    "marker.edit_not_found": 404,
    "marker.forms_too_many": 422,
    "marker.inspection_not_found": 404,
    "marker.not_found": 404,
    "marker.own_edit_refused": 409,
    "marker.own_review_refused": 409,
    "marker.position_is_legal": 409,
    "marker.profile_invalid": 422,
    "marker.profile_not_found": 404,
    "marker.proof_not_on_record": 409,
    "marker.report_too_many": 422,
    "naming.act_repeated": 409,
    "naming.ballot_refused": 409,
    "naming.comment_closed": 409,
    "naming.comment_not_found": 404,
    "naming.comment_repeated": 409,
    "naming.gazetteer_too_large": 422,
    "naming.item_not_found": 404,
    "naming.meeting_not_found": 404,
    "naming.meeting_repeated": 409,
    "naming.name_held": 409,
    "naming.name_not_found": 404,
    "naming.name_not_in_force": 409,
    "naming.nothing_ready": 409,
    "naming.profile_not_found": 404,
    "naming.proposal_not_amendable": 409,
    "naming.proposal_not_found": 404,
    "naming.proposal_repeated": 409,
    "naming.proposal_step_refused": 409,
    "naming.record_missing": 422,
    "naming.road_missing": 422,
    "naming.sign_list_too_large": 422,
    "naming.sign_not_found": 404,
    "naming.sign_repeated": 409,
    "naming.step_repeated": 409,
    "naming.too_many_comments": 429,
    "ogc.busy": 503,
    "ogc.collection_not_found": 404,
    "ogc.crs_not_offered": 400,
    "ogc.filter_invalid": 400,
    "ogc.item_not_found": 404,
    "ogc.parameter_invalid": 400,
    "ogc.property_unknown": 400,
    "photo.hash_differs": 422,
    "photo.no_thumbnail": 404,
    "photo.not_found": 404,
    "photo.offset_differs": 409,
    "photo.too_large": 413,
    "photo.type_refused": 415,
    "photo.upload_busy": 409,
    "record.conflict": 409,
    "record.not_found": 404,
    "reference.column_name_refused": 422,
    "reference.id_taken": 409,
    "reference.layer_not_found": 404,
    "reference.name_refused": 422,
    "reference.name_taken": 409,
    "reference.upload_not_found": 404,
    "reference.upload_too_large": 413,
    "release.by_applicant": 403,
    "release.decided": 409,
    "release.link_spent": 410,
    "release.not_found": 404,
    "request.body_too_large": 413,
    "request.etag_missing": 428,
    "request.etag_stale": 412,
    "request.forbidden": 403,
    "request.malformed": 400,
    "request.method_not_allowed": 405,
    "request.not_found": 404,
    "request.timed_out": 503,
    "request.too_many": 429,
    "sensor.signature_refused": 401,
    "sensor.source_not_found": 404,
    "sensor.source_taken": 409,
    "sensor.timestamp_refused": 401,
    "server.error": 500,
    "service.demonstration_not_local": 503,
    "service.migrations_pending": 503,
    "service.port_taken": 503,
    "snapshot.sums_unreadable": 422,
    "tile.not_found": 404,
    "webhook.address_refused": 422,
    "webhook.not_found": 404,
}

HTTP_CODES: Final[Mapping[int, str]] = {
    400: "request.malformed",
    401: "auth.sign_in_required",
    403: "request.forbidden",
    404: "request.not_found",
    405: "request.method_not_allowed",
    413: "request.body_too_large",
    429: "request.too_many",
}

INSUFFICIENT_PRIVILEGE: Final = "42501"

log = structlog.get_logger(__name__)


def problem(
    request: Request,
    code: str,
    *,
    facts: Mapping[str, object] | None = None,
    errors: Sequence[Mapping[str, object]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the problem document of `code`, worded in the asker's language.

    `type` is a page of the manual, `title` the kind of error, `detail` what to do about it here.
    """
    status = STATUS.get(code, 400)
    language = preferred_language(request.headers.get("accept-language"))
    title, detail = words(f"problem.{code}", language, facts or {})
    body: dict[str, Any] = {
        "type": f"/docs/errors#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": str(request.url.path),
        "request_id": getattr(request.state, "request_id", None),
    }
    if facts:
        body["facts"] = _plain(facts)
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(
        body,
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": language, **(headers or {})},
    )


def refusal(request: Request, error: LayerError) -> JSONResponse:
    """Return the problem document of a refusal, with the headers that its kind asks for."""
    headers = {}
    if error.code == "auth.sign_in_required":
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in error.facts:
        headers["Retry-After"] = str(error.facts["retry_after_s"])
    return problem(request, error.code, facts=error.facts, headers=headers)


def _plain(value: object) -> Any:
    """Return `value` as JSON can carry it; a domain value is shown by its text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def install(app: FastAPI) -> None:
    """Make every error of `app` leave as a problem document."""

    @app.exception_handler(LayerError)
    def refused(request: Request, error: LayerError) -> JSONResponse:
        return refusal(request, error)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = [
            {
                "field": ".".join(str(part) for part in item["loc"]),
                "code": item["type"],
                "detail": item["msg"],
            }
            for item in error.errors()
        ]
        return problem(request, "input.invalid", errors=found)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        code = HTTP_CODES.get(error.status_code, "server.error")
        return problem(request, code, headers=error.headers)

    @app.exception_handler(DataError)
    def unreadable(request: Request, error: DataError) -> JSONResponse:
        log.info("database_refused_value", error=str(error.orig))
        return problem(request, "input.invalid")

    @app.exception_handler(ProgrammingError)
    def withheld(request: Request, error: ProgrammingError) -> JSONResponse:
        """Answer for the database's own rules: a row out of the asker's reach, a change of evidence."""
        if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            return unforeseen(request, error)
        log.warning("database_refused_act", error=str(error.orig))
        return problem(request, "auth.forbidden")

    @app.exception_handler(IntegrityError)
    def constraint(request: Request, error: IntegrityError) -> JSONResponse:
        diagnosis = getattr(error.orig, "diag", None)
        name = getattr(diagnosis, "constraint_name", None)
        return problem(request, "database.constraint", facts={"constraint": name})

    @app.exception_handler(OperationalError)
    def unavailable(request: Request, error: OperationalError) -> JSONResponse:
        log.warning("database_unavailable", error=str(error.orig))
        timed_out = type(error.orig).__name__ == "QueryCanceled"
        code = "request.timed_out" if timed_out else "database.unavailable"
        return problem(request, code, headers={"Retry-After": "2"})

    app.add_exception_handler(InterfaceError, _busy)
    app.add_exception_handler(PoolTimeoutError, _busy)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        log.error("unforeseen_error", error=type(error).__name__, exc_info=error)
        return problem(request, "server.error")


def _busy(request: Request, error: Exception) -> JSONResponse:
    log.warning("database_busy", error=type(error).__name__)
    return problem(request, "database.unavailable", headers={"Retry-After": "2"})


def describes(status: int) -> str:
    """Return the phrase of an HTTP status, for the OpenAPI document."""
    return HTTPStatus(status).phrase
