"""A name examined against the register, its scopes and the ground; stores nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import shapely
from pyproj import CRS
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geo_service.messages import words
from geo_service.schemas.naming import (
    CheckedName,
    Described,
    Message,
    NameFinding,
    Parts,
    Reading,
    ScopeOfName,
    Spelled,
)
from layers.errors import InvalidInput
from layers.geodesy import metric_crs, project_to_degrees, project_to_metres
from layers.naming.candidates import asked_keys
from layers.naming.checks import RULES, check
from layers.naming.checks.subject import PlaceNearby, Scoped, Subject, Surroundings, subject_of
from layers.naming.legend import RULES as RULE_WORDS
from layers.naming.model import ExistingName, NameProposal
from layers.naming.on_record import OnRecord, box_around, candidates, shared_scopes
from layers.naming.parser import normalise
from layers.naming.profiles import Severity, Weighed, load_profile
from layers.naming.queries import (
    Scope,
    divisions_called,
    places_near,
    protected_names,
    scopes_of,
)
from layers.naming.readings import read, read_as_confirmed
from layers.naming.signs import main_bearing
from layers.naming.spelling import spell

DIGITS: Final = 7
ON_GROUND: Final = ("LineString", "MultiLineString", "Point", "Polygon", "MultiPolygon")
MOST_POSITIONS: Final = 20_000
WEIGHT: Final = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.HINT: 2}
DRAWN_DEG: Final = 0.0004  # about 40 m: an outline that is looked at, not measured on
WHILE_TYPING: Final = tuple(code for code in RULES if code != "DOC-01")


def read_ground(geometry: Mapping[str, Any] | None, field: str = "geometry") -> BaseGeometry | None:
    """Return a GeoJSON geometry in degrees, 2D; raises `InvalidInput` for what is none or lies off the globe."""
    if geometry is None:
        return None
    try:
        ground = shapely.force_2d(shapely.geometry.shape(dict(geometry)))
    except (GEOSException, ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise InvalidInput(field=field, expected="GeoJSON geometry") from None
    west, south, east, north = ground.bounds if not ground.is_empty else (999.0,) * 4
    if ground.geom_type not in ON_GROUND or shapely.get_num_coordinates(ground) > MOST_POSITIONS:
        raise InvalidInput(field=field, expected=", ".join(ON_GROUND), given=ground.geom_type)
    if not (-180 <= west <= east <= 180 and -85 <= south <= north <= 85 and ground.is_valid):
        raise InvalidInput(field=field, expected="degrees of EPSG:4490, lon first")
    return ground


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane of metres in which a check measures, and the way back; without ground there is none."""

    crs: CRS | None

    def metres(self, geometries: Sequence[BaseGeometry | None]) -> list[BaseGeometry | None]:
        """Return geometries in metres, as they are where there is no ground to measure from."""
        if self.crs is None or not geometries:
            return list(geometries)
        return list(project_to_metres(list(geometries), self.crs)[0])

    def drawn(self, geometry: BaseGeometry) -> dict[str, Any]:
        """Return a geometry of the evidence as GeoJSON in degrees."""
        back = geometry if self.crs is None else project_to_degrees([geometry], self.crs)[0]
        return dict(shapely.geometry.mapping(shapely.set_precision(back, 10**-DIGITS, mode="pointwise")))


def check_name(
    session: Session,
    asked: Described,
    *,
    profile: str,
    home_unit: str,
    today: date,
    records: Iterable[str] | None = None,
    own: str | None = None,
    full_scan: bool = False,
    outlines: bool = False,
) -> CheckedName:
    """Take a name apart, read, spell and examine it; `own` is the proposal that it belongs to.

    `full_scan` compares with every name within reach instead of those that share a key: it must find the same.
    `outlines` gives the ground of each scope with it.
    Raises `ProfileNotFound`, `InvalidInput`.
    """
    ground = read_ground(asked.geometry)
    plane = Plane(None if ground is None else metric_crs(ground.centroid.x))
    scopes = scopes_of(session, ground, unit_code=asked.unit_code or home_unit, as_of=today)
    subject = _subject(asked, ground, plane, profile, scopes=scopes, records=records, today=today)
    kept = _around(session, asked, subject, ground, scopes, today=today, own=own, full_scan=full_scan)
    around = _surroundings(session, subject, ground, plane, kept, scopes=scopes, today=today)
    rules = WHILE_TYPING if records is None else tuple(RULES)
    weighed = subject.profile.weigh(check(subject, around, rules=rules))
    by_id = {found.identifier: found for found, _ in kept}
    findings = [_told(each, plane, by_id) for each in weighed]
    scope = subject.profile.scope_for(asked.road_class)
    for finding in findings:
        if finding.code.startswith("DUP") and finding.code != "DUP-10":
            finding.evidence.setdefault("scope", scope)
    findings.sort(key=lambda finding: (WEIGHT[Severity(finding.severity)], finding.code, finding.subject))
    told = [_scope_told(each, counts=each.kind == scope, outlined=outlines) for each in scopes]
    return _answer(asked, subject, told, findings)


def _subject(
    asked: Described,
    ground: BaseGeometry | None,
    plane: Plane,
    profile: str,
    *,
    scopes: Sequence[Scope],
    records: Iterable[str] | None,
    today: date,
) -> Subject:
    line = plane.metres([ground])[0]
    longest = _main_line(line)
    city = next((scope.unit_code for scope in scopes if scope.kind == "city"), "")
    proposal = NameProposal(
        asked.name,
        kind=asked.kind,
        action=asked.action,
        former_name=asked.former_name or "",
        reading=tuple(asked.readings) if asked.readings else None,
        spelling=asked.spelling,
        width_m=asked.width_m,
        width_basis=asked.width_basis,
        length_m=asked.length_m if asked.length_m is not None else _length(line),
        bearing=None if longest is None else main_bearing(longest),
        line=line,
        road_class=asked.road_class,
        unit_code=asked.unit_code or city,
        authority=city,
        parent=asked.parent,
        reasons=asked.reasons,
        records=frozenset(records or ()),
        proposed_on=today,
    )
    if proposal.reading and len(proposal.reading) > len(normalise(asked.name)):
        raise InvalidInput(field="readings", expected="at most one syllable a character")
    return subject_of(proposal, load_profile(asked.profile or profile))


def _length(line: BaseGeometry | None) -> float | None:
    return line.length if line is not None and line.geom_type.endswith("LineString") else None


def _main_line(line: BaseGeometry | None) -> shapely.LineString | None:
    if line is None:
        return None
    merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
    pieces = [piece for piece in getattr(merged, "geoms", [merged]) if isinstance(piece, shapely.LineString)]
    return max(pieces, key=lambda piece: piece.length, default=None)


def _around(
    session: Session,
    asked: Described,
    subject: Subject,
    ground: BaseGeometry | None,
    scopes: Sequence[Scope],
    *,
    today: date,
    own: str | None,
    full_scan: bool,
) -> list[tuple[OnRecord, frozenset[str]]]:
    keys = (
        None if full_scan else asked_keys(asked.name, asked.kind, asked.readings or (), parent=asked.parent)
    )
    within = box_around(ground, scopes, subject.profile.radius_m)
    units = {code for scope in scopes for code in (scope.unit_code, *scope.unit_codes)}
    found = candidates(session, keys, ground=ground, within=within, unit_codes=units, as_of=today, own=own)
    return [(each, shared_scopes(each, scopes)) for each in found]


def _surroundings(
    session: Session,
    subject: Subject,
    ground: BaseGeometry | None,
    plane: Plane,
    kept: Sequence[tuple[OnRecord, frozenset[str]]],
    *,
    scopes: Sequence[Scope],
    today: date,
) -> Surroundings:
    lines = plane.metres([found.geometry for found, _ in kept])
    names = [
        Scoped(
            ExistingName(
                found.identifier,
                found.characters,
                found.kind,
                found.state,
                found.reading or None,
                line,
                found.unit_code,
                found.authority_code,
                found.parent,
            ),
            shared,
        )
        for (found, shared), line in zip(kept, lines, strict=True)
    ]
    places = [] if ground is None else places_near(session, ground)
    in_metres = plane.metres([place for _, _, place in places])
    former = normalise(subject.proposal.former_name)
    covering = {code for scope in scopes for code in (scope.unit_code, *scope.unit_codes)}
    outside = {
        short
        for code, short in divisions_called(session, subject.parsed.specific, today)
        if code not in covering
    }
    return Surroundings(
        names=names,
        places=[
            PlaceNearby(identifier, characters, place)
            for (identifier, characters, _), place in zip(places, in_metres, strict=True)
            if place is not None
        ],
        protected=protected_names(session, former) if former else frozenset(),
        outside_divisions=frozenset(outside),
    )


def _told(weighed: Weighed, plane: Plane, by_id: Mapping[str, OnRecord]) -> NameFinding:
    """Return a finding as it is sent; of a pending proposal that the asker may not see, only that there is one."""
    code, subject, severity = weighed.finding.code, weighed.finding.subject, weighed.severity.value
    other = next((by_id[each] for each in subject[1:] if each in by_id), None)
    if other is not None and not other.visible:
        return NameFinding(
            code=code,
            severity=severity,
            subject=[subject[0]],
            evidence={"pending": True},
            message=message(code, {}),
        )
    shown = {key: _plain(value, plane) for key, value in weighed.finding.evidence.items()}
    if other is not None:
        shown |= {"pending": other.pending, "unit_code": other.unit_code}
    return NameFinding(
        code=code, severity=severity, subject=list(subject), evidence=shown, message=message(code, shown)
    )


def _plain(value: object, plane: Plane) -> Any:
    if isinstance(value, BaseGeometry):
        return plane.drawn(value)
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(item, plane) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def message(code: str, evidence: Mapping[str, Any]) -> Message:
    """Return a finding in words: the rule, and the other name with its distance where there is one."""
    rule = RULE_WORDS[code]
    other, distance = evidence.get("other"), evidence.get("distance_m")
    if not other:
        return Message(zh=rule.zh, en=rule.en)
    key = "naming.finding.other" if distance is None else "naming.finding.other_at"
    facts = {"other": other, "distance_m": None if distance is None else round(distance)}
    return Message(
        zh=words(key, "zh-CN", {"rule": rule.zh, **facts})[0],
        en=words(key, "en", {"rule": rule.en, **facts})[0],
    )


def outline(polygon: BaseGeometry | None) -> dict[str, Any] | None:
    """Return an area as GeoJSON for a map, simplified to about 40 m; EPSG:4490."""
    return None if polygon is None else dict(shapely.geometry.mapping(shapely.simplify(polygon, DRAWN_DEG)))


def _scope_told(scope: Scope, *, counts: bool, outlined: bool) -> ScopeOfName:
    return ScopeOfName(
        kind=scope.kind,
        id=scope.identifier,
        unit_code=scope.unit_code,
        name=scope.name,
        source=scope.source,
        counts=counts,
        geometry=outline(scope.polygon) if outlined else None,
    )


def _answer(
    asked: Described, subject: Subject, scopes: list[ScopeOfName], findings: list[NameFinding]
) -> CheckedName:
    parsed, confirmed = subject.parsed, asked.readings or ()
    spelled = spell(parsed, confirmed=confirmed)
    readings = read_as_confirmed(subject.name, confirmed) if confirmed else read(subject.name)
    return CheckedName(
        name=subject.name,
        kind=asked.kind,
        profile=subject.profile.identifier,
        parts=Parts(
            prefix=parsed.prefix,
            specific=parsed.specific,
            modifiers=parsed.modifiers,
            ordinal=parsed.ordinal,
            generic=parsed.generic,
            numerals=parsed.numerals.value,
        ),
        readings=[
            Reading(
                character=each.character,
                reading=each.reading,
                possible=list(each.possible),
                to_confirm=each.to_confirm,
            )
            for each in readings
        ],
        spelling=Spelled(toned=spelled.toned, plain=spelled.plain, sign=spelled.sign),
        scopes=scopes,
        findings=findings,
    )
