"""Acts on the registration form: a marker put in the register, its form changed, its legal position only by a case."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from geo_service.auth.audit import digest, record_act
from geo_service.auth.officer import Officer
from geo_service.operations.inspections import RecordedOtherwise
from geo_service.operations.marker_answers import reach_a_side
from geo_service.schemas.markers import LegalPlace, MarkerChange, MarkerFields, NewMarker
from layers.errors import Conflict, InvalidInput
from layers.geodesy import STORAGE_SRID, transformer
from layers.markers.evidence import CaseEvent, Flagged, FlagKind
from layers.markers.evidence_rows import record_values
from layers.markers.evidence_tables import MarkerRecordRow
from layers.markers.marker_rows import marker_values, object_values
from layers.markers.model import LegalPosition, Marker, OriginalCoordinates, ReferenceObject
from layers.markers.register import Held, append, office_rules, project
from layers.markers.tables import MarkerAliasRow, MarkerEditRow, MarkerRow, ReferenceObjectRow
from layers.tables import uuid7

CLOCKS: Final = frozenset({"under_contract"})
"""What of a form moves a clock: after its change the state is derived from the first record on."""


class PositionIsLegal(Conflict):
    """The legal position changes only through an approved and filed case (regulation, art. 6)."""

    code = "marker.position_is_legal"


class CodeTaken(Conflict):
    """Another marker has this code."""

    code = "marker.code_taken"


def legal_position(place: LegalPlace) -> LegalPosition:
    """Return a legal position in EPSG:4490, converted from the form's numbers where only they are given.

    Raises `DatumRefused` for a datum without an approved transformation, `InvalidInput` where no position is given.
    """
    original = place.original
    lon, lat = place.lon, place.lat
    if original is not None and (lon is None or lat is None):
        east, north = transformer(original.epsg, STORAGE_SRID).transform(original.east, original.north)
        lon, lat = float(east), float(north)
    if lon is None or lat is None:
        raise InvalidInput(field="legal_position", expected="lon and lat, or original numbers with their CRS")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidInput(
            field="legal_position.original", given=[original.north, original.east] if original else []
        )
    return LegalPosition(
        lon=lon,
        lat=lat,
        accuracy_m=place.accuracy_m,
        height_m=place.height_m,
        method=place.method,
        original=None
        if original is None
        else OriginalCoordinates(north=original.north, east=original.east, epsg=original.epsg),
    )


def register_marker(session: Session, officer: Officer, asked: NewMarker, *, today: date) -> tuple[str, bool]:
    """Put a marker in the register; return its code, and whether it was new. The same id twice is once."""
    reach_a_side(session, officer, asked.unit_codes)
    known = session.get(MarkerRow, asked.id)
    content = digest(asked.model_dump(mode="json")).hex()
    if known is not None:
        first = session.get(MarkerEditRow, asked.id)
        if first is None or first.digest != content:
            raise RecordedOtherwise(id=str(asked.id))
        return known.code, False
    if session.execute(select(MarkerRow.id).where(MarkerRow.code == asked.code)).scalar():
        raise CodeTaken(marker_code=asked.code)
    marker = _marker(asked)
    row = MarkerRow(
        **marker_values(marker),
        id=asked.id,
        name=asked.name or "",
        under_contract=bool(asked.under_contract),
        form=asked.form or {},
        source=asked.source,
        baseline="intact" if marker.legal_position or asked.filed else "not_set",
        valid_from=asked.valid_from or asked.set_on or today,
        version=1,
        recorded_by=officer.username,
    )
    session.add(row)
    session.flush()
    append(session, ReferenceObjectRow, object_values(row.id, marker.reference_objects))
    append(session, MarkerAliasRow, [{"id": uuid7(), "marker_id": row.id, "number": asked.number}])
    _, policy = next(iter(office_rules().values())).at(row.recorded_at)
    now = max(row.recorded_at, policy.start_of(row.valid_from))
    session.add(
        MarkerEditRow(
            id=asked.id,
            marker_id=row.id,
            base_version=1,
            version=1,
            changes=asked.model_dump(mode="json"),
            previous={},
            applied=True,
            reason="registered",
            digest=content,
            captured_at=row.recorded_at,
            recorded_by=officer.username,
        )
    )
    session.flush()
    if not asked.filed:
        flag = Flagged(id=str(uuid7()), happened_at=now, recorded_at=now, flag=FlagKind.FILING)
        values = record_values(
            "flagged",
            flag,
            marker_id=row.id,
            person=officer.username,
            content={"flag": FlagKind.FILING.value},
        )
        append(session, MarkerRecordRow, [values])
    project(session, [row.id], now, anew=True)
    record_act(session, "marker.register", subject=("marker", asked.code), after=content)
    return asked.code, True


def _marker(asked: NewMarker) -> Marker:
    return Marker(
        code=asked.code,
        number=asked.number,
        line_code=asked.line_code,
        unit_codes=tuple(asked.unit_codes),
        grade=asked.grade,
        set_kind=asked.set_kind,
        set_code=asked.set_code,
        faces=asked.faces or 2,
        material=asked.material or "",
        legal_position=legal_position(asked.legal_position) if asked.legal_position else None,
        reference_objects=_objects(asked),
        post_unit=asked.post_unit,
        managing_unit=asked.managing_unit,
        guardian=asked.guardian,
        locations=tuple(asked.locations or ()),
        feature_relation=asked.feature_relation or "",
        position_description=asked.position_description or "",
        inscriptions=tuple(asked.inscriptions or ()),
        set_on=asked.set_on,
        legal_instrument=asked.legal_instrument or "",
        public=bool(asked.public),
    )


def _objects(asked: MarkerFields) -> tuple[ReferenceObject, ...]:
    return tuple(ReferenceObject(**each.model_dump()) for each in asked.reference_objects or ())


def change_marker(session: Session, officer: Officer, held: Held, asked: MarkerChange) -> int:
    """Change fields of a form; returns the new version. Raises `PositionIsLegal` for a legal position."""
    if asked.legal_position is not None:
        raise PositionIsLegal(marker_code=held.marker.code)
    fields = MarkerFields(**asked.model_dump(exclude={"reason", "legal_position"}, exclude_unset=True))
    row = apply_fields(
        session,
        officer,
        held,
        fields,
        edit={
            "id": uuid7(),
            "base_version": held.version,
            "reason": asked.reason,
            "captured_at": held.now,
            "digest": "",
        },
    )
    record_act(
        session,
        "marker.change",
        subject=("marker", held.marker.code),
        before=row.previous,
        after=row.changes,
        detail={"version": row.version},
    )
    return row.version or held.version


def changed_since(session: Session, held: Held, version: int) -> set[str]:
    """Return which fields of a form have been changed after a version of it."""
    meanwhile = session.execute(
        select(MarkerEditRow.changes).where(
            MarkerEditRow.marker_id == held.id, MarkerEditRow.applied, MarkerEditRow.version > version
        )
    ).scalars()
    return {name for changes in meanwhile for name in changes}


def standing_values(session: Session, held: Held, names: Iterable[str]) -> dict[str, Any]:
    """Return fields of a form as they stand now, as JSON has them."""
    row = session.get_one(MarkerRow, held.id, populate_existing=True)
    found: dict[str, Any] = {}
    for name in names:
        if name == "reference_objects":
            found[name] = [_object_plain(item) for item in held.marker.reference_objects]
            continue
        value = getattr(row, name)
        found[name] = value.isoformat() if isinstance(value, date) else value
    return found


def apply_fields(
    session: Session, officer: Officer, held: Held, fields: MarkerFields, *, edit: Mapping[str, Any]
) -> MarkerEditRow:
    """Change fields of a form and keep what they were; `edit` says whose change it is and on which version."""
    row = session.get_one(MarkerRow, held.id, populate_existing=True)
    given = fields.model_dump(exclude_unset=True)
    plain = fields.model_dump(mode="json", exclude_unset=True)
    previous = standing_values(session, held, given)
    for name, value in given.items():
        if name == "reference_objects":
            session.execute(delete(ReferenceObjectRow).where(ReferenceObjectRow.marker_id == held.id))
            append(session, ReferenceObjectRow, object_values(held.id, _objects(fields)))
            continue
        setattr(row, name, _kept(name, value))
    if "number" in given and given["number"] != previous["number"]:
        _recode(session, held, previous["number"], given["number"])
    row.version = held.version + 1
    made = MarkerEditRow(
        **edit,
        marker_id=held.id,
        version=row.version,
        changes=plain,
        previous=previous,
        applied=True,
        recorded_at=held.now,
        recorded_by=officer.username,
    )
    session.add(made)
    session.flush()
    project(session, [held.id], held.now, anew=bool(CLOCKS & set(given)))
    return made


EMPTY: Final[Mapping[str, Any]] = {
    "name": "",
    "material": "",
    "feature_relation": "",
    "position_description": "",
    "legal_instrument": "",
    "locations": [],
    "inscriptions": [],
    "form": {},
    "public": False,
    "under_contract": False,
}


def _kept(name: str, value: Any) -> Any:
    if value is None and name in {"number", "faces"}:
        raise InvalidInput(field=name, expected="a value")
    return EMPTY.get(name) if value is None else value


def _object_plain(item: ReferenceObject) -> dict[str, Any]:
    return {
        "name": item.name,
        "azimuth_deg": item.azimuth_deg,
        "azimuth_kind": item.azimuth_kind.value,
        "distance_m": item.distance_m,
        "lon": item.lon,
        "lat": item.lat,
    }


def _recode(session: Session, held: Held, old: str, new: str) -> None:
    """End the old number's time and begin the new one's; neither is forgotten."""
    _, policy = next(iter(office_rules().values())).at(held.now)
    today = policy.day_of(held.now)
    session.execute(
        text(
            "UPDATE markers.marker_alias SET valid_to = greatest(CAST(:today AS date), valid_from + 1) "
            "WHERE marker_id = :id AND number = :old AND valid_to IS NULL"
        ),
        {"today": today, "id": held.id, "old": old},
    )
    append(
        session,
        MarkerAliasRow,
        [{"id": uuid7(), "marker_id": held.id, "number": new, "valid_from": today}],
    )


def take_legal_position(
    session: Session, held: Held, position: LegalPosition, *, officer: Officer, event: CaseEvent
) -> None:
    """Put the legal position on record that an approved and filed case brings (art. 6)."""
    row = session.get_one(MarkerRow, held.id, populate_existing=True)
    before = held.marker.legal_position
    row.geometry = f"SRID={STORAGE_SRID};POINT({position.lon!r} {position.lat!r})"  # type: ignore[assignment] # EWKT
    row.accuracy_m, row.survey_method = position.accuracy_m, position.method
    row.original_north = row.original_east = row.original_epsg = None
    row.version = held.version + 1
    session.add(
        MarkerEditRow(
            id=uuid.uuid5(UUID(event.id), "legal_position"),
            marker_id=held.id,
            base_version=held.version,
            version=row.version,
            changes={"legal_position": _place(position)},
            previous={"legal_position": _place(before) if before else None},
            applied=True,
            reason=f"case {event.case_id}",
            captured_at=event.happened_at,
            recorded_at=held.now,
            recorded_by=officer.username,
        )
    )
    session.flush()


def _place(position: LegalPosition) -> dict[str, Any]:
    return {
        "lon": position.lon,
        "lat": position.lat,
        "accuracy_m": position.accuracy_m,
        "method": position.method,
    }


def version_etag(version: int) -> str:
    """Return the ETag of a marker's form."""
    return f'"marker-{version}"'
