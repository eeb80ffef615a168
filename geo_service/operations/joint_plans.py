"""Acts that carry a joint inspection on: planned in its turn, its papers named, filed, put into the archives.

The stage follows from what is on record; an act that comes too early is refused with what is missing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.jurisdiction import out_of_reach
from geo_service.auth.officer import Officer
from geo_service.etags import etag_of, require_match
from geo_service.operations.case_people import papers_on_file
from geo_service.operations.inspections import RecordedOtherwise
from geo_service.operations.joint_inspections import joint_whole
from geo_service.operations.joint_results import record_results
from geo_service.operations.joint_sides import PaperNotOnFile, require_open
from geo_service.operations.marker_answers import reach_a_side, told
from geo_service.paging import today
from geo_service.schemas.joint_plans import JointFiling, JointPapers, NewJointInspection
from layers.errors import Conflict, InvalidInput
from layers.findings import Finding
from layers.markers.cited_papers import hashes_in
from layers.markers.joint_inspection import JointStage, require
from layers.markers.joint_line_rows import inspected_line, inspected_lines, other_marks_of, posts_of_line
from layers.markers.joint_planning import InspectedLine, PlannedInspection, check_plan, cycle_plan
from layers.markers.joint_rows import JointNotFound, joint_file, joint_files
from layers.markers.joint_tables import JointInspectionRow, JointTaskRow
from layers.markers.joint_tasks import JointTask, task_list
from layers.markers.policy import InspectionPolicy
from layers.markers.register import append, office_rules

PAPERS = ("plan_document", "indoor_minutes", "report_document", "filing_number", "filed_on", "archived_in")

NAMES = "SELECT line_code, name FROM boundaries.boundary_line"


class PlannedAlready(Conflict):
    """The line has a joint inspection in that year already. Facts: `joint_id`."""

    code = "joint.planned_already"


class ConsentMissing(Conflict):
    """Another year than the due one needs the consent of all sides and of the authority. Facts: `due_on`, `year`."""

    code = "joint.consent_missing"


def plan_told(session: Session, officer: Officer, on: date, year: int | None) -> dict[str, Any]:
    """Return the plan of the round that a day lies in, or one year of it, with the inspections begun.

    A line whose inspection has begun stands in the year that was agreed; `own` says whether the officer acts for a side.
    """
    policy = _policy()
    lines = {line.line_code: line for line in inspected_lines(session, on)}
    files = [row for row, _ in joint_files(session)]
    begun = {(row.line_code, row.year): row.id for row in files}
    names = {row.line_code: row.name for row in session.execute(text(NAMES))}
    first = policy.cycle_start(on)
    years = range(first.year, first.year + policy.joint_years)
    agreed = {line: each for line, each in begun if each in years}
    plan = cycle_plan(lines.values(), on, policy, agreed_years=agreed)
    leads = {(row.line_code, row.year): row.lead for row in files}
    plan = tuple(_led(item, leads.get((item.line_code, item.year))) for item in plan)
    consented = {row.line_code for row in files if row.year in years and row.consent}
    planned = [_in_round(item, lines[item.line_code], first) for item in plan]
    outside = set(out_of_reach(session, officer, {side for line in lines.values() for side in line.sides}))
    return {
        "cycle_start": first,
        "years": list(years),
        "findings": told(_plan_checked(plan, list(lines.values()), first, consented)),
        "lines": [
            {
                **{name: getattr(item, name) for name in PlannedInspection.__dataclass_fields__},
                "name": names[item.line_code],
                "last_on": line.last_on,
                "last_lead": line.last_lead,
                "done_on": done_on,
                "needs_consent": item.needs_consent and item.line_code not in agreed,
                "joint_id": begun.get((item.line_code, item.year)),
                "own": not outside.issuperset(line.sides),
            }
            for item, line, done_on in sorted(planned, key=lambda each: (each[0].year, each[0].line_code))
            if year is None or item.year == year
        ],
    }


def _led(item: PlannedInspection, lead: str | None) -> PlannedInspection:
    """Return a line under who was named when its inspection began."""
    if lead is None or lead == item.lead:
        return item
    others = {item.lead, *item.cooperating} - {lead}
    return replace(item, lead=lead, cooperating=tuple(sorted(others)))


def _plan_checked(
    plan: Sequence[PlannedInspection], lines: Sequence[InspectedLine], first: date, consented: set[str]
) -> Iterator[Finding]:
    """Yield what is wrong with a plan as people have begun it; lines that are done in the round are past it."""
    open_lines = [line for line in lines if line.last_on is None or line.last_on < first]
    codes = {line.line_code for line in open_lines}
    waiting = [item for item in plan if item.line_code in codes]
    yield from check_plan(waiting, open_lines, consented=consented)


def _in_round(
    item: PlannedInspection, line: InspectedLine, first: date
) -> tuple[PlannedInspection, InspectedLine, date | None]:
    """Return a line where it stands in the round: one that is done, in its year, under who led it."""
    if line.last_on is None or line.last_on < first:
        return item, line, None
    lead = line.last_lead if line.last_lead in line.sides else item.lead
    others = tuple(side for side in sorted(line.sides) if side != lead)
    held = replace(item, year=line.last_on.year, lead=lead, cooperating=others, needs_consent=False)
    return held, line, line.last_on


def begin(session: Session, officer: Officer, asked: NewJointInspection) -> tuple[dict[str, Any], bool]:
    """Plan the inspection of a line in a year, with its tasks; the same id with the same content is the same one.

    Raises `PlannedAlready`, `ConsentMissing` for a year out of rhythm, `LineNotFound`, `InvalidInput` for a lead
    that is no side or led the last round.
    """
    known = session.get(JointInspectionRow, asked.id)
    if known is not None:
        if (known.line_code, known.year) != (asked.line_code, asked.year):
            raise RecordedOtherwise(id=str(asked.id))
        return joint_whole(session, asked.id), False
    on, policy = today(), _policy()
    line, course, _ = inspected_line(session, asked.line_code, on)
    reach_a_side(session, officer, line.sides)
    earlier = [row for row, _ in joint_files(session, line=asked.line_code, year=asked.year)]
    if earlier:
        raise PlannedAlready(joint_id=str(earlier[0].id))
    plan = cycle_plan([line], date(asked.year, 1, 1), policy, agreed_years={asked.line_code: asked.year})[0]
    if plan.needs_consent and not asked.consent:
        raise ConsentMissing(due_on=plan.due_on and plan.due_on.isoformat(), year=asked.year)
    lead = asked.lead or plan.lead
    if lead not in line.sides or lead == line.last_lead:
        raise InvalidInput(field="lead", given=lead, expected=plan.lead)
    tasks = task_list(
        course,
        line.sides,
        posts_of_line(session, asked.line_code, on),
        other_marks_of(session, asked.line_code, on),
    )
    row = JointInspectionRow(
        id=asked.id,
        line_code=asked.line_code,
        cycle_start=policy.cycle_start(date(asked.year, 1, 1)),
        year=asked.year,
        sides=_sides(line.sides, tasks),
        lead=lead,
        consent=asked.consent,
        recorded_at=datetime.now(UTC),
        recorded_by=officer.username,
    )
    session.add(row)
    session.flush()
    append(
        session,
        JointTaskRow,
        (
            {
                "joint_id": asked.id,
                "place": task.order,
                "kind": task.kind.value,
                "subjects": list(task.subjects),
                "geometry": f"SRID=4490;{task.place.wkt}",
                "along_m": task.along_m,
                "length_m": task.length_m,
                "sides": list(task.sides),
            }
            for task in tasks
        ),
    )
    record_act(
        session,
        "joint.plan",
        subject=("joint_inspection", str(asked.id)),
        after=asked.model_dump(mode="json") | {"lead": lead, "tasks": len(tasks)},
    )
    return joint_whole(session, asked.id), True


def name_papers(
    session: Session, officer: Officer, joint_id: UUID, asked: JointPapers, *, if_match: str | None
) -> dict[str, Any]:
    """Name the plan to be signed, the minutes of the indoor comparison, the report to be signed.

    A report is named once every disagreement is settled; raises `JointStepRefused` before, `PaperNotOnFile`,
    `RecordsClosed` once all have signed it.
    """
    row = _held(session, officer, joint_id)
    require_match(if_match, joint_etag(row))
    joint = joint_file(session, joint_id)[1]
    require_open(joint)
    cited = asked.model_dump(exclude_unset=True)
    missing = sorted(set(hashes_in(cited)) - papers_on_file(session, [cited]))
    if missing:
        raise PaperNotOnFile(missing=missing)
    if asked.report_document is not None:
        require(joint, JointStage.SETTLED)
    return _changed(session, row, "joint.papers", cited)


def file_report(
    session: Session, officer: Officer, joint_id: UUID, asked: JointFiling, *, if_match: str | None
) -> dict[str, Any]:
    """File the report that every side has signed; what it says of the markers becomes evidence, if it has not yet.

    Raises `JointStepRefused` before all have signed.
    """
    row = _held(session, officer, joint_id)
    require_match(if_match, joint_etag(row))
    require(joint_file(session, joint_id)[1], JointStage.REPORT_SIGNED)
    record_results(session, officer, row)
    return _changed(session, row, "joint.file", asked.model_dump())


def archive(
    session: Session, officer: Officer, joint_id: UUID, levels: list[str], *, if_match: str | None
) -> dict[str, Any]:
    """Put down which archive sets are complete; raises `JointStepRefused` before the report is filed."""
    row = _held(session, officer, joint_id)
    require_match(if_match, joint_etag(row))
    require(joint_file(session, joint_id)[1], JointStage.FILED)
    return _changed(session, row, "joint.archive", {"archived_in": sorted({*row.archived_in, *levels})})


def joint_etag(row: JointInspectionRow) -> str:
    """Return the ETag of what may be changed of an inspection; records and signatures are only ever added."""
    return etag_of([str(row.id), *(getattr(row, name) for name in PAPERS)])


def current_etag(session: Session, joint_id: UUID) -> str:
    """Return the ETag of an inspection; raises `JointNotFound`."""
    row = session.get(JointInspectionRow, joint_id)
    if row is None:
        raise JointNotFound(joint_id=str(joint_id))
    return joint_etag(row)


def _sides(line_sides: Sequence[str], tasks: Iterable[JointTask]) -> list[str]:
    """Return who inspects and signs: the line's sides, and the third where a tripoint goes with the line."""
    return [*line_sides, *sorted({side for task in tasks for side in task.sides} - set(line_sides))]


def _held(session: Session, officer: Officer, joint_id: UUID) -> JointInspectionRow:
    row = session.get(JointInspectionRow, joint_id)
    if row is None:
        raise JointNotFound(joint_id=str(joint_id))
    reach_a_side(session, officer, row.sides)
    session.refresh(row, with_for_update=True)
    return row


def _changed(
    session: Session, row: JointInspectionRow, act: str, wanted: Mapping[str, Any]
) -> dict[str, Any]:
    before = {name: getattr(row, name) for name in wanted}
    for name, value in wanted.items():
        setattr(row, name, value)
    session.flush()
    record_act(session, act, subject=("joint_inspection", str(row.id)), before=before, after=dict(wanted))
    return joint_whole(session, row.id)


def _policy() -> InspectionPolicy:
    return next(iter(office_rules().values())).at(datetime.now(UTC))[1]
