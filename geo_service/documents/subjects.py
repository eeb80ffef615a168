"""What a document may be linked to, found by what the office calls it; each layer adds its own kinds."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.documents.refusals import SubjectNotFound, SubjectOutOfReach

Finder = Callable[[Session, str], str | None]
"""Returns the lasting id of a subject for what the office calls it, None where there is none."""

FINDERS: Final[dict[str, Finder]] = {}


def subject_kind(kind: str) -> Callable[[Finder], Finder]:
    """Register how subjects of a kind are found.

    Their migration says who reaches them: `migrations.subjects.extend_reach`.
    """

    def register(finder: Finder) -> Finder:
        FINDERS[kind] = finder
        return finder

    return register


def find_subject(session: Session, kind: str, given: str) -> str:
    """Return the lasting id of a subject; raises `SubjectNotFound`.

    A unit or marker is called by its code, a unit also by a former one, and kept by its id: a new code loses
    no paper.
    """
    found = FINDERS[kind](session, given) if kind in FINDERS else None
    if found is None:
        raise SubjectNotFound(kind=kind, subject=given[:100])
    return found


def refuse_out_of_reach(session: Session, kind: str, subject_id: str) -> None:
    """Raise `SubjectOutOfReach` unless the acting officer's jurisdiction touches the subject."""
    asked = text("SELECT service.reaches_subject(:kind, :subject)")
    if not session.execute(asked, {"kind": kind, "subject": subject_id}).scalar_one():
        raise SubjectOutOfReach(kind=kind, subject=subject_id)


def called(session: Session, kind: str, subject_id: str) -> str:
    """Return what the office calls a subject now: a unit or marker by its newest code, others by their id."""
    asked = NEWEST_CODES.get(kind)
    if asked is None:
        return subject_id
    return _first(session, asked, {"id": UUID(subject_id)}) or subject_id


NEWEST_CODES: Final = {
    "unit": (
        "SELECT code FROM boundaries.administrative_unit WHERE unit_id = :id "
        "ORDER BY valid_to DESC NULLS FIRST LIMIT 1"
    ),
    "marker": "SELECT code FROM markers.marker WHERE id = :id",
}
UNIT_BY_CODE: Final = (
    "SELECT unit_id::text FROM boundaries.administrative_unit WHERE code = :code "
    "ORDER BY valid_to DESC NULLS FIRST, level LIMIT 1"
)
UNIT_BY_ID: Final = "SELECT unit_id::text FROM boundaries.administrative_unit WHERE unit_id = :id LIMIT 1"
LINE: Final = "SELECT line_code FROM boundaries.boundary_line WHERE line_code = :code LIMIT 1"
MARKER: Final = "SELECT id::text FROM markers.marker WHERE code = :code"
MARKER_BY_ID: Final = "SELECT id::text FROM markers.marker WHERE id = :id"
PROPOSAL: Final = "SELECT id::text FROM naming.proposal WHERE id = :id"
CHANGE: Final = "SELECT id::text FROM boundaries.unit_change WHERE id = :id"


def _first(session: Session, statement: str, values: Mapping[str, object]) -> str | None:
    found = session.execute(text(statement), values).scalar()
    return None if found is None else str(found)


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


@subject_kind("unit")
def _unit(session: Session, given: str) -> str | None:
    identity = _uuid(given) if len(given) > 12 else None
    if identity is not None:
        return _first(session, UNIT_BY_ID, {"id": identity})
    return _first(session, UNIT_BY_CODE, {"code": given})


@subject_kind("line")
def _line(session: Session, given: str) -> str | None:
    return _first(session, LINE, {"code": given})


@subject_kind("change")
def _change(session: Session, given: str) -> str | None:
    identity = _uuid(given)
    return None if identity is None else _first(session, CHANGE, {"id": identity})


@subject_kind("marker")
def _marker(session: Session, given: str) -> str | None:
    identity = _uuid(given)
    if identity is not None:
        return _first(session, MARKER_BY_ID, {"id": identity})
    return _first(session, MARKER, {"code": given})


@subject_kind("proposal")
def _proposal(session: Session, given: str) -> str | None:
    identity = _uuid(given)
    return None if identity is None else _first(session, PROPOSAL, {"id": identity})
