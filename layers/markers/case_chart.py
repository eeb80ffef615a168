"""The table of case steps drawn as a Mermaid flow chart for the manual; decides and words nothing itself."""

from layers.markers.case_table import STEPS, Step
from layers.markers.legend import CAPACITY, CASE_EVENT, CASE_STAGE, Language
from layers.markers.model import BEING_HANDLED, CaseStage


def flow_chart(language: Language) -> str:
    """Return the whole table as Mermaid text: a node for each stage, an arrow for each step with who may take it.

    Stages that count as being handled stand in one class, so that the manual can colour them blue.
    """
    lines = ["flowchart TD"]
    lines += [f'  {_node(stage)}["{CASE_STAGE[stage].label(language)}"]' for stage in CaseStage]
    for step in STEPS:
        lines += [_arrow(step, stage, language) for stage in CaseStage if stage in step.stages]
    handled = ",".join(_node(stage) for stage in CaseStage if stage in BEING_HANDLED)
    lines += ["  classDef handled stroke:#1565c0,stroke-width:2px", f"  class {handled} handled"]
    return "\n".join(lines) + "\n"


def _node(stage: CaseStage) -> str:
    return f"stage_{stage.value}"


def _arrow(step: Step, stage: CaseStage, language: Language) -> str:
    who = " / ".join(sorted(CAPACITY[capacity].label(language) for capacity in step.may))
    event = CASE_EVENT[step.event].label(language)
    return f'  {_node(stage)} -->|"{event}<br/>{who}"| {_node(step.to)}'
