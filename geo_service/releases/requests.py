"""A request's way: applied for, decided by another officer, fetched once before it expires; each step an audit entry."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from geo_service.auth.acting import show_secret
from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer, Role
from geo_service.auth.refusals import Forbidden
from geo_service.auth.secrets import new_secret, secret_hash
from geo_service.operations.documents import find_document
from geo_service.operations.hubs import office_of
from geo_service.paging import today
from geo_service.releases.tables import ReleaseRequestRow
from layers.boundaries.dossiers import unit_ground
from layers.boundaries.ground import UnitGround
from layers.errors import Conflict, InvalidInput, LayerError, NotFound

HOLDS: Final = timedelta(hours=72)
ADDRESS: Final = "/api/releases/files/"


class ReleaseNotFound(NotFound):
    """There is no such request, or it is another officer's."""

    code = "release.not_found"


class ReleaseDecided(Conflict):
    """The request was decided before. Facts: `state`, `reviewed_by`."""

    code = "release.decided"


class ReleaseByApplicant(LayerError):
    """Nobody decides on his own request."""

    code = "release.by_applicant"


class ReleaseLinkSpent(LayerError):
    """The link was used, has expired, or was never made."""

    code = "release.link_spent"


def apply_for(
    session: Session, officer: Officer, values: dict[str, Any], *, home_unit: str
) -> ReleaseRequestRow:
    """Put a request on record; `ground_code` is a unit, and the file takes what meets its ground.

    Raises `DocumentNotFound` for a paper that the applicant may not read, `UnitNotFound` and `InvalidInput` for
    a unit without an outline.
    """
    if values.get("document_id") is not None:
        find_document(session, values["document_id"])
    if (code := values.get("ground_code")) is not None:
        ground_of(session, code, values.get("as_of") or today())
    row = ReleaseRequestRow(**values, unit_code=office_of(officer, home_unit), requested_by=officer.username)
    session.add(row)
    session.flush()
    session.refresh(row)
    detail = values | {"document_id": None if row.document_id is None else str(row.document_id)}
    record_act(session, "release.request", subject=("release", str(row.id)), detail=detail)
    return row


def ground_of(session: Session, code: str, on: date) -> UnitGround:
    """Return the ground of a unit as it is on a day; raises `UnitNotFound`, `InvalidInput` for one without an outline."""
    ground = unit_ground(session, code, on)
    if ground is None:
        raise InvalidInput(field="ground_code", given=code, expected="a unit with an outline")
    return ground


def requests(session: Session, *, limit: int = 200) -> list[ReleaseRequestRow]:
    """Return the requests that the officer may see, the newest first: his own, or all that he may decide on."""
    asked = select(ReleaseRequestRow).order_by(ReleaseRequestRow.requested_at.desc()).limit(limit)
    return list(session.execute(asked).scalars())


def review(
    session: Session, officer: Officer, request_id: UUID, *, approved: bool, note: str
) -> tuple[ReleaseRequestRow, str | None]:
    """Decide on another officer's request; an approved one gets a link that works once, for 72 hours.

    Raises `ReleaseNotFound`, `ReleaseDecided`, `ReleaseByApplicant`, `Forbidden`.
    """
    if not officer.holds(Role.BOUNDARY, Role.ADMINISTRATOR):
        raise Forbidden(needed=[Role.BOUNDARY.value, Role.ADMINISTRATOR.value])
    asked = select(ReleaseRequestRow).where(ReleaseRequestRow.id == request_id).with_for_update()
    row = session.execute(asked).scalar_one_or_none()
    if row is None:
        raise ReleaseNotFound(release=str(request_id))
    if row.requested_by == officer.username:
        raise ReleaseByApplicant(release=str(request_id))
    if row.state != "requested":
        raise ReleaseDecided(state=row.state, reviewed_by=row.reviewed_by)
    row.state, row.reviewed_by, row.note = "approved" if approved else "refused", officer.username, note
    row.reviewed_at = func.now()
    link = None
    if approved:
        row.expires_at = datetime.now(UTC) + HOLDS
        link = _new_link(row)
    session.flush()
    session.refresh(row)
    detail = {"state": row.state, "note": note}
    record_act(session, "release.review", subject=("release", str(row.id)), detail=detail)
    return row, link


def take_link(session: Session, officer: Officer, request_id: UUID) -> tuple[ReleaseRequestRow, str]:
    """Give the applicant the link to his approved file; the one made before no longer works, the end stays.

    Raises `ReleaseNotFound`, also for another officer's request, and `ReleaseLinkSpent`.
    """
    own = (ReleaseRequestRow.id == request_id, ReleaseRequestRow.requested_by == officer.username)
    if session.execute(select(ReleaseRequestRow.id).where(*own)).scalar_one_or_none() is None:
        raise ReleaseNotFound(release=str(request_id))
    open_still = (ReleaseRequestRow.state == "approved", ReleaseRequestRow.expires_at > func.now())
    asked = select(ReleaseRequestRow).where(*own, *open_still).with_for_update()
    row = session.execute(asked).scalar_one_or_none()
    if row is None:
        raise ReleaseLinkSpent
    link = _new_link(row)
    session.flush()
    record_act(session, "release.link", subject=("release", str(row.id)))
    return row, link


def _new_link(row: ReleaseRequestRow) -> str:
    secret = new_secret()
    row.link_hash = secret_hash(secret)
    return ADDRESS + secret


def spend_link(session: Session, secret: str) -> ReleaseRequestRow:
    """Use a link up and return what it is for; of two at once, one succeeds. Raises `ReleaseLinkSpent`."""
    hashed = secret_hash(secret)
    show_secret(session, hashed)
    row = session.execute(
        update(ReleaseRequestRow)
        .where(
            ReleaseRequestRow.link_hash == hashed,
            ReleaseRequestRow.state == "approved",
            ReleaseRequestRow.expires_at > func.now(),
        )
        .values(state="downloaded", downloaded_at=func.now())
        .returning(ReleaseRequestRow)
    ).scalar_one_or_none()
    if row is None:
        raise ReleaseLinkSpent
    return row


def note_download(session: Session, row: ReleaseRequestRow, sha256: str, rows: int) -> None:
    """Put on record what was handed out."""
    row.sha256 = sha256
    detail = {
        "layer": row.layer,
        "form": row.form,
        "rows": rows,
        "sha256": sha256,
        "recipient": row.recipient,
    }
    record_act(session, "release.download", subject=("release", str(row.id)), detail=detail)
