"""Vector tiles of streets and of whom a plan reaches, for those who are signed in."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from geo_service.auth.gate import SignedIn
from geo_service.db import DbSession
from geo_service.operations import hubs_tiles
from geo_service.routes.tiles import MAX_ZOOM, MVT, TileNotFound
from geo_service.schemas.hubs import CoverageQuestion
from layers.hubs.model import Metric

router = APIRouter(prefix="/tiles", tags=["tiles"])
Zoom = Annotated[int, Path(ge=0, le=MAX_ZOOM)]
Place = Annotated[int, Path(ge=0)]
USUAL_LIMIT_M: Final = 1000.0
"""Radius of the 15-minute circle (十五分钟生活圈)."""
TILE: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {MVT: {}}}}


@router.get("/roads/{z}/{x}/{y}.mvt", response_class=Response, responses=TILE)
def get_roads_tile(
    session: DbSession, officer: SignedIn, z: Zoom, x: Place, y: Place, network: UUID | None = None
) -> Response:
    """One tile of a network's streets: length, whether they may be walked, whether they are an island's."""
    _refuse_beyond("roads", z, x, y)
    return _answer(hubs_tiles.roads_tile(session, network, z, x, y))


@router.get("/coverage/{z}/{x}/{y}.mvt", response_class=Response, responses=TILE)
def get_coverage_tile(
    session: DbSession,
    officer: SignedIn,
    z: Zoom,
    x: Place,
    y: Place,
    scenario: UUID | None = None,
    metric: Metric | None = None,
    limit_m: Annotated[float | None, Query(gt=0, le=100_000, allow_inf_nan=False)] = None,
    group: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """One tile of demand points: state, metres to the nearest hub; of a scenario, or of the hubs there are."""
    _refuse_beyond("coverage", z, x, y)
    if scenario is None and limit_m is None:
        limit_m = USUAL_LIMIT_M
    said = {"scenario": scenario, "metric": metric, "limit_m": limit_m, "group": group}
    asked = CoverageQuestion(by=None, **{name: value for name, value in said.items() if value is not None})
    return _answer(hubs_tiles.coverage_tile(session, asked, z, x, y))


def _refuse_beyond(layer: str, z: int, x: int, y: int) -> None:
    if x >= 2**z or y >= 2**z:
        raise TileNotFound(layer=layer, z=z, x=x, y=y)


def _answer(tile: bytes) -> Response:
    return Response(tile, media_type=MVT, headers={"Cache-Control": "no-store"})
