"""Lists of proposals and one in full, as GeoJSON made by the database; what is personal is never in them."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.features import Box, Listing
from layers.naming.parser import normalise
from layers.naming.review import ProposalState

PUBLIC_PROPERTIES: Final = """
    'name', p.characters, 'pinyin', p.pinyin, 'reading', p.reading, 'kind', p.kind, 'action', p.action,
    'former_name', p.former_name, 'state', p.state, 'unit_code', p.unit_code, 'origin', p.origin,
    'meaning', p.meaning, 'length_m', p.length_m, 'width_m', p.width_m, 'road_class', p.road_class,
    'comment_until', p.comment_until, 'synthetic', p.synthetic
"""
# Read only by those whom row-level security lets see the events: for everyone else these are empty.
OFFICE_PROPERTIES: Final = f"""{PUBLIC_PROPERTIES}, 'profile', p.profile, 'checked_at', p.checked_at,
    'blocks', (SELECT count(*) FROM jsonb_array_elements(p.findings) f WHERE f->>'severity' = 'block'),
    'warnings', (SELECT count(*) FROM jsonb_array_elements(p.findings) f WHERE f->>'severity' = 'warn'),
    'name_id', p.name_id, 'recorded_at', p.recorded_at, 'recorded_by', p.recorded_by
"""
PUBLIC: Final = Listing("naming.proposal", "p", "id", PUBLIC_PROPERTIES, order="p.characters")
OFFICE: Final = Listing("naming.proposal", "p", "id", OFFICE_PROPERTIES, order="p.characters")


@dataclass(frozen=True, slots=True)
class ProposalFilter:
    """Which proposals are asked for; None means any."""

    state: ProposalState | None = None
    q: str | None = None
    bbox: Box | None = None

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on alias `p` and its parameters."""
        parts, values = ["true"], {}  # type: tuple[list[str], dict[str, Any]]
        if self.state:
            parts.append("p.state = :state")
            values["state"] = self.state.value
        if self.q:
            parts.append("strpos(p.characters, :typed) > 0")
            values["typed"] = normalise(self.q)
        if self.bbox:
            condition, box = self.bbox.condition("p.geometry")
            parts.append(condition)
            values |= box
        return " AND ".join(parts), values


def proposal_feature(session: Session, proposal_id: Any, *, office: bool) -> str | None:
    """Return one proposal as GeoJSON text, for the office or for the public; None where it may not be seen."""
    listing = OFFICE if office else PUBLIC
    found = session.execute(
        text(f"SELECT {listing.feature()} FROM naming.proposal p WHERE p.id = :id"),
        {"id": proposal_id},
    ).scalar()
    return None if found is None else str(found)
