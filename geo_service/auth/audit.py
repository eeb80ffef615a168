"""The audit: one entry an act, chained by hash in the database; verified entry by entry."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.errors import InvalidInput
from layers.findings import Finding

APPEND = text(
    "INSERT INTO service.audit_entry (act, subject_kind, subject_id, before_digest, after_digest, detail) "
    "VALUES (:act, :subject_kind, :subject_id, :before, :after, CAST(:detail AS jsonb))"
)


def digest(content: object) -> bytes:
    """Return the SHA-256 of content as canonical JSON: keys sorted, no spaces, UTF-8."""
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode()).digest()


def record_act(
    session: Session,
    act: str,
    *,
    subject: tuple[str, str],
    before: object = None,
    after: object = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Put an act on record, with digests of the subject before and after it; last thing in a transaction.

    Who acts and from where the database knows from `act_as`; `act` is subject and verb, `officer.change`.
    Entries queue for their place in the chain until the transaction ends, so whatever takes long comes first.
    """
    session.flush()
    session.execute(
        APPEND,
        {
            "act": act,
            "subject_kind": subject[0],
            "subject_id": subject[1],
            "before": None if before is None else digest(before),
            "after": None if after is None else digest(after),
            "detail": json.dumps(detail or {}, ensure_ascii=False, default=str),
        },
    )


@dataclass(frozen=True, slots=True)
class ChainState:
    """How many entries stand, the hash of the last, and the first that does not fit; None when all do."""

    entries: int
    head: str
    broken_at: int | None


HASH_AT = text("SELECT hash FROM service.audit_link(:number)")


def verify_chain(session: Session) -> ChainState:
    """Walk the whole chain and return its state; any entry changed, removed or slipped in breaks it.

    The whole is walked whoever asks, also the entries that he may not read.
    """
    asked = text("SELECT entries, broken_at, head FROM service.audit_chain()")
    entries, broken_at, head = session.execute(asked).one()
    return ChainState(int(entries), head or "", broken_at)


@dataclass(frozen=True, slots=True)
class KeptAnchor:
    """An entry's number and hash that were kept elsewhere."""

    number: int
    hash: str


class AnchorUnreadable(InvalidInput):
    """The file is not what `audit anchor` prints."""

    code = "audit.anchor_unreadable"


def read_anchor(content: str) -> KeptAnchor:
    """Return the anchor that `audit anchor` printed; raises `AnchorUnreadable`."""
    try:
        read = json.loads(content)
        kept = KeptAnchor(int(read["number"]), str(read["hash"]))
    except (ValueError, TypeError, KeyError):
        raise AnchorUnreadable from None
    if kept.number < 1 or not re.fullmatch("[0-9a-f]{64}", kept.hash):
        raise AnchorUnreadable
    return kept


def audit_findings(session: Session, state: ChainState, anchor: KeptAnchor | None) -> Iterator[Finding]:
    """Yield `audit.chain_broken` with the first entry that does not fit, and `audit.anchor_differs`.

    Whoever rules the database can rewrite the whole chain, or cut off its end, so that it fits again;
    only an anchor that was kept elsewhere tells.
    """
    if state.broken_at is not None:
        yield Finding("audit.chain_broken", (str(state.broken_at),), {"broken_at": state.broken_at})
    if anchor is not None:
        found = session.execute(HASH_AT, {"number": anchor.number}).scalar()
        if found != anchor.hash:
            evidence = {"number": anchor.number, "kept": anchor.hash, "found": found}
            yield Finding("audit.anchor_differs", (str(anchor.number),), evidence)


def newest(session: Session) -> dict[str, Any]:
    """Return number, hash and time of the newest entry; number 0 while there is none."""
    found = session.execute(text("SELECT number, hash, at FROM service.audit_link()")).mappings().one()
    return dict(found) if found["number"] else {"number": 0, "hash": "", "at": None}
