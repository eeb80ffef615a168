"""An error in words for a terminal, in the language of the user's locale."""

import os
import sys
from typing import Final

from geo_service.messages import preferred_language, words
from layers.errors import LayerError

NO_TABLES: Final = {"42P01", "3F000", "42703"}  # undefined table, schema, column


def language() -> str:
    """Return the catalogue's language for the user's locale, English where it is unknown."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return preferred_language(locale.split(".")[0].replace("_", "-"), default="en")


def said(error: Exception) -> str | None:
    """Return what to tell the user of an error, or None for a defect of the program."""
    if isinstance(error, LayerError):
        title, detail = words(f"problem.{error.code}", language(), error.facts)
        facts = "".join(f"\n  {name}: {value}" for name, value in error.facts.items())
        return f"geo-service: {title} [{error.code}]\n{detail}{facts if title == detail else ''}"
    if sys.modules.get("sqlalchemy") is not None and (told := _of_the_database(error)):
        return told
    if isinstance(error, FileNotFoundError):
        return f"geo-service: {error.filename}: no such file"
    if isinstance(error, PermissionError):
        return f"geo-service: {error.filename}: permission denied"
    return None


def _of_the_database(error: Exception) -> str | None:
    """Return what to say of a database that does not answer, has no tables, or whose URL cannot be read."""
    from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, ProgrammingError

    if isinstance(error, ArgumentError):
        return _sentence("problem.database.url_unreadable", {})
    if isinstance(error, OperationalError | InterfaceError):
        return f"{_sentence('problem.database.unavailable', {})}\n{str(error.orig).strip()}"
    if isinstance(error, ProgrammingError) and getattr(error.orig, "sqlstate", None) in NO_TABLES:
        return _sentence("problem.service.migrations_pending", {"newest": _newest()})
    return None


def _sentence(key: str, facts: dict[str, object]) -> str:
    title, detail = words(key, language(), facts)
    return f"geo-service: {title} [{key.removeprefix('problem.')}]\n{detail}"


def _newest() -> str | None:
    from geo_service.migrations import newest_revision

    return newest_revision()
