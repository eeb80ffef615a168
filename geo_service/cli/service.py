"""`serve` and `demo`: the service itself from a terminal."""

import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import typer

from geo_service.settings import get_settings
from layers.errors import LayerError

if TYPE_CHECKING:
    from fastapi import FastAPI

READY_TIMEOUT_S: Final = 60
ORDERLY_END_S: Final = 15


LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}


class DemonstrationNotLocal(LayerError):
    """Demonstration officers sign in on this machine's embedded database only."""

    code = "service.demonstration_not_local"


class PortTaken(LayerError):
    """Another program listens on the port."""

    code = "service.port_taken"


class MigrationsPending(LayerError):
    """The tables are of another revision than the program. Facts: `revision`, `newest`."""

    code = "service.migrations_pending"


def serve(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port to listen on")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="processes that answer")] = 1,
) -> None:
    """Serve the map and the API until Ctrl-C; without GEO_DATABASE_URL the embedded database runs too."""
    _serve(host, port, workers)


def demo(
    run: Annotated[bool, typer.Option("--serve", help="serve it afterwards")] = False,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="first port to try")] = 8000,
) -> None:
    """Load the demonstration data: real districts and divisions; twice is once."""
    from geo_service.auth.first_officers import load_demonstration_officers
    from geo_service.auth.officer import OPERATOR
    from geo_service.db import Database
    from geo_service.demonstration import load_demonstration
    from geo_service.opening import open_database

    settings = get_settings().model_copy(update={"demo": True})
    embedded = settings.database_url is None
    if run and not (embedded and host in LOOPBACK):
        raise DemonstrationNotLocal(host=host)
    with _orderly_end(), open_database(settings) as opened:
        database = Database(opened.service_url, settings).acting_as(OPERATOR)
        load_demonstration(database, store=settings.document_store, tell=typer.echo)
        if embedded:
            with database.transaction() as session:
                added = load_demonstration_officers(session)
            typer.echo(f"demonstration officers: {added or 'already there'}")
        database.dispose()
        if run:
            os.environ["GEO_DEMO"] = "true"
            with opened.kept_alive():
                _run_server(opened.service_url, host, _free_port(host, port), workers=1)


def _serve(host: str, port: int, workers: int) -> None:
    from geo_service.opening import open_database

    settings = get_settings()
    if settings.demo and not (settings.database_url is None and host in LOOPBACK):
        raise DemonstrationNotLocal(host=host)
    _refuse_taken(host, port)
    with _orderly_end(), open_database(settings) as opened:
        _refuse_old_tables(opened.service_url)
        link = _first_link(opened.service_url)
        with opened.kept_alive():
            _run_server(opened.service_url, host, port, workers, link=link)


def _first_link(url: str) -> str | None:
    """Return a link for the first administrator while nobody could sign in."""
    from geo_service.auth.first_officers import first_link
    from geo_service.db import Database

    settings = get_settings()
    database = Database(url, settings)
    try:
        with database.transaction() as session:
            return first_link(session, settings.language)
    finally:
        database.dispose()


def _refuse_old_tables(url: str) -> None:
    from geo_service.migrations import revisions

    current, newest = revisions(url)
    if current != newest:
        raise MigrationsPending(revision=current or "–", newest=newest)


def _run_server(url: str, host: str, port: int, workers: int, *, link: str | None = None) -> None:
    import uvicorn

    os.environ["GEO_DATABASE_URL"] = url
    get_settings.cache_clear()
    threading.Thread(target=_announce, args=(f"http://{host}:{port}", link), daemon=True).start()
    with _shared_measurements(workers):
        uvicorn.run(
            "geo_service.cli.service:application",
            factory=True,
            host=host,
            port=port,
            workers=workers if workers > 1 else None,
            log_config=None,
            access_log=False,
            proxy_headers=False,  # the application believes GEO_TRUSTED_PROXIES itself
            timeout_graceful_shutdown=5,
            timeout_keep_alive=30,
        )


def application() -> "FastAPI":
    """Build the application in the process that serves it; a worker ends when the process that began it is gone."""
    from geo_service.app import create_app

    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
    return create_app()


def _end_after(parent: Any) -> None:
    """End this process after another: in order, and where that does not come to its end, at once."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORDERLY_END_S)
    os._exit(1)  # nobody is left who would do it; what was under way in the database is rolled back


@contextlib.contextmanager
def _shared_measurements(workers: int) -> Iterator[None]:
    """Give several workers one place for what they measure (see `metrics`); nothing for one."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="geo-metrics-") as place:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = place
        yield


def _announce(address: str, link: str | None) -> None:
    """Print the address once the service is ready, and the first administrator's link under it."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(URLError, OSError), urlopen(f"{address}/readyz", timeout=2) as answer:  # noqa: S310 -- our own address
            if answer.status == 200:
                typer.echo(address)
                if link is not None:
                    typer.echo(f"首位管理员登录 · sign in as the first administrator, once:\n{address}{link}")
                sys.stdout.flush()
                return
        time.sleep(0.05)


@contextlib.contextmanager
def _orderly_end() -> Iterator[None]:
    """Let a TERM or HUP signal end the process as Ctrl-C does: what was started is stopped first."""

    def leave(number: int, _frame: Any) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _bindable(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def _refuse_taken(host: str, port: int) -> None:
    if port and not _bindable(host, port):
        raise PortTaken(host=host, port=port)


def _free_port(host: str, first: int) -> int:
    for port in range(first, min(first + 100, 65536)):
        if _bindable(host, port):
            return port
    raise PortTaken(host=host, port=first)


COMMANDS = (serve, demo)
