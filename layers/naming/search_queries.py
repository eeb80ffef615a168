"""Finding names by what people type: characters, letters, initials, former names, sound; each hit says why."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.features import Listing
from layers.naming.candidates import stored_keys
from layers.naming.model import NameKind
from layers.naming.queries import NAME_PROPERTIES, NAMES
from layers.naming.search_key import Match, one_error, typed_key

MOST_HITS: Final = 500
LEAST_SIMILARITY: Final = 0.5
LEAST_LETTERS: Final = 4

# The keys are found first and their number is bounded, so that one letter typed does not read the register.
BY_KEY: Final = """
SELECT s.name_id, s.why, s.key, s.shown, (s.key = :typed) AS whole FROM naming.name_search s
 WHERE s.key LIKE :starts ORDER BY s.key USING ~<~, s.name_id LIMIT :most
"""  # in the order of the index, so that a beginning that thousands share is read up to the bound and not sorted
BY_ERROR: Final = """
SELECT s.name_id, 9 AS why, s.key, s.shown, true AS whole FROM naming.name_search s
 WHERE s.key = ANY(CAST(:variants AS text[])) AND s.why NOT IN (6, 7) LIMIT :most
"""
BY_SOUND: Final = """
SELECT n.id AS name_id, 8 AS why, n.characters AS key, NULL::text AS shown, true AS whole
  FROM naming.name n WHERE n.keys && CAST(:sounds AS text[]) LIMIT :most
"""
BY_SIMILARITY: Final = """
SELECT s.name_id, 9 AS why, s.key, s.shown, true AS whole FROM naming.name_search s
 WHERE s.why = 5 AND s.key % :typed ORDER BY similarity(s.key, :typed) DESC LIMIT 50
"""  # the figures are those of `Match`
FOUND: Final = """
(SELECT n.*, h.why, h.shown, h.key AS matched_key, h.whole{distance} FROM naming.name n JOIN (
    SELECT DISTINCT ON (k.name_id) k.* FROM ({keys}) k ORDER BY k.name_id, k.whole DESC, k.why) h ON h.name_id = n.id)
"""
NEAR: Final = ", round(ST_Distance(n.geometry::geography, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)::geography)) AS distance_m"
WORDS: Final = " ".join(f"WHEN {int(why)} THEN '{why.name.lower()}'" for why in Match)
MATCHED: Final = f"""{NAME_PROPERTIES}, 'matched', json_build_object(
    'why', CASE n.why {WORDS} END, 'with', coalesce(n.shown, n.matched_key), 'whole', n.whole)"""


def search(
    session: Session, typed: str, *, simplified: str, near: tuple[float, float] | None = None
) -> tuple[Listing, dict[str, Any]]:
    """Return the list of what is typed and the values its SQL needs; the best hits first.

    `simplified` is what was typed with traditional characters turned into simplified ones, tried when nothing
    begins with what was typed itself: 乾河 would become 干河. Where nothing is found by key, names that sound alike are tried, then those one
    letter away, then similar letters. `near`
    (lon, lat) puts what is nearest first among hits of one kind.
    """
    wanted, values = _by_key(typed)
    statement = BY_KEY
    if not _any(session, BY_KEY, values) and simplified != typed:
        wanted, values = _by_key(simplified)
    if not _any(session, BY_KEY, values):
        statement, values = _like_sounding(session, simplified, wanted)
    distance = ""
    order = "((CASE WHEN n.whole THEN '0' ELSE '1' END) || lpad(n.why::text, 2, '0')"
    if near is not None:
        distance = NEAR
        values |= {"lon": near[0], "lat": near[1]}
        order += " || lpad(coalesce(n.distance_m, 99999999)::bigint::text, 9, '0')"
    table = FOUND.format(keys=statement, distance=distance)
    properties = MATCHED + (", 'distance_m', n.distance_m" if near is not None else "")
    return replace(NAMES, table=table, properties=properties, order=f"{order} || n.characters)"), values


def _by_key(typed: str) -> tuple[str, dict[str, Any]]:
    wanted = typed_key(typed)
    starts = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return wanted, {"typed": wanted, "starts": starts, "most": MOST_HITS}


def _any(session: Session, statement: str, values: Mapping[str, Any]) -> bool:
    return session.execute(text(f"SELECT EXISTS ({statement})"), {**values, "most": 1}).scalar_one() is True


def _like_sounding(session: Session, simplified: str, wanted: str) -> tuple[str, dict[str, Any]]:
    """Return the statement for a typing error: characters that sound the same, one letter wrong, else similar letters."""
    sounds = [key for key in stored_keys(simplified, NameKind.STREET) if key.startswith(("f:", "b:"))]
    values = {"sounds": sounds, "most": MOST_HITS}
    if not wanted.isascii() and sounds and _any(session, BY_SOUND, values):
        return BY_SOUND, values
    variants = {"variants": list(one_error(wanted)), "most": MOST_HITS}
    if wanted.isascii() and len(wanted) >= LEAST_LETTERS and _any(session, BY_ERROR, variants):
        return BY_ERROR, variants
    typed = wanted if len(wanted) >= LEAST_LETTERS else ""
    session.execute(
        text("SELECT set_config('pg_trgm.similarity_threshold', :least, true)"),
        {"least": str(LEAST_SIMILARITY)},
    )
    return BY_SIMILARITY, {"typed": typed}
