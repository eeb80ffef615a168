"""Parts of the ground worked out on a Dask cluster; refuses to know what is asked of them (D15).

Every worker needs this package in the version of the asker. A worker that dies has its parts done by another:
each part travels with its task, so nothing is lost with the machine that held it.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from layers.errors import LayerError
from layers.hubs.coverage import Part, Run

ANSWERS_WITHIN_S: Final = 10
PARTS_PER_WORKER: Final = 4
RETRIES: Final = 5
"""How often a part is tried anew after the worker that had it died."""


class SchedulerUnreachable(LayerError):
    """No Dask scheduler answers at the address, or it has no worker. Facts: `address`."""

    code = "hubs.scheduler_unreachable"


@dataclass(frozen=True)
class Crew:
    """Who works: `run` for the engines, and into how many parts it pays to split."""

    run: Run
    parts: int


@contextmanager
def crew_at(address: str) -> Iterator[Crew]:
    """Give the crew of the scheduler at `address` (`tcp://HOST:PORT`, `tls://…`); raises `SchedulerUnreachable`."""
    from distributed import Client  # noqa: PLC0415 -- a second to load, and wanted only here

    logging.getLogger("distributed").setLevel(logging.ERROR)
    try:
        client = Client(address, timeout=ANSWERS_WITHIN_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SchedulerUnreachable(address=address) from error
    with client:
        workers = sum(client.nthreads().values())
        if not workers:
            raise SchedulerUnreachable(address=address)

        def run(work: Callable[[Part], Any], parts: Sequence[Part]) -> Sequence[Any]:
            futures = client.map(work, parts, pure=False, retries=RETRIES)
            return list(client.gather(futures))

        yield Crew(run, workers * PARTS_PER_WORKER)
