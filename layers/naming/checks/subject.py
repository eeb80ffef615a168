"""What every check is given: the proposal taken apart and what stands around it; refuses to check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from layers.naming.model import ExistingName, NameProposal, ParsedName
from layers.naming.parser import parse
from layers.naming.profiles import Profile


@dataclass(frozen=True, slots=True)
class Subject:
    """A proposal, its parts, and the profile whose values the checks use."""

    proposal: NameProposal
    parsed: ParsedName
    profile: Profile

    @property
    def name(self) -> str:
        """The name as compared: NFKC, no white space."""
        return self.parsed.characters

    @property
    def written(self) -> str:
        """The name as written, without white space only: full-width digits are still there."""
        return "".join(self.proposal.characters.split())

    @property
    def reasons(self) -> Mapping[str, str]:
        """Reasons that were given and are not blank."""
        return {subject: reason for subject, reason in self.proposal.reasons.items() if reason.strip()}


def subject_of(proposal: NameProposal, profile: Profile) -> Subject:
    """Take a proposal apart under a profile."""
    return Subject(proposal, parse(proposal.characters, proposal.kind, cities=profile.cities), profile)


@dataclass(frozen=True, slots=True)
class PlaceNearby:
    """A historic or village name with its place in metres of the proposal's CRS."""

    identifier: str
    characters: str
    place: BaseGeometry
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class Scoped:
    """A name on record and the scopes it shares with the proposal (built_up_area, district, city)."""

    existing: ExistingName
    shared_scopes: frozenset[str] = frozenset({"built_up_area", "urban_area", "district", "city"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the register, the plan and the ground hold near a proposal.

    `names` are candidates by key or by geometry, also of other authorities; `plan` maps the road names of
    the approved 地名方案 (None where there is none); `protected` are the names of the protected list;
    `outside_divisions` are names of divisions that do not hold the road; `classes_along` are the road
    classes the line runs through, in order.
    """

    names: Sequence[Scoped] = ()
    places: Sequence[PlaceNearby] = ()
    plan: frozenset[str] | None = None
    planned_name: str | None = None
    protected: frozenset[str] = frozenset()
    outside_divisions: frozenset[str] = frozenset()
    classes_along: Sequence[str] = ()


NOTHING_AROUND = Surroundings()
