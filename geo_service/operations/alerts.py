"""What stands open of markers, told; and alarms answered, by an officer of a side, with a word of what was found."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.operations.inspections import RecordedOtherwise
from geo_service.operations.marker_answers import marker_after, marker_now, reach_a_side
from geo_service.schemas.markers import Acknowledgement
from layers.errors import Conflict, InvalidInput, NotFound
from layers.markers import alert_rows
from layers.markers.alert_rows import AlertsAsked, Told
from layers.markers.alerts import CLOCKS, REPORTS, SENSORS
from layers.markers.evidence import FlagKind, Settled
from layers.markers.evidence_rows import record_values
from layers.markers.evidence_tables import MarkerRecordRow
from layers.markers.past import end_of
from layers.markers.queries import MarkerFilter
from layers.markers.register import append, hold_one, project, rules_of
from layers.markers.tables import MarkerRow

KNOWN: Final = (*CLOCKS, *REPORTS, *SENSORS)
FAMILIES: Final = tuple(dict.fromkeys(code.partition(".")[0] for code in KNOWN))


class AlarmNotFound(NotFound):
    """There is no such alarm, or it is another office's."""

    code = "alert.not_found"


class AlarmAnswered(Conflict):
    """Somebody has answered the alarm. Facts: `person`."""

    code = "alert.answered"


def codes_of(kinds: Sequence[str]) -> frozenset[str]:
    """Return the codes that are asked for, by code or by family (`sensor`, `clock`); all for none. Raises `InvalidInput`."""
    unknown = [kind for kind in kinds if kind not in KNOWN and kind not in FAMILIES]
    if unknown:
        raise InvalidInput(field="kind", given=unknown, expected=[*FAMILIES, *KNOWN])
    wanted = {code for code in KNOWN if code in kinds or code.partition(".")[0] in kinds}
    return frozenset(wanted or KNOWN)


def _asked(markers: MarkerFilter) -> AlertsAsked:
    now = datetime.now(UTC)
    at = end_of(markers.as_of, markers.profile) if markers.past else now
    return AlertsAsked(markers, at, rules_of(markers.profile).at(at)[1])


def alerts_listed(
    session: Session, markers: MarkerFilter, codes: frozenset[str], since: datetime | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return what stands open, alarms first; and which families have more than is told."""
    asked = _asked(markers)
    found: list[Told] = []
    more = []
    for family, read in (
        (CLOCKS, alert_rows.alerts_of_clocks),
        (REPORTS, alert_rows.alerts_of_reports),
        (SENSORS, alert_rows.alerts_of_sensors),
    ):
        if codes.isdisjoint(family):
            continue
        own = list(read(session, asked))
        if len(own) >= alert_rows.MOST:
            more.append(family[0].partition(".")[0])
        found += own
    wanted = [
        each for each in found if each.alert.code in codes and (since is None or each.alert.since >= since)
    ]
    return alert_rows.as_json(wanted), sorted(set(more))


def alerts_at(session: Session, markers: MarkerFilter, properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what stands open of one marker, whose state is known already; others' evidence is not told."""
    asked = _asked(markers)
    days = {
        name: date.fromisoformat(properties[name]) if properties[name] else None
        for name in ("patrol_due_on", "joint_due_on")
    }

    def all_of_it() -> Iterator[Told]:
        yield from alert_rows.clocks_of({**properties, **days}, asked.policy)
        yield from alert_rows.alerts_of_reports(session, asked)
        yield from alert_rows.alerts_of_sensors(session, asked)

    return alert_rows.as_json(all_of_it())


def acknowledge(
    session: Session, officer: Officer, alarm_id: UUID, asked: Acknowledgement, *, profile: str
) -> tuple[dict[str, Any], bool]:
    """Answer an alarm with what was found; returns the answer with the marker after it, and whether it was new.

    Raises `AlarmNotFound`, `AlarmAnswered`, and `RecordedOtherwise` for an id that stands for another record.
    """
    alarm = session.get(MarkerRecordRow, alarm_id)
    if alarm is None or alarm.kind != "flagged" or alarm.content.get("flag") != FlagKind.SENSOR_ALARM:
        raise AlarmNotFound(alert=str(alarm_id))
    code = session.execute(select(MarkerRow.code).where(MarkerRow.id == alarm.marker_id)).scalar_one()
    held = hold_one(session, code)
    reach_a_side(session, officer, held.marker.unit_codes)
    known = session.get(MarkerRecordRow, asked.id)
    if known is not None:
        if (known.kind, known.about, known.content.get("found")) != ("settled", alarm_id, asked.found):
            raise RecordedOtherwise(id=str(asked.id))
        after = marker_after(session, held.id, known.recorded_at, profile)
        return _told(known, code) | after, False
    earlier = session.execute(
        select(MarkerRecordRow).where(
            MarkerRecordRow.marker_id == held.id,
            MarkerRecordRow.kind == "settled",
            MarkerRecordRow.about == alarm_id,
        )
    ).scalar_one_or_none()
    if earlier is not None:
        raise AlarmAnswered(alert=str(alarm_id), person=earlier.person)
    settled = Settled(id=str(asked.id), happened_at=held.now, recorded_at=held.now, flag_id=str(alarm_id))
    content = {"found": asked.found, "code": alarm.content.get("code", "sensor.alarm")}
    values = record_values("settled", settled, marker_id=held.id, person=officer.username, content=content)
    append(session, MarkerRecordRow, [values])
    standing = project(session, [held.id], held.now)[held.id]
    row = session.get_one(MarkerRecordRow, asked.id)
    record_act(
        session, "alarm.acknowledge", subject=("marker", code), after=content, detail={"alarm": str(alarm_id)}
    )
    return _told(row, code) | marker_now(standing, profile), True


def _told(row: MarkerRecordRow, code: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "alert_id": row.about,
        "marker_code": code,
        "found": row.content["found"],
        "person": row.person,
        "recorded_at": row.recorded_at,
    }
