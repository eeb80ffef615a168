"""Every code is worded in both languages, every choice on the form is defined, the chart shows every step."""

import re
from pathlib import Path

import pytest

from layers.due import DueState
from layers.markers import legend, legend_due, legend_joint
from layers.markers.case_chart import flow_chart
from layers.markers.case_table import STEPS
from layers.markers.colour import shipped_profiles
from layers.markers.due_list import DueKind
from layers.markers.evidence import CaseEventKind
from layers.markers.joint_inspection import ARCHIVE_SETS, JointStage
from layers.markers.joint_tasks import TaskItem, TaskKind
from layers.markers.legend_findings import FINDING, MISSING, REFUSAL, worded
from layers.markers.model import Colour


@pytest.mark.parametrize("name", legend.VOCABULARIES)
def test_every_code_is_worded_once(name):
    words = legend.VOCABULARIES[name]
    assert set(words) == set(type(next(iter(words))))
    for language in ("zh", "en"):
        labels = [wording.label(language) for wording in words.values()]
        assert all(labels)
        assert len(set(labels)) == len(labels)
    assert all(any("一" <= character <= "鿿" for character in wording.zh) for wording in words.values())


@pytest.mark.parametrize(
    "name", ["condition", "component", "component_condition", "position_check", "currency"]
)
def test_choices_of_the_form_are_defined_in_both_languages(name):
    for wording in legend.VOCABULARIES[name].values():
        assert wording.zh_definition
        assert wording.en_definition


@pytest.mark.parametrize("profile", shipped_profiles(), ids=lambda profile: profile.code)
def test_no_two_signs_of_a_legend_differ_by_colour_alone(profile):
    entries = legend.colour_entries(profile)
    assert {entry.colour for entry in entries} == set(Colour)
    signs = [(entry.shape, entry.label.zh) for entry in entries]
    assert len(set(signs)) == len(signs)
    for one in entries:
        for other in entries:
            if one.colour != other.colour:
                assert one.shape != other.shape


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_flow_chart_shows_every_step_of_the_table(language):
    chart = flow_chart(language)
    arrows = [line for line in chart.splitlines() if "-->" in line]
    assert len(arrows) == sum(len(step.stages) for step in STEPS)
    assert chart.startswith("flowchart TD\n")
    for step in STEPS:
        assert any(legend.CASE_EVENT[step.event].label(language) in arrow for arrow in arrows)


def test_every_code_of_joint_inspections_is_worded():
    assert set(legend_joint.STAGE) == {stage.value for stage in JointStage}
    assert set(legend_joint.TASK_KIND) == {kind.value for kind in TaskKind}
    assert set(legend_joint.TASK_ITEM) == {item.value for item in TaskItem} | {"condition_seen"}
    assert set(legend_joint.ARCHIVE) == set(ARCHIVE_SETS)


def test_every_kind_and_state_of_what_is_due_is_worded_and_defined():
    assert set(legend_due.KIND) == set(DueKind)
    assert set(legend_due.STATE) == set(DueState)
    for words in (*legend_due.KIND.values(), *legend_due.STATE.values()):
        assert words.zh_definition
        assert words.en_definition


def source_codes():
    """Every finding and refusal code that a string of the layer names."""
    folder = Path(legend.__file__).parent
    named = set()
    for file in folder.glob("*.py"):
        if file.name != "legend_findings.py":
            named |= set(
                re.findall(
                    r'"((?:marker|joint|inspection|clock|sensor)\.[a-z_]+)', file.read_text(encoding="utf-8")
                )
            )
    return named


def test_every_code_of_the_layer_is_worded_and_no_other():
    acts = {event.value for event in CaseEventKind}
    assert source_codes() - acts == set(FINDING) | set(REFUSAL)


def test_every_missing_record_is_worded():
    text = "".join(
        (Path(legend.__file__).parent / f"{name}.py").read_text() for name in ("case_guards", "transitions")
    )
    asked = set(re.findall(r'yield f?"([a-z_]+)', text)) | set(
        re.findall(r'missing\.append\("([a-z_]+)"\)', text)
    )
    for step in STEPS:
        for guard in step.needs:
            for cell in guard.__closure__ or ():
                asked |= set(cell.cell_contents)
    assert asked - {"key"} <= set(MISSING)
    assert worded("neighbour_attendance:469021.photo") is MISSING["neighbour_attendance"]
    assert worded("crs.axes_swapped") is None
    for wording in (*FINDING.values(), *REFUSAL.values(), *MISSING.values()):
        assert wording.zh
        assert wording.en
