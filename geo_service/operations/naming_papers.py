"""The naming office's papers (地名公文), composed from what is on record; decides nothing, leaves open what is not there.

Application, the three reports' templates, filing form, announcement with its six fields (Decree 753, arts. 9 to 14;
filing and announcement rules of the ministry, June 2023), decision, and the minutes of a sitting.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer
from geo_service.operations.joint_papers import Words, paper_words
from geo_service.operations.meetings import meeting_of
from geo_service.operations.proposal_dossier import dossier
from geo_service.schemas.naming_meetings import AgendaItem
from layers.naming import legend
from layers.naming.review import ANNOUNCEMENT_FIELDS
from web_map.papers import Block, Fields, Heading, Paper, Paragraph, Signatures, Table

START: Final = "paper.naming."


class NamingPaper(StrEnum):
    """Which paper of a proposal."""

    APPLICATION = "application"
    ASSESSMENT = "assessment"
    EXPERT = "expert"
    CONSULTATION = "consultation"
    DECISION = "decision"
    FILING = "filing"
    ANNOUNCEMENT = "announcement"


def proposal_paper(
    session: Session, officer: Officer, proposal_id: UUID, kind: NamingPaper, *, language: str, today: date
) -> Paper:
    """Return a paper of a proposal; raises `ProposalNotFound`."""
    feature, _ = dossier(session, officer, proposal_id, today=today)
    words, told = paper_words(START, language), feature["properties"]
    return Paper(
        title=words[f"{kind}.title"].format(name=told["name"]),
        subtitle=words["number"].format(id=str(proposal_id)),
        language=language,
        footer=words["footer"].format(name=told["name"], today=today.isoformat()),
        blocks=_BLOCKS[kind](told, words, language),
    )


def minutes_paper(session: Session, meeting_id: UUID, *, language: str) -> Paper:
    """Return the minutes of a sitting: who sat, each item's votes with their reasons, what they came to."""
    meeting, words = meeting_of(session, meeting_id), paper_words(START, language)
    blocks: list[Block] = [
        Fields(
            [
                (words["held_on"], meeting.held_on.isoformat()),
                (words["chair"], meeting.chair),
                (words["members"], "、".join(meeting.members)),
                (words["items"], str(len(meeting.items))),
            ]
        )
    ]
    for item in meeting.items:
        blocks += _item(item, words, language)
    signing = [(words["chair"], meeting.chair, "", ""), (words["recorder"], "", "", "")]
    return Paper(
        title=words["minutes.title"].format(title=meeting.title),
        language=language,
        footer=words["footer"].format(name=meeting.title, today=meeting.held_on.isoformat()),
        blocks=[*blocks, Signatures(signing)],
    )


def _item(item: AgendaItem, words: Words, language: str) -> list[Block]:
    heading = Heading(f"{item.place}. {item.name}  {item.pinyin}", level=2)
    rows = [
        [ballot.member, _worded(legend.VOTES, ballot.vote, language), ballot.reason]
        for ballot in item.ballots
    ]
    left = words.get(f"left.{item.outcome}") or _worded(legend.VOTES, item.outcome or "", language)
    outcome = words["undecided"] if item.outcome is None else left
    said = words["outcome"].format(outcome=outcome, entitled=item.entitled, quorum=item.quorum)
    table = [Table([words["member"], words["vote"], words["reason"]], rows, [2, 1, 5])] if rows else []
    return [heading, *table, Paragraph(said, bold=True)]


def _about(told: Mapping[str, Any], words: Words, language: str) -> Fields:
    wide = told.get("width_m")
    return Fields(
        [
            (words["standard_name"], told["name"]),
            (words["roman_spelling"], told["pinyin"]),
            (words["kind"], _worded(legend.KINDS, told["kind"], language)),
            (words["action"], words.get(f"action.{told['action']}", told["action"])),
            (words["former_name"], told.get("former_name") or "–"),
            (words["division"], told["unit_code"]),
            (words["length"], _metres(told.get("length_m"))),
            (words["width"], _metres(wide)),
            (words["origin"], told.get("origin") or "–"),
            (words["meaning"], told.get("meaning") or "–"),
        ]
    )


def _worded(vocabulary: Mapping[str, Any], code: str, language: str) -> str:
    wording = vocabulary.get(code)
    return code if wording is None else str(wording.zh if language.startswith("zh") else wording.en)


def _metres(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} m"


def _findings(told: Mapping[str, Any], words: Words, language: str) -> list[Block]:
    findings = told.get("findings") or []
    if not findings:
        return [Paragraph(words["no_findings"])]
    side = "zh" if language.startswith("zh") else "en"
    rows = [
        [
            each["code"],
            _worded(legend.SEVERITIES, each["severity"], language),
            str((each.get("message") or {}).get(side, "")),
        ]
        for each in findings
    ]
    return [Table([words["rule"], words["severity"], words["finding"]], rows, [1, 1, 6])]


def _application(told: Mapping[str, Any], words: Words, language: str) -> Sequence[Block]:
    applicant = told.get("applicant") or {}
    return [
        _about(told, words, language),
        Fields(
            [
                (words["applicant"], str(applicant.get("name", ""))),
                (words["contact"], str(applicant.get("contact", ""))),
            ]
        ),
        Heading(words["alternatives"], 2),
        Paragraph("、".join(map(str, told.get("alternatives") or [])) or "–"),
        Heading(words["reasons"], 2),
        Paragraph("\n".join(f"{code}: {why}" for code, why in (told.get("reasons") or {}).items()) or "–"),
        Heading(words["checked"], 2),
        *_findings(told, words, language),
        Signatures([(words["applicant"], "", "", ""), (words["received_by"], "", "", "")]),
    ]


def _report(kind: NamingPaper) -> Callable[[Mapping[str, Any], Words, str], Sequence[Block]]:
    def blocks(told: Mapping[str, Any], words: Words, language: str) -> Sequence[Block]:
        parts = [part for part in words[f"{kind}.parts"].split("|") if part]
        given = (told.get("records") or {}).get(f"{kind}_report") or {}
        text = given.get("text", "") if isinstance(given, Mapping) else str(given)
        body = [block for part in parts for block in (Heading(part, 2), Paragraph("\n\n"))]
        return [
            _about(told, words, language),
            Heading(words["checked"], 2),
            *_findings(told, words, language),
            Heading(words["on_record"], 2),
            Paragraph(text or "–"),
            *body,
            Signatures([(words["author"], "", "", ""), (words["office"], "", "", "")]),
        ]

    return blocks


def _decision(told: Mapping[str, Any], words: Words, language: str) -> Sequence[Block]:
    taken = [
        [each["on"], _worded(legend.EVENTS, each["event"], language), each["recorded_by"]]
        for each in told.get("events") or []
    ]
    return [
        _about(told, words, language),
        Paragraph(words["decision.text"].format(name=told["name"], pinyin=told["pinyin"])),
        Table([words["on"], words["step"], words["by"]], taken, [2, 3, 3], caption=words["path"]),
        Signatures([(words["approving_authority"], "", "", "")]),
    ]


def _filing(told: Mapping[str, Any], words: Words, language: str) -> Sequence[Block]:
    records = sorted(told.get("records") or {})
    return [
        _about(told, words, language),
        Table(
            [words["order"], words["paper"]],
            [[str(n), _worded(legend.RECORDS, each, language)] for n, each in enumerate(records, 1)],
            [1, 8],
        ),
        Paragraph(words["within"]),
        Signatures([(words["office"], "", "", ""), (words["received_by"], "", "", "")]),
    ]


def _announcement(told: Mapping[str, Any], words: Words, language: str) -> Sequence[Block]:
    records = told.get("records") or {}
    known = {"standard_name": told["name"], "roman_spelling": told["pinyin"], "division": told["unit_code"]}

    def said(name: str) -> str:
        given = records.get(name)
        text = given.get("text") if isinstance(given, Mapping) else given
        return str(text or known.get(name) or "–")

    return [
        Paragraph(words["announcement.text"]),
        Fields(
            [(_worded(legend.RECORDS, name, language), said(name)) for name in ANNOUNCEMENT_FIELDS], columns=1
        ),
        Paragraph(words["within"]),
    ]


_BLOCKS: Final[Mapping[NamingPaper, Callable[[Mapping[str, Any], Words, str], Sequence[Block]]]] = {
    NamingPaper.APPLICATION: _application,
    NamingPaper.ASSESSMENT: _report(NamingPaper.ASSESSMENT),
    NamingPaper.EXPERT: _report(NamingPaper.EXPERT),
    NamingPaper.CONSULTATION: _report(NamingPaper.CONSULTATION),
    NamingPaper.DECISION: _decision,
    NamingPaper.FILING: _filing,
    NamingPaper.ANNOUNCEMENT: _announcement,
}
