"""Measurements for Prometheus; refuses to carry anything personal.

With several workers each process writes its own into the directory that PROMETHEUS_MULTIPROC_DIR names
(`serve --workers` makes it), and whichever is asked answers for all of them.
"""

import os
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"

registry: Final = CollectorRegistry()
REQUESTS: Final = Counter(
    "geo_requests_total", "Requests answered", ["method", "route", "status"], registry=registry
)
SECONDS: Final = Histogram(
    "geo_request_seconds",
    "Time to the end of the answer",
    ["method", "route"],
    registry=registry,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CONNECTIONS: Final = Gauge(
    "geo_database_connections",
    "Connections of the pool",
    ["state"],
    registry=registry,
    multiprocess_mode="livesum",
)
JOBS: Final = Counter("geo_jobs_total", "Jobs ended", ["kind", "state"], registry=registry)


def observe_pool(*, in_use: int, kept: int) -> None:
    """Note how many connections of the pool are in use, and how many it may keep."""
    CONNECTIONS.labels("in_use").set(in_use)
    CONNECTIONS.labels("kept").set(kept)


def observe_job(kind: str, state: str) -> None:
    """Count one job that ended, by its kind and how."""
    JOBS.labels(kind, state).inc()


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request; `route` is the path's pattern, so its cardinality is bounded."""
    known = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"
    REQUESTS.labels(known, route, str(status)).inc()
    SECONDS.labels(known, route).observe(seconds)


def exposition() -> bytes:
    """Return the Prometheus text exposition of all measurements, of all workers where there are several."""
    if os.environ.get(SHARED):
        everybodys = CollectorRegistry()
        MultiProcessCollector(everybodys)  # type: ignore[no-untyped-call]  # the library has no type here
        return generate_latest(everybodys)
    return generate_latest(registry)


ProcessCollector(registry=registry)
PlatformCollector(registry=registry)
