"""The joint report (联检报告) as a paper: what the engine states, in words, with tables and a sketch of the line."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from geo_service.messages import catalogue
from geo_service.paging import office_zone, today
from layers.markers import legend
from layers.markers.joint_inspection import JointFile, JointSignature
from layers.markers.joint_line_rows import inspected_line, posts_of_line
from layers.markers.joint_report import JointReport, report_of
from layers.markers.joint_rows import joint_file
from layers.markers.model import Colour, Condition, Marker
from web_map.papers import Fields, Heading, Paper, Paragraph, Picture, Signatures, Table
from web_map.papers.sketch import SketchPlace, sketch

Words = Mapping[str, str]
START = "paper.joint."


def paper_words(start: str, language: str) -> Words:
    """Return the words of one kind of paper in a language."""
    return {key[len(start) :]: text for key, text in catalogue(language).items() if key.startswith(start)}


def report_figures(session: Session, joint_id: UUID) -> tuple[Any, JointFile, JointReport, list[Marker]]:
    """Return a joint inspection and what its report states; raises `JointNotFound`, `JointStepRefused`."""
    row, joint = joint_file(session, joint_id)
    posts = posts_of_line(session, row.line_code, today())
    return row, joint, report_of(joint, posts, zone=office_zone()), posts


def report_told(session: Session, joint_id: UUID) -> dict[str, Any]:
    """Return the figures and lists of a report as plain values."""
    row, _, report, _ = report_figures(session, joint_id)
    told = {name: getattr(report, name) for name in JointReport.__dataclass_fields__}
    for name in ("opinions", "work_orders", "signatures"):
        told[name] = [
            {part: getattr(each, part) for part in each.__dataclass_fields__} for each in told[name]
        ]
    return {"id": row.id, "year": row.year, **told}


def report_paper(session: Session, joint_id: UUID, language: str) -> Paper:
    """Return the joint report of an inspection whose disagreements are settled; raises `JointStepRefused` before."""
    row, joint, report, posts = report_figures(session, joint_id)
    _, course, name = inspected_line(session, row.line_code, today())
    words = paper_words(START, language)
    picture = sketch([course], _places(posts, report))
    return Paper(
        title=words["title"].format(line=name),
        subtitle=words["subtitle"].format(year=row.year, code=row.line_code),
        language=language,
        footer=words["footer"].format(code=row.line_code),
        blocks=[
            Heading(words["overview"]),
            Fields(_overview(row, report, words, language)),
            Picture(picture, caption=words["sketch"]),
            Heading(words["method"]),
            Paragraph(words["method_text"]),
            Heading(words["results"]),
            _conditions(report, words, language),
            _tasks(joint, words, language),
            Heading(words["problems"]),
            *_problems(report, words),
            Heading(words["signatures"]),
            Signatures(_signing(report, words)),
        ],
    )


def _overview(row: Any, report: JointReport, words: Words, language: str) -> list[tuple[str, str]]:
    kinds = "，" if language.startswith("zh") else ", "
    by_set = kinds.join(
        f"{legend.SET_KIND[kind].label(_language(language))} {count}"
        for kind, count in report.numbers_by_set.items()
    )
    first, last = report.inspected_on
    return [
        (words["length"], f"{report.length_km:.2f} km"),
        (words["posts"], f"{report.posts} ({by_set})"),
        (words["sides"], " / ".join(report.sides)),
        (words["lead"], report.lead),
        (words["held_on"], f"{first.isoformat()} – {last.isoformat()}"),
        (words["filing"], report.filing_number or words["not_yet"]),
        (words["plan"], row.plan_document or words["not_yet"]),
        (words["minutes"], row.indoor_minutes or words["not_yet"]),
    ]


def marks_of(posts: Sequence[Marker], language: str) -> str:
    """Return how many posts there are, and how many of each kind of set."""
    kinds = Counter(post.set_kind for post in posts)
    comma = "，" if language.startswith("zh") else ", "
    told = comma.join(
        f"{legend.SET_KIND[kind].label(_language(language))} {n}" for kind, n in sorted(kinds.items())
    )
    return f"{len(posts)} ({told})" if told else "0"


def _language(language: str) -> Any:
    return "zh" if language.startswith("zh") else "en"


def _conditions(report: JointReport, words: Words, language: str) -> Table:
    rows = [
        [legend.CONDITION[condition].label(_language(language)), str(count)]
        for condition, count in report.conditions.items()
    ]
    passed = [[words["passed"], str(len(report.passed))], [words["failed"], str(len(report.failed))]]
    return Table([words["condition"], words["count"]], [*rows, *passed], caption=words["by_condition"])


def _tasks(joint: JointFile, words: Words, language: str) -> Table:
    seen = {(record.task, record.side): record.condition for record in joint.records}
    opinions = {opinion.task: opinion for opinion in joint.opinions}

    def said(condition: Condition | None) -> str:
        return "–" if condition is None else legend.CONDITION[condition].label(_language(language))

    rows = [
        [
            str(task.order),
            words[f"kind.{task.kind}"],
            " – ".join(task.subjects),
            *(said(seen.get((task.order, side))) for side in joint.sides),
            opinions[task.order].text if task.order in opinions else "",
        ]
        for task in joint.tasks
    ]
    head = [words["order"], words["kind"], words["subject"], *joint.sides, words["opinion"]]
    return Table(head, rows, [1, 2, 4, *([2] * len(joint.sides)), 4], caption=words["by_task"])


def _problems(report: JointReport, words: Words) -> Sequence[Paragraph | Table]:
    settled = Paragraph(words["settled"].format(count=report.disagreements_settled))
    if not report.work_orders:
        return [settled, Paragraph(words["no_orders"])]
    rows = [
        [" – ".join(order.subjects), order.measure, order.responsible, order.deadline.isoformat()]
        for order in report.work_orders
    ]
    head = [words["subject"], words["measure"], words["responsible"], words["deadline"]]
    return [settled, Table(head, rows, [4, 4, 2, 2], caption=words["orders"])]


def _signing(report: JointReport, words: Words) -> list[tuple[str, str, str, str]]:
    signed = {signature.side: signature for signature in report.signatures}
    places = []
    for side in report.sides:
        signature = signed.get(side)
        day = "" if signature is None else day_signed(signature)
        places.append((side, words["representative"], "" if signature is None else signature.person, day))
    return places


def day_signed(signature: JointSignature) -> str:
    """Return the day of a signature where the office is, `YYYY-MM-DD`."""
    return (signature.happened_at or signature.signed_at).astimezone(office_zone()).date().isoformat()


def _places(posts: Sequence[Marker], report: JointReport) -> list[SketchPlace]:
    failed = set(report.failed)
    inks = {True: legend.INK[Colour.RED], False: legend.INK[Colour.GREEN]}
    return [
        SketchPlace(at.lon, at.lat, inks[post.code in failed], post.number if post.code in failed else "")
        for post in posts
        if (at := post.legal_position) is not None
    ]
