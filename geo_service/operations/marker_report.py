"""The markers of a line or a unit on a day as one report: signs, reasons, dates, cases; derives nothing itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from geo_service.operations.joint_papers import Words, paper_words
from layers.boundaries.model import LineNotFound
from layers.errors import InvalidInput
from layers.markers import legend
from layers.markers.colour import ColourProfile
from layers.markers.evidence import CaseEventKind
from layers.markers.legend_facts import fact_said
from layers.markers.model import OPEN_STAGES, Colour, Condition, Shape
from layers.markers.past import end_of
from layers.markers.queries import MarkerFilter, Positions
from layers.markers.register import rules_of
from layers.markers.report_rows import (
    ShownLine,
    ShownMarker,
    how_many,
    shown_lines,
    shown_markers,
    shown_unit,
)
from web_map.reports.marker_report import MarkerReport, ReportedMarker, Sign
from web_map.reports.offline_page import Table

START: Final = "report.markers."
MOST: Final = 2000


class ReportTooMany(InvalidInput):
    """More markers than one report holds. Facts: `markers`, `most`."""

    code = "marker.report_too_many"


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """What a report is about: a line or a unit, on a day, under a profile; `now` where the day is the present one."""

    on: date
    now: bool
    profile: str
    language: str
    line: str | None = None
    unit: str | None = None

    def filter(self) -> MarkerFilter:
        """Return which markers are asked for; raises `InvalidInput` unless it is either a line or a unit."""
        if (self.line is None) == (self.unit is None):
            raise InvalidInput(field="line", expected="line=CODE or unit=CODE, one of the two")
        return MarkerFilter(
            as_of=self.on,
            past=not self.now,
            profile=self.profile,
            positions=Positions.EXACT,
            line=self.line,
            unit=self.unit,
        )


def marker_report(session: Session, asked: ReportAsked) -> MarkerReport:
    """Return the report; raises `LineNotFound`, `UnitNotFound`, `ProfileNotFound`, `ReportTooMany`, `InvalidInput`."""
    wanted = asked.filter()
    until = datetime.now(UTC) if asked.now else end_of(asked.on, asked.profile)
    profile, policy = rules_of(asked.profile).at(until)
    name, outline = shown_unit(session, asked.unit, asked.on) if asked.unit else ("", None)
    count = how_many(session, wanted)
    if count > MOST:
        raise ReportTooMany(markers=count, most=MOST)
    markers = shown_markers(session, wanted, profile, until)
    codes = [asked.line] if asked.line else sorted({each.line_code for each in markers})
    lines = shown_lines(session, codes, asked.on, side=asked.unit)
    if asked.line and not lines:
        raise LineNotFound(line_code=asked.line, as_of=asked.on.isoformat())
    words, side = paper_words(START, asked.language), _side(asked.language)
    signs = _signs(profile, markers, side)
    known = {line.code: line.name for line in lines}
    return MarkerReport(
        language=asked.language,
        title=words["title"].format(name=name or lines[0].name),
        about=[
            (words["subject"], f"{name or lines[0].name} · {asked.unit or asked.line}"),
            (words["day"], words["now" if asked.now else "then"].format(day=asked.on.isoformat())),
            (
                words["profile"],
                f"{profile.label[side]} · {profile.code} {profile.version} · {profile.effective_from}",
            ),
            (words["policy"], f"{policy.code} {policy.version} · {policy.effective_from}"),
            (words["total"], str(len(markers))),
        ],
        notes=_notes(markers, words),
        signs=signs,
        markers=[_reported(each, signs, known, words, side) for each in markers],
        heads=[
            words[head]
            for head in (
                "number",
                "line",
                "managing",
                "colour",
                "why",
                "since",
                "inspected",
                "patrol",
                "joint",
                "case",
            )
        ],
        tables=[
            _colours(markers, words, side),
            _conditions(markers, words, side),
            _lines(lines, markers, words),
        ],
        lines={"type": "FeatureCollection", "features": [_course(line) for line in lines]},
        outline=outline,
        words={name: words[name] for name in ("map", "key", "markers", "none")},
    )


def _side(language: str) -> legend.Language:
    return "zh" if language.startswith("zh") else "en"


def _notes(markers: Sequence[ShownMarker], words: Words) -> list[str]:
    made = sum(each.synthetic for each in markers)
    return [
        *([words["synthetic"].format(count=made)] if made else []),
        words["standing"],
    ]


def _signs(profile: ColourProfile, markers: Sequence[ShownMarker], side: legend.Language) -> list[Sign]:
    """Return a sign for each rule of the profile, in its order; those that nobody bears are in the key too."""
    borne = Counter((each.rule, each.shape) for each in markers)
    signs: dict[tuple[str, Shape], Sign] = {}
    for rule in profile.rules:
        told = f"{rule.label[side]} · {legend.COLOUR[rule.colour].label(side)} · {legend.SHAPE[rule.shape].label(side)}"
        number = borne[rule.number, rule.shape]
        sign = Sign(rule.number, rule.colour, rule.shape, legend.INK[rule.colour], told, number)
        signs.setdefault((rule.number, rule.shape), sign)
    return list(signs.values())


def _reported(
    marker: ShownMarker, signs: Sequence[Sign], lines: Mapping[str, str], words: Words, side: legend.Language
) -> ReportedMarker:
    at = next(n for n, sign in enumerate(signs) if (sign.rule, sign.shape) == (marker.rule, marker.shape))
    because = [fact_said(fact, value, side) for fact, value in marker.because]
    place = None if marker.lon is None or marker.lat is None else (marker.lon, marker.lat)
    return ReportedMarker(
        sign=at,
        place=place,
        title=f"{marker.number} · {signs[at].rule} {signs[at].words}",
        cells=(
            marker.number if marker.number == marker.code else f"{marker.number} ({marker.code})",
            lines.get(marker.line_code, marker.line_code),
            marker.managing_unit or "–",
        ),
        because=because or [words["by_default"]],
        dates=(
            f"{marker.since:%Y-%m-%d}",
            _day(marker.last_inspected_on),
            _day(marker.patrol_due_on),
            _day(marker.joint_due_on),
            _case(marker, words, side),
        ),
    )


def _day(day: date | None) -> str:
    return "–" if day is None else day.isoformat()


def _case(marker: ShownMarker, words: Words, side: legend.Language) -> str:
    stage = marker.facts.case_stage
    if stage not in OPEN_STAGES:
        return "–"
    told = legend.CASE_STAGE[stage].label(side)
    if marker.case is None:
        return told
    act = legend.CASE_EVENT[CaseEventKind(marker.case.last_act)].label(side)
    opened, last = f"{marker.case.opened_at:%Y-%m-%d}", f"{marker.case.last_at:%Y-%m-%d}"
    return words["case_told"].format(stage=told, opened=opened, act=act, last=last)


def _colours(markers: Sequence[ShownMarker], words: Words, side: legend.Language) -> Table:
    counted = Counter(each.colour for each in markers)
    rows = [[legend.COLOUR[colour].label(side), str(counted[colour])] for colour in Colour]
    return Table(words["by_colour"], [words["colour"], words["count"]], rows)


def _conditions(markers: Sequence[ShownMarker], words: Words, side: legend.Language) -> Table:
    """Return counts by condition whatever the colour: a lost marker in repair is blue, and lost."""
    counted = Counter(each.facts.condition for each in markers)
    rows = [
        [legend.CONDITION[condition].label(side), str(counted[condition])]
        for condition in Condition
        if counted[condition]
    ]
    return Table(words["by_condition"], [words["condition"], words["count"]], rows)


def _lines(lines: Sequence[ShownLine], markers: Sequence[ShownMarker], words: Words) -> Table:
    posts = Counter(each.line_code for each in markers)
    rows = [
        [
            line.code,
            f"{line.name} ({words['disputed']})" if line.disputed else line.name,
            _day(line.last_joint_on),
            str(posts[line.code]),
            f"{line.length_m / 1000:.2f} km",
        ]
        for line in lines
    ]
    heads = [words[head] for head in ("line_code", "line", "last_joint", "count", "length")]
    return Table(words["lines"], heads, rows, numbers_from=3)


def _course(line: ShownLine) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": dict(line.course)}
