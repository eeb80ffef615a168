"""Who may sign for a side of a joint inspection or say its work is done, and until when records are taken; stores nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo_service.auth.jurisdiction import out_of_reach, require_reach
from geo_service.auth.officer import Officer
from geo_service.operations.case_people import papers_on_file
from layers.errors import Conflict, InvalidInput, NotFound
from layers.markers.joint_inspection import JointFile, JointStage, stage_of
from layers.markers.joint_report import work_orders
from layers.markers.joint_tables import JointRecordRow


class SignatureNotOwn(Conflict):
    """A side signs under its own sign-in, or its signed sheet is on file; nobody signs for two. Facts: `side`."""

    code = "joint.signature_not_own"


class RecordsClosed(Conflict):
    """Every side has signed the report: what it states is not changed any more. Facts: `stage`."""

    code = "joint.records_closed"


class PaperNotOnFile(Conflict):
    """A paper that is cited by its hash is neither among the photos nor among the documents. Facts: `missing`."""

    code = "joint.paper_not_on_file"


class OrderNotFound(NotFound):
    """The last joint opinion on the task gives this side no work to do. Facts: `task`, `side`."""

    code = "joint.order_not_found"


def require_own_order(
    session: Session, officer: Officer, joint: JointFile, asked: Mapping[str, Any], on: date
) -> None:
    """Refuse that a work order is done unless its own side says so, of no later day than `on`, on papers that are on file.

    Work on a marker itself is a case of its own, which no side closes without its neighbour (order 353, art. 6).
    Raises `OrderNotFound`, `Forbidden`, `InvalidInput`, `PaperNotOnFile`.
    """
    task, side = asked["task"], asked["side"]
    if side not in {order.responsible for order in work_orders(joint) if order.task == task}:
        raise OrderNotFound(task=task, side=side)
    require_reach(session, officer, [side])
    if date.fromisoformat(asked["done_on"]) > on:
        raise InvalidInput(field="done_on", given=asked["done_on"], expected=f"… {on.isoformat()}")
    absent = set(asked["papers"]) - papers_on_file(session, [{"papers": asked["papers"]}])
    if absent:
        raise PaperNotOnFile(missing=sorted(absent))


def require_own_signature(
    session: Session, officer: Officer, joint: JointFile, asked: Mapping[str, Any]
) -> None:
    """Refuse a signature that is not the side's own (order 353, art. 12: the result is that of every side).

    It is its own under the sign-in of an officer who reaches the side and has signed the document for no other, or
    on a signed sheet that is on file. One person never stands for two sides. Raises `SignatureNotOwn`.
    """
    side, document = asked["side"], asked["document"]
    others = [each for each in joint.signatures if each.document == document and each.side != side]
    if asked["person"] in {each.person for each in others}:
        raise SignatureNotOwn(side=side)
    sheet = asked.get("sheet")
    if sheet is not None:
        if not papers_on_file(session, [{"sheet": sheet}]):
            raise SignatureNotOwn(side=side)
        return
    if out_of_reach(session, officer, [side]) or _signed_by(session, officer, joint, document) - {side}:
        raise SignatureNotOwn(side=side)


def _signed_by(session: Session, officer: Officer, joint: JointFile, document: str) -> set[str]:
    """Return for which sides an officer has signed a document in his own name."""
    rows = session.scalars(
        select(JointRecordRow).where(
            JointRecordRow.joint_id == joint.inspection_id,
            JointRecordRow.kind == "signature",
            JointRecordRow.recorded_by == officer.username,
        )
    )
    own = [row for row in rows if row.content["document"] == document and not row.content.get("sheet")]
    return {row.side for row in own if row.side is not None}


def require_open(joint: JointFile) -> None:
    """Raise `RecordsClosed` once every side has signed the report."""
    stage = stage_of(joint)
    stages = list(JointStage)
    if stages.index(stage) >= stages.index(JointStage.REPORT_SIGNED):
        raise RecordsClosed(stage=stage)
