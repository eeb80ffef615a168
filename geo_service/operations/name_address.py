"""Where a name is found by the public: an address that holds through renames; refuses to make one up."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.naming.register import NameNotFound

STANDING: Final = text("""
    SELECT coalesce(
        (SELECT n.id FROM naming.name n WHERE n.id = :asked),
        (SELECT n.id FROM naming.name n WHERE n.place_id = :asked
          ORDER BY n.valid_to DESC NULLS FIRST, n.valid_from DESC, n.id LIMIT 1))
""")


def standing_name(session: Session, asked: UUID) -> UUID:
    """Return the name of an identifier: its own, or the one that a place bears now or bore last.

    A former name keeps its page, which says that it is not in force and leads to its successor.
    Raises `NameNotFound`.
    """
    found: UUID | None = session.execute(STANDING, {"asked": asked}).scalar()
    if found is None:
        raise NameNotFound(name=str(asked))
    return found


def address_of_name(name_id: UUID, *, public_url: str) -> str:
    """Return the absolute public address of a name's page.

    >>> address_of_name(UUID(int=1), public_url="https://dm.example/geo")
    'https://dm.example/geo/n/00000000-0000-0000-0000-000000000001'
    """
    return f"{public_url.rstrip('/')}/n/{name_id}"
