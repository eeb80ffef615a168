"""The service behind a real socket, for what only a socket shows: cut connections and bodies refused on the way."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI


@contextmanager
def listening(app: FastAPI) -> Iterator[tuple[str, int]]:
    """Serve `app` on loopback until the block ends; yields host and port."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [held]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield held.getsockname()
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def form_start(fields: dict[str, str], name: str) -> bytes:
    """Return the beginning of a multipart form, up to the first byte of the file."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    parts.append(
        f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    return "".join(parts).encode()


FORM_END = b"\r\n--edge--\r\n"


def request_head(headers: dict[str, str]) -> bytes:
    """Return the head of a POST to the documents."""
    lines = [
        "POST /api/documents HTTP/1.1",
        "Host: localhost",
        "Content-Type: multipart/form-data; boundary=edge",
    ]
    return "\r\n".join([*lines, *(f"{key}: {value}" for key, value in headers.items()), "", ""]).encode()


def answer_of(connection: socket.socket) -> str:
    """Return the answer as far as it came."""
    connection.settimeout(20)
    got = b""
    while b"}" not in got:
        try:
            chunk = connection.recv(65536)
        except ConnectionResetError:
            break
        if not chunk:
            break
        got += chunk
    return got.decode()
