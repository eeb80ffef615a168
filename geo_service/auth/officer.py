"""Who acts: an officer with roles and jurisdictions; refuses to look anything up."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID


class Role(StrEnum):
    """What an officer may do, by office (design, section 6)."""

    ADMINISTRATOR = "administrator"
    BOUNDARY = "boundary"
    SURVEYOR = "surveyor"
    PLANNER = "planner"
    NAMING = "naming"
    COMMITTEE = "committee"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """What a token may be used for; a session may do all that its officer may.

    `calendar` is the scope of secret calendar addresses: it opens the calendar and nothing else.
    """

    READ = "read"
    FIELD = "field"
    WRITE = "write"
    CALENDAR = "calendar"


EVERY_ACT: Final = frozenset({Scope.READ, Scope.FIELD, Scope.WRITE})


@dataclass(frozen=True, slots=True)
class Officer:
    """The person an act is recorded under; jurisdictions are unit codes."""

    username: str
    roles: frozenset[Role]
    jurisdictions: frozenset[str]
    id: UUID | None = None
    scopes: frozenset[Scope] = EVERY_ACT
    session_id: UUID | None = None

    def holds(self, *roles: Role) -> bool:
        """Say whether the officer has one of these roles; an administrator does not have the others."""
        return not self.roles.isdisjoint(roles)


PUBLIC: Final = Officer("public", frozenset(), frozenset(), scopes=frozenset({Scope.READ}))
OPERATOR: Final = Officer("operator", frozenset({Role.ADMINISTRATOR, Role.BOUNDARY}), frozenset({"*"}))
"""Whoever has a shell on the machine: commands act under this name, in every jurisdiction."""
WORKER: Final = Officer("worker", frozenset(), frozenset({"*"}))
"""The service itself, when it keeps its jobs."""
