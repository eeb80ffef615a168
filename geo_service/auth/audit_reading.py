"""Reading the audit: by officer, act, subject and time, newest first; as a table for spreadsheets."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

COLUMNS: Final = (
    "number",
    "at",
    "officer",
    "address",
    "request_id",
    "act",
    "subject_kind",
    "subject_id",
    "before_digest",
    "after_digest",
    "detail",
    "hash",
)
SELECT: Final = """
SELECT number, at, officer, host(address) AS address, request_id, act, subject_kind, subject_id,
       encode(before_digest, 'hex') AS before_digest, encode(after_digest, 'hex') AS after_digest,
       detail, encode(hash, 'hex') AS hash
  FROM service.audit_entry
"""
RUN_BY_SPREADSHEETS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are asked for; None means any. An act that ends in a dot is the beginning of several."""

    officer: str | None = None
    act: str | None = None
    subject_kind: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition and its parameters."""
        conditions = {
            "officer": "officer = :officer",
            "act": "starts_with(act, :act)" if (self.act or "").endswith(".") else "act = :act",
            "subject_kind": "subject_kind = :subject_kind",
            "subject": "subject_id = :subject",
            "since": "at >= :since",
            "until": "at < :until",
            "before": "number < :before",
        }
        values = {name: value for name in conditions if (value := getattr(self, name)) is not None}
        return " AND ".join(conditions[name] for name in values) or "true", values


def read_entries(session: Session, wanted: AuditFilter, limit: int) -> list[Mapping[str, Any]]:
    """Return up to `limit` entries, newest first."""
    where, values = wanted.where()
    statement = text(f"{SELECT} WHERE {where} ORDER BY number DESC LIMIT :limit")
    return [dict(row) for row in session.execute(statement, {**values, "limit": limit}).mappings()]


def as_csv(session: Session, wanted: AuditFilter) -> Iterator[str]:
    """Yield all entries asked for as lines of CSV, oldest first, from a server-side cursor."""
    where, values = wanted.where()
    statement = text(f"{SELECT} WHERE {where} ORDER BY number")
    rows = session.execute(statement.execution_options(yield_per=1000), values)
    yield "\ufeff" + _line(COLUMNS)
    for row in rows:
        yield _line(row)


def _line(cells: Any) -> str:
    sink = io.StringIO()
    csv.writer(sink).writerow([_disarmed(cell) for cell in cells])
    return sink.getvalue()


def _disarmed(cell: object) -> str:
    """Return a cell that a spreadsheet shows and does not run."""
    shown = json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict) else str(cell or "")
    return f"'{shown}" if shown.startswith(RUN_BY_SPREADSHEETS) else shown
