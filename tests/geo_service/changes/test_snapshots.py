"""Snapshots are of one moment: the feed from one of them is exactly the difference to the next, whoever writes meanwhile."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo_service.auth.officer import OPERATOR, Role
from geo_service.changes.feed import Layer, Place, changes_since
from geo_service.db import Database
from geo_service.exchange.dictionary import COLUMNS
from geo_service.operations.snapshots import write_snapshot
from geo_service.paging import today
from layers.markers.queries import Positions
from layers.naming.proposal_tables import SignInspectionRow
from tests.access_records import KEEPER, marker_form, opening
from tests.geo_service.changes.rows import put_hub, put_name, put_sign, put_tripoint
from tests.people import operator

pytestmark = pytest.mark.database
PROFILE = "condition_first"
FOLLOWED = {
    "boundaries": Layer.UNITS, "lines": Layer.LINES, "tripoints": Layer.TRIPOINTS, "markers": Layer.MARKERS,
    "names": Layer.NAMES, "signs": Layer.SIGNS, "hubs": Layer.HUBS,
}  # fmt: skip
LINE = "460107460108"


def rename(session, table: str, key: str, code: str, name: str) -> None:
    session.execute(
        text(f"UPDATE {table} SET name = :name WHERE {key} = :code"), {"name": name, "code": code}
    )


def snapshot(office: Database, folder: Path) -> tuple[Path, dict[str, Any]]:
    return write_snapshot(office.acting_as(OPERATOR), folder, on=today(), profile=PROFILE, form="parquet")


def records(dated: Path, about: dict[str, Any], layer: str) -> dict[str, str]:
    """Return what a snapshot says of each record of a layer, by its key."""
    if "file" not in about["layers"][layer]:
        return {}
    rows = pq.read_table(dated / about["layers"][layer]["file"]).to_pylist()
    key = next(iter(COLUMNS[layer]))
    return {str(row[key]): repr(sorted(row.items())) for row in rows}


def followed(office: Database, layer: str, since: str) -> dict[str, str]:
    """Return what the feed tells of each record of a layer after a token."""
    with operator(office) as session:
        page = changes_since(
            session,
            FOLLOWED[layer],
            Place.read(since),
            limit=10_000,
            as_of=today(),
            positions=Positions.EXACT,
            profile=PROFILE,
        )
    told = [json.loads(line) for line in page.lines]
    return {each["id"]: each["properties"]["change"] for each in told}


def difference(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    kinds = dict.fromkeys(after.keys() - before.keys(), "added")
    kinds |= dict.fromkeys(before.keys() - after.keys(), "gone")
    return kinds | {key: "changed" for key in before.keys() & after.keys() if before[key] != after[key]}


def somebody_waits_for(office: Database, table: str) -> None:
    """Return when a transaction waits for a lock on the table."""
    asked = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST(:table AS regclass)")
    for _ in range(600):
        with operator(office) as session:
            if session.execute(asked, {"table": table}).scalar_one():
                return
        time.sleep(0.1)
    pytest.fail(f"nobody came to {table}")


def test_the_feed_from_a_snapshot_is_the_difference_to_the_next(office, enter, tmp_path: Path) -> None:
    boundary, surveyor = enter(Role.BOUNDARY), enter(Role.SURVEYOR)
    assert boundary.post("/api/markers", json=marker_form("SNAP-1")).status_code == 201
    with operator(office) as session:
        for code in ("SNAP-A", "SNAP-B", "SNAP-C"):
            put_hub(session, code)
        put_tripoint(session, "SNAP-T")
        put_tripoint(session, "SNAP-U")
    with office.acting_as(KEEPER).transaction() as session:
        name = put_name(session, "快照路")
        sign = put_sign(session, name)

    with ThreadPoolExecutor(1) as pool:
        with operator(office) as slow:  # open before the snapshot begins, committed while it is being written
            slow.execute(text("LOCK TABLE hubs.hub IN ACCESS EXCLUSIVE MODE"))
            rename(slow, "boundaries.boundary_line", "line_code", LINE, "快照前线")
            rename(slow, "hubs.hub", "code", "SNAP-A", "慢写")
            writing = pool.submit(snapshot, office, tmp_path / "first")
            somebody_waits_for(office, "hubs.hub")
            with operator(office) as quick:
                put_tripoint(quick, "SNAP-V")
                quick.execute(text("DELETE FROM boundaries.tripoint WHERE tripoint_code = 'SNAP-U'"))
            with office.acting_as(KEEPER).transaction() as session:
                session.add(
                    SignInspectionRow(
                        id=uuid4(),
                        sign_id=sign,
                        inspected_on=date(2026, 11, 1),
                        state="damaged",
                        recorded_by="test",
                    )
                )
        first, before = writing.result(timeout=120)

    assert surveyor.post("/api/markers/SNAP-1/cases", json=opening()).status_code == 201
    assert boundary.post("/api/markers", json=marker_form("SNAP-2")).status_code == 201
    with operator(office) as session:
        put_hub(session, "SNAP-D")
        session.execute(text("DELETE FROM hubs.hub WHERE code = 'SNAP-B'"))
        ended = "UPDATE boundaries.tripoint SET valid_to = '2026-01-01' WHERE tripoint_code = 'SNAP-T'"
        session.execute(text(ended))
        rename(session, "boundaries.administrative_unit", "code", "469005", "丁市")
    with office.acting_as(KEEPER).transaction() as session:
        later = put_name(session, "后来路")
    second, after = snapshot(office, tmp_path / "second")

    found = {
        layer: difference(records(first, before, layer), records(second, after, layer)) for layer in FOLLOWED
    }
    assert found == {
        "boundaries": {"469005": "changed"},
        "lines": {LINE: "changed"},
        "tripoints": {"SNAP-T": "gone", "SNAP-U": "gone", "SNAP-V": "added"},
        "markers": {"SNAP-1": "changed", "SNAP-2": "added"},
        "names": {str(later): "added"},
        "signs": {str(sign): "changed"},
        "hubs": {"SNAP-A": "changed", "SNAP-B": "gone", "SNAP-D": "added"},
    }
    gone = {"retired": "gone", "removed": "gone"}
    for layer, differs in found.items():
        told = followed(office, layer, before["since"])
        assert {key: gone.get(kind, kind) for key, kind in told.items()} == differs, layer
        assert followed(office, layer, after["since"]) == {}


def test_a_moment_cannot_be_written_into(office) -> None:
    with pytest.raises(DBAPIError, match="read-only"), office.acting_as(OPERATOR).moment() as session:
        put_hub(session, "SNAP-NEVER")
    with operator(office) as session:  # the connection goes back as it was
        assert session.execute(text("SHOW transaction_isolation")).scalar_one() == "read committed"
        assert session.execute(text("SHOW transaction_read_only")).scalar_one() == "off"


def test_a_snapshot_that_is_made_twice_leaves_one_folder_and_one_entry(office, tmp_path: Path) -> None:
    """Two that begin together: one gets the name of the day, the other is refused and leaves nothing, not in the audit either."""
    asked = text("SELECT count(*) FROM service.audit_entry WHERE act = 'snapshot.export'")
    with operator(office) as session:
        entries = session.execute(asked).scalar_one()
    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(snapshot, office, tmp_path / "out") for _ in range(2)]
        refused = [each.exception(timeout=120) for each in made]
    assert sorted(getattr(each, "code", "") for each in refused) == ["", "export.file_exists"]
    assert [each.name for each in (tmp_path / "out").iterdir()] == [today().isoformat()]
    with operator(office) as session:
        assert session.execute(asked).scalar_one() == entries + 1
