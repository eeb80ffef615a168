"""docs/markers.md out of the code: facts, colour profiles, the case's table with its guards, measured error rates.

Nothing here is written twice: rules come from the shipped profiles, steps from the case table, guards from their own
source, words from the legend, rates from a seeded run of the displacement test.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from layers.markers import legend, transitions
from layers.markers.case_chart import flow_chart
from layers.markers.case_sides import papers_on_record
from layers.markers.case_table import AUTHORITY, BUREAU, STEPS, Step
from layers.markers.colour import FACT_VALUES, Clause, ColourProfile, shipped_profiles
from layers.markers.evidence import Capacity
from layers.markers.evidence import CaseEventKind as Event
from layers.markers.legend_facts import FACT, value_label
from layers.markers.legend_findings import MISSING
from layers.markers.legend_guards import GUARD
from layers.markers.model import CaseStage

HEAD = """# Markers: facts, colours, cases, displacement

Written by `tools/write_docs.py` from the code that decides, and held to it by a test: what stands here is what the service does.
Terms and their sources: `layers/markers`. Errors: [errors.md](errors.md). Who may ask what: [access.md](access.md).

A colour is never stored as truth. Evidence is only ever added; facts are derived from it, and a colour from the facts by a dated
profile. So the colour of any marker on any past day, under any profile, can be had again, with the rule that fired.
"""
COLOURS_HEAD = """## Colours: the profiles that come with the product

Rules are asked in order; the first that holds gives the colour. No sign stands by its colour alone: each has a shape and a word.
A rule with several lines holds when one of them does; a line holds when all its facts do. A profile that could show green while a
case is open is refused (`marker.profile_invalid`), proven on every combination of facts, not on samples. `GEO_COLOUR_PROFILE` names
the office's own; `?profile=A`, `?profile=B` or a code asks for another.
"""
CASE_HEAD = """## The case, step by step

The table below is the code's own (`layers/markers/case_table.py`); a step that it does not have, or whose records are missing, is
refused with `marker.case_step_refused`, which names every code that is missing. A code may carry the unit and the part it is about:
`neighbour_attendance:469021.photo`. Stages with a blue edge count as being handled.
"""
EVENTS_HEAD = """### Each event: who, from where to where, what must be on record

Besides, at every step: `stage` (the event is possible now), `capacity` (the actor is one of those named) and `paper_on_record` (every
paper cited by its SHA-256 has been brought). Art.: article of the regulation on administrative boundaries, State Council order 353.
"""
DISPLACEMENT = """## Displacement: when a marker counts as moved

The offset of a fix from the legal position counts when it leaves the limit `max(tolerance, k · √(σ_legal² + σ_observed²))`. The
fix of a phone is never believed better than {phone:g} m, and beyond the limit asks for a better measurement (`re_measure`); it never proves
a displacement. A fix without an accuracy counts as a phone's; one from an invented location is not tested.

How often that is wrong, measured on simulated fixes: tolerance {tolerance:g} m, k = {k:g}, legal point ± {legal:g} m, {trials:,} fixes a cell, seed {seed}.
A fix errs by a plane normal error whose root mean square length is the stated accuracy, which is what receivers report. An
answer other than `agrees` up to the tolerance is a false alarm; `agrees` beyond it is a miss. The last column is the same error when
the stated accuracy is that of one axis, a harsher reading.

| receiver | σ | true shift | agrees | asks again | displaced | false alarm | miss | per axis |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""
READING = """
Read it so: a surveyor's receiver finds a shift of 5 m every time and cries out over a marker that stands in fewer than one fix of a
thousand (`tests/benchmarks/test_displacement_rates.py` holds it to both). A phone is blind to 5 m, because its limit is 15 m: its silence
is no proof that a marker stands, so the reference objects of the form are measured again. A shift equal to the tolerance is let pass on purpose.
The same figures on a terminal: `python tests/benchmarks/displacement_rates.py`.
"""


def marker_manual() -> str:
    """Return the page."""
    return "\n".join(
        [
            HEAD,
            _facts(),
            COLOURS_HEAD,
            *(_profile(profile) for profile in shipped_profiles()),
            CASE_HEAD,
            *(f"{title}\n\n```mermaid\n{flow_chart(language)}```\n" for title, language in CHARTS),
            EVENTS_HEAD,
            _events(),
            _codes_table(),
            _displacement(),
        ]
    )


CHARTS: tuple[tuple[str, legend.Language], ...] = (("### 流程图", "zh"), ("### Flow chart", "en"))


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _code(value: object) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _facts() -> str:
    rows = []
    for fact, words in FACT.items():
        order = sorted(FACT_VALUES[fact], key=_place)
        told = ", ".join(
            f"{_code(each)} {value_label(fact, each, 'zh')} {value_label(fact, each, 'en')}" for each in order
        )
        rows.append([_code(fact), words.zh, words.en, f"{words.zh_definition} · {words.en_definition}", told])
    return "## Facts\n\n" + _table(["fact", "中文", "English", "what it says", "values"], rows)


def _place(value: Any) -> int:
    """Return where a value stands in its own enumeration."""
    return int(value) if isinstance(value, bool) else list(type(value)).index(value)


def _profile(profile: ColourProfile) -> str:
    rows = [
        [
            rule.number,
            f"{legend.COLOUR[rule.colour].zh} {rule.colour}",
            f"{legend.SHAPE[rule.shape].zh} {rule.shape}",
            rule.label["zh"],
            rule.label["en"],
            "<br>".join(_clause_codes(clause) for clause in rule.clauses),
            "<br>".join(_clause_words(clause) for clause in rule.clauses),
        ]
        for rule in profile.rules
    ]
    title = f"### {profile.rules[0].number[0]}: {profile.label['zh']} · {profile.label['en']}"
    about = f"Code `{profile.code}`, version {profile.version}, in force from {profile.effective_from}."
    heads = ["rule", "colour", "shape", "中文", "English", "holds when", "成立条件"]
    return f"{title}\n\n{about}\n\n{_table(heads, rows)}"


def _clause_codes(clause: Clause) -> str:
    told = (
        f"`{fact}`: {', '.join(_code(each) for each in sorted(values, key=_place))}"
        for fact, values in clause.items()
    )
    return " and ".join(told) or "always"


def _clause_words(clause: Clause) -> str:
    told = (
        f"{FACT[fact].zh}为{'、'.join(value_label(fact, each, 'zh') for each in sorted(values, key=_place))}"
        for fact, values in clause.items()
    )
    return "，且".join(told) or "其余一切情形"


def _events() -> str:
    rows = [
        [
            f"{_code(step.event)}<br>{legend.CASE_EVENT[step.event].zh} {legend.CASE_EVENT[step.event].en}",
            ", ".join(sorted(step.kinds)) or "opens one",
            ", ".join(_stage(stage) for stage in CaseStage if stage in step.stages),
            _stage(step.to),
            _people(step.may),
            _needs(codes_of_step(step)),
            step.art or "–",
        ]
        for step in STEPS
    ]
    undone = list(dict.fromkeys(_codes(transitions._undo, set())))  # noqa: SLF001 # the page tells what it asks
    for event in (Event.REVOKE, Event.CORRECT):
        codes = [
            code for code in undone if code != "capacity" and (code != "records" or event is Event.CORRECT)
        ]
        words = legend.CASE_EVENT[event]
        rows.append(
            [
                f"{_code(event)}<br>{words.zh} {words.en}",
                "every",
                "every",
                "as the steps that still stand make it",
                _people(BUREAU | AUTHORITY),
                _needs(codes),
                "–",
            ]
        )
    return _table(["event", "case", "from", "to", "who may", "must be on record", "art."], rows)


def _stage(stage: CaseStage) -> str:
    return f"{_code(stage)} {legend.CASE_STAGE[stage].zh}"


def _people(may: Iterable[Capacity]) -> str:
    return ", ".join(
        f"{legend.CAPACITY[each].zh} {legend.CAPACITY[each].en}" for each in Capacity if each in may
    )


def _needs(codes: Iterable[str]) -> str:
    return "<br>".join(f"{_code(code)} {MISSING[code].zh} · {MISSING[code].en}" for code in codes)


def codes_of_step(step: Step) -> list[str]:
    """Return every code that the guards of a step can name as missing, in the order in which they ask."""
    return list(dict.fromkeys(code for guard in step.needs for code in _codes(guard, set())))


def _codes(guard: Callable[..., Any], seen: set[Callable[..., Any]]) -> Iterator[str]:
    """Yield the codes in the source of a guard and of what it calls; what `brings` was told stands in its closure."""
    seen.add(guard)
    for cell in guard.__closure__ or ():
        if isinstance(cell.cell_contents, tuple):
            yield from cell.cell_contents
    tree = ast.parse(textwrap.dedent(inspect.getsource(guard)))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.Name)]
    for node in sorted(nodes, key=lambda each: (each.lineno, each.col_offset)):
        if isinstance(node, ast.Name):
            called = guard.__globals__.get(node.id)
            if inspect.isfunction(called) and called.__module__ in GUARD_MODULES and called not in seen:
                yield from _codes(called, seen)
        elif isinstance(node.value, str) and (code := node.value.split(":")[0]) in MISSING:
            yield code


GUARD_MODULES = frozenset({"layers.markers.case_guards", "layers.markers.case_sides"})


def _codes_table() -> str:
    rows = [[_code(code), words.zh, words.en] for code, words in MISSING.items()]
    law = [
        f"- `{guard.__name__}` {GUARD[guard.__name__].zh}. {(inspect.getdoc(guard) or '').splitlines()[0]}"
        for guard in dict.fromkeys(guard for step in STEPS for guard in (*step.needs, papers_on_record))
        if inspect.getdoc(guard)
    ]
    return (
        "### The guards, as the code has them\n\n"
        + "\n".join(law)
        + "\n\n### What can be missing\n\n"
        + _table(["code", "中文", "English"], rows)
    )


def _displacement() -> str:
    root = str(Path(__file__).resolve().parent.parent)
    if root not in sys.path:
        sys.path.append(root)
    from tests.benchmarks import displacement_rates as measured  # noqa: PLC0415 # beside the tests that hold it

    policy = measured.POLICY
    head = DISPLACEMENT.format(
        phone=policy.phone_sigma_m,
        tolerance=policy.tolerance_m,
        k=policy.k,
        legal=measured.SIGMA_LEGAL_M,
        trials=measured.TRIALS,
        seed=measured.SEED,
    )
    return head + "\n".join(_rate_rows(measured)) + "\n" + READING


def _rate_rows(measured: Any) -> Iterator[str]:
    agrees, again, displaced = (measured.Verdict(name) for name in ("agrees", "re_measure", "displaced"))
    for name, sigma, source in measured.RECEIVERS:
        for shift in measured.SHIFTS_M:
            shown, harsh = (measured.rates(sigma, source, shift, per_axis=axis) for axis in (False, True))
            moved = shift > measured.POLICY.tolerance_m
            wrong, worse = (
                each[agrees] if moved else each[again] + each[displaced] for each in (shown, harsh)
            )
            errors = ("–", f"{wrong:.3%}") if moved else (f"{wrong:.3%}", "–")
            cells = [
                name,
                f"{sigma:g} m",
                f"{shift:g} m",
                *(f"{shown[each]:.3%}" for each in (agrees, again, displaced)),
            ]
            yield f"| {' | '.join([*cells, *errors, f'{worse:.3%}'])} |"
