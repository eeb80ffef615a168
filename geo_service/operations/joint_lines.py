"""What the documents of a line say beside its markers, and the line compared with them before anybody walks it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.operations.inspections import RecordedOtherwise
from geo_service.operations.marker_answers import reach_a_side, told
from geo_service.operations.marker_check import check_markers
from geo_service.paging import today
from geo_service.schemas.joint_plans import LineCounts, NewOtherMark, OtherMarkEnd
from layers.errors import InvalidInput, NotFound
from layers.findings import Finding
from layers.markers.joint_line_rows import inspected_line
from layers.markers.joint_tables import LineCountRow, OtherMarkRow


class OtherMarkNotFound(NotFound):
    """The line has no such other mark. Facts: `code`."""

    code = "joint.other_mark_not_found"


def line_told(session: Session, officer: Officer, line_code: str) -> dict[str, Any]:
    """Return the other marks of a line, the counts its documents state, and the register compared with both."""
    line, _, name = inspected_line(session, line_code, today())
    reach_a_side(session, officer, line.sides)
    marks = session.scalars(
        select(OtherMarkRow).where(OtherMarkRow.line_code == line_code).order_by(OtherMarkRow.code)
    )
    counted = session.scalars(
        select(LineCountRow)
        .where(LineCountRow.line_code == line_code)
        .order_by(LineCountRow.recorded_at.desc(), LineCountRow.id.desc())
    ).first()
    kinds = ("total", "single", "double", "triple", "document")
    return {
        "line_code": line_code,
        "name": name,
        "sides": line.sides,
        "other_marks": [_mark_told(mark) for mark in marks],
        "declared": None if counted is None else {kind: getattr(counted, kind) for kind in kinds},
        "findings": told(indoor_findings(session, line_code)),
    }


def indoor_findings(session: Session, line_code: str) -> Iterator[Finding]:
    """Yield what the register of a line says against its geometry, its documents or itself, as of today."""
    return check_markers(session, today(), line=line_code)


def _mark_told(mark: OtherMarkRow) -> dict[str, Any]:
    names = ("code", "description", "document", "valid_from", "valid_to", "end_document")
    return {name: getattr(mark, name) for name in names}


def add_other_mark(session: Session, officer: Officer, line_code: str, asked: NewOtherMark) -> dict[str, Any]:
    """Put a mark on record that the line's agreement names; raises `RecordedOtherwise` where its code is taken."""
    line, _, _ = inspected_line(session, line_code, today())
    reach_a_side(session, officer, line.sides)
    wanted = asked.model_dump(exclude={"lon", "lat"})
    taken = session.scalars(
        select(OtherMarkRow).where(OtherMarkRow.line_code == line_code, OtherMarkRow.code == asked.code)
    ).first()
    if taken is not None:
        if taken.id != asked.id or any(getattr(taken, name) != value for name, value in wanted.items()):
            raise RecordedOtherwise(id=str(asked.id))
        return line_told(session, officer, line_code)
    place = f"SRID=4490;POINT({asked.lon!r} {asked.lat!r})"
    session.add(
        OtherMarkRow(
            **wanted,
            line_code=line_code,
            sides=list(line.sides),
            geometry=place,
            recorded_by=officer.username,
        )
    )
    session.flush()
    record_act(session, "joint.other_mark", subject=("line", line_code), after=asked.model_dump(mode="json"))
    return line_told(session, officer, line_code)


def end_other_mark(
    session: Session, officer: Officer, line_code: str, code: str, asked: OtherMarkEnd
) -> dict[str, Any]:
    """Put down that a mark is none any more; raises `OtherMarkNotFound`, `InvalidInput` for a day before it began."""
    line, _, _ = inspected_line(session, line_code, today())
    reach_a_side(session, officer, line.sides)
    mark = session.scalars(
        select(OtherMarkRow)
        .where(
            OtherMarkRow.line_code == line_code, OtherMarkRow.code == code, OtherMarkRow.valid_to.is_(None)
        )
        .with_for_update()
    ).first()
    if mark is None:
        raise OtherMarkNotFound(code=code)
    if asked.valid_to <= mark.valid_from:
        raise InvalidInput(
            field="valid_to", given=asked.valid_to.isoformat(), expected=f"> {mark.valid_from.isoformat()}"
        )
    mark.valid_to, mark.end_document = asked.valid_to, asked.document
    session.flush()
    record_act(
        session,
        "joint.other_mark_end",
        subject=("line", line_code),
        after={"code": code, **asked.model_dump(mode="json")},
    )
    return line_told(session, officer, line_code)


def declare_counts(session: Session, officer: Officer, line_code: str, asked: LineCounts) -> dict[str, Any]:
    """Put down how many markers a document of the line states; the newest statement counts."""
    line, _, _ = inspected_line(session, line_code, today())
    reach_a_side(session, officer, line.sides)
    if session.get(LineCountRow, asked.id) is None:
        session.add(
            LineCountRow(
                **asked.model_dump(),
                line_code=line_code,
                sides=list(line.sides),
                recorded_at=datetime.now(UTC),
                recorded_by=officer.username,
            )
        )
        session.flush()
        record_act(session, "joint.counts", subject=("line", line_code), after=asked.model_dump(mode="json"))
    return line_told(session, officer, line_code)
