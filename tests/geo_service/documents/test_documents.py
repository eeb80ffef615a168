"""Documents put on file, found by what they prove, given out as they came, and nobody else's."""

import hashlib
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo_service.auth.audit import verify_chain
from tests.geo_service.documents.office import LINE, MARKER, Office, docx, package, pdf, picture

pytestmark = pytest.mark.database


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_agreement_is_on_file_with_all_that_is_known_of_it(office: Office) -> None:
    content = pdf("on file")
    answer = office.send(
        content,
        number="琼文协〔2003〕1号",
        date="2003-05-20",
        archive_place="海口市档案馆 12-3",
        subject_kind="line",
        subject_id=LINE,
    )
    document = answer.json()
    assert answer.status_code == 201
    assert (document["sha256"], document["size"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (document["number"], document["date"]) == ("琼文协〔2003〕1号", "2003-05-20")
    assert (document["media_type"], document["recorded_by"]) == ("application/pdf", "haikou")
    assert [(link["subject_kind"], link["subject_called"]) for link in document["links"]] == [("line", LINE)]
    assert office.get(f"/api/documents/{document['id']}").json() == document
    assert [path.name for path in office.kept()] == [document["sha256"]]


@pytest.mark.parametrize(
    ("content", "media_type", "shown"),
    [
        (pdf(), "application/pdf", "inline"),
        (picture("JPEG"), "image/jpeg", "inline"),
        (picture("PNG"), "image/png", "inline"),
        (picture("WEBP"), "image/webp", "inline"),
        (picture("TIFF"), "image/tiff", "attachment"),
        (docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "attachment"),
        (
            package({"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<Document/>"}),
            "application/ofd",
            "attachment",
        ),
        (
            package({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
            "application/vnd.oasis.opendocument.spreadsheet",
            "attachment",
        ),
    ],
)
def test_the_content_says_what_a_file_is_and_how_it_goes_out(
    office: Office, content: bytes, media_type: str, shown: str
) -> None:
    sent = office.send(content, name="x.html", declared="text/html").json()
    answer = office.get(sent["content"])
    assert answer.content == content
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"].startswith(f"{shown};")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["content-security-policy"].endswith("; sandbox")
    assert ".html" not in answer.headers["content-disposition"].rsplit(".", 1)[-1]


def test_bytes_are_given_out_in_ranges_and_only_once(office: Office) -> None:
    content = pdf("ranges" * 2000)
    sent = office.send(content).json()
    part = office.get(sent["content"], Range="bytes=100-199")
    assert (part.status_code, part.content) == (206, content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(content)}"
    whole = office.get(sent["content"], **{"Accept-Encoding": "gzip"})
    assert (len(whole.content), int(whole.headers["content-length"])) == (len(content), len(content))
    again = office.get(sent["content"], **{"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert office.get(sent["content"], Range="bytes=999999-").status_code == 416


def test_sent_twice_it_is_on_file_once(office: Office) -> None:
    identity, content = uuid4(), pdf("twice")
    first = office.send(content, identity=identity, subject_kind="line", subject_id=LINE)
    again = office.send(content, identity=identity, subject_kind="line", subject_id=LINE)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert code(office.send(pdf("other"), identity=identity)) == (409, "document.repeated")
    assert code(office.send(content, identity=identity, by="danzhou")) == (409, "document.repeated")
    other = office.send(content)
    assert (other.status_code, other.json()["sha256"]) == (201, first.json()["sha256"])
    assert len({path.name for path in office.kept()} & {first.json()["sha256"]}) == 1


def test_who_reads_is_decided_by_office_and_subject(office: Office) -> None:
    agreement = office.send(pdf("of a line"), subject_kind="line", subject_id=LINE).json()
    draft = office.send(pdf("of nothing yet")).json()
    for reader, seen in {
        "haikou": {agreement["id"], draft["id"]},
        "auditor": {agreement["id"], draft["id"]},
        "province": {agreement["id"], draft["id"]},
        "wenchang": {agreement["id"]},
        "danzhou": set(),
    }.items():
        listed = {each["id"] for each in office.get("/api/documents", by=reader).json()["documents"]}
        assert listed & {agreement["id"], draft["id"]} == seen, reader
        for each in (agreement, draft):
            expected = 200 if each["id"] in seen else 404
            assert office.get(f"/api/documents/{each['id']}", by=reader).status_code == expected
            assert office.get(each["content"], by=reader).status_code == expected
    for path in ("/api/documents", f"/api/documents/{agreement['id']}", agreement["content"]):
        assert code(office.client.get(path)) == (401, "auth.sign_in_required")


def test_a_document_is_linked_by_those_whom_the_subject_concerns(office: Office) -> None:
    document = office.send(pdf("to be linked")).json()
    links = f"/api/documents/{document['id']}/links"

    def link(by: str, kind: str, subject: str):
        return office.client.post(
            links, json={"subject_kind": kind, "subject_id": subject}, headers=office.signed[by]
        )

    assert code(link("danzhou", "unit", "460400")) == (404, "document.not_found")
    assert code(link("auditor", "unit", "460107")) == (403, "auth.forbidden")
    assert code(link("haikou", "unit", "469005")) == (403, "document.subject_out_of_reach")
    assert code(link("haikou", "unit", "999999")) == (404, "document.subject_not_found")
    assert code(link("haikou", "change", "no uuid")) == (404, "document.subject_not_found")
    assert link("haikou", "unit", "460107").status_code == 201
    assert link("haikou", "unit", "460107").status_code == 200
    assert link("haikou", "line", LINE).status_code == 201
    assert code(link("danzhou", "marker", MARKER)) == (404, "document.not_found")
    assert code(link("haikou", "marker", "no such marker")) == (404, "document.subject_not_found")
    assert code(link("haikou", "proposal", str(uuid4()))) == (404, "document.subject_not_found")
    marked = link("haikou", "marker", MARKER)
    assert marked.status_code == 201
    assert marked.json()["links"][-1]["subject_called"] == MARKER
    assert link("haikou", "marker", marked.json()["links"][-1]["subject_id"]).status_code == 200
    of_marker = office.get(f"/api/documents?subject_kind=marker&subject_id={MARKER}", by="wenchang").json()
    assert [each["id"] for each in of_marker["documents"]] == [document["id"]]
    found = office.get(f"/api/documents?subject_kind=line&subject_id={LINE}", by="wenchang").json()[
        "documents"
    ]
    assert document["id"] in {each["id"] for each in found}
    seen = next(each for each in found if each["id"] == document["id"])
    assert [each["subject_kind"] for each in seen["links"]] == ["line", "marker"]


def test_pages_of_the_list_follow_one_another(office: Office) -> None:
    sent = [office.send(pdf(f"page {number}"), type="notice").json()["id"] for number in range(5)]
    path, seen = "/api/documents?type=notice&limit=2", []
    while path:
        body = office.get(path).json()
        seen += [each["id"] for each in body["documents"]]
        path = next((link["href"] for link in body["links"] if link["rel"] == "next"), None)
    assert seen[:5] == sent[::-1]
    assert len(seen) == len(set(seen))


def test_an_officer_of_the_naming_office_records_and_an_auditor_does_not(office: Office) -> None:
    assert office.send(pdf("minutes"), by="namer", type="minutes").status_code == 201
    assert code(office.send(pdf("by an auditor"), by="auditor")) == (403, "auth.forbidden")
    unsigned = office.client.post("/api/documents", files={"file": ("a.pdf", pdf(), "application/pdf")})
    assert code(unsigned) == (401, "auth.sign_in_required")


def test_evidence_is_not_changed_by_anybody(office: Office) -> None:
    document = office.send(pdf("evidence"), subject_kind="line", subject_id=LINE).json()
    for statement in (
        "UPDATE service.document SET title = 'other'",
        "DELETE FROM service.document_link",
        "TRUNCATE service.document CASCADE",
    ):
        with pytest.raises(DBAPIError, match="permission denied"), office.database.transaction() as session:
            session.execute(text(statement))
    with office.database.transaction() as session:
        entries = session.execute(
            text("SELECT act, officer FROM service.audit_entry WHERE subject_id = :id"),
            {"id": document["id"]},
        ).all()
        assert verify_chain(session).broken_at is None
    assert [tuple(entry) for entry in entries] == [("document.record", "haikou")]


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "song"},
        {"title": ""},
        {"title": "x" * 301},
        {"title": "a\x00b"},
        {"title": "a\r\nSet-Cookie: b"},
        {"date": "yesterday"},
        {"subject_kind": "line"},
        {"subject_kind": "planet", "subject_id": "3"},
        {"strange": "field"},
        {"id": "1"},
    ],
)
def test_fields_that_do_not_fit_are_refused(office: Office, fields: dict[str, str]) -> None:
    answer = office.send(pdf(), **fields)
    assert code(answer) == (422, "input.invalid")
    assert office.kept() == []
