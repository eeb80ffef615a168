"""Papers that come before the walk: the implementation plan (实施方案) and the indoor comparison (内业比对), in words."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from geo_service.operations.joint_lines import indoor_findings
from geo_service.operations.joint_papers import Words, day_signed, marks_of, paper_words
from geo_service.paging import today
from layers.findings import Finding
from layers.markers.joint_inspection import JointFile
from layers.markers.joint_line_rows import inspected_line, other_marks_of, posts_of_line
from layers.markers.joint_rows import joint_file
from layers.markers.legend_findings import worded
from web_map.papers import Fields, Heading, Paper, Paragraph, Picture, Signatures, Table
from web_map.papers.sketch import SketchPlace, sketch

START = "paper.joint_plan."
STEPS = ("plan", "indoor", "outdoor", "opinions", "report", "filing", "archive")


def plan_paper(session: Session, joint_id: UUID, language: str) -> Paper:
    """Return the plan that every side signs before the walk: who, what, in which steps; raises `JointNotFound`."""
    row, joint = joint_file(session, joint_id)
    line, course, name = inspected_line(session, row.line_code, today())
    posts = posts_of_line(session, row.line_code, today())
    words = {**paper_words(START, language), **paper_words("paper.joint.", language)}
    places = [
        SketchPlace(at.lon, at.lat, "#22585f", post.number)
        for post in posts
        if (at := post.legal_position) is not None
    ]
    return Paper(
        title=words["plan_title"].format(line=name),
        subtitle=words["subtitle"].format(year=row.year, code=row.line_code),
        language=language,
        footer=words["plan_footer"].format(code=row.line_code),
        blocks=[
            Heading(words["basis"]),
            Paragraph(words["basis_text"]),
            Heading(words["line"]),
            Fields(
                [
                    (words["length"], f"{line.length_km:.2f} km"),
                    (words["posts"], marks_of(posts, language)),
                    (words["other_marks"], _number(len(other_marks_of(session, row.line_code, today())))),
                    (words["tasks"], _number(len(joint.tasks))),
                    (words["last"], words["first"] if line.last_on is None else line.last_on.isoformat()),
                    (words["last_lead"], line.last_lead or words["not_yet"]),
                    (words["consent"], row.consent or words["no_consent"]),
                ]
            ),
            Picture(sketch([course], places), caption=words["plan_sketch"]),
            Heading(words["who"]),
            Table([words["side"], words["part"], words["duty"]], _duties(joint, words), [2, 2, 6]),
            Heading(words["content"]),
            Paragraph(words["content_text"]),
            Heading(words["steps"]),
            Table(
                [words["order"], words["step"], words["by"], words["product"]],
                [
                    [_number(place), words[f"step.{step}"], words[f"by.{step}"], words[f"product.{step}"]]
                    for place, step in enumerate(STEPS, start=1)
                ],
                [1, 3, 3, 4],
            ),
            Heading(words["walk"]),
            _walk(joint, words),
            Heading(words["plan_signatures"]),
            Signatures(_signing(joint, joint.plan_document, words)),
        ],
    )


def indoor_paper(session: Session, joint_id: UUID, language: str) -> Paper:
    """Return what the indoor comparison finds today, to be minuted by all sides; raises `JointNotFound`."""
    row, joint = joint_file(session, joint_id)
    _, _, name = inspected_line(session, row.line_code, today())
    words = {**paper_words(START, language), **paper_words("paper.joint.", language)}
    findings = list(indoor_findings(session, row.line_code))
    found = [
        [", ".join(finding.subject), _worded(finding, language), _evidence(finding), ""]
        for finding in findings
    ]
    return Paper(
        title=words["indoor_title"].format(line=name),
        subtitle=words["subtitle"].format(year=row.year, code=row.line_code),
        language=language,
        footer=words["indoor_footer"].format(code=row.line_code),
        landscape=True,
        blocks=[
            Paragraph(words["indoor_text"].format(day=today().isoformat(), count=len(findings))),
            *(
                [
                    Table(
                        [words["subject"], words["finding"], words["evidence"], words["handling"]],
                        found,
                        [3, 4, 6, 3],
                    )
                ]
                if found
                else []
            ),
            Heading(words["plan_signatures"]),
            Signatures([(side, words["representative"], "", "") for side in joint.sides]),
        ],
    )


def _number(value: int) -> str:
    return str(value)


def _duties(joint: JointFile, words: Words) -> list[list[str]]:
    def duty(side: str) -> list[str]:
        part = "lead" if side == joint.lead else "cooperating"
        return [side, words[f"part.{part}"], words[f"duty.{part}"]]

    return [duty(side) for side in sorted(joint.sides, key=lambda side: (side != joint.lead, side))]


def _walk(joint: JointFile, words: Words) -> Table:
    rows = [
        [
            str(task.order),
            words[f"kind.{task.kind}"],
            " – ".join(task.subjects),
            f"{task.along_m / 1000:.2f}",
            f"{task.length_m / 1000:.2f}" if task.length_m else "",
            " / ".join(task.sides),
        ]
        for task in joint.tasks
    ]
    head = [words["order"], words["kind"], words["subject"], words["along"], words["km"], words["sides"]]
    return Table(head, rows, [1, 2, 5, 2, 2, 4])


def _signing(joint: JointFile, document: str | None, words: Words) -> Sequence[tuple[str, str, str, str]]:
    signed = {each.side: each for each in joint.signatures if document and each.document == document}

    def place(side: str) -> tuple[str, str, str, str]:
        signature = signed.get(side)
        if signature is None:
            return side, words["representative"], "", ""
        return side, words["representative"], signature.person, day_signed(signature)

    return [place(side) for side in joint.sides]


def _worded(finding: Finding, language: str) -> str:
    wording = worded(finding.code)
    return finding.code if wording is None else wording.label("zh" if language.startswith("zh") else "en")


def _evidence(finding: Finding) -> str:
    def shown(value: Any) -> str:
        return f"{value:.2f}" if isinstance(value, float) else str(value)

    return "; ".join(f"{name}: {shown(value)}" for name, value in finding.evidence.items())
