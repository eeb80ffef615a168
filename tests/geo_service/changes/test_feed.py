"""The change feed: whole from the beginning, stable tokens, removals told, and no change lost however writers overlap."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import text

from geo_service.auth.officer import Role
from geo_service.changes.feed import BEGINNING, Layer, Place, changes_since, newest_place
from layers.hubs.register import add_hub
from layers.markers.queries import Positions
from layers.naming.proposal_tables import SignInspectionRow
from tests.access_records import KEEPER, marker_form, opening
from tests.geo_service.changes.rows import put_name, put_sign, put_tripoint
from tests.people import operator

pytestmark = pytest.mark.database
TODAY = date(2026, 11, 27)
PROFILE = "condition_first"
numbers = count(1)


def put(session, code: str | None = None) -> str:
    code = code or f"FEED-{next(numbers)}"
    values = {"code": code, "name": "某中心", "status": "existing", "source": "drawn"}
    add_hub(session, values, lon=110.05, lat=20.05, recorded_by="test")
    return code


def read(client, layer: str, since: str | None = None, **more):
    answer = client.get(
        f"/api/changes/{layer}", params={**({} if since is None else {"since": since}), **more}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/geo+json-seq")
    records = [json.loads(line) for line in answer.text.split("\x1e") if line]
    return records, answer.headers["geo-token"], "next" in answer.headers.get("link", "")


def to_the_end(client, layer: str, since: str | None = None, **more):
    found, token, going_on = read(client, layer, since, **more)
    while going_on:
        further, token, going_on = read(client, layer, token, **more)
        found += further
    return found, token


def test_from_the_beginning_the_feed_is_the_whole_layer(visitor) -> None:
    found, token = to_the_end(visitor, "units", limit=2)
    assert {"460107", "460108", "469005", "460000", "460100"} <= {record["id"] for record in found}
    assert found[0]["properties"]["name"]
    assert to_the_end(visitor, "units", token) == ([], token)


def test_added_changed_and_removed(office, visitor) -> None:
    _, token = to_the_end(visitor, "hubs")
    with operator(office) as session:
        code = put(session)
    (added,), token, _ = read(visitor, "hubs", token)
    assert (added["id"], added["properties"]["change"], added["geometry"]["type"]) == (code, "added", "Point")
    with operator(office) as session:
        session.execute(text("UPDATE hubs.hub SET name = '新名' WHERE code = :code"), {"code": code})
        session.execute(text("UPDATE hubs.hub SET name = '又名' WHERE code = :code"), {"code": code})
    (changed,), later, _ = read(visitor, "hubs", token)
    assert (changed["properties"]["change"], changed["properties"]["name"]) == ("changed", "又名")
    with operator(office) as session:
        session.execute(text("DELETE FROM hubs.hub WHERE code = :code"), {"code": code})
    (removed,), _, _ = read(visitor, "hubs", later)
    assert removed == {
        "type": "Feature",
        "id": code,
        "token": removed["token"],
        "geometry": None,
        "properties": {"change": "removed"},
    }
    again, _, _ = read(visitor, "hubs", token)
    assert [record["properties"] for record in again] == [{"change": "removed"}]


def test_each_record_carries_a_token_to_read_on_from(office, visitor) -> None:
    _, token = to_the_end(visitor, "hubs")
    with operator(office) as session:
        codes = [put(session) for _ in range(3)]
    found, _, _ = read(visitor, "hubs", token)
    rest, _, _ = read(visitor, "hubs", found[0]["token"])
    assert ([record["id"] for record in found], [record["id"] for record in rest]) == (codes, codes[1:])


def test_what_ends_is_told_as_retired(office, visitor) -> None:
    _, token = to_the_end(visitor, "lines")
    with operator(office) as session:
        session.execute(
            text(
                "UPDATE boundaries.boundary_line SET valid_to = '2026-01-01' WHERE line_code = '460108469005'"
            )
        )
    (retired,), _, _ = read(visitor, "lines", token)
    assert (retired["properties"]["change"], retired["properties"]["valid_to"]) == ("retired", "2026-01-01")
    with operator(office) as session:
        session.execute(
            text("UPDATE boundaries.boundary_line SET valid_to = NULL WHERE line_code = '460108469005'")
        )


def test_a_writer_who_began_first_and_commits_last_is_not_lost(office, visitor) -> None:
    """The race that sequence numbers lose: the earlier number appears behind a token that was read meanwhile."""
    name = text("UPDATE boundaries.boundary_line SET name = :name WHERE line_code = '460107460108'")
    with operator(office) as slow:
        slow.execute(name, {"name": "甲乙线"})
        with operator(office) as quick:
            hub = put(quick)
        with operator(office) as reader:
            meanwhile = Place(newest_place(reader), 2**63 - 1).token
    assert [record["id"] for record in read(visitor, "lines", meanwhile)[0]] == ["460107460108"]
    assert read(visitor, "hubs", meanwhile)[0] == []
    assert to_the_end(visitor, "hubs")[0][-1]["id"] == hub


def test_a_transaction_that_is_undone_leaves_nothing(office, visitor) -> None:
    _, token = to_the_end(visitor, "hubs")
    with operator(office) as session:
        put(session)
        session.rollback()
    with operator(office) as session:
        inner = session.begin_nested()
        put(session)
        inner.rollback()
        kept = put(session)
    seen, _, _ = read(visitor, "hubs", token)
    assert [record["id"] for record in seen] == [kept]


def test_many_writers_and_a_reader_at_once(office, visitor) -> None:
    """Eight writers commit in any order while a reader follows: it gets each change, once, and no token goes back."""
    _, token = to_the_end(visitor, "hubs")
    begun, written, done = token, [], threading.Event()

    def write(_: int) -> None:
        for _ in range(5):
            with operator(office) as session:
                codes = [put(session) for _ in range(2)]
            written.extend(codes)

    def follow() -> list[str]:
        place, found = Place.read(begun), []
        while True:
            last = done.is_set()
            with office.transaction() as session:
                page = changes_since(
                    session,
                    Layer.HUBS,
                    place,
                    limit=7,
                    as_of=TODAY,
                    positions=Positions.EXACT,
                    profile=PROFILE,
                )
            place = Place.read(page.token)
            found += [json.loads(line)["id"] for line in page.lines]
            if last and not page.lines:
                return found

    with ThreadPoolExecutor(9) as pool:
        follower = pool.submit(follow)
        list(pool.map(write, range(4)))
        done.set()
        found = follower.result(timeout=60)
    assert sorted(found) == sorted(written)
    assert len(found) == len(set(found)) == 40


@pytest.mark.parametrize("layer", [layer for layer in Layer if layer is not Layer.MARKERS])
def test_every_layer_can_be_followed_by_everybody(visitor, layer: Layer) -> None:
    _, token = to_the_end(visitor, layer)
    assert to_the_end(visitor, layer, token) == ([], token)


def test_a_tripoint_is_told_as_it_comes_and_goes(office, visitor) -> None:
    _, token = to_the_end(visitor, "tripoints")
    with operator(office) as session:
        put_tripoint(session, "FEED-T")
    (added,), token, _ = read(visitor, "tripoints", token)
    told = added["properties"]
    assert (added["id"], told["change"], told["unit_codes"][0]) == ("FEED-T", "added", "460107")
    ended = "UPDATE boundaries.tripoint SET valid_to = '2026-01-01' WHERE tripoint_code = 'FEED-T'"
    with operator(office) as session:
        session.execute(text(ended))
    (retired,), token, _ = read(visitor, "tripoints", token)
    assert retired["properties"]["change"] == "retired"
    with operator(office) as session:
        session.execute(text("DELETE FROM boundaries.tripoint WHERE tripoint_code = 'FEED-T'"))
    (removed,), _, _ = read(visitor, "tripoints", token)
    assert (removed["id"], removed["properties"], removed["geometry"]) == (
        "FEED-T",
        {"change": "removed"},
        None,
    )


def test_a_sign_is_told_again_when_it_was_found_damaged(office, visitor) -> None:
    _, token = to_the_end(visitor, "signs")
    with office.acting_as(KEEPER).transaction() as session:
        identity = put_sign(session, put_name(session, "随信路"))
    (added,), token, _ = read(visitor, "signs", token)
    told = added["properties"]
    assert (added["id"], told["change"], told["state"]) == (str(identity), "added", "planned")
    with office.acting_as(KEEPER).transaction() as session:
        session.add(
            SignInspectionRow(
                id=uuid4(),
                sign_id=identity,
                inspected_on=date(2026, 11, 1),
                state="damaged",
                recorded_by="test",
            )
        )
    (changed,), token, _ = read(visitor, "signs", token)
    assert (changed["properties"]["change"], changed["properties"]["state"]) == ("changed", "damaged")


def test_coverage_goes_with_its_hub(office, visitor) -> None:
    _, token = to_the_end(visitor, "coverage")
    with operator(office) as session:
        code = put(session)
    (added,), token, _ = read(visitor, "coverage", token)
    assert (added["id"], added["properties"]["change"], added["geometry"]["type"]) == (
        code,
        "added",
        "Polygon",
    )
    with operator(office) as session:
        session.execute(text("UPDATE hubs.hub SET status = 'excluded' WHERE code = :code"), {"code": code})
    (gone,), _, _ = read(visitor, "coverage", token)
    assert (gone["id"], gone["properties"]) == (code, {"change": "removed"})


def test_a_marker_is_told_again_when_what_it_shows_becomes_another(office, enter) -> None:
    surveyor, boundary = enter(Role.SURVEYOR), enter(Role.BOUNDARY)
    form = marker_form("FEED-01")
    made = boundary.post("/api/markers", json=form)
    assert made.status_code == 201, made.text
    found, token = to_the_end(surveyor, "markers")
    assert found[-1]["properties"]["change"] == "added"
    reported = surveyor.post(f"/api/markers/{form['code']}/cases", json=opening())
    assert reported.status_code == 201, reported.text
    (changed,), token, _ = read(surveyor, "markers", token)
    told = changed["properties"]
    now = surveyor.get(f"/api/markers/{form['code']}").json()["properties"]
    assert (told["change"], told["case_stage"]) == ("changed", "reported")
    assert (told["colour"], told["condition"]) == (now["colour"]["code"], now["condition"])
    with operator(office) as session:  # written anew with the same facts: nothing to tell
        session.execute(text("UPDATE markers.marker_state SET derived_at = derived_at"))
        session.execute(text("UPDATE markers.marker_colour SET rule = rule"))
    assert read(surveyor, "markers", token)[0] == []


def test_markers_are_for_officers_and_tokens_are_ours(visitor, enter) -> None:
    assert visitor.get("/api/changes/markers").status_code == 401
    assert enter(Role.AUDITOR).get("/api/changes/markers").status_code == 200
    for wrong in ("", "x", "MS45OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjE", "é", "MS4tMS4w"):
        answer = visitor.get("/api/changes/hubs", params={"since": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid"), wrong
    assert visitor.get("/api/changes/nothing").status_code == 422
    assert Place.read(BEGINNING.token) == BEGINNING
