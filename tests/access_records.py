"""One record of each kind on the ground of the office's inside, for routes to be asked after."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID, uuid4

from geoalchemy2.shape import from_shape
from PIL import Image
from shapely.geometry import Point, box
from sqlalchemy.orm import Session

from geo_service.auth.links import PAGE, issue_link
from geo_service.auth.officer import OPERATOR, Officer, Role
from geo_service.changes.feed import Layer
from geo_service.changes.webhooks import add_webhook, pause_webhook
from geo_service.db import Database
from geo_service.documents.store import open_store
from geo_service.documents.tables import DocumentRow
from geo_service.operations import (
    cases,
    hubs,
    hubs_demand,
    hubs_presets,
    inspections,
    marker_forms,
    offline_edits,
)
from geo_service.operations.reference_layers import add_layer, remove_layer
from geo_service.operations.sensor_sources import add_source
from geo_service.releases.requests import apply_for
from geo_service.schemas.hubs import NewDemand, NewHub, OfficePreset
from geo_service.schemas.markers import CaseOpening, InspectionRecord, NewMarker, OfflineEdit
from geo_service.settings import Settings
from geo_service.tables import ReferenceLayerRow
from layers.hubs.tables import RoadNetworkRow, ScenarioRow
from layers.markers.evidence_tables import MarkerRecordRow
from layers.markers.model import CaseStage
from layers.markers.register import append, hold_one, project
from layers.naming.model import NameKind
from layers.naming.register import NewName, enter
from layers.tables import uuid7
from tests.access_stories import Stories, put_stories
from tests.people import INSIDE, put_officer

LINE: Final = "460107460108"
MARKER: Final = "01070108901A"
KEEPER: Final = Officer("keeper", frozenset(Role), frozenset({INSIDE}))
PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PLAN: Final = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},'
    b'"geometry":{"type":"Point","coordinates":[110.05,20.05]}}]}'
)
PROFILE: Final = "condition_first"


@dataclass(frozen=True)
class Records:
    """What the inside has, by id or code."""

    colleague: str
    link_secret: str
    document_id: UUID
    inspection_id: UUID
    case_id: UUID
    edit_id: UUID
    name_id: UUID
    hub: str
    demand_id: UUID
    network_id: UUID
    scenario_id: UUID
    preset: str
    stories: Stories
    webhook_id: UUID
    paused_webhook_id: UUID
    release_id: UUID
    sensor_source: UUID
    sensor_secret: str
    alarm_id: UUID
    reference_layer: str
    removed_layer: UUID


def marker_form(code: str) -> dict[str, Any]:
    """Return a marker on the line between the two districts of the inside."""
    return {
        "id": str(uuid4()),
        "code": code,
        "number": code,
        "line_code": LINE,
        "unit_codes": ["460107", "460108"],
        "faces": 2,
        "managing_unit": "460107",
        "valid_from": "2021-01-01",
        "legal_position": {"lon": 110.1, "lat": 20.05, "accuracy_m": 0.5},
        "reference_objects": [
            {"name": "水塔", "azimuth_deg": azimuth, "distance_m": 50.0} for azimuth in (10.0, 130.0, 250.0)
        ],
    }


def visit() -> dict[str, Any]:
    """Return a patrol."""
    return {
        "id": str(uuid4()),
        "kind": "patrol",
        "captured_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        "condition": "intact",
        "components": {"body": "good"},
    }


def sensor_message() -> bytes:
    """Return a message of a device, as it is signed."""
    at = datetime.now(UTC).isoformat()
    return json.dumps({"id": str(uuid4()), "device": "walk", "captured_at": at}).encode()


def opening() -> dict[str, Any]:
    """Return the report that opens a case."""
    return {"id": str(uuid4()), "records": {"description": "桩体断裂"}}


def hub(code: str) -> dict[str, Any]:
    """Return a hub in the first district."""
    return {"code": code, "name": "某中心", "lon": 110.05, "lat": 20.05, "status": "existing"}


def demand() -> dict[str, Any]:
    """Return a set of demand of one point."""
    point = {"id": "a", "lon": 110.051, "lat": 20.051, "weights": {"population": 10}}
    return {"name": "人口", "source": "drawn", "population_groups": ["population"], "points": [point]}


def preset() -> dict[str, Any]:
    """Return an office's own radius."""
    return {"zh": "步行", "en": "walk", "radius_m": 800, "source": "drawn", "in_force_from": "2024-01-01"}


def picture() -> tuple[str, bytes]:
    """Return a photo and the hash of its bytes."""
    held = io.BytesIO()
    Image.new("RGB", (64, 48), (20, 90, 30)).save(held, "JPEG")
    return sha256(held.getvalue()).hexdigest(), held.getvalue()


def put_records(office: Database, settings: Settings) -> Records:
    """Put one record of each kind on record, as an officer of the inside with every role."""
    with office.acting_as(OPERATOR).transaction() as session:
        colleague = put_officer(session, "walk-colleague", Role.PLANNER)
        link = issue_link(session, put_officer(session, "walk-newcomer", Role.PLANNER))[0]
    with office.acting_as(KEEPER).transaction() as session:
        inspection_id, case_id = _put_marker(session)
        edit_id = _put_waiting_edit(session)
        made, _ = hubs.add_hub(session, KEEPER, NewHub(**hub("WALK-1")))
        asked = NewDemand.model_validate(demand())
        demand_set, _ = hubs_demand.add_demand(session, KEEPER, asked, home_unit=INSIDE)
        hubs_presets.put_preset(
            session, KEEPER, "walk_own", OfficePreset.model_validate(preset()), home_unit=INSIDE
        )
        network_id, scenario_id = _put_plan(session)
        name_id = _put_name(session)
        sensors = add_source(session, KEEPER, name="walk-platform", unit=INSIDE)
        return Records(
            colleague=colleague.username,
            link_secret=link.removeprefix(PAGE),
            document_id=_put_document(session, settings),
            inspection_id=inspection_id,
            case_id=case_id,
            edit_id=edit_id,
            name_id=name_id,
            hub=made.code,
            demand_id=demand_set.id,
            network_id=network_id,
            scenario_id=scenario_id,
            preset="walk_own",
            stories=put_stories(
                session,
                KEEPER,
                inspection_id=inspection_id,
                name_id=name_id,
                store=settings.document_store,
                home_unit=INSIDE,
            ),
            webhook_id=_put_webhook(session),
            paused_webhook_id=pause_webhook(session, _put_webhook(session)).id,
            release_id=_put_release(session),
            sensor_source=sensors.id,
            sensor_secret=sensors.secret,
            alarm_id=_put_alarm(session),
            reference_layer=_put_layer(session, "walk-plan").name,
            removed_layer=_put_removed_layer(session),
        )


def _put_layer(session: Session, name: str) -> ReferenceLayerRow:
    with TemporaryDirectory() as folder:
        place = Path(folder, "plan.geojson")
        place.write_bytes(PLAN)
        return add_layer(session, place, name, recorded_by=KEEPER.username)[0]


def _put_removed_layer(session: Session) -> UUID:
    _put_layer(session, "walk-removed")
    return remove_layer(session, "walk-removed", by=KEEPER.username).id


def _put_webhook(session: Session) -> UUID:
    hook = add_webhook(
        session, KEEPER, label="外局", url="http://8.8.8.8/hook", layers=[Layer.UNITS], allowed=()
    )
    return hook.id


def _put_release(session: Session) -> UUID:
    values = {"layer": "lines", "form": "gpkg", "purpose": "勘测", "recipient": "某院"}
    return apply_for(session, KEEPER, values, home_unit=INSIDE).id


def _put_marker(session: Session) -> tuple[UUID, UUID]:
    marker_forms.register_marker(
        session, KEEPER, NewMarker.model_validate(marker_form(MARKER)), today=date(2026, 1, 1)
    )
    seen = InspectionRecord.model_validate(visit())
    inspections.record_inspection(session, KEEPER, MARKER, seen, profile=PROFILE)
    reported = CaseOpening.model_validate(opening())
    answer, _ = cases.open_case(session, KEEPER, MARKER, reported, profile=PROFILE)
    assert answer["case"]["stage"] == CaseStage.REPORTED
    return seen.id, reported.id


def _put_waiting_edit(session: Session) -> UUID:
    """Change one field twice on the same version: the second waits for a reviewer."""
    for material in ("花岗岩", "青石"):
        asked = OfflineEdit.model_validate(
            {
                "id": str(uuid4()),
                "base_version": 1,
                "changes": {"material": material},
                "captured_at": datetime.now(UTC).isoformat(),
            }
        )
        edit, _ = offline_edits.take_edit(session, KEEPER, MARKER, asked, device="平板")
    assert not edit.applied
    return edit.id


def _put_alarm(session: Session) -> UUID:
    """Put an alarm on record of the marker that nobody has answered."""
    held = hold_one(session, MARKER)
    row = {
        "id": uuid7(),
        "marker_id": held.id,
        "kind": "flagged",
        "about": None,
        "happened_at": held.now,
        "recorded_at": held.now,
        "person": KEEPER.username,
        "content": {"flag": "sensor_alarm", "code": "sensor.tilted"},
    }
    append(session, MarkerRecordRow, [row])
    project(session, [held.id], held.now)
    return row["id"]


def _put_plan(session: Session) -> tuple[UUID, UUID]:
    network = RoadNetworkRow(
        id=uuid7(),
        name="路网",
        source="drawn",
        plane="",
        file_id=uuid4(),
        extent=from_shape(box(110.0, 20.0, 110.1, 20.1), srid=4490),
        report={},
        unit_code=INSIDE,
        recorded_by=KEEPER.username,
    )
    scenario = ScenarioRow(
        id=uuid7(),
        name="方案",
        metric="straight_line",
        limit_m=800,
        hubs=[],
        unit_code=INSIDE,
        recorded_by=KEEPER.username,
        changed_by=KEEPER.username,
    )
    session.add_all([network, scenario])
    session.flush()
    return network.id, scenario.id


def _put_document(session: Session, settings: Settings) -> UUID:
    digest = sha256(PDF).hexdigest()
    open_store(settings.document_store).put(io.BytesIO(PDF), digest)
    row = DocumentRow(
        id=uuid7(),
        type="agreement",
        title="协议书",
        file_name="a.pdf",
        sha256=digest,
        size_bytes=len(PDF),
        media_type="application/pdf",
        office_codes=[INSIDE],
        recorded_by=KEEPER.username,
    )
    session.add(row)
    session.flush()
    return row.id


def _put_name(session: Session) -> UUID:
    name = NewName(
        characters="长滨路",
        kind=NameKind.STREET,
        unit_code="460107",
        authority_code=INSIDE,
        source="drawn",
        valid_from=date(2021, 1, 1),
        geometry=Point(110.05, 20.05),
    )
    return enter(session, [name], recorded_by=KEEPER.username)[0]
