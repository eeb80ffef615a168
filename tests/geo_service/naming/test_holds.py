"""Two proposals for one name at the same instant, on two real connections: exactly one holds."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from geo_service.db import Database
from geo_service.operations.proposal_steps import NameHeld, take_step
from geo_service.operations.proposals import put_proposal
from geo_service.paging import today
from geo_service.schemas.naming_proposals import NewProposal, ProposalStep
from geo_service.settings import Settings
from layers.naming.review import ProposalStepRefused
from tests.geo_service.naming.streets import NAMER

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def two(settings: Settings, new_database: Callable[[str], str]) -> Iterator[Database]:
    """A database whose transactions are really committed."""
    database = Database(new_database("geo_holds"), settings).acting_as(NAMER)
    yield database
    database.dispose()


def checked(database: Database, name: str) -> UUID:
    with database.transaction() as session:
        asked = NewProposal(id=uuid4(), name=name, unit_code="460100")
        row, _ = put_proposal(session, NAMER, asked, profile="national", home_unit="460100", today=today())
        step(session, row.id, "check")
        return row.id


def step(session, proposal: UUID, event: str) -> None:
    taken = ProposalStep.model_validate({"id": uuid4(), "event": event, "data": {}})
    take_step(session, NAMER, proposal, taken, home_unit="460100", today=today())


def held(database: Database, name: str) -> int:
    with database.transaction() as session:
        return session.execute(
            text("SELECT count(*) FROM naming.reservation WHERE characters = :name AND released_on IS NULL"),
            {"name": name},
        ).scalar_one()


def test_the_second_waits_for_the_first_and_is_refused(two: Database) -> None:
    first, second = checked(two, "宜海路"), checked(two, "宜海路")
    refused: list[Exception] = []

    def other() -> None:
        try:
            with two.transaction() as session:
                step(session, second, "reserve")
        except NameHeld as error:
            refused.append(error)

    with two.transaction() as session:
        step(session, first, "reserve")
        waiting = threading.Thread(target=other)
        waiting.start()
        time.sleep(0.5)
        assert waiting.is_alive(), "the second must wait until the first has committed"
    waiting.join(timeout=10)
    assert [each.facts["name"] for each in refused] == ["宜海路"]
    assert held(two, "宜海路") == 1


def test_if_the_first_gives_up_the_second_holds(two: Database) -> None:
    first, second = checked(two, "怡江路"), checked(two, "怡江路")
    with two.transaction() as session:
        step(session, first, "reserve")
        session.rollback()
    with two.transaction() as session:
        step(session, second, "reserve")
    assert held(two, "怡江路") == 1


@pytest.mark.parametrize("name", ["海府路", "龙昆路", "文明路", "博爱路"])
def test_of_four_at_once_exactly_one_holds(two: Database, name: str) -> None:
    proposals = [checked(two, name) for _ in range(4)]
    start = threading.Barrier(4)

    def reserve(proposal: UUID) -> bool:
        start.wait(timeout=10)
        try:
            with two.transaction() as session:
                step(session, proposal, "reserve")
        except (
            NameHeld,
            ProposalStepRefused,
        ):  # refused by the index, or by the check when the other was quicker
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(reserve, proposals))
    assert sorted(outcomes) == [False, False, False, True]
    assert held(two, name) == 1
