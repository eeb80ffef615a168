"""Rules kept as dated data: which version is in force on a day; refuses to guess where none is."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, TypedDict, TypeVar

from layers.errors import InvalidInput, NotFound

Version = TypeVar("Version", bound="Dated")


class Heading(TypedDict):
    """What every dated document begins with."""

    code: str
    version: int
    tenant: str | None
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """One version of an office's rules: in force from a day until a later version takes over."""

    code: str
    version: int
    tenant: str | None
    effective_from: date

    @staticmethod
    def heading(document: Mapping[str, Any]) -> Heading:
        """Return code, version, tenant and first day of a document; raise InvalidInput when it lacks one."""
        try:
            return {
                "code": str(document["code"]),
                "version": int(document["version"]),
                "tenant": document.get("tenant"),
                "effective_from": date.fromisoformat(document["effective_from"]),
            }
        except (KeyError, TypeError, ValueError) as wrong:
            raise InvalidInput(missing="heading", cause=str(wrong)) from wrong

    @staticmethod
    def in_force(versions: Iterable[Version], on: date) -> Version:
        """Return the version in force on a day: the latest begun, the higher number where two began together."""
        begun = [version for version in versions if version.effective_from <= on]
        if not begun:
            raise NotFound(what="rules_in_force", on=on.isoformat())
        return max(begun, key=lambda version: (version.effective_from, version.version))


def shipped(name: str) -> dict[str, Any]:
    """Return a document that comes with the product, by the name of its file under profiles/."""
    text = files("layers.markers").joinpath("profiles", f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
