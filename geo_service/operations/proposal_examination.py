"""A proposal that was changed after its check is examined again; refuses to weigh what is found."""

from datetime import date

from sqlalchemy.orm import Session

from geo_service.operations.proposal_steps import checked, records_of
from geo_service.operations.proposals import events_of
from layers.naming.proposal_tables import ProposalRow
from layers.naming.review import ProposalState


def examine_changed(session: Session, row: ProposalRow, *, home_unit: str, today: date) -> None:
    """Examine a proposal that was changed after its check, such as one that the committee amended."""
    if row.state == ProposalState.PRECHECK:
        records = sorted(records_of(events_of(session, row.id)))
        checked(session, row, records, home_unit=home_unit, today=today)
