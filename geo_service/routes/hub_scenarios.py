"""Saved plans over HTTP: store and compare."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from geo_service.auth.gate import Planner, SignedIn
from geo_service.db import DbSession
from geo_service.etags import IfMatch, etag_of, require_match
from geo_service.operations import hubs_report
from geo_service.operations import hubs_scenarios as operations
from geo_service.paging import AsOf
from geo_service.routes.hub_material import HomeUnit
from geo_service.routes.paper_files import PAPER, PaperFormat, paper_file
from geo_service.schemas.hubs import Answered, NewScenario, Scenario, Scenarios
from layers.boundaries.model import Level
from layers.hubs import queries, register
from layers.hubs.tables import ScenarioRow
from web_map.papers.hub_coverage import paper_of
from web_map.reports.hub_coverage import render

router = APIRouter(prefix="/api/hubs/scenarios", tags=["hubs"])


SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PACKAGE: Final = "application/geopackage+sqlite3"
HTML: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/html": {}}}}
XLSX: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {SHEET: {}}}}
GPKG: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {PACKAGE: {}}}}


def _file(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to keep: the report carries its own script, so no page of ours ever shows it."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": "sandbox"}
    return Response(content, media_type=media_type, headers=headers)


def _with_etag(response: Response, scenario: Scenario) -> Scenario:
    response.headers["ETag"] = scenario.etag
    return scenario


@router.get("")
def list_scenarios(session: DbSession, officer: SignedIn) -> Scenarios:
    """List the saved plans, the last changed first."""
    rows = session.execute(select(ScenarioRow).order_by(ScenarioRow.changed_at.desc()).limit(1000)).scalars()
    return Scenarios(scenarios=[operations.describe(row) for row in rows])


@router.post("", status_code=201, responses={200: {"model": Scenario}})
def add_scenario(
    session: DbSession, officer: Planner, unit: HomeUnit, asked: NewScenario, response: Response
) -> Scenario:
    """Save a plan; the same id and content sent twice is saved once."""
    row, new = operations.add_scenario(session, officer, asked, home_unit=unit)
    response.status_code = 201 if new else 200
    return _with_etag(response, operations.describe(row))


@router.get("/compare")
def compare_scenarios(
    session: DbSession,
    officer: SignedIn,
    on: AsOf,
    b: UUID,
    a: Annotated[UUID | None, Query(description="left out: the hubs that exist now")] = None,
    by: Level = Level.COUNTY,
) -> Answered:
    """Set two plans side by side: totals, units, cells gained and lost, fairness, what changed and by whom."""
    return Answered.model_validate(operations.compare(session, a, b, by=by, on=on))


@router.get("/{scenario_id}")
def get_scenario(response: Response, session: DbSession, officer: SignedIn, scenario_id: UUID) -> Scenario:
    """One saved plan with what was changed in it and by whom."""
    row = queries.scenario(session, scenario_id)
    return _with_etag(response, operations.describe(row, steps=register.steps_of(session, row.id)))


@router.get("/{scenario_id}/report.html", response_class=Response, responses=HTML)
def report_scenario(
    session: DbSession,
    officer: SignedIn,
    scenario_id: UUID,
    on: AsOf,
    by: Level = Level.COUNTY,
    language: Literal["zh-CN", "en"] = "zh-CN",
) -> Response:
    """Report on a plan as one HTML file that needs no network."""
    found = hubs_report.findings(session, scenario_id, by=by, on=on)
    report = hubs_report.report_of(found, language=language, on=on)
    return _file(render(report).encode(), "text/html; charset=utf-8", "report.html")


@router.get("/{scenario_id}/report.{form}", response_class=Response, responses=PAPER)
def report_on_paper(
    session: DbSession,
    officer: SignedIn,
    scenario_id: UUID,
    form: PaperFormat,
    on: AsOf,
    by: Level = Level.COUNTY,
    language: Literal["zh-CN", "en"] = "zh-CN",
) -> Response:
    """Report on a plan as PDF or DOCX."""
    found = hubs_report.findings(session, scenario_id, by=by, on=on)
    return paper_file(paper_of(hubs_report.report_of(found, language=language, on=on)), form)


@router.get("/{scenario_id}/tables.xlsx", response_class=Response, responses=XLSX)
def tabulate_scenario(
    session: DbSession, officer: SignedIn, scenario_id: UUID, on: AsOf, by: Level = Level.COUNTY
) -> Response:
    """Return the tables behind the report as a workbook."""
    found = hubs_report.findings(session, scenario_id, by=by, on=on)
    return _file(hubs_report.workbook(found), SHEET, "tables.xlsx")


@router.get("/{scenario_id}/layers.gpkg", response_class=Response, responses=GPKG)
def pack_scenario(
    session: DbSession, officer: SignedIn, scenario_id: UUID, on: AsOf, by: Level = Level.COUNTY
) -> Response:
    """Return hubs, gaps, cells and areas behind the report as a GeoPackage."""
    found = hubs_report.findings(session, scenario_id, by=by, on=on)
    return _file(hubs_report.geopackage(found), PACKAGE, "layers.gpkg")


@router.put("/{scenario_id}")
def change_scenario(
    response: Response,
    session: DbSession,
    officer: Planner,
    scenario_id: UUID,
    asked: NewScenario,
    if_match: IfMatch = None,
) -> Scenario:
    """Save a plan anew."""
    row = queries.scenario(session, scenario_id)
    require_match(if_match, etag_of(operations.content(row)))
    return _with_etag(response, operations.describe(operations.change_scenario(session, officer, row, asked)))


@router.delete("/{scenario_id}", status_code=204)
def remove_scenario(
    session: DbSession, officer: Planner, scenario_id: UUID, if_match: IfMatch = None
) -> None:
    """Take a plan off the record."""
    row = queries.scenario(session, scenario_id)
    require_match(if_match, etag_of(operations.content(row)))
    operations.remove_scenario(session, officer, row)
