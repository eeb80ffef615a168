"""What stands open of markers, now or at a past instant; row-level security narrows cases, messages and alarms."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.findings import Finding
from layers.markers.alerts import (
    Alert,
    HeardDevice,
    KeptMessage,
    MarkerClocks,
    clock_alerts,
    device_alerts,
    report_alerts,
)
from layers.markers.dated import Dated
from layers.markers.due_list import WITHOUT_DUTY
from layers.markers.evidence_rows import case_event
from layers.markers.model import Condition, Currency
from layers.markers.policy import InspectionPolicy
from layers.markers.queries import UNDER_UNIT, MarkerFilter, coloured
from layers.markers.sensor_model import Weight
from layers.markers.sensor_policy import SensorPolicy, shipped_sensor_policy
from layers.markers.sensor_rows import HEARD_BEFORE, measures_in

MOST: Final = 1000
"""Rows of one family in one answer, the latest first."""
CLOCKS: Final = """
SELECT m.code, m.line_code, m.unit_codes, m.condition, m.patrol_currency, m.joint_currency, m.patrol_due_on, m.joint_due_on
  FROM {table} m WHERE {where} AND NOT m.condition = ANY (:without)
   AND (m.patrol_currency IN ('overdue', 'due_soon') OR m.joint_currency IN ('overdue', 'due_soon'))
 ORDER BY m.next_due_on, m.code LIMIT :most
"""
REPORTS: Final = """
SELECT m.code, m.line_code, m.unit_codes, e.id, e.happened_at, e.recorded_at, e.case_id, e.kind, e.person, e.unit,
       e.capacity, e.records
  FROM markers.marker_case c JOIN markers.case_event e ON e.case_id = c.id JOIN markers.marker m ON m.id = c.marker_id
 WHERE (:past OR c.stage <> 'closed') AND e.recorded_at <= :at AND {where} ORDER BY c.opened_at DESC, e.recorded_at
"""
ALARMS: Final = """
SELECT m.code, m.line_code, m.unit_codes, r.id, r.content, r.happened_at, r.recorded_at, s.message_id, s.captured_at,
       s.received_at, s.clock_skew_s
  FROM markers.marker_record r JOIN markers.marker m ON m.id = r.marker_id
  LEFT JOIN markers.sensor_message s ON s.id = CAST(r.content ->> 'message' AS uuid)
 WHERE r.kind = 'flagged' AND r.content ->> 'flag' = 'sensor_alarm' AND r.recorded_at <= :at AND {where}
   AND NOT EXISTS (SELECT FROM markers.marker_record e WHERE e.marker_id = r.marker_id AND e.about = r.id
                      AND e.kind IN ('settled', 'withdrawn') AND e.recorded_at <= :at)
 ORDER BY r.happened_at DESC, r.id LIMIT :most
"""
DEVICES: Final = """
SELECT m.code, m.line_code, m.unit_codes, last.device, last.received_at, sent.messages
  FROM markers.marker m JOIN markers.marker_state t ON t.marker_id = m.id
 CROSS JOIN LATERAL (SELECT s.device, s.received_at FROM markers.sensor_message s
                      WHERE s.marker_id = m.id AND s.received_at <= :at ORDER BY s.received_at DESC LIMIT 1) last
  LEFT JOIN LATERAL (
       SELECT json_agg(json_build_object('id', s.id, 'happened_at', s.happened_at, 'findings', s.findings, 'content', s.content)
                       ORDER BY s.happened_at DESC, s.id DESC) AS messages
         FROM (SELECT x.id, x.happened_at, x.findings, x.content, x.codes FROM markers.sensor_message x
                WHERE x.marker_id = m.id AND x.device = last.device AND x.received_at <= :at
                ORDER BY x.happened_at DESC LIMIT :heard) s HAVING bool_or(s.codes <> '{{}}')) sent ON true
 WHERE btrim(m.form #>> '{{iot,number}}') IS NOT NULL AND (:past OR btrim(m.form #>> '{{iot,number}}') = last.device)
   AND (:past OR NOT t.condition = ANY (:without)) AND {where} ORDER BY last.received_at DESC LIMIT :most
"""
UNMATCHED: Final = """
SELECT m.* FROM (
    SELECT s.device, s.unmatched, ARRAY[s.unit_code] AS unit_codes, count(DISTINCT s.id) AS messages,
           min(s.received_at) AS first_at, max(s.received_at) AS last_at,
           array_agg(DISTINCT shown.code) FILTER (WHERE shown.code IS NOT NULL) AS codes
      FROM markers.sensor_message s LEFT JOIN LATERAL unnest(s.codes) AS shown (code) ON true
     WHERE s.marker_id IS NULL AND s.received_at <= :at
       AND NOT EXISTS (SELECT FROM markers.sensor_message later WHERE later.source_id = s.source_id
                          AND later.device = s.device AND later.marker_id IS NOT NULL
                          AND later.received_at > s.received_at AND later.received_at <= :at)
     GROUP BY s.device, s.unmatched, s.unit_code) m
 WHERE {where} ORDER BY m.last_at DESC, m.device LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Told:
    """An alert and where it belongs; a device that no form names has no marker and no line."""

    alert: Alert
    unit_codes: tuple[str, ...]
    marker_code: str | None = None
    line_code: str | None = None


@dataclass(frozen=True, slots=True)
class AlertsAsked:
    """Of which markers, and at which instant: now, or the end of a past day."""

    markers: MarkerFilter
    at: datetime
    policy: InspectionPolicy

    @property
    def sensors(self) -> SensorPolicy:
        """The policy of devices in force."""
        return Dated.in_force([shipped_sensor_policy()], self.policy.day_of(self.at))


def alerts_of_clocks(session: Session, asked: AlertsAsked) -> Iterator[Told]:
    """Yield the patrols and joint inspections that are late or due soon."""
    listing, where, values = coloured(session, asked.markers)
    statement = CLOCKS.format(table=listing.table, where=where)
    bound = values | {"without": _without(), "most": MOST}
    for row in session.execute(text(statement), bound).mappings():
        yield from clocks_of(dict(row), asked.policy)


def clocks_of(state: Mapping[str, Any], policy: InspectionPolicy) -> Iterator[Told]:
    """Yield the same of one marker whose state is known."""
    clocks = MarkerClocks(
        condition=Condition(state["condition"]),
        patrol_currency=Currency(state["patrol_currency"]),
        joint_currency=Currency(state["joint_currency"]),
        patrol_due_on=state["patrol_due_on"],
        joint_due_on=state["joint_due_on"],
    )
    for alert in clock_alerts(state["code"], clocks, policy):
        yield _at_marker(alert, state)


def alerts_of_reports(session: Session, asked: AlertsAsked) -> Iterator[Told]:
    """Yield the reports of damage whose detailed record is late or has not come."""
    rows = _rows(session, REPORTS, asked)
    cases: dict[str, list[Any]] = {}
    for row in rows:
        cases.setdefault(str(row["case_id"]), []).append(row)
    for acts in list(cases.values())[:MOST]:
        events = [case_event(_Row(act)) for act in acts]
        for alert in report_alerts(events, asked.at, asked.policy):
            yield _at_marker(alert, acts[0])


class _Row:
    """A row by attribute, as the reader of evidence takes it."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.__dict__.update(row)


def alerts_of_sensors(session: Session, asked: AlertsAsked) -> Iterator[Told]:
    """Yield the alarms that nobody has answered, what devices draw attention to, and devices that no form names."""
    for row in _rows(session, ALARMS, asked):
        content = row["content"]
        given = {
            name: content[name]
            for name in ("device", "measure", "value", "limit", "policy", "message")
            if name in content
        }
        clocks = ("message_id", "captured_at", "received_at", "clock_skew_s")
        told = (
            given
            | {name: row[name] for name in clocks if row[name] is not None}
            | {"happened_at": row["happened_at"]}
        )
        code = content.get("code", "sensor.alarm")
        finding = Finding(code, (row["code"], *([content["device"]] if "device" in content else [])), told)
        yield _at_marker(Alert(finding, Weight.ALARM, row["happened_at"], str(row["id"])), row)
    for row in _rows(session, DEVICES, asked):
        heard = HeardDevice(
            device=row["device"],
            marker_code=row["code"],
            last_received_at=row["received_at"],
            messages=[_kept(each) for each in row["messages"] or ()],
        )
        for alert in device_alerts(heard, asked.at, asked.sensors):
            yield _at_marker(alert, row)
    yield from _unmatched(session, asked)


def _kept(message: Mapping[str, Any]) -> KeptMessage:
    happened_at = datetime.fromisoformat(message["happened_at"])
    return KeptMessage(message["id"], happened_at, message["findings"], measures_in(message["content"]))


def _unmatched(session: Session, asked: AlertsAsked) -> Iterator[Told]:
    """Yield devices whose messages belong to no marker; they have a unit and no line."""
    markers = asked.markers
    if markers.line is not None or markers.code is not None:
        return
    where, values = ("true", {}) if markers.unit is None else (UNDER_UNIT, {"unit": markers.unit})
    bound = values | {"at": asked.at, "most": MOST}
    for row in session.execute(text(UNMATCHED.format(where=where)), bound).mappings():
        names = ("device", "messages", "last_at", "codes")
        told = {name: row[name] for name in names if row[name] is not None} | {"reason": row["unmatched"]}
        finding = Finding("sensor.unmatched", (row["device"],), told)
        yield Told(Alert(finding, Weight.ATTENTION, row["first_at"]), tuple(row["unit_codes"]))


def _rows(session: Session, statement: str, asked: AlertsAsked) -> list[Mapping[str, Any]]:
    where, values = asked.markers.form()
    bound = values | {
        "at": asked.at,
        "past": asked.markers.past,
        "without": _without(),
        "heard": HEARD_BEFORE,
        "most": MOST,
    }
    used = {name: value for name, value in bound.items() if f":{name}" in statement or name in values}
    return [dict(row) for row in session.execute(text(statement.format(where=where)), used).mappings()]


def _without() -> list[str]:
    return [condition.value for condition in WITHOUT_DUTY]


def _at_marker(alert: Alert, row: Mapping[str, Any]) -> Told:
    return Told(alert, tuple(row["unit_codes"]), row["code"], row["line_code"])


def as_json(found: Iterable[Told]) -> list[dict[str, Any]]:
    """Return alerts as an answer carries them: alarms first, then the latest."""
    ordered = sorted(
        found, key=lambda each: (each.alert.weight is not Weight.ALARM, -each.alert.since.timestamp())
    )
    told = [
        {
            "id": each.alert.id,
            "code": each.alert.code,
            "weight": each.alert.weight.value,
            "marker_code": each.marker_code,
            "line_code": each.line_code,
            "unit_codes": list(each.unit_codes),
            "since": each.alert.since,
            "subject": list(each.alert.finding.subject),
            "evidence": dict(each.alert.finding.evidence),
        }
        for each in ordered
    ]
    plain: list[dict[str, Any]] = json.loads(json.dumps(told, default=_plain))
    return plain


def _plain(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
