"""What strangers and accidents send: refused with a reason, nothing left behind, never executed."""

import os
import socket
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

import pytest
from fastapi import FastAPI

from tests.geo_service.documents.listening import FORM_END, answer_of, form_start, listening, request_head
from tests.geo_service.documents.office import Office, docx, package, pdf, picture

pytestmark = pytest.mark.database
MIB = 1024**2


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def png(width: int, height: int) -> bytes:
    """A PNG that says it is so large; a few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"
ZEROS = b"\0" * (24 * MIB)


@pytest.mark.parametrize(
    ("content", "name", "declared", "refusal"),
    [
        (SVG, "seal.svg", "image/svg+xml", (415, "document.type_refused")),
        (SVG, "seal.png", "image/png", (415, "document.type_refused")),
        (HTML, "agreement.pdf", "application/pdf", (415, "document.type_refused")),
        (b"MZ\x90\x00" + b"\0" * 100, "photo.jpg", "image/jpeg", (415, "document.type_refused")),
        (b"#!/bin/sh\nrm -rf /\n", "a.pdf", "application/pdf", (415, "document.type_refused")),
        (b"\0" * 64, "a.pdf", "application/pdf", (415, "document.type_refused")),
        (package({"a.txt": b"x"}), "a.docx", "application/zip", (415, "document.type_refused")),
        (
            docx(**{"word/media.bin": ZEROS}),
            "bomb.docx",
            "application/zip",
            (422, "document.content_refused"),
        ),
        (
            docx(**{"word/vbaProject.bin": b"x"}),
            "macro.docx",
            "application/zip",
            (422, "document.content_refused"),
        ),
        (docx(**{"../../evil.sh": b"x"}), "slip.docx", "application/zip", (422, "document.content_refused")),
        (docx()[:-30], "cut.docx", "application/zip", (422, "document.content_refused")),
        (png(50_000, 50_000), "bomb.png", "image/png", (422, "document.content_refused")),
        (png(2**31 - 1, 2**31 - 1), "bomb.png", "image/png", (422, "document.content_refused")),
        (b"\xff\xd8\xff\xe0" + os.urandom(200), "a.jpg", "image/jpeg", (422, "document.content_refused")),
        (picture("PNG")[:-40], "cut.png", "image/png", (422, "document.content_refused")),
        (b"GIF89a" + b"\xff" * 7, "a.gif", "image/gif", (422, "document.content_refused")),
        (b"%PDF-1.7\nhalf of it", "cut.pdf", "application/pdf", (422, "document.content_refused")),
        (b"", "empty.pdf", "application/pdf", (400, "document.upload_malformed")),
    ],
)
def test_what_is_no_paper_is_refused_by_its_content(
    office: Office, content: bytes, name: str, declared: str, refusal: tuple[int, str]
) -> None:
    answer = office.send(content, name=name, declared=declared)
    assert code(answer) == refusal
    assert answer.headers["content-type"] == "application/problem+json"
    assert office.kept() == []


@pytest.mark.parametrize("cut", range(0, 400, 23))
def test_a_package_whose_directory_lies_is_refused_or_read(office: Office, cut: int) -> None:
    whole = docx()
    broken = whole[:cut] + bytes([whole[cut % len(whole)] ^ 0xFF]) + whole[cut + 1 :]
    assert office.send(broken, name="a.docx").status_code in {201, 415, 422}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\系统.pdf", "系统.pdf"),
        ("/etc/cron.d/job", "job.pdf"),
        ("..", "document.pdf"),
        ("协议书 😀 界桩.pdf", "协议书 😀 界桩.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("%0d%0aSet-Cookie: x=1.pdf", "%0d%0aSet-Cookie: x=1.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("a;b=c'd.pdf", "a;b=c'd.pdf"),
    ],
)
def test_a_name_is_words_and_never_a_path(office: Office, given: str, shown: str) -> None:
    sent = office.send(pdf(given.encode("unicode_escape").decode()), name=given)
    assert sent.status_code == 201
    document = sent.json()
    disposition = office.get(document["content"]).headers["content-disposition"]
    assert unquote(disposition.split("filename*=UTF-8''")[1]) == shown
    assert len(disposition) < 2000
    assert [path.relative_to(office.store).parts[-1] for path in office.kept()] == [document["sha256"]]


@pytest.mark.parametrize("name", [b"a\x00b.pdf", b"a\x1b[31mred.pdf", b"\xff\xfe\xfd.pdf", b"a\x7fb.pdf"])
def test_bytes_that_are_no_text_do_not_pass_into_a_name(office: Office, name: bytes) -> None:
    fields = {"id": str(uuid4()), "type": "other", "title": "t"}
    start = form_start(fields, "NAME").replace(b"NAME", name)
    answer = office.client.post(
        "/api/documents",
        content=start + pdf(repr(name)) + FORM_END,
        headers={**office.signed["haikou"], "Content-Type": "multipart/form-data; boundary=edge"},
    )
    if answer.status_code == 201:
        assert answer.json()["file_name"].isprintable()
    else:
        assert code(answer) == (400, "document.upload_malformed")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=edge"),
        (b"{}", "application/json"),
        (b"--edge\r\n", "multipart/form-data"),
        (b"--edge--\r\n", "multipart/form-data; boundary=edge"),
        (form_start({"id": "1"}, "a.pdf") + pdf(), "multipart/form-data; boundary=edge"),
        (form_start({}, "a.pdf") + pdf() + b"\r\n" + form_start({}, "b.pdf") + pdf() + FORM_END, "multipart/form-data; boundary=edge"),
        (form_start({str(n): "x" for n in range(50)}, "a.pdf") + pdf() + FORM_END, "multipart/form-data; boundary=edge"),
        (form_start({"title": "x" * 100_000}, "a.pdf") + pdf() + FORM_END, "multipart/form-data; boundary=edge"),
        (b"--edge\r\n" + b"X: y\r\n" * 500 + b"\r\nx" + FORM_END, "multipart/form-data; boundary=edge"),
        (form_start({}, "a.pdf") + pdf() + FORM_END, "multipart/form-data; boundary=" + "e" * 2000),
    ],
)  # fmt: skip
def test_a_form_that_is_not_whole_is_refused(office: Office, body: bytes, kind: str) -> None:
    answer = office.client.post(
        "/api/documents", content=body, headers={**office.signed["haikou"], "Content-Type": kind}
    )
    assert code(answer) == (400, "document.upload_malformed")
    assert office.kept() == []


@pytest.fixture
def address(office: Office) -> Iterator[tuple[str, int]]:
    """The same service behind a real socket."""
    app = office.client.app
    assert isinstance(app, FastAPI)
    with listening(app) as found:
        yield found


def temporary() -> set[Path]:
    return {
        path
        for path in Path(tempfile.gettempdir()).iterdir()
        if path.name.startswith(("tmp", "geo-document"))
    }


def open_files() -> int:
    """How many deleted temporary files this process still holds open: the service runs inside it."""
    held = 0
    for link in Path("/proc/self/fd").iterdir():
        try:
            held += "(deleted)" in str(link.readlink()) and tempfile.gettempdir() in str(link.readlink())
        except FileNotFoundError:
            continue
    return held


def test_200_megabytes_are_refused_on_the_way(office: Office, address: tuple[str, int]) -> None:
    before, sent = temporary(), 0
    start = form_start({"id": str(uuid4()), "type": "other", "title": "t"}, "large.pdf") + b"%PDF-1.7\n"
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(request_head({**office.signed["haikou"], "Transfer-Encoding": "chunked"}))
        connection.setblocking(True)
        connection.settimeout(30)
        piece = b"100000\r\n" + b"\0" * MIB + b"\r\n"
        connection.sendall(b"%x\r\n%s\r\n" % (len(start), start))
        for _ in range(200):
            connection.sendall(piece)
            sent += MIB
            connection.settimeout(0.001)
            try:
                got = connection.recv(65536)
            except TimeoutError:
                connection.settimeout(30)
                continue
            break
        else:
            got = connection.recv(65536)
    assert b" 413 " in got
    assert b"request.body_too_large" in got
    assert sent < 100 * MIB, "the refusal came while the bytes were on the way"
    assert office.kept() == []
    assert temporary() <= before


def test_a_declared_200_megabytes_are_refused_before_the_first(
    office: Office, address: tuple[str, int]
) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(request_head({**office.signed["haikou"], "Content-Length": str(200 * MIB)}))
        answer = answer_of(connection)
    assert " 413 " in answer
    assert "request.body_too_large" in answer


def test_a_stranger_is_refused_before_the_first_byte(office: Office, address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(request_head({"Content-Length": str(MIB), "Cookie": "geo_session=forged"}))
        answer = answer_of(connection)
    assert " 401 " in answer


def test_a_connection_cut_in_the_middle_leaves_nothing(office: Office, address: tuple[str, int]) -> None:
    start = form_start({"id": str(uuid4()), "type": "other", "title": "t"}, "a.pdf") + b"%PDF-1.7\n"
    before, deadline = open_files(), time.monotonic() + 10
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(request_head({**office.signed["haikou"], "Content-Length": str(2 * MIB)}))
        connection.sendall(start + b"\0" * (3 * MIB // 2))
        while open_files() == before and time.monotonic() < deadline:
            time.sleep(0.02)
        assert open_files() == before + 1, "the bytes are on the disk"
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    while open_files() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert open_files() == before
    assert office.kept() == []
    listed = office.get("/api/documents?type=other").json()["documents"]
    assert "a.pdf" not in {each["file_name"] for each in listed}


@pytest.mark.parametrize(
    "route", ["POST /api/boundaries/locate", f"POST /api/documents/{uuid4()}/links", "POST /api/tokens"]
)
def test_a_body_of_another_route_is_bounded_too(office: Office, address: tuple[str, int], route: str) -> None:
    head = (
        f"{route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    piece = b"100000\r\n" + b" " * MIB + b"\r\n"
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(head.encode())
        for _ in range(40):
            connection.sendall(piece)
        answer = answer_of(connection)
    assert " 413 " in answer
    assert "request.body_too_large" in answer
