"""Two hundred phones on bad lines against a real service and database that are killed meanwhile: a seeded storm.

Every phone has an outbox of inspections, edits, damage reports and photos, a clock that may be six hours wrong, and a
session that may have ended. Batches are lost, sent twice, shuffled and cut off in mid-body; answers are lost. A phone
counts a record as received only when it has read the receipt. What then has to hold is in `Storm.verdict`.
"""

import hashlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import text

from geo_service.auth.attempts import Caller
from geo_service.auth.gate import COOKIE
from geo_service.auth.officer import OPERATOR, Role
from geo_service.auth.sessions import begin_session
from geo_service.db import Database
from geo_service.embedded import Cluster, Running
from geo_service.embedded.postmaster import living
from geo_service.migrations import upgrade
from geo_service.operations.photos import stored_path
from geo_service.settings import Settings
from layers.markers.register import project
from tests.people import put_officer

ROOT = Path(__file__).parents[1]
PAUSE_S, LONGEST_PAUSE_S = 0.2, 0.8
"""After a failure, and at most after several in a row, as a phone waits; none of the seeds depends on it."""
READY_WITHIN_S = 120
CLOCK_OFF = timedelta(hours=6)
TRUE_WITHIN_S = 120.0
"""How far the time of a visit may be off after the device's clock was put right, however busy the machine."""
DONE = {"accepted", "duplicate"}
MARKERS = """
INSERT INTO markers.marker (id, code, number, line_code, unit_codes, grade, set_kind, faces, geometry, accuracy_m, valid_from, synthetic)
SELECT gen_random_uuid(), 'S' || lpad(n::text, 5, '0'), n::text, '460107460108', ARRAY['460107', '460108'], 'county', 'single', 2,
       ST_SetSRID(ST_MakePoint(110.3 + n * 1e-4, 19.9), 4490), 0.5, '2020-01-01', true FROM generate_series(1, :markers) n
"""


@dataclass(frozen=True)
class Size:
    devices: int
    records: int
    photos: int
    markers: int
    a_push: int = 12
    workers: int = 8
    within_s: float = 60.0
    kills: int = 2
    database_kills: int = 1


class Office:
    """The service as a process of its own on a cluster of its own; both can be killed and begun again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.kills = Counter[str]()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    @contextmanager
    def running(self) -> Iterator["Office"]:
        with Cluster(self.home / "cluster", durable=True).start() as cluster:
            self.cluster: Running = cluster
            upgrade(cluster.owner_url)
            self.settings = Settings(
                database_url=cluster.service_url, data_dir=self.home / "data", pool_size=8
            )
            self.database = Database(cluster.service_url, self.settings)
            try:
                yield self
            finally:
                self._kill()
                self.database.dispose()

    def begin(self) -> None:
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GEO_")}
        environment |= {
            "GEO_DATABASE_URL": self.cluster.service_url,
            "GEO_DATA_DIR": str(self.home / "data"),
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "geo_service", "serve", "--port", str(self.port)]
        with (self.home / "log").open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.home / "log").read_text()[-3000:])
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _kill(self) -> None:
        with suppress(ProcessLookupError, AttributeError):
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def kill_service(self) -> None:
        self._kill()
        self.kills["service"] += 1
        self.begin()

    def kill_database(self) -> None:
        found = living(self.cluster.server.places)
        assert found is not None
        os.kill(
            found.pid, signal.SIGQUIT
        )  # PostgreSQL's immediate stop: no checkpoint, recovery at the start
        while living(self.cluster.server.places) is not None:
            time.sleep(0.02)
        self.cluster.revive()
        self.kills["database"] += 1


def jpeg(seed: int) -> bytes:
    """A small picture that no other seed gives: a comment segment makes it its own."""
    sink = BytesIO()
    Image.new("RGB", (32, 24), (seed % 255, seed // 255 % 255, 90)).save(sink, "JPEG")
    plain, note = sink.getvalue(), f"photo {seed}".encode() + bytes(random.Random(seed).randbytes(1500))
    return plain[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + plain[2:]


@dataclass
class Device:
    name: str
    random: random.Random
    secrets: list[str]
    skew: timedelta
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    received_photos: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    captured: dict[str, datetime] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        return not self.waiting and not self.photos

    def pause(self) -> None:
        """Wait after a failure, longer after each in a row: a service that comes back is not held up by those who ask."""
        time.sleep(min(PAUSE_S * 2**self.failures, LONGEST_PAUSE_S))
        self.failures += 1

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.skew


class Storm:
    def __init__(self, office: Office, size: Size, seed: int) -> None:
        self.office, self.size, self.seed = office, size, seed
        self.counts = Counter[str]()
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.wrong: list[str] = []
        self._prepare()

    def _prepare(self) -> None:
        size, chance = self.size, random.Random(self.seed)
        with self.office.database.acting_as(OPERATOR).transaction() as session:
            session.execute(text(MARKERS), {"markers": size.markers})
            ids = list(session.execute(text("SELECT id FROM markers.marker")).scalars())
            project(session, ids, datetime.now(UTC), anew=True)
            row = put_officer(session, "storm", Role.SURVEYOR, jurisdictions=("*",))
            caller = Caller("127.0.0.1", "storm")
            secrets = [
                begin_session(session, row, caller, self.office.settings, by="password")[0]
                for _ in range(size.devices)
            ]
        self.devices = [
            Device(
                f"phone {n}",
                random.Random(chance.random()),
                [secrets[n]],
                CLOCK_OFF * chance.uniform(-1, 1),
            )
            for n in range(size.devices)
        ]
        for n in range(size.photos):
            content = jpeg(self.seed * 1_000_000 + n)
            self.devices[n % size.devices].photos[hashlib.sha256(content).hexdigest()] = content
        for n in range(size.records):
            device = self.devices[n % size.devices]
            record = self._record(device, f"S{chance.randint(1, size.markers):05d}")
            device.waiting[record["id"]] = record

    def _record(self, device: Device, marker: str) -> dict[str, Any]:
        chance, ago = device.random, timedelta(minutes=device.random.randint(1, 600))
        identity, captured = str(uuid.UUID(int=chance.getrandbits(128), version=4)), device.clock() - ago
        device.captured[identity] = datetime.now(UTC) - ago
        head = {"id": identity, "marker_code": marker}
        kind = chance.random()
        if kind < 0.06:
            changes = {chance.choice(("guardian", "material", "feature_relation")): f"值 {identity[:6]}"}
            at = captured.isoformat()
            return head | {"type": "edit", "base_version": 1, "changes": changes, "captured_at": at}
        if kind < 0.1:
            records = {"description": "桩体断裂"}
            return head | {
                "type": "case_event",
                "event": "report.abnormal",
                "on": captured.isoformat(),
                "records": records,
            }
        shown = chance.sample(list(device.photos), min(len(device.photos), 1))
        return head | {
            "type": "inspection",
            "kind": "patrol",
            "captured_at": captured.isoformat(),
            "condition": chance.choice(("intact", "intact", "minor_defect", "damaged", "not_found")),
            "components": {"body": "good"},
            "observed_position": {"lon": 110.3, "lat": 19.9, "accuracy_m": 5, "fix_type": 1},
            "photos": [{"sha256": each, "shows": "face_1"} for each in shown],
            "note": identity,
        }

    def run(self) -> None:
        deadline = time.monotonic() + self.size.within_s
        self.office.wait_until_ready()
        threads = [
            threading.Thread(target=self._work, args=(self.devices[n :: self.size.workers],), daemon=True)
            for n in range(self.size.workers)
        ]
        for each in threads:
            each.start()
        chaos = [self.office.kill_service] * self.size.kills + [
            self.office.kill_database
        ] * self.size.database_kills
        random.Random(self.seed).shuffle(chaos)
        total = self.size.records + self.size.photos
        marks = [total * (n + 1) / (len(chaos) + 1) for n in range(len(chaos))]
        while any(each.is_alive() for each in threads) and not self.over.is_set():
            if chaos and self._received() >= marks[0]:
                marks.pop(0)
                chaos.pop(0)()
            if time.monotonic() > deadline:
                self.over.set()
            time.sleep(0.05)
        for each in threads:
            each.join()

    def _received(self) -> int:
        return sum(len(each.receipts) + len(each.received_photos) for each in self.devices)

    def _work(self, devices: list[Device]) -> None:
        waiting = list(devices)
        while waiting and not self.over.is_set():
            for device in list(waiting):
                if self.over.is_set():
                    return
                try:
                    self._turn(device)
                except AssertionError as wrong:
                    self.wrong.append(f"{device.name}: {wrong}")
                    self.over.set()
                if device.done:
                    waiting.remove(device)

    def _count(self, *names: str) -> None:
        with self.lock:
            self.counts.update(names)

    def _turn(self, device: Device) -> None:
        try:
            if device.waiting:
                self._push(device)
            for name in device.random.sample(list(device.photos), min(len(device.photos), 4)):
                self._photo(device, name)
        except (OSError, http.client.HTTPException):
            self._count("connections broken")
            device.pause()

    def _push(self, device: Device) -> None:
        chance = device.random
        batch = [device.waiting[each] for each in list(device.waiting)[: self.size.a_push]]
        if device.sent and chance.random() < 0.2:
            batch += chance.sample(list(device.sent.values()), 1)  # already received: sent once more
            self._count("sent again")
        if chance.random() < 0.3:
            chance.shuffle(batch)
            self._count("shuffled")
        if chance.random() < 0.1:
            batch += batch[:1]
            self._count("twice in one push")
        if chance.random() < 0.05:
            self._other_content(device)
        body = {"device_id": device.name, "sent_at": device.clock().isoformat(), "records": batch}
        answer = self._ask(device, "POST", "/api/field/push", json.dumps(body).encode(), "application/json")
        if answer is None or answer[0] != 200:
            return
        results = json.loads(answer[2])["results"]
        assert [each["id"] for each in results] == [each["id"] for each in batch]
        for record, result in zip(batch, results, strict=True):
            self._judge(device, record, result)

    def _judge(self, device: Device, record: dict[str, Any], result: dict[str, Any]) -> None:
        self._count(result["status"])
        if result["status"] in DONE:
            known = device.receipts.setdefault(record["id"], result)
            assert known["received_at"] == result["received_at"], "a duplicate has the first receipt"
            device.sent[record["id"]] = record
        else:
            device.refused[record["id"]] = result["code"]
        device.waiting.pop(record["id"], None)

    def _other_content(self, device: Device) -> None:
        """The same id with other content is refused, and what was received first stands."""
        known = [each for each in device.sent.values() if each["type"] == "inspection"]
        if not known:
            return
        other = device.random.choice(known) | {"note": "another"}
        body = {"device_id": device.name, "records": [other]}
        answer = self._ask(device, "POST", "/api/field/push", json.dumps(body).encode(), "application/json")
        if answer is not None and answer[0] == 200:
            (result,) = json.loads(answer[2])["results"]
            assert (result["status"], result["code"]) == ("rejected", "record.conflict"), result
            self._count("other content refused")

    def _photo(self, device: Device, name: str) -> None:
        content, path = device.photos[name], f"/api/photos/{name}"
        there = self._ask(device, "HEAD", path, b"", "")
        if there is None or there[0] not in {200, 404}:
            return
        offset = min(int(there[1].get("Upload-Offset", 0)) if there[0] == 200 else 0, len(content) - 1)
        if there[1].get("Upload-Complete") == "?1":
            self._got(device, name)
            return
        end = len(content)
        if device.random.random() < 0.3:
            end = device.random.randint(min(offset + 1, end), end)
        headers = {"Content-Range": f"bytes {offset}-{end - 1}/{len(content)}"}
        answer = self._ask(device, "PUT", path, content[offset:end], "image/jpeg", **headers)
        if answer is not None and answer[1].get("Upload-Complete") == "?1":
            self._got(device, name)
        elif answer is not None and answer[0] not in {202, 401, 409, 500, 503}:
            raise AssertionError(answer)

    def _got(self, device: Device, name: str) -> None:
        self._count("photos received")
        device.received_photos.add(name)
        del device.photos[name]

    def _ask(
        self, device: Device, method: str, path: str, body: bytes, kind: str, **headers: str
    ) -> tuple[int, Any, bytes] | None:
        """Ask on a bad line; None where the phone has heard nothing."""
        fate = device.random.random()
        connection = http.client.HTTPConnection("127.0.0.1", self.office.port, timeout=30)
        try:
            connection.putrequest(method, path)
            connection.putheader("Cookie", f"{COOKIE}={device.secrets[0]}")
            connection.putheader("Content-Length", str(len(body)))
            for name, value in ({"Content-Type": kind} if kind else {}).items() | headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            if body and fate < 0.08:
                connection.send(body[: device.random.randint(0, len(body) - 1)])
                self._count("cut in mid-body")
                return None
            connection.send(body)
            if body and fate < 0.16:
                self._count("answer lost")
                return None
            answer = connection.getresponse()
            read = answer.status, answer.headers, answer.read()
        finally:
            connection.close()
        if read[0] < 500:
            device.failures = 0
        self._sessions(device, read[0])
        return read

    def _sessions(self, device: Device, status: int) -> None:
        if status == 401:
            self._count("signed in again")
            device.secrets.pop(0)
        elif status >= 500:
            self._count(f"answered {status}")
            device.pause()
        elif len(device.secrets) == 1 and device.random.random() < 0.02:
            device.secrets.insert(0, "expired" + device.secrets[0][7:])
            self._count("sessions expired")

    def verdict(self) -> dict[str, Any]:
        """Compare what the phones hold receipts for with what is on record; raises where anything is amiss."""
        assert self.wrong == []
        assert all(each.done for each in self.devices), (
            f"not done within {self.size.within_s} s: {self.counts}"
        )
        receipts = {name: each for device in self.devices for name, each in device.receipts.items()}
        types = {name: each["type"] for device in self.devices for name, each in device.sent.items()}
        with self.office.database.acting_as(OPERATOR).transaction() as session:
            on_record = self._on_record(session)
            wrong_photos = self._photos_amiss(session)
            wrong_colours = colours_amiss(session)
            off_s = self._clocks(session)
            session.rollback()
        expected = Counter(_key(name, types[name]) for name in receipts)
        refused = Counter(code for device in self.devices for code in device.refused.values())
        return {
            "receipts": len(receipts),
            "of types": dict(Counter(types[name] for name in receipts)),
            "missing": sorted(expected.keys() - on_record.keys()),
            "more than once": [name for name, count in on_record.items() if count > 1],
            "on record without a receipt": len(on_record.keys() - expected.keys()),
            "refused": dict(refused),
            "photos": sum(len(device.received_photos) for device in self.devices),
            "photos amiss": wrong_photos,
            "colours amiss": wrong_colours,
            "clock off at most (s)": round(off_s, 1),
            "killed": dict(self.office.kills),
            "happened": dict(sorted(self.counts.items())),
        }

    @staticmethod
    def _on_record(session: Any) -> Counter[str]:
        tables = ("inspection", "marker_edit", "case_event")
        rows = session.execute(text(" UNION ALL ".join(f"SELECT id FROM markers.{each}" for each in tables)))
        return Counter(str(identity) for identity in rows.scalars())

    def _photos_amiss(self, session: Any) -> list[str]:
        rows = set(session.execute(text("SELECT sha256 FROM markers.photo")).scalars())
        amiss = []
        for name in {each for device in self.devices for each in device.received_photos}:
            path = Path(stored_path(self.office.settings, name))
            if name not in rows or hashlib.sha256(path.read_bytes()).hexdigest() != name:
                amiss.append(name)
        return amiss

    def _clocks(self, session: Any) -> float:
        captured = {name: at for device in self.devices for name, at in device.captured.items()}
        rows = session.execute(text("SELECT id, happened_at FROM markers.inspection")).all()
        return max(abs((row.happened_at - captured[str(row.id)]).total_seconds()) for row in rows)


def _key(name: str, kind: str) -> str:
    return str(uuid.uuid5(uuid.UUID(name), "opening")) if kind == "case_event" else name


COLOURS = "SELECT marker_id, profile, colour, shape, rule FROM markers.marker_colour"


def colours_amiss(session: Any) -> list[str]:
    """Markers whose kept colour differs from the one that all evidence gives, derived from the first record on."""
    session.execute(text("SET LOCAL statement_timeout = 0"))
    kept = {tuple(row) for row in session.execute(text(COLOURS))}
    ids = list({row[0] for row in kept})
    project(session, ids, datetime.now(UTC), anew=True)
    return sorted({str(row[0]) for row in kept ^ {tuple(row) for row in session.execute(text(COLOURS))}})


def storm(home: Path, size: Size, seed: int) -> dict[str, Any]:
    """Run a storm in a directory and return its verdict."""
    with Office(home).running() as office:
        began = time.monotonic()
        office.launch()  # it starts while the phones are made ready
        made = Storm(office, size, seed)
        made.run()
        return made.verdict() | {"seconds": round(time.monotonic() - began)}


def hold(verdict: dict[str, Any]) -> None:
    """What has to be true after any storm."""
    assert verdict["missing"] == [], "every record with a receipt is on record"
    assert verdict["more than once"] == []
    assert verdict["on record without a receipt"] == 0, "every phone went on until it had the receipt"
    assert verdict["photos amiss"] == []
    assert verdict["colours amiss"] == []
    assert verdict["clock off at most (s)"] < TRUE_WITHIN_S
    assert set(verdict["refused"]) <= {"marker.case_step_refused"}
