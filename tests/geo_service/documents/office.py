"""An office with units, a line and officers, on a database of its own where requests commit; papers drawn for it."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from geoalchemy2.shape import from_shape
from PIL import Image
from shapely.geometry import MultiLineString
from sqlalchemy.orm import Session

from geo_service.auth.acting import act_as
from geo_service.auth.officer import OPERATOR, Role, Scope
from geo_service.auth.tokens import make_token
from geo_service.db import Database
from layers.boundaries.tables import AdministrativeUnitRow, BoundaryLineRow
from layers.markers.tables import MarkerRow
from layers.tables import uuid7
from tests.people import put_officer

LINE = "460107469005"
MARKER = f"{LINE}001"
PEOPLE: Mapping[str, tuple[Role, str]] = {
    "haikou": (Role.BOUNDARY, "460100"),
    "wenchang": (Role.BOUNDARY, "469005"),
    "danzhou": (Role.BOUNDARY, "460400"),
    "namer": (Role.NAMING, "460100"),
    "auditor": (Role.AUDITOR, "460100"),
    "province": (Role.AUDITOR, "460000"),
}
UNITS = (
    ("460000", "海南省", "province", None),
    ("460100", "海口市", "prefecture", "460000"),
    ("460107", "琼山区", "county", "460100"),
    ("460400", "儋州市", "prefecture", "460000"),
    ("469005", "文昌市", "county", "460000"),
)


@dataclass
class Office:
    """The service, and how each officer signs a request; `store` is where the papers are kept."""

    client: TestClient
    database: Database
    store: Path
    signed: Mapping[str, Mapping[str, str]]

    def send(
        self,
        content: bytes,
        *,
        name: str = "协议书.pdf",
        declared: str = "application/pdf",
        by: str = "haikou",
        identity: UUID | None = None,
        **fields: Any,
    ) -> Any:
        """Send a document as an officer and return the answer."""
        form = {
            "id": str(identity or uuid4()),
            "type": "agreement",
            "title": "琼山区与文昌市界线协议书",
            **fields,
        }
        return self.client.post(
            "/api/documents", data=form, files={"file": (name, content, declared)}, headers=self.signed[by]
        )

    def get(self, path: str, *, by: str = "haikou", **headers: str) -> Any:
        """Ask as an officer."""
        return self.client.get(path, headers={**self.signed[by], **headers})

    def kept(self) -> list[Path]:
        """Return every file of the store, those half written included."""
        return [path for path in self.store.rglob("*") if path.is_file()]


def draw_ground(session: Session) -> None:
    """Put units and the line between 琼山区 and 文昌市 on record."""
    act_as(session, OPERATOR)
    ids = {code: uuid7() for code, *_ in UNITS}
    since = date(2003, 1, 1)
    for code, name, level, parent in UNITS:
        session.add(
            AdministrativeUnitRow(
                unit_id=ids[code],
                code=code,
                name=name,
                level=level,
                parent_id=ids.get(parent or ""),
                valid_from=since,
                source="drawn",
            )
        )
    session.flush()
    session.add(
        BoundaryLineRow(
            line_code=LINE,
            level="county",
            name="琼山文昌线",
            unit_codes=["460107", "469005"],
            unit_ids=[ids["460107"], ids["469005"]],
            geometry=from_shape(MultiLineString([[(110.6, 19.8), (110.61, 19.9)]]), srid=4490),
            length_m=11_000,
            derived=True,
            valid_from=since,
        )
    )
    session.add(
        MarkerRow(
            code=MARKER,
            number="琼山文昌线1",
            line_code=LINE,
            unit_codes=["460107", "469005"],
            grade="county",
            set_kind="single",
            faces=2,
            valid_from=since,
        )
    )


def people(session: Session) -> dict[str, dict[str, str]]:
    """Put the officers on record and return the header by which each signs."""
    signed = {}
    for username, (role, code) in PEOPLE.items():
        row = put_officer(session, username, role, jurisdictions=(code,))
        secret, _ = make_token(session, row.id, label="test", scopes=[Scope.WRITE], days=1)
        signed[username] = {"Authorization": f"Bearer {secret}"}
    return signed


def pdf(words: str = "agreement") -> bytes:
    """Return a small PDF that differs by its words."""
    return f"%PDF-1.4\n% {words}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a picture of one colour."""
    held = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(held, kind)
    return held.getvalue()


def package(members: Mapping[str, bytes]) -> bytes:
    """Return a ZIP package of these members."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return held.getvalue()


WORD = b'<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'


def docx(**more: bytes) -> bytes:
    """Return the least that is a Word document."""
    return package({"[Content_Types].xml": WORD, "word/document.xml": b"<document/>", **more})
