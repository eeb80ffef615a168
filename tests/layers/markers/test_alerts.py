"""Clocks that have run out, and the indoor comparison that looks at everything."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from shapely import LineString

from layers.markers.alerts import marker_alerts, report_alerts
from layers.markers.description import describe
from layers.markers.evidence import CaseEventKind
from layers.markers.facts import facts_at
from layers.markers.indoor_comparison import compare_line
from layers.markers.known_records import MarkerDuty
from layers.markers.model import (
    Condition,
    Currency,
    Grade,
    LegalPosition,
    Marker,
    MarkerFacts,
    ReferenceObject,
)
from layers.markers.numbering import shipped_schemes
from layers.markers.policy import shipped_policy
from layers.markers.registry_checks import DeclaredCounts, RegistryTolerances

POLICY = shipped_policy()
BASE = facts_at([], datetime(2026, 5, 1, tzinfo=UTC), POLICY, MarkerDuty())


def alerts(**facts):
    derivation = replace(
        BASE,
        facts=MarkerFacts(**facts),
        patrol_due_on=date(2026, 4, 1),
        evidence={"sensor_alarm_open": ("a1",)} if facts.get("sensor_alarm_open") else {},
    )
    return [finding.code for finding in marker_alerts("m1", derivation)]


def test_clocks_that_have_run_out_alert():
    assert alerts() == []
    assert alerts(patrol_currency=Currency.OVERDUE) == ["clock.patrol_overdue"]
    assert alerts(joint_currency=Currency.DUE_SOON) == ["clock.joint_due_soon"]
    assert alerts(sensor_alarm_open=True) == ["clock.sensor_alarm"]
    assert alerts(condition=Condition.RETIRED, patrol_currency=Currency.OVERDUE) == []


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
    assert [finding.code for finding in report_alerts(book.case.events, now, POLICY)] == expected


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
