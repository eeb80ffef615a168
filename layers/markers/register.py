"""Writes markers and their evidence; whatever is written, the kept state follows in the same transaction."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from layers.driver import together
from layers.errors import NotFound
from layers.markers.colour import Colouring, shipped_profiles
from layers.markers.evidence_rows import evidence_asked, evidence_in
from layers.markers.history import Rules
from layers.markers.known_records import MarkerDuty
from layers.markers.marker_rows import marker_of
from layers.markers.model import Colour, Condition, Grade, Marker, MarkerFacts, Shape
from layers.markers.policy import shipped_policy
from layers.markers.standing import Shown, Standing, next_due_on, stand, worse_currency
from layers.markers.tables import MarkerColourRow, MarkerStateRow

BATCH: Final = 1000
Item = TypeVar("Item")
FACTS: Final = tuple(MarkerFacts.__dataclass_fields__)


class MarkerNotFound(NotFound):
    """No marker has this code, or had it on that date."""

    code = "marker.not_found"


@cache
def office_rules() -> Mapping[str, Rules]:
    """Return the dated rules of the office under each colour profile."""
    profiles = shipped_profiles()
    policies = (shipped_policy(),)
    codes = sorted({profile.code for profile in profiles})
    return {
        code: Rules(profiles=[each for each in profiles if each.code == code], policies=policies)
        for code in codes
    }


def first_day() -> date:
    """Return the first day that every rule of the office speaks about; before it, nothing has a colour."""
    return max(
        min(version.effective_from for version in versions)
        for rules in office_rules().values()
        for versions in (rules.profiles, rules.policies)
    )


class ProfileNotFound(NotFound):
    """The office has no colour profile of this code."""

    code = "marker.profile_not_found"


def rules_of(profile: str) -> Rules:
    """Return the rules under one colour profile; raises `ProfileNotFound`."""
    if profile not in office_rules():
        raise ProfileNotFound(profile=profile, known=sorted(office_rules()))
    return office_rules()[profile]


@dataclass(frozen=True, slots=True)
class Duty:
    """What of a marker its clocks and its first colour rest on."""

    id: uuid.UUID
    began_at: datetime
    duty: MarkerDuty


@dataclass(frozen=True, slots=True)
class Held:
    """A marker held for an act: nobody else records evidence of it until the transaction ends."""

    id: uuid.UUID
    marker: Marker
    version: int
    now: datetime
    condition: Condition


LOCK: Final = """
SELECT m.id, s.derived_at, s.condition FROM markers.marker m JOIN markers.marker_state s ON s.marker_id = m.id
 WHERE m.code = ANY (:codes) ORDER BY m.id FOR UPDATE OF s
"""
OF_CODES: Final = "(SELECT id FROM markers.marker WHERE code = ANY (:codes))"


def hold(session: Session, codes: Sequence[str]) -> dict[str, Held]:
    """Take markers by their codes, in one order for everybody, so that two who need several never wait crosswise.

    `now` of each is later than anything on record of it. Unknown codes are left out.
    """
    asked = {"codes": list(codes)}
    taken, objects, rows = together(
        session,
        (LOCK, asked),
        (OBJECTS.format(ids=OF_CODES), asked),
        (MARKERS.format(ids=OF_CODES), asked),
    )
    kept = {row.id: row for row in taken}
    now = datetime.now(UTC)
    held = {}
    for identity, marker, version in _markers_in(objects, rows):
        if identity not in kept:
            continue
        instant = max(now, kept[identity].derived_at + timedelta(microseconds=1))
        condition = Condition(kept[identity].condition)
        held[marker.code] = Held(identity, marker, version, instant, condition)
    return held


def hold_one(session: Session, code: str) -> Held:
    """Take one marker; raises `MarkerNotFound`."""
    held = hold(session, [code]).get(code)
    if held is None:
        raise MarkerNotFound(marker_code=code)
    return held


MARKERS: Final = """
SELECT m.*, ST_X(m.geometry) AS lon, ST_Y(m.geometry) AS lat FROM markers.marker m WHERE m.id = ANY ({ids}) ORDER BY m.code
"""
OBJECTS: Final = """
SELECT o.*, ST_X(o.geometry) AS lon, ST_Y(o.geometry) AS lat FROM markers.reference_object o
 WHERE o.marker_id = ANY ({ids}) ORDER BY o.marker_id, o.place
"""


def load(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, Marker, int]]:
    """Yield key, marker and version of each, with its reference objects, in the order of their codes."""
    asked = {"ids": list(ids)}
    yield from _markers_in(
        *together(session, (OBJECTS.format(ids=":ids"), asked), (MARKERS.format(ids=":ids"), asked))
    )


def _markers_in(objects: Sequence[Any], rows: Sequence[Any]) -> Iterator[tuple[uuid.UUID, Marker, int]]:
    beside: dict[uuid.UUID, list[Any]] = {}
    for row in objects:
        beside.setdefault(row.marker_id, []).append(row)
    for row in rows:
        yield row.id, marker_of(row, beside.get(row.id, [])), row.version


DUTIES: Final = """
SELECT id, grade, under_contract, baseline, valid_from FROM markers.marker WHERE id = ANY (:ids)
"""


def duties(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Duty]:
    """Return the duty of each marker, and the first instant of its validity."""
    (rows,) = together(session, (DUTIES, {"ids": list(ids)}))
    return _duties_in(rows)


def _duties_in(rows: Sequence[Any]) -> dict[uuid.UUID, Duty]:
    _, policy = next(iter(office_rules().values())).at(datetime.now(UTC))
    first = first_day()
    return {
        row.id: Duty(
            row.id,
            policy.start_of(max(row.valid_from, first)),
            MarkerDuty(
                grade=Grade(row.grade),
                under_contract=row.under_contract,
                baseline=Condition(row.baseline),
            ),
        )
        for row in rows
    }


def append(session: Session, table: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows of evidence."""
    for part in _parts(list(rows)):
        session.execute(insert(table), [dict(row) for row in part])


def project(
    session: Session, ids: Sequence[uuid.UUID], at: datetime, *, anew: bool = False
) -> dict[uuid.UUID, Standing]:
    """Derive the kept state of markers from their evidence, and keep it; returns where each stands.

    Goes on from what is kept, unless `anew`: then from the first record on, which is what the register does for
    records that came in before what is kept was derived. The rows are to be held already (`hold`).
    """
    standings: dict[uuid.UUID, Standing] = {}
    for part in _parts(ids):
        ids_of_part = {"ids": list(part)}
        *evidence, shown, duty_rows = together(
            session, *evidence_asked(part), (KEPT, ids_of_part), (DUTIES, ids_of_part)
        )
        records, kept = evidence_in(part, evidence), _kept_in(shown)
        for identity, duty in _duties_in(duty_rows).items():
            was = None if anew else kept.get(identity)
            since, before = (duty.began_at, None) if was is None else (was.at, was.shown)
            standings[identity] = stand(
                records[identity],
                at=max(at, since),
                rules=office_rules(),
                duty=duty.duty,
                since=since,
                before=before,
            )
        _keep(session, {identity: standings[identity] for identity in part}, kept)
    return standings


def _parts(rows: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


KEPT: Final = """
SELECT s.marker_id, s.derived_at, c.profile, c.colour, c.shape, c.rule, c.since
  FROM markers.marker_state s JOIN markers.marker_colour c USING (marker_id) WHERE s.marker_id = ANY (:ids)
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a marker: since when, and its colours."""

    at: datetime
    shown: dict[str, Shown]


def _kept_in(rows: Sequence[Any]) -> dict[uuid.UUID, Kept]:
    kept: dict[uuid.UUID, Kept] = {}
    for row in rows:
        colouring = Colouring(Colour(row.colour), Shape(row.shape), row.rule, ())
        one = kept.setdefault(row.marker_id, Kept(row.derived_at, {}))
        one.shown[row.profile] = Shown(colouring, row.since)
    return kept


def _keep(session: Session, standings: Mapping[uuid.UUID, Standing], kept: Mapping[uuid.UUID, Kept]) -> None:
    """Keep states; colours, whose change renews every tile, only where a map would show something else."""
    states = [state_values(identity, standing) for identity, standing in standings.items()]
    colours = [
        row
        for identity, standing in standings.items()
        if not _looks_the_same(kept.get(identity), standing)
        for row in colour_values(identity, standing)
    ]
    if states:
        _put(session, MarkerStateRow, states, "marker_id")
    if colours:
        _put(session, MarkerColourRow, colours, "marker_id profile")


def _looks_the_same(kept: Kept | None, standing: Standing) -> bool:
    if kept is None or kept.shown.keys() != standing.shown.keys():
        return False
    return all(_sign(kept.shown[profile]) == _sign(standing.shown[profile]) for profile in kept.shown)


def _sign(shown: Shown) -> tuple[object, ...]:
    colouring = shown.colouring
    return colouring.colour, colouring.shape, colouring.rule, shown.since


def _put(session: Session, table: Any, rows: Sequence[Mapping[str, Any]], key: str) -> None:
    session.connection().execute(_upsert(table, key), [dict(row) for row in rows])


@cache
def _upsert(table: Any, key: str) -> Insert:
    """Return the statement that keeps rows of a table by their key, made once: making it takes as long as running it."""
    names = key.split()
    statement = upsert(table.__table__)
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.__table__.columns
        if column.name not in names
    }
    return statement.on_conflict_do_update(index_elements=names, set_=changed)


def state_values(identity: uuid.UUID, standing: Standing) -> dict[str, Any]:
    """Return the row of the kept state."""
    derivation = standing.derivation
    return {
        "marker_id": identity,
        **{name: getattr(derivation.facts, name) for name in FACTS},
        "currency": worse_currency(derivation),
        "patrol_due_on": derivation.patrol_due_on,
        "joint_due_on": derivation.joint_due_on,
        "next_due_on": next_due_on(derivation),
        "last_inspected_on": derivation.last_inspected_on,
        "policy": derivation.policy,
        "derived_at": standing.at,
        "changes_at": standing.changes_at,
    }


def colour_values(identity: uuid.UUID, standing: Standing) -> Iterator[dict[str, Any]]:
    """Yield the rows of the kept colours, one a profile."""
    for profile, shown in standing.shown.items():
        yield {
            "marker_id": identity,
            "profile": profile,
            "colour": shown.colouring.colour,
            "shape": shown.colouring.shape,
            "rule": shown.colouring.rule,
            "since": shown.since,
        }


STALE: Final = """
SELECT marker_id FROM markers.marker_state WHERE changes_at <= :at ORDER BY marker_id LIMIT :batch FOR UPDATE SKIP LOCKED
"""


def follow_the_clock(session: Session, at: datetime | None = None) -> int:
    """Derive anew whatever a clock has changed without any record; returns how many markers that were.

    A day that has passed makes an inspection overdue: reads call this first, so what is kept is never older
    than the clock. Usually there is nothing to do, and one look into an index says so.
    """
    now = at or datetime.now(UTC)
    followed = 0
    while stale := session.execute(text(STALE), {"at": now, "batch": BATCH}).scalars().all():
        project(session, stale, now)
        followed += len(stale)
    _fold_tallies(session)
    return followed


LOOSE: Final = 2000
FOLD_DUE: Final = f"""
SELECT count(*) > {LOOSE} FROM (SELECT FROM markers.marker_tally WHERE NOT folded LIMIT {LOOSE} + 1) loose
"""
FOLD: Final = """
WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(460100, 1) AS mine),
gone AS (DELETE FROM markers.marker_tally WHERE (SELECT mine FROM turn) RETURNING *)
INSERT INTO markers.marker_tally (profile, unit_codes, colour, condition, case_stage, begins, ends, number, folded)
SELECT profile, unit_codes, colour, condition, case_stage, begins, ends, sum(number), true FROM gone
 GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(number) <> 0
"""


def _fold_tallies(session: Session) -> None:
    """Put the rows that changes left in the counts together, one reader at a time; the counts stay the same."""
    if session.execute(text(FOLD_DUE)).scalar_one():
        session.execute(text(FOLD))
