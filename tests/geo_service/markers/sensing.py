"""A device on a marker, as a platform sends for it: messages, and how they are signed."""

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from fastapi.testclient import TestClient

from geo_service.signatures import signature

DEVICE = "HK-IOT-0001"
numbers = count(1)


def message(**changed: Any) -> dict[str, Any]:
    """A message of a device that has nothing to complain of."""
    now = datetime.now(UTC)
    return {
        "id": f"m-{time.time_ns()}-{next(numbers)}",
        "device": DEVICE,
        "captured_at": (now - timedelta(minutes=2)).isoformat(),
        "sent_at": now.isoformat(),
        "reading": {"tilt_deg": 0.4, "drift_m": 0.1, "battery_percent": 88},
    } | changed


def tilted(degrees: float, **changed: Any) -> dict[str, Any]:
    """A message of a device that leans."""
    return message(reading={"tilt_deg": degrees, "battery_percent": 88}, **changed)


def signed(source: dict[str, Any], body: bytes, *, at: int | None = None) -> dict[str, str]:
    """The headers of a body, signed by a source."""
    timestamp = int(time.time()) if at is None else at
    return {
        "Content-Type": "application/json",
        "Geo-Source": source["id"],
        "Geo-Timestamp": str(timestamp),
        "Geo-Signature": signature(source["secret"], timestamp, body),
    }


def send(client: TestClient, source: dict[str, Any], content: Any, *, at: int | None = None) -> Any:
    """Send a message or a batch as a source does."""
    body = json.dumps(content).encode()
    return client.post("/api/sensors/messages", content=body, headers=signed(source, body, at=at))
