"""Every sentence the service says, in two languages; refuses to decide anything."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("zh-CN", "en")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the message catalogue of `language`, one of `LANGUAGES`: all files `*LANGUAGE.json`, together."""
    messages: dict[str, str] = {}
    for file in sorted(files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(f"{language}.json"):
            messages |= json.loads(file.read_text(encoding="utf-8"))
    return messages


def preferred_language(accept: str | None, default: str = "zh-CN") -> str:
    """Return the first language of an Accept-Language header that the catalogue has.

    >>> preferred_language("en-GB,en;q=0.9,zh;q=0.8"), preferred_language(None)
    ('en', 'zh-CN')
    """
    ranked = []
    for position, part in enumerate((accept or "").split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        ranked.append((-weight, position, tag.lower()))
    for _, _, tag in sorted(ranked):
        for language in LANGUAGES:
            if tag and tag.split("-")[0] == language.split("-")[0].lower():
                return language
    return default


class _Facts(dict[str, object]):
    """Facts for a sentence: one that is absent is shown as a dash, never as an error."""

    def __missing__(self, key: str) -> str:
        return "–"


def _shown(value: object) -> object:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else value


def words(key: str, language: str, facts: Mapping[str, object]) -> tuple[str, str]:
    """Return the title and the detail sentence of `key`, its placeholders filled from `facts`.

    A fact `reason` is a code; where the catalogue words it under `key`, the sentence stands for it.
    """
    messages = catalogue(language)
    shown = _Facts({name: _shown(value) for name, value in facts.items()})
    worded = messages.get(f"{key}.reason.{facts.get('reason')}")
    if worded is not None:
        shown["reason"] = worded.format_map(shown)
    title = messages.get(key, key)
    detail = messages.get(f"{key}.detail", title)
    return title.format_map(shown), detail.format_map(shown)
