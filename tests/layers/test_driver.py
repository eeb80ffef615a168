"""Statements sent together are those of the session's transaction, and fail as the session's own do."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from layers.driver import together

pytestmark = pytest.mark.database


def test_statements_sent_together_see_the_transaction_and_each_other(session: Session) -> None:
    session.execute(text("CREATE TEMPORARY TABLE told (word text)"))
    session.execute(text("INSERT INTO told VALUES ('before')"))
    inserted, words, number = together(
        session,
        ("INSERT INTO told VALUES (:word) RETURNING word", {"word": "100 % 海口"}),
        ("SELECT word FROM told ORDER BY word DESC", {}),
        ("SELECT cardinality(CAST(:ids AS integer[])) AS n", {"ids": [3, 4]}),
    )
    assert inserted[0].word == "100 % 海口"
    assert [row.word for row in words] == ["before", "100 % 海口"]
    assert number[0].n == 2
    session.rollback()


def test_a_statement_that_fails_tells_its_kind_and_no_value(session: Session) -> None:
    with pytest.raises(DataError) as failed, session.begin_nested():
        together(session, ("SELECT 1", {}), ("SELECT CAST(:secret AS integer)", {"secret": "nobody's"}))
    assert "[parameters" not in str(failed.value)
    (again,) = together(session, ("SELECT 7 AS n", {}))
    assert again[0].n == 7
