"""Loads made-up street names and proposals in the west of Haikou, labelled synthetic; the road with four names among them.

The ground and the lines are drawn, the names are of the kind the city uses; none of it is the city's record.
"""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from geoalchemy2.shape import from_shape
from shapely import LineString
from shapely.geometry import mapping
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer, Role
from geo_service.db import Database
from geo_service.operations.proposal_steps import take_step
from geo_service.operations.proposals import load_proposal, put_proposal
from geo_service.paging import today
from geo_service.schemas.naming_proposals import NewProposal, ProposalStep
from layers.geodesy import STORAGE_SRID
from layers.naming.model import NameKind
from layers.naming.register import NewName, enter
from layers.naming.review import PATH
from layers.naming.tables import NameStatus, UnnamedRoadRow

RECORDED_BY: Final = "demonstration"
OFFICER: Final = Officer(RECORDED_BY, frozenset({Role.NAMING, Role.COMMITTEE}), frozenset({"*"}))
NAMESPACE: Final = uuid.UUID("0b1f7c54-3a5e-5f52-9c5d-460100460105")
SOURCE: Final = "示例数据，虚构 · made up for the demonstration"
CITY: Final = "460100"
DISTRICT: Final = "460105"
WEST: Final = 110.19
SOUTH: Final = 19.96
STEP: Final = 0.004  # degrees between neighbouring streets, about 420 m
NAMED_ON: Final = date(2021, 6, 1)
EAST_WEST: Final = (
    "秀水街", "玉沙街", "琼苑街", "金鹿街", "美苑街", "蓝天街", "龙岐街", "灵桂街", "高登街", "丘山街",
)  # fmt: skip
NORTH_SOUTH: Final = (
    "明珠路", "碧云大道", "新埠路", "南沙路", "学院横路", "白沙门路", "桂香路", "丹桂一路", "丹桂二路", "丹桂三路",
)  # fmt: skip
FOUR_NAMES: Final = (
    ("椰博路", "规划 · planning"),
    ("博雅纵一路", "民政 · civil affairs"),
    ("博雅路", "公安门牌 · police door plates"),
    ("凤翔东二横路", "地图 · web map"),
)
RETIRED: Final = ("五源河老街", "荣山旧路")
UP_TO: Final = {
    "check": "翠园路", "reserve": "晴川路", "submit": "枫林路", "consult_departments": "云帆路", "open_comment": "听涛路",
    "assess": "望楼路", "put_on_agenda": "梧桐路", "approve": "银杏路", "put_in_force": "紫荆路",
}  # fmt: skip
ORDER: Final = (
    "check", "reserve", "submit", "accept", "consult_departments", "call_experts", "open_comment", "assess",
    "put_on_agenda", "recommend", "approve", "file", "announce", "enter_in_database", "set_sign", "put_in_force",
)  # fmt: skip
PAPERS: Final = {step.event: step.records for step in PATH}


def load_names(database: Database, *, tell: Callable[[str], None]) -> None:
    """Load names and proposals in one transaction; nothing when they are there."""
    with database.acting_as(OFFICER).transaction() as session:
        loaded = session.execute(
            text("SELECT count(*) FROM naming.name WHERE recorded_by = :who"), {"who": RECORDED_BY}
        ).scalar_one()
        if loaded:
            return
        names = [*_streets(), *_one_road_four_names(), *_ended()]
        enter(session, names, recorded_by=RECORDED_BY)
        session.add_all(_without_a_name())
        for place, (event, name) in enumerate(UP_TO.items()):
            _proposal(session, name, event, place)
        record_act(
            session,
            "name.import",
            subject=("file", "demonstration"),
            detail={"names": len(names), "synthetic": True},
        )
    tell(f"{len(names)} names, {len(UP_TO)} proposals (synthetic)")


def _named(characters: str, *places: tuple[float, float], **facts: Any) -> NewName:
    return NewName(
        characters,
        NameKind.STREET,
        **{
            "unit_code": DISTRICT,
            "authority_code": CITY,
            "source": SOURCE,
            "valid_from": NAMED_ON,
            "geometry": LineString(places),
            "synthetic": True,
            "identifier": uuid.uuid5(NAMESPACE, f"name {characters}"),
            **facts,
        },
    )


def _streets() -> list[NewName]:
    length = STEP * len(EAST_WEST)
    across = [
        _named(name, (WEST, SOUTH + STEP * row), (WEST + length, SOUTH + STEP * row))
        for row, name in enumerate(EAST_WEST)
    ]
    along = [
        _named(name, (WEST + STEP * (column + 0.5), SOUTH), (WEST + STEP * (column + 0.5), SOUTH + length))
        for column, name in enumerate(NORTH_SOUTH)
    ]
    return across + along


def _one_road_four_names() -> list[NewName]:
    """One road that four departments call by four names, each from its own survey of the line."""
    north = SOUTH - STEP
    return [
        _named(
            name,
            (WEST, north + 0.00002 * place),
            (WEST + 4 * STEP, north + 0.00002 * place),
            source=f"{source}; {SOURCE}",
        )
        for place, (name, source) in enumerate(FOUR_NAMES)
    ]


def _without_a_name() -> list[UnnamedRoadRow]:
    """Two new roads east of the others, which wait for a proposal."""
    east = WEST + STEP * (len(EAST_WEST) + 1)
    return [
        UnnamedRoadRow(
            id=uuid.uuid5(NAMESPACE, f"unnamed {road_class}"),
            geometry=from_shape(LineString([(east, south), (east + 2 * STEP, south)]), STORAGE_SRID),
            unit_code=DISTRICT,
            road_class=road_class,
            source=SOURCE,
            recorded_by=RECORDED_BY,
        )
        for road_class, south in (("main", SOUTH + STEP), ("branch", SOUTH + 2 * STEP))
    ]


def _ended() -> list[NewName]:
    return [
        _named(
            name,
            (WEST + STEP * place, SOUTH - 2 * STEP),
            (WEST + STEP * (place + 0.7), SOUTH - 2 * STEP),
            status=NameStatus.HISTORIC,
            valid_to=date(2023, 3, 1),
        )
        for place, name in enumerate(RETIRED)
    ]


def _proposal(session: Session, name: str, last: str, place: int) -> None:
    """Put a proposal and walk it to its step; the days go back from today, so that clocks run in the demonstration."""
    west, north = WEST + STEP * place, SOUTH - STEP * 4
    asked = NewProposal.model_validate(
        {
            "id": uuid.uuid5(NAMESPACE, f"proposal {name}"),
            "name": name,
            "geometry": mapping(LineString([(west, north), (west, north + STEP * 0.9)])),
            "profile": "haikou_draft",
            "unit_code": DISTRICT,
            "meaning": "取其意，便于识记",
            "origin": "示例数据，虚构",
            "applicant": {"name": "示例单位"},
        }
    )
    row, _ = put_proposal(session, OFFICER, asked, profile="haikou_draft", home_unit=CITY, today=today())
    load_proposal(session, row.id).synthetic = True
    session.flush()
    steps = ORDER[: ORDER.index(last) + 1]
    first = today() - timedelta(days=3 if last == "open_comment" else 40)
    for event in steps:
        late = "assess" in steps and ORDER.index(event) >= ORDER.index("assess")
        on = first + timedelta(days=10 if late else 0)
        data = {"on": on, "records": {code: {"text": "示例"} for code in PAPERS[event]}}
        step = ProposalStep.model_validate(
            {"id": uuid.uuid5(NAMESPACE, f"step {name} {event}"), "event": event, "data": data}
        )
        take_step(session, OFFICER, row.id, step, home_unit=CITY, today=today())
