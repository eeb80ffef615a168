"""Acts on a boundary line's record: who manages it, whether it is disputed; never where it runs."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import out_of_reach
from geo_service.auth.officer import Officer
from geo_service.auth.refusals import Forbidden
from geo_service.etags import etag_of, require_match
from geo_service.schemas.boundaries import ChangeOfLine
from layers.boundaries.model import LineNotFound
from layers.boundaries.tables import BoundaryLineRow

KEPT = ("managing", "disputed", "legal_instrument", "last_joint_inspection_on")


def load_line(session: Session, line_code: str, on: date) -> BoundaryLineRow:
    """Return the line in force on a date; raises `LineNotFound`."""
    asked = select(BoundaryLineRow).where(
        BoundaryLineRow.line_code == line_code,
        BoundaryLineRow.valid_from <= on,
        (BoundaryLineRow.valid_to.is_(None)) | (BoundaryLineRow.valid_to > on),
    )
    row = session.execute(asked).scalar_one_or_none()
    if row is None:
        raise LineNotFound(line_code=line_code, as_of=on.isoformat())
    return row


def line_etag(row: BoundaryLineRow) -> str:
    """Return the ETag of what may be changed of a line."""
    return etag_of([str(row.id), *(getattr(row, name) for name in KEPT)])


def keep_line(
    session: Session, officer: Officer, line_code: str, asked: ChangeOfLine, *, on: date, if_match: str | None
) -> BoundaryLineRow:
    """Change who manages a line, whether it is disputed, its paper or its last joint inspection.

    An officer of either side may: a line belongs to every side it touches. Its course is not his to
    change (Order 353, arts. 6 and 7). Raises `LineNotFound`, `Forbidden`, `EtagMissing`, `EtagStale`.
    """
    row = load_line(session, line_code, on)
    if len(out_of_reach(session, officer, row.unit_codes)) == len(row.unit_codes):
        raise Forbidden(outside=row.unit_codes, jurisdictions=sorted(officer.jurisdictions))
    session.refresh(row, with_for_update=True)
    require_match(if_match, line_etag(row))
    wanted = asked.model_dump(exclude_unset=True)
    before = {name: getattr(row, name) for name in wanted}
    for name, value in wanted.items():
        setattr(row, name, value)
    session.flush()
    record_act(session, "line.keep", subject=("line", line_code), before=before, after=wanted)
    return row
