"""The store: the same on a path and behind a URL; whole files or none."""

import hashlib
import io
from pathlib import Path

import pytest

from geo_service.documents.refusals import DigestWrong, DocumentNotFound, StoreUnusable
from geo_service.documents.store import open_store


@pytest.fixture(params=["path", "file", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return {
        "path": str(tmp_path / "store"),
        "file": f"file://{tmp_path}/store",
        "memory": f"memory://{tmp_path.name}/store",
    }[request.param]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_bytes_are_kept_once_under_their_digest(place: str) -> None:
    store, contents = open_store(place), [b"one" * 1000, b"two", b"three"]
    assert list(store.digests()) == []
    assert [store.put(io.BytesIO(each), digest(each)) for each in contents] == [True] * 3
    assert not store.put(io.BytesIO(contents[0]), digest(contents[0]))
    assert list(store.digests()) == sorted(map(digest, contents))
    for each in contents:
        assert store.has(digest(each))
        with store.open(digest(each)) as kept:
            assert kept.read() == each


def test_bytes_under_another_name_are_refused_and_forgotten(place: str) -> None:
    store, name = open_store(place), digest(b"something else")
    with pytest.raises(DigestWrong):
        store.put(io.BytesIO(b"x"), name)
    assert not store.has(name)
    assert list(store.digests()) == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "ab", "A" * 64, "0" * 63, "0" * 64 + "\n", "..%2f" * 13]
)
def test_a_name_that_is_no_digest_opens_nothing(place: str, name: str) -> None:
    for act in (open_store(place).open, open_store(place).has, open_store(place).path):
        with pytest.raises(DigestWrong):
            act(name)


def test_what_is_not_kept_is_not_found(place: str) -> None:
    with pytest.raises(DocumentNotFound):
        open_store(place).open("0" * 64)


def test_a_store_behind_an_unknown_protocol_is_refused() -> None:
    with pytest.raises(StoreUnusable):
        open_store("s4://office/documents")


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("in the way")
    with pytest.raises(StoreUnusable):
        open_store(str(tmp_path / "store")).put(io.BytesIO(b"x"), digest(b"x"))
