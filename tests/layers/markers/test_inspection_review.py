"""What a reviewer is shown of an inspection, and what has changed since the last."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from layers.markers.displacement import CGCS2000
from layers.markers.inspection_review import TakenPhoto, changes, photo_checklist, review
from layers.markers.model import (
    Component,
    ComponentCondition,
    Condition,
    FixSource,
    Grade,
    Inspection,
    InspectionKind,
    LegalPosition,
    Marker,
    ObservedPosition,
    ReferenceObject,
)
from layers.markers.policy import shipped_policy

POLICY = shipped_policy()
MARKER = Marker(
    code="m1",
    number="01079021001Q",
    line_code="460107469021",
    unit_codes=("460107", "469021"),
    grade=Grade.COUNTY,
    faces=3,
    legal_position=LegalPosition(lon=110.3, lat=19.7, accuracy_m=0.5),
    reference_objects=(ReferenceObject(name="pier", azimuth_deg=10, distance_m=30),),
)
AT = datetime(2026, 5, 20, 2, tzinfo=UTC)


def fix(away_m=0.2, accuracy_m=4.0, **more):
    lon, lat, _ = CGCS2000.fwd(110.3, 19.7, 45.0, away_m)
    return ObservedPosition(lon=lon, lat=lat, accuracy_m=accuracy_m, **more)


VISIT = Inspection(
    id="i1",
    marker_code="m1",
    kind=InspectionKind.PATROL,
    captured_at=AT,
    received_at=AT + timedelta(hours=3),
    person="Chen",
    unit="460107",
    condition=Condition.INTACT,
    components=dict.fromkeys(Component, ComponentCondition.GOOD),
    observed_position=fix(),
)
PHOTOS = [TakenPhoto(shows, "sha256:aa") for shows in photo_checklist(MARKER)]


def seen(**changed):
    return {**VISIT.components, **{Component(part): value for part, value in changed.items()}}


def test_a_complete_patrol_has_nothing_to_remark():
    assert photo_checklist(MARKER) == ("face_1", "face_2", "face_3", "overview", "object:pier")
    assert list(review(VISIT, MARKER, PHOTOS, POLICY)) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"components": seen(body=ComponentCondition.DAMAGED)}, "condition_contradicted"),
        ({"components": seen(inscription=ComponentCondition.MINOR)}, "condition_contradicted"),
        ({"components": seen(base=ComponentCondition.NOT_SEEN)}, "component_not_seen"),
        ({"observed_position": None}, "fix_missing"),
        ({"observed_position": fix(accuracy_m=15.0)}, "fix_too_rough"),
        ({"observed_position": fix(accuracy_m=None)}, "fix_too_rough"),
        ({"observed_position": fix(mocked=True)}, "fix_mocked"),
        ({"observed_position": fix(away_m=130.0)}, "far_from_marker"),
        ({"received_at": AT - timedelta(minutes=5)}, "received_before_capture"),
    ],
)
def test_each_flaw_is_found_alone(changed, code):
    findings = list(review(replace(VISIT, **changed), MARKER, PHOTOS, POLICY))
    assert [finding.code for finding in findings] == [f"inspection.{code}"]


def test_missing_photos_are_named_unless_there_is_nothing_to_photograph():
    findings = list(review(VISIT, MARKER, PHOTOS[1:-1], POLICY))
    assert findings[0].evidence["missing"] == ["face_1", "object:pier"]
    gone = replace(VISIT, condition=Condition.NOT_FOUND, components={})
    assert list(review(gone, MARKER, [], POLICY)) == []


def test_surroundings_say_nothing_against_an_intact_marker():
    overgrown = replace(VISIT, components=seen(surroundings=ComponentCondition.MINOR))
    assert list(review(overgrown, MARKER, PHOTOS, POLICY)) == []


def test_only_what_changed_is_shown():
    assert list(changes(None, VISIT, MARKER, POLICY)) == []
    assert list(changes(VISIT, replace(VISIT, id="i2"), MARKER, POLICY)) == []
    now = replace(
        VISIT,
        id="i2",
        condition=Condition.DAMAGED,
        components=seen(body=ComponentCondition.DAMAGED, belt=ComponentCondition.NOT_SEEN),
        observed_position=fix(away_m=6.0, accuracy_m=0.02, source=FixSource.SURVEY),
    )
    shown = [
        (f.evidence["part"], f.evidence["from"], f.evidence["to"])
        for f in changes(VISIT, now, MARKER, POLICY)
    ]
    assert shown == [
        ("condition", "intact", "damaged"),
        ("body", "good", "damaged"),
        ("position", "agrees", "displaced"),
    ]
