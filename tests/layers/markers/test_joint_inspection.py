"""A joint inspection of a drawn line: its tasks, records of each side, opinions, report, filing."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from shapely import LineString, MultiLineString

from layers.geodesy import ellipsoidal_length_m
from layers.markers.joint_inspection import (
    ARCHIVE_SETS,
    JointFile,
    JointOpinion,
    JointSignature,
    JointStage,
    JointStepRefused,
    SideRecord,
    disagreements,
    missing_for,
    passed_markers,
    require,
    stage_of,
    unsigned,
)
from layers.markers.joint_report import report_of
from layers.markers.joint_tasks import OtherMark, TaskKind, task_list
from layers.markers.model import Condition, Grade, LegalPosition, Marker, SetKind

HERE, THERE, THIRD = "460107", "469021", "469005"
LINE = LineString([(110.20, 19.70), (110.30, 19.74), (110.40, 19.72)])
AT = datetime(2026, 5, 20, 2, tzinfo=UTC)


def marker(code, where, *, units=(HERE, THERE), north=0.0, set_kind=SetKind.SINGLE, set_code=None):
    point = LINE.interpolate(where, normalized=True)
    return Marker(
        code=code,
        number=code,
        line_code=HERE + THERE,
        unit_codes=units,
        grade=Grade.COUNTY,
        set_kind=set_kind,
        set_code=set_code,
        legal_position=LegalPosition(lon=point.x, lat=point.y + north, accuracy_m=0.5),
    )


MARKERS = [
    marker("m3", 0.7),
    marker("m1", 0.0, units=(HERE, THERE, THIRD)),
    marker("m2a", 0.4, north=0.0005, set_kind=SetKind.DOUBLE, set_code="m2"),
    marker("m2b", 0.4, north=-0.0005, set_kind=SetKind.DOUBLE, set_code="m2"),
]
BRIDGE = OtherMark("bridge", *LINE.interpolate(0.5, normalized=True).coords[0])
TASKS = task_list(LINE, (HERE, THERE), MARKERS, [BRIDGE])


def test_the_task_list_walks_the_whole_line():
    kinds = [(task.kind, task.subjects) for task in TASKS]
    assert kinds == [
        (TaskKind.TRIPOINT, ("m1",)),
        (TaskKind.SEGMENT, ("m1", "m2a")),
        (TaskKind.MARKER, ("m2a", "m2b")),
        (TaskKind.SEGMENT, ("m2a", "bridge")),
        (TaskKind.OTHER_MARK, ("bridge",)),
        (TaskKind.SEGMENT, ("bridge", "m3")),
        (TaskKind.MARKER, ("m3",)),
        (TaskKind.SEGMENT, ("m3", "end")),
    ]
    assert [task.order for task in TASKS] == list(range(1, 9))
    assert [task.along_m for task in TASKS] == sorted(task.along_m for task in TASKS)
    assert sum(task.length_m for task in TASKS) == pytest.approx(ellipsoidal_length_m(LINE), rel=1e-5)
    assert TASKS[0].sides == (HERE, THIRD, THERE)


def test_a_line_in_parts_is_walked_part_after_part():
    parts = MultiLineString([[(110.20, 19.70), (110.25, 19.72)], [(110.31, 19.71), (110.40, 19.72)]])
    tasks = task_list(parts, (HERE, THERE), MARKERS)
    assert sum(task.length_m for task in tasks) == pytest.approx(ellipsoidal_length_m(parts), rel=1e-5)
    assert {code for task in tasks for code in task.subjects} >= {"m1", "m2a", "m2b", "m3"}


def sign(document, sides=(HERE, THERE)):
    return tuple(
        JointSignature(side=side, person=f"officer {side}", document=document, signed_at=AT) for side in sides
    )


def records(seen=None, skip=()):
    seen = seen or {}
    return tuple(
        SideRecord(
            task=task.order,
            side=side,
            person=f"surveyor {side}",
            recorded_at=AT,
            condition=seen.get((task.order, side), Condition.INTACT),
            answers=dict.fromkeys(task.checklist, "good"),
        )
        for task in TASKS
        for side in task.sides
        if (task.order, side) not in skip
    )


PLANNED = JointFile(inspection_id="j1", line_code=HERE + THERE, sides=(HERE, THERE), lead=HERE)
SURVEYED = replace(
    PLANNED,
    plan_document="plan",
    signatures=sign("plan"),
    indoor_minutes="minutes",
    tasks=TASKS,
    records=records(),
)


def test_the_stage_follows_from_what_is_on_record():
    joint = PLANNED
    assert stage_of(joint) is JointStage.PLANNED
    joint = replace(joint, plan_document="plan", signatures=sign("plan"))
    assert stage_of(joint) is JointStage.PLAN_SIGNED
    joint = replace(joint, indoor_minutes="minutes", tasks=TASKS)
    assert stage_of(joint) is JointStage.COMPARED
    joint = replace(joint, records=records())
    assert stage_of(joint) is JointStage.SETTLED
    joint = replace(joint, report_document="report", signatures=sign("plan") + sign("report"))
    assert stage_of(joint) is JointStage.REPORT_SIGNED
    joint = replace(joint, filing_number="2026-3", filed_on=date(2026, 11, 20))
    assert stage_of(joint) is JointStage.FILED
    joint = replace(joint, archived_in=ARCHIVE_SETS[:2])
    assert missing_for(joint, JointStage.ARCHIVED) == ("joint.archive_set_missing:province",)
    assert stage_of(replace(joint, archived_in=ARCHIVE_SETS)) is JointStage.ARCHIVED


def test_every_side_signs_the_same_version():
    joint = replace(
        PLANNED, plan_document="plan v2", signatures=sign("plan v2", [HERE]) + sign("plan", [THERE])
    )
    assert [(f.code, f.subject) for f in unsigned(joint, "plan v2")] == [
        ("joint.signature_missing", ("j1", THERE))
    ]
    joint = replace(joint, signatures=sign("plan v2", [HERE, THERE, "460106"]))
    assert [f.code for f in unsigned(joint, "plan v2")] == ["joint.signature_of_stranger"]
    assert stage_of(replace(joint, lead=THIRD, signatures=sign("plan v2"))) is JointStage.PLANNED


def test_the_report_of_a_tripoint_line_needs_three_signatures():
    joint = replace(PLANNED, sides=(HERE, THERE, THIRD), plan_document="plan", signatures=sign("plan"))
    assert missing_for(joint, JointStage.PLAN_SIGNED) == (f"joint.signature_missing:{THIRD}",)


def test_a_side_that_did_not_record_a_task_is_named():
    joint = replace(SURVEYED, records=records(skip={(1, THIRD)}))
    assert missing_for(joint, JointStage.SURVEYED) == (f"joint.record_missing:1:{THIRD}",)
    with pytest.raises(JointStepRefused) as refused:
        require(joint, JointStage.SURVEYED)
    assert refused.value.facts["missing"] == [f"joint.record_missing:1:{THIRD}"]


def test_open_items_of_the_checklist_are_named():
    first = replace(records()[0], answers={})
    joint = replace(SURVEYED, records=(first, *records()[1:]))
    assert missing_for(joint, JointStage.SURVEYED) == (f"joint.item_unanswered:1:{first.side}",)


DISPUTED = replace(SURVEYED, records=records({(7, THERE): Condition.DAMAGED}))


def opinion(**more):
    return JointOpinion(**{"task": 7, "text": "damaged on the rear face", "agreed_by": (HERE, THERE), **more})


def test_a_disagreement_needs_a_joint_opinion():
    found = list(disagreements(DISPUTED))
    assert [finding.subject for finding in found] == [("j1", "7")]
    assert found[0].evidence["answers"] == {HERE: Condition.INTACT, THERE: Condition.DAMAGED}
    assert missing_for(DISPUTED, JointStage.SETTLED) == ("joint.opinion_missing:7",)
    one_sided = replace(DISPUTED, opinions=(opinion(agreed_by=(HERE,)),))
    assert missing_for(one_sided, JointStage.SETTLED) == ("joint.opinion_missing:7",)
    undated = replace(DISPUTED, opinions=(opinion(measure="re-set", responsible=HERE),))
    assert missing_for(undated, JointStage.SETTLED) == ("joint.order_incomplete:7",)
    with pytest.raises(JointStepRefused):
        passed_markers(DISPUTED)


SETTLED = replace(
    DISPUTED,
    report_document="report",
    opinions=(
        opinion(condition=Condition.DAMAGED, measure="re-set", responsible=HERE, deadline=date(2026, 9, 30)),
    ),
)


def test_markers_pass_or_fail_by_the_joint_opinion():
    assert passed_markers(SETTLED) == (("m1", "m2a", "m2b"), ("m3",))
    overruled = replace(DISPUTED, opinions=(opinion(condition=Condition.INTACT),))
    assert passed_markers(overruled) == (("m1", "m2a", "m2b", "m3"), ())


def test_the_report_states_what_was_found():
    report = report_of(SETTLED, MARKERS)
    assert report.length_km == pytest.approx(ellipsoidal_length_m(LINE) / 1000, rel=1e-5)
    assert (report.posts, report.numbers_by_set) == (4, {SetKind.SINGLE: 2, SetKind.DOUBLE: 1})
    assert report.conditions == {Condition.INTACT: 2, Condition.DAMAGED: 1}
    assert (report.passed, report.failed) == (("m1", "m2a", "m2b"), ("m3",))
    assert [(order.subjects, order.responsible) for order in report.work_orders] == [(("m3",), HERE)]
    assert report.participants[THERE] == (f"surveyor {THERE}",)
    assert report.still_missing == (f"joint.signature_missing:{HERE}", f"joint.signature_missing:{THERE}")
    with pytest.raises(JointStepRefused):
        report_of(PLANNED, MARKERS)
