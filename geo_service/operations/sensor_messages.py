"""Messages of sensors received: each judged by itself, taken once, matched by the device number on a marker's form.

What a message shows is kept with it; what of it is an alarm is put on record of the marker, where it colours. No fact
about the marker's condition or position comes of it: a person looks.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from geo_service.auth.audit import digest, record_act
from geo_service.auth.jurisdiction import out_of_reach
from geo_service.auth.officer import Officer
from geo_service.db import DURABLE
from geo_service.messages import words
from geo_service.operations.inspections import RecordedOtherwise, happened
from geo_service.schemas.sensors import SensorMessage, SensorReceipt
from layers.errors import LayerError
from layers.findings import Finding
from layers.markers.dated import Dated
from layers.markers.register import Held, hold, office_rules, project
from layers.markers.sensor_judgement import judge_reading, new_alarms
from layers.markers.sensor_model import Unmatched, Weight
from layers.markers.sensor_policy import SensorPolicy, shipped_sensor_policy
from layers.markers.sensor_rows import Bearer, bearers, heard_of, raise_alarms, raised_on, told
from layers.markers.sensor_tables import SensorMessageRow, SensorSourceRow
from layers.markers.tables import MarkerRow

QUEUE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:source, 460100))")
"""Messages of one source are taken one request after another, so that the same one sent twice at once is one."""


class Reception:
    """One request of a source: its markers are held first, in one order for everybody; then message by message."""

    def __init__(
        self, session: Session, source: SensorSourceRow, officer: Officer, given: Sequence[Any]
    ) -> None:
        session.execute(text(DURABLE))
        session.execute(QUEUE, {"source": str(source.id)})
        self.session, self.source, self.officer = session, source, officer
        self.now = datetime.now(UTC)
        _, policy = next(iter(office_rules().values())).at(self.now)
        self.inspection_policy = policy
        self.policy: SensorPolicy = Dated.in_force([shipped_sensor_policy()], policy.day_of(self.now))
        devices = {str(each.get("device")).strip() for each in given if isinstance(each, Mapping)}
        self.bearers = bearers(session, [each for each in devices if _is_text(each)], policy.day_of(self.now))
        self.matches = {device: self._match(found) for device, found in self.bearers.items()}
        codes = [match.code for match in self.matches.values() if isinstance(match, Bearer)]
        self.held = hold(session, sorted(codes))
        self.codes = {held.id: code for code, held in self.held.items()}
        self.known = self._known(given)
        self.alarmed: dict[Any, datetime] = {}
        self.new: list[SensorMessageRow] = []

    def _match(self, found: Sequence[Bearer]) -> Bearer | Unmatched:
        reached = [
            each
            for each in found
            if len(out_of_reach(self.session, self.officer, each.unit_codes)) < len(set(each.unit_codes))
        ]
        if len(reached) == 1:
            return reached[0]
        return Unmatched.SEVERAL_MARKERS if reached else Unmatched.OUT_OF_REACH

    def _known(self, given: Sequence[Any]) -> dict[str, SensorMessageRow]:
        """Return the messages that are here already, by the ids that the source gave them, and learn their markers."""
        named = {str(each.get("id")) for each in given if isinstance(each, Mapping)}
        asked = (
            select(SensorMessageRow, MarkerRow.code)
            .outerjoin(MarkerRow, MarkerRow.id == SensorMessageRow.marker_id)
            .where(
                SensorMessageRow.source_id == self.source.id,
                SensorMessageRow.message_id.in_([each for each in named if _is_text(each)]),
            )
        )
        found = {}
        for row, code in self.session.execute(asked):
            found[row.message_id] = row
            if row.marker_id is not None:
                self.codes[row.marker_id] = code
        return found

    def take(self, given: Any) -> SensorReceipt:
        """Take one message; the same sent again has the receipt it had. Raises `ValidationError`, `RecordedOtherwise`."""
        asked = SensorMessage.model_validate(given)
        content = asked.model_dump(mode="json", exclude_none=True)
        kept = digest({name: value for name, value in content.items() if name != "sent_at"}).hex()
        known = self.known.get(asked.id)
        if known is not None:
            if known.digest != kept:
                raise RecordedOtherwise(id=asked.id)
            return self._receipt(known, "duplicate")
        row = self._keep(asked, content, kept)
        self.new.append(row)
        self.known[asked.id] = row
        return self._receipt(row, "accepted")

    def _keep(self, asked: SensorMessage, content: dict[str, Any], kept: str) -> SensorMessageRow:
        match = self.matches.get(asked.device, Unmatched.NO_MARKER)
        held = self.held.get(match.code) if isinstance(match, Bearer) else None
        skew_s, happened_at = happened(asked.captured_at, asked.sent_at, self.now)
        reading = asked.told(skew_s)
        findings = list(
            judge_reading(
                reading,
                marker_code=held.marker.code if held else "",
                legal=held.marker.legal_position if held else None,
                policy=self.policy,
                displacement=self.inspection_policy.displacement,
            )
        )
        row = SensorMessageRow(
            source_id=self.source.id,
            message_id=asked.id,
            unit_code=self.source.unit_code,
            marker_id=held.id if held else None,
            unmatched=None
            if held
            else (match if isinstance(match, Unmatched) else Unmatched.NO_MARKER).value,
            device=asked.device,
            captured_at=asked.captured_at,
            sent_at=asked.sent_at,
            happened_at=happened_at,
            received_at=self.now,
            clock_skew_s=skew_s,
            codes=sorted({each.code for each in findings}),
            findings=told(findings),
            content=content,
            digest=kept,
        )
        self.session.add(row)
        self.session.flush()
        if held and any(each.evidence["weight"] == Weight.ALARM for each in findings):
            self._raise(row, held, findings)
        return row

    def _raise(self, row: SensorMessageRow, held: Held, findings: Sequence[Finding]) -> None:
        raised = raised_on(self.session, held.id)
        heard = heard_of(self.session, held.id, row.device, but=row.id)
        alarms = list(new_alarms(findings, row.happened_at, raised=raised, heard=heard))
        if alarms:
            raise_alarms(self.session, row, alarms, at=held.now, person=self.officer.username)
            self.alarmed[held.id] = held.now

    def _receipt(self, row: SensorMessageRow, status: str) -> SensorReceipt:
        return SensorReceipt.model_validate(
            {
                "id": row.message_id,
                "status": status,
                "receipt": row.id,
                "received_at": row.received_at,
                "clock_skew_s": row.clock_skew_s,
                "marker_code": self.codes.get(row.marker_id) if row.marker_id else None,
                "unmatched": row.unmatched,
                "findings": row.findings,
            }
        )

    def end(self) -> None:
        """Colour the markers that have a new alarm, and put the request into the audit, once for all its messages."""
        for marker_id, at in sorted(self.alarmed.items()):
            project(self.session, [marker_id], at)
        if self.new:
            detail = {
                "messages": len(self.new),
                "unmatched": sum(row.marker_id is None for row in self.new),
                "codes": sorted({code for row in self.new for code in row.codes}),
            }
            record_act(
                self.session,
                "sensor.receive",
                subject=("sensor_source", str(self.source.id)),
                after=[row.digest for row in self.new],
                detail=detail,
            )


def receive_one(
    session: Session, source: SensorSourceRow, officer: Officer, given: Mapping[str, Any]
) -> SensorReceipt:
    """Take one message; raises what refuses it."""
    reception = Reception(session, source, officer, [given])
    receipt = reception.take(given)
    reception.end()
    return receipt


def receive_batch(
    session: Session, source: SensorSourceRow, officer: Officer, given: Sequence[Any], *, language: str
) -> list[SensorReceipt]:
    """Take messages one by one, each in a savepoint: none is lost by another's fault."""
    reception = Reception(session, source, officer, given)
    receipts = [_in_savepoint(reception, each, language) for each in given]
    reception.end()
    return receipts


def _in_savepoint(reception: Reception, given: Any, language: str) -> SensorReceipt:
    identity = str(given.get("id", "") if isinstance(given, Mapping) else "")[:100]
    identity = identity.encode("utf-8", "replace").decode()

    def refused(code: str, facts: Mapping[str, object], detail: str | None = None) -> SensorReceipt:
        said = detail or words(f"problem.{code}", language, facts)[1]
        return SensorReceipt(
            id=identity, status="refused", code=code, detail=said[:1000], received_at=reception.now
        )

    savepoint = reception.session.begin_nested()
    try:
        receipt = reception.take(given)
    except LayerError as refusal:
        savepoint.rollback()
        return refused(refusal.code, refusal.facts)
    except ValidationError as invalid:
        savepoint.rollback()
        fields = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in invalid.errors())
        return refused("input.invalid", {}, "; ".join(fields))
    except (IntegrityError, DataError):
        savepoint.rollback()
        return refused("database.constraint", {})
    savepoint.commit()
    return receipt


def _is_text(given: str) -> bool:
    """Say whether the database can be asked for a text: no null character, no half of a surrogate pair."""
    return "\0" not in given and not any("\ud800" <= each <= "\udfff" for each in given)
