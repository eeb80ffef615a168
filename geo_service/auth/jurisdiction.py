"""Whether an officer's jurisdictions reach units; the database's policies say it once more, by other means."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.officer import Officer
from geo_service.auth.refusals import Forbidden

OUT_OF_REACH: Final = text("""
WITH RECURSIVE asked AS (SELECT DISTINCT unnest(CAST(:codes AS text[])) AS wanted),
up AS (
    SELECT a.wanted, a.wanted AS code, u.parent_id, 0 AS depth FROM asked a LEFT JOIN LATERAL (
        SELECT v.parent_id FROM boundaries.administrative_unit v WHERE v.code = a.wanted
         ORDER BY v.valid_to DESC NULLS FIRST LIMIT 1) u ON true
    UNION ALL
    SELECT up.wanted, above.code, above.parent_id, up.depth + 1 FROM up JOIN LATERAL (
        SELECT v.code, v.parent_id FROM boundaries.administrative_unit v WHERE v.unit_id = up.parent_id
         ORDER BY v.valid_to DESC NULLS FIRST LIMIT 1) above ON true
     WHERE up.depth < 6)
SELECT wanted FROM asked WHERE (NOT :on_record OR EXISTS (
    SELECT FROM boundaries.administrative_unit v WHERE v.code = asked.wanted)) AND NOT EXISTS (
    SELECT FROM up WHERE up.wanted = asked.wanted AND up.code = ANY (CAST(:jurisdictions AS text[])))
 ORDER BY wanted
""")


def out_of_reach(
    session: Session, officer: Officer, codes: Iterable[str], *, on_record: bool = False
) -> list[str]:
    """Return which of the units an officer's jurisdictions do not reach.

    A unit is reached when it, or one above it, is a jurisdiction: 460100 reaches 460107 and its towns.
    With `on_record`, codes that no unit bears are passed over: whoever looks them up refuses them.
    """
    wanted = sorted(set(codes))
    if "*" in officer.jurisdictions or not wanted:
        return []
    bound = {"codes": wanted, "jurisdictions": sorted(officer.jurisdictions), "on_record": on_record}
    return list(session.execute(OUT_OF_REACH, bound).scalars())


def require_reach(
    session: Session, officer: Officer, codes: Iterable[str], *, on_record: bool = False
) -> None:
    """Raise `Forbidden`, naming the units, unless the officer's jurisdictions reach every one."""
    outside = out_of_reach(session, officer, codes, on_record=on_record)
    if outside:
        raise Forbidden(outside=outside, jurisdictions=sorted(officer.jurisdictions))
