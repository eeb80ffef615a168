"""Radii and norms: those of the standards, and an office's own beside them; refuses to change a standard."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.operations.hubs import office_of
from geo_service.schemas.hubs import OfficePreset
from layers.errors import NotFound
from layers.hubs.presets import standard_presets
from layers.hubs.tables import RadiusPresetRow


class PresetNotFound(NotFound):
    """The office has no preset of that code."""

    code = "hubs.preset_not_found"


def presets(session: Session) -> dict[str, Any]:
    """Return the radii and norms of the standards and the offices' own radii, each with source and date."""
    standard = standard_presets()
    own = session.execute(select(RadiusPresetRow).order_by(RadiusPresetRow.code)).scalars()
    return {
        "compiled_on": standard.compiled_on,
        "radii": [{field: getattr(preset, field) for field in preset.__slots__} for preset in standard.radii],
        "norms": [{field: getattr(norm, field) for field in norm.__slots__} for norm in standard.norms],
        "office": [_preset(row) for row in own],
    }


def _preset(row: RadiusPresetRow) -> dict[str, Any]:
    names = (
        "code", "zh", "en", "radius_m", "minutes", "speed_m_s", "population_group", "source", "in_force_from",
        "unit_code", "recorded_at", "recorded_by",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names} | {"attestation": "project"}


def _own_preset(session: Session, code: str, unit_code: str) -> RadiusPresetRow | None:
    wanted = select(RadiusPresetRow).where(
        RadiusPresetRow.code == code, RadiusPresetRow.unit_code == unit_code
    )
    return session.execute(wanted).scalar_one_or_none()


def put_preset(
    session: Session, officer: Officer, code: str, asked: OfficePreset, *, home_unit: str
) -> dict[str, Any]:
    """Put an office's own radius on record, or change it."""
    unit_code = office_of(officer, home_unit)
    row = _own_preset(session, code, unit_code)
    before = None if row is None else _preset(row)
    if row is None:
        row = RadiusPresetRow(code=code, unit_code=unit_code, recorded_by=officer.username)
        session.add(row)
    for name, value in asked.model_dump().items():
        setattr(row, name, value)
    session.flush()
    session.refresh(row)
    record_act(session, "preset.change", subject=("preset", code), before=before, after=_preset(row))
    return _preset(row)


def remove_preset(session: Session, officer: Officer, code: str, *, home_unit: str) -> None:
    """Take an office's own radius away; raises `PresetNotFound`."""
    row = _own_preset(session, code, office_of(officer, home_unit))
    if row is None:
        raise PresetNotFound(preset=code)
    before = _preset(row)
    session.delete(row)
    record_act(session, "preset.remove", subject=("preset", code), before=before)
