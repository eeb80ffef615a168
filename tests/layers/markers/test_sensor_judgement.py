"""What a message shows by the policy, and when it is worth a new alarm."""

from datetime import UTC, datetime, timedelta

import pytest

from layers.errors import InvalidInput
from layers.markers.alerts import SENSORS
from layers.markers.dated import shipped
from layers.markers.displacement import DisplacementPolicy
from layers.markers.legend_findings import FINDING
from layers.markers.sensor_judgement import Heard, Raised, judge_reading, new_alarms
from layers.markers.sensor_model import Measure, SensorEvent, SensorReading
from layers.markers.sensor_policy import read_sensor_policy, shipped_sensor_policy

POLICY = shipped_sensor_policy()
NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)


def judged(events=(), skew=0.0, **measures):
    reading = SensorReading(
        device="d1",
        captured_at=NOON,
        clock_skew_s=skew,
        measures={Measure(name): float(value) for name, value in measures.items()},
        events=events,
    )
    return list(
        judge_reading(reading, marker_code="m1", legal=None, policy=POLICY, displacement=DisplacementPolicy())
    )


@pytest.mark.parametrize(
    ("measure", "within", "beyond", "code"),
    [
        ("tilt_deg", 5.0, 5.01, "sensor.tilted"),
        ("drift_m", 1.0, 1.2, "sensor.drifted"),
        ("shock_g", 2.0, 3.0, "sensor.struck"),
        ("battery_percent", 20.0, 19.9, "sensor.low_battery"),
        ("external_power", True, False, "sensor.power_lost"),
        ("enclosure_open", False, True, "sensor.opened"),
    ],
)
def test_the_limit_itself_is_within(measure, within, beyond, code):
    assert judged(**{measure: within}) == []
    assert [finding.code for finding in judged(**{measure: beyond})] == [code]


def test_every_event_and_every_limit_has_words_and_an_event_is_told_once():
    found = judged(events=(*SensorEvent, *SensorEvent))
    assert [finding.code for finding in found] == [f"sensor.{event}" for event in SensorEvent]
    assert {finding.evidence["weight"] for finding in found} == {"alarm"}
    codes = {finding.code for finding in found} | {limit.finding for limit in POLICY.limits} | POLICY.alarms
    assert codes <= FINDING.keys()
    assert codes <= set(SENSORS)


def test_a_clock_may_be_wrong_by_minutes():
    assert judged(skew=-600) == []
    assert [finding.code for finding in judged(skew=-601)] == ["sensor.clock_wrong"]


def alarm(value=8.0, hours_ago=10, *, answered, code="sensor.tilted"):
    return Raised("a1", code, "d1", value, NOON - timedelta(hours=hours_ago), answered)


def heard(hours_ago, *codes, measures=("tilt_deg",)):
    return Heard(NOON - timedelta(hours=hours_ago), frozenset(codes), frozenset(measures))


def raises(findings, *, raised=(), before=(), at=NOON):
    return [finding.code for finding in new_alarms(findings, at, raised=raised, heard=before)]


def test_the_first_message_beyond_a_limit_raises_an_alarm_and_attention_never_does():
    assert raises(judged(tilt_deg=8.0, battery_percent=3)) == ["sensor.tilted"]


def test_one_alarm_of_a_kind_and_a_device_is_open():
    assert raises(judged(tilt_deg=40.0), raised=[alarm(answered=False)]) == []
    other = Raised("a2", "sensor.tilted", "d2", 8.0, NOON - timedelta(hours=1), answered=False)
    assert raises(judged(tilt_deg=8.0), raised=[other]) == ["sensor.tilted"]


def test_what_was_answered_is_not_raised_again_while_it_goes_on():
    same = judged(tilt_deg=8.2)
    leaning = [heard(2, "sensor.tilted"), heard(4, measures=()), heard(6, "sensor.tilted")]
    assert raises(same, raised=[alarm(answered=True)], before=leaning) == []
    upright = [heard(2, "sensor.tilted"), heard(4), heard(6, "sensor.tilted")]
    assert raises(same, raised=[alarm(answered=True)], before=upright) == ["sensor.tilted"]


def test_what_grew_by_a_whole_limit_more_is_news():
    leaning = [heard(2, "sensor.tilted")]
    assert raises(judged(tilt_deg=12.9), raised=[alarm(answered=True)], before=leaning) == []
    assert raises(judged(tilt_deg=13.0), raised=[alarm(answered=True)], before=leaning) == ["sensor.tilted"]


def test_an_event_is_over_as_it_happens_so_the_next_one_is_another():
    struck = judged(events=(SensorEvent.STRUCK,))
    before = alarm(None, answered=True, code="sensor.struck")
    assert raises(struck, raised=[before], before=[heard(2, "sensor.struck")]) == ["sensor.struck"]


def test_a_late_message_of_before_an_answered_alarm_raises_none():
    late = NOON - timedelta(hours=11)
    assert raises(judged(tilt_deg=8.0), raised=[alarm(answered=True)], at=late) == []


@pytest.mark.parametrize(
    "spoil",
    [
        {"silent_hours": 0},
        {"clock_tolerance_s": -1},
        {"limits": [{"finding": "sensor.tilted", "measure": "mood", "above": 1}]},
        {"limits": [{"finding": "sensor.tilted", "measure": "tilt_deg"}]},
    ],
)
def test_a_policy_that_cannot_be_used_is_refused(spoil):
    with pytest.raises(InvalidInput):
        read_sensor_policy(shipped("sensor_policy") | spoil)
