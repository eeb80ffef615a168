"""Gathers the legends of all layers for the pages; words nothing itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from geo_service.documents import legend as documents
from layers.boundaries import legend as boundaries
from layers.hubs import legend as hubs
from layers.markers import legend as markers
from layers.markers import legend_due, legend_joint
from layers.markers import legend_findings as marker_findings
from layers.markers.colour import ColourProfile, shipped_profiles
from layers.naming import legend as naming
from layers.naming import legend_due as naming_due


def _shown(signs: Sequence[boundaries.Sign]) -> list[dict[str, Any]]:
    return [asdict(sign) for sign in signs]


def _worded(words: Mapping[Any, markers.Wording | naming.Wording]) -> list[dict[str, Any]]:
    return [
        {
            "code": str(code),
            "zh": wording.zh,
            "en": wording.en,
            "definition_zh": wording.zh_definition,
            "definition_en": wording.en_definition,
        }
        for code, wording in words.items()
    ]


def _marker_signs(profile: ColourProfile) -> list[dict[str, Any]]:
    return [
        {
            "profile": profile.code,
            "rule": entry.rule,
            "code": str(entry.colour),
            "shape": str(entry.shape),
            "colour": entry.ink,
            "zh": entry.label.zh,
            "en": entry.label.en,
        }
        for entry in markers.colour_entries(profile)
    ]


def _marker_legend() -> dict[str, list[dict[str, Any]]]:
    profiles = shipped_profiles()
    return {
        **{name: _worded(words) for name, words in markers.VOCABULARIES.items()},
        **{name: _worded(words) for name, words in legend_joint.VOCABULARIES.items()},
        **{name: _worded(words) for name, words in legend_due.VOCABULARIES.items()},
        "finding": _worded(marker_findings.FINDING),
        "refusal": _worded(marker_findings.REFUSAL),
        "missing": _worded(marker_findings.MISSING),
        "colour_profiles": [{"code": each.code, **each.label} for each in profiles],
        "marker_signs": [sign for profile in profiles for sign in _marker_signs(profile)],
    }


def _naming_legend() -> dict[str, list[dict[str, Any]]]:
    words = {
        "naming_rules": naming.RULES,
        "naming_severities": naming.SEVERITIES,
        "naming_states": naming.STATES,
        "naming_events": naming.EVENTS,
        "naming_records": naming.RECORDS,
        "naming_clocks": naming.CLOCKS,
        "naming_kinds": naming.KINDS,
        "naming_votes": naming.VOTES,
    }
    shown = {
        subject: [{"code": code, "zh": said.zh, "en": said.en} for code, said in table.items()]
        for subject, table in words.items()
    }
    shown["naming_sign_colours"] = [
        {"code": code, "colour": code, "zh": said.zh, "en": said.en}
        for code, said in naming.SIGN_COLOURS.items()
    ]
    return shown


@cache
def legend() -> dict[str, list[dict[str, Any]]]:
    """Return every code with its labels in both languages, colour, shape and definition, by subject."""
    return {
        "document_types": _shown(documents.TYPES),
        "document_subjects": _shown(documents.SUBJECT_KINDS),
        "levels": _shown(boundaries.LEVELS),
        "changes": _shown(boundaries.CHANGES),
        "boundary_findings": _shown(boundaries.FINDINGS),
        "hub_statuses": _shown(hubs.STATUSES),
        "hub_metrics": _shown(hubs.METRICS),
        **_marker_legend(),
        **_naming_legend(),
        "due_kind": _worded(legend_due.KIND) + _worded(naming_due.KIND),
    }
