"""What a gazetteer and a filing sheet list, in the order of their letters or of approval; words nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.naming.queries import NameFilter

UNIT_NAME: Final = """
    (SELECT u.name FROM boundaries.administrative_unit u WHERE u.code = {code} AND u.valid_from <= :as_of
        AND (u.valid_to IS NULL OR u.valid_to > :as_of) ORDER BY u.level LIMIT 1)
"""
ENTRIES: Final = f"""
SELECT n.characters AS name, n.pinyin, n.pinyin_plain, n.kind, n.unit_code,
       coalesce({UNIT_NAME.format(code="n.unit_code")}, n.unit_code) AS unit_name, n.origin, n.meaning, n.heritage,
       n.valid_from, n.source, n.synthetic, ST_X(p.point) AS lon, ST_Y(p.point) AS lat,
       coalesce((SELECT string_agg(DISTINCT h.characters, '、') FROM naming.name h
                  WHERE h.place_id = n.place_id AND h.valid_from < n.valid_from AND h.characters <> n.characters), '') AS former
  FROM naming.name n CROSS JOIN LATERAL (SELECT ST_PointOnSurface(n.geometry) AS point) p
 WHERE {{where}}
 ORDER BY n.pinyin_plain, n.characters, n.id LIMIT :most
"""
APPROVED: Final = f"""
SELECT p.characters AS name, p.pinyin, p.kind, p.action, p.former_name, p.unit_code,
       coalesce({UNIT_NAME.format(code="p.unit_code")}, p.unit_code) AS unit_name, p.length_m, p.width_m, p.origin, p.meaning,
       p.profile, p.synthetic, a.on_day AS approved_on, f.on_day AS filed_on, t.on_day AS announced_on, r.records
  FROM naming.proposal p
  JOIN LATERAL (SELECT max(e.happened_on) AS on_day FROM naming.proposal_event e
                 WHERE e.proposal_id = p.id AND e.event = 'approve') a ON a.on_day BETWEEN :since AND :until
  CROSS JOIN LATERAL (SELECT max(e.happened_on) AS on_day FROM naming.proposal_event e
                       WHERE e.proposal_id = p.id AND e.event = 'file') f
  CROSS JOIN LATERAL (SELECT max(e.happened_on) AS on_day FROM naming.proposal_event e
                       WHERE e.proposal_id = p.id AND e.event = 'announce') t
  CROSS JOIN LATERAL (SELECT coalesce(jsonb_object_agg(k.key, k.value), '{{}}') AS records FROM naming.proposal_event e,
                       jsonb_each(coalesce(e.data->'records', '{{}}')) k WHERE e.proposal_id = p.id) r
 ORDER BY a.on_day, p.pinyin, p.id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name as a gazetteer lists it; `lon`, `lat` in EPSG:4490, None where no place is on record."""

    name: str
    pinyin: str
    pinyin_plain: str
    kind: str
    unit_code: str
    unit_name: str
    origin: str
    meaning: str
    heritage: str | None
    valid_from: date
    source: str
    synthetic: bool
    lon: float | None
    lat: float | None
    former: str

    @property
    def initial(self) -> str:
        """Letter that the name stands under, `#` where it begins with none.

        >>> Entry("椰海大道", "Yēhǎi Dàdào", "Yehai Dadao", "street", "", "", "", "", None, date.min, "", False, None, None, "").initial
        'Y'
        """
        first = self.pinyin_plain[:1].upper()
        return first if "A" <= first <= "Z" else "#"


def gazetteer_entries(session: Session, asked: NameFilter, *, most: int) -> list[Entry]:
    """Return at most `most` + 1 names that stood on a day, by their letters without tones, then by characters."""
    where, values = asked.where()
    rows = session.execute(text(ENTRIES.format(where=where)), values | {"most": most + 1}).mappings()
    return [Entry(**row) for row in rows]


def approved_between(session: Session, since: date, until: date) -> list[Mapping[str, Any]]:
    """Return the proposals approved from one day to another, both counted, that the acting officer may read."""
    values = {"since": since, "until": until, "as_of": until}
    return [dict(row) for row in session.execute(text(APPROVED), values).mappings()]
