"""Clocks that have run out, and the indoor comparison that looks at everything."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from shapely import LineString

from layers.markers.alerts import (
    HeardDevice,
    KeptMessage,
    MarkerClocks,
    clock_alerts,
    device_alerts,
    report_alerts,
)
from layers.markers.description import describe
from layers.markers.evidence import CaseEventKind
from layers.markers.indoor_comparison import compare_line
from layers.markers.model import (
    Condition,
    Currency,
    Grade,
    LegalPosition,
    Marker,
    ReferenceObject,
)
from layers.markers.numbering import shipped_schemes
from layers.markers.policy import shipped_policy
from layers.markers.registry_checks import DeclaredCounts, RegistryTolerances
from layers.markers.sensor_policy import shipped_sensor_policy

POLICY = shipped_policy()


def alerts(condition=Condition.INTACT, patrol=Currency.CURRENT, joint=Currency.CURRENT):
    clocks = MarkerClocks(
        condition=condition,
        patrol_currency=patrol,
        joint_currency=joint,
        patrol_due_on=date(2026, 4, 1),
        joint_due_on=date(2026, 9, 30),
    )
    return {alert.code: alert.since for alert in clock_alerts("m1", clocks, POLICY)}


def test_clocks_that_have_run_out_alert_since_the_day_they_did():
    assert alerts() == {}
    assert alerts(patrol=Currency.OVERDUE) == {"clock.patrol_overdue": POLICY.start_of(date(2026, 4, 2))}
    assert alerts(joint=Currency.DUE_SOON) == {"clock.joint_due_soon": POLICY.start_of(date(2026, 4, 4))}
    assert alerts(patrol=Currency.NEVER) == {}
    assert alerts(Condition.RETIRED, patrol=Currency.OVERDUE) == {}


@pytest.mark.parametrize(
    ("hours_to_verify", "hours_now", "expected"),
    [(11, 20, []), (13, 20, ["clock.report_late"]), (None, 11, []), (None, 13, ["clock.report_overdue"])],
)
def test_a_report_has_its_record_within_twelve_hours(new_case, hours_to_verify, hours_now, expected):
    found = datetime(2026, 3, 2, 1, tzinfo=UTC)
    book = new_case()
    book.take(CaseEventKind.REPORT_ABNORMAL, at=found + timedelta(hours=1), discovered_at=found.isoformat())
    if hours_to_verify is not None:
        book.take(CaseEventKind.VERIFY, at=found + timedelta(hours=hours_to_verify))
    now = found + timedelta(hours=hours_now)
    assert [alert.code for alert in report_alerts(book.case.events, now, POLICY)] == expected


def test_a_closed_case_has_no_clock(new_case):
    found = datetime(2026, 3, 2, 1, tzinfo=UTC)
    book = new_case()
    book.take(CaseEventKind.REPORT_ABNORMAL, at=found)
    late = found + timedelta(hours=20)
    assert [alert.code for alert in report_alerts(book.case.events, late, POLICY)] == ["clock.report_overdue"]
    book.take(CaseEventKind.DISMISS, at=late, reason="误报")
    assert list(report_alerts(book.case.events, late, POLICY)) == []


DEVICES = shipped_sensor_policy()
NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)


def sent(hours_ago, *shown, measures=("battery_percent",)):
    findings = [
        {"code": code, "evidence": {"measure": measure, "weight": weight, "value": 1}}
        for code, measure, weight in shown
    ]
    at = NOON - timedelta(hours=hours_ago)
    return KeptMessage(f"r{hours_ago}", at, findings, frozenset(measures))


LOW = ("sensor.low_battery", "battery_percent", "attention")
TILTED = ("sensor.tilted", "tilt_deg", "alarm")
SLOW = ("sensor.clock_wrong", "clock_skew_s", "attention")


def complaints(*messages, at=NOON):
    heard = HeardDevice(
        device="d1", marker_code="m1", last_received_at=messages[0].happened_at, messages=messages
    )
    return {alert.code: alert.since for alert in device_alerts(heard, at, DEVICES)}


def test_a_device_complains_while_its_latest_message_does():
    assert complaints(sent(0), sent(2, LOW)) == {}
    assert complaints(sent(0, LOW), sent(2, LOW), sent(4), sent(6, LOW)) == {
        "sensor.low_battery": NOON - timedelta(hours=2)
    }


def test_a_message_that_does_not_measure_says_nothing_of_it():
    assert complaints(sent(0, measures=()), sent(2, LOW), sent(4, measures=()), sent(6, LOW)) == {
        "sensor.low_battery": NOON - timedelta(hours=6)
    }
    assert complaints(sent(0, measures=()), sent(2, SLOW, measures=())) == {}


def test_an_alarm_is_no_complaint_for_it_waits_for_an_answer():
    assert complaints(sent(0, TILTED, measures=("tilt_deg",))) == {}


def test_a_device_is_silent_once_the_hours_have_passed():
    last = sent(0)
    assert complaints(last, at=NOON + timedelta(hours=24)) == {}
    assert complaints(last, at=NOON + timedelta(hours=24, seconds=1)) == {
        "sensor.silent": NOON + timedelta(hours=24)
    }


LINE = LineString([(110.20, 19.70), (110.40, 19.72)])


def marker(serial, where):
    point = LINE.interpolate(where, normalized=True)
    bare = Marker(
        code=f"m{serial}",
        number=f"01079021{serial:03d}Q",
        line_code="460107469021",
        unit_codes=("460107", "469021"),
        grade=Grade.COUNTY,
        material="花岗岩",
        locations=("甲镇", "乙镇"),
        legal_position=LegalPosition(lon=point.x, lat=point.y, accuracy_m=0.5),
        reference_objects=tuple(
            ReferenceObject(name=name, azimuth_deg=azimuth, distance_m=40.0)
            for name, azimuth in (("桥墩", 10.0), ("房角", 130.0), ("榕树", 250.0))
        ),
    )
    return replace(bare, position_description=describe(bare))


def compare(markers, **declared):
    findings = compare_line(
        "460107469021",
        LINE,
        markers,
        shipped_schemes()["county_line"],
        declared=DeclaredCounts(**declared),
        tolerances=RegistryTolerances(),
    )
    return {finding.code for finding in findings}


def test_the_indoor_comparison_looks_at_everything():
    kept = [marker(1, 0.1), marker(2, 0.5), marker(3, 0.9)]
    assert compare(kept, total=3, single=3) == set()
    spoiled = [
        kept[0],
        replace(kept[1], material="混凝土", reference_objects=kept[1].reference_objects[:2]),
        replace(marker(3, 0.3), legal_position=LegalPosition(lon=110.25, lat=19.8, accuracy_m=0.5)),
    ]
    assert compare(spoiled, total=4) == {
        "marker.off_line",
        "marker.serial_out_of_order",
        "marker.count_differs",
        "marker.reference_objects_few",
        "marker.description_differs",
    }
