"""Watches what a request writes: whoever changes the record and leaves no entry in the audit fails its test."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.orm import Session

SAFE: Final = {"GET", "HEAD", "OPTIONS"}
WRITES: Final = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?((?:boundaries|markers|naming|hubs|service)\.\w+)",
    re.IGNORECASE,
)
AUDIT: Final = "service.audit_entry"
NO_RECORD: Final = {
    "markers.marker_colour",  # what the evidence says, kept for lists
    "markers.marker_state",
    "service.api_token",  # when it was last used; making and revoking are looked at by name
    "service.sign_in_attempt",  # counted, and forgotten
    "service.sign_in_session",
    "service.provider_attempt",
}


@contextmanager
def every_change_an_entry(session: Session, method: str) -> Iterator[None]:
    """Raise when a request of a changing method writes to the record and adds nothing to the audit."""
    written: set[str] = set()

    def note(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if cursor.rowcount != 0:  # what was there already is not written again
            written.update(found.lower() for found in WRITES.findall(statement))

    connection = session.connection()
    event.listen(connection, "after_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(connection, "after_cursor_execute", note)
    if method not in SAFE and AUDIT not in written and (changed := written - NO_RECORD):
        message = f"changed without an entry in the audit: {', '.join(sorted(changed))}"
        raise AssertionError(message)
