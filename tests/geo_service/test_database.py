"""The engine and its connections at their end."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.db import Database
from geo_service.settings import Settings

pytestmark = pytest.mark.database


@pytest.mark.parametrize("pool", ["engine", "readings", "drawings"])
def test_a_connection_at_work_while_the_pool_ends_is_closed_when_it_comes_back(
    settings: Settings, new_database: Callable[[str], str], pool: str
) -> None:
    database = Database(new_database(f"geo_end_{pool}"), settings)
    session = Session(getattr(database, pool))
    session.execute(text("SELECT 1"))
    driver = session.connection().connection.driver_connection
    database.dispose()
    assert not driver.closed
    session.close()
    assert driver.closed


def test_a_statement_that_draws_keeps_its_plan_and_a_list_is_planned_with_its_values(
    settings: Settings, new_database: Callable[[str], str]
) -> None:
    database = Database(new_database("geo_plans"), settings)
    statement = text("SELECT count(*) FROM pg_catalog.pg_class WHERE oid = CAST(:wanted AS oid)")
    kept = "SELECT sum(generic_plans) FROM pg_prepared_statements WHERE statement LIKE '%pg_class WHERE oid%'"
    told = {}
    for ways in (database.reading, database.drawing):
        with ways() as session:
            for wanted in range(20):
                session.execute(statement, {"wanted": wanted})
            told[ways.__name__] = session.execute(text(kept)).scalar_one()
    assert told["reading"] == 0
    assert told["drawing"] > 0
    database.dispose()
