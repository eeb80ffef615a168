"""The lock files pin everything with hashes, hold no address, and agree with each other and with what is declared."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON_LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
OLDEST_PYTHON = "3.11.2"  # of Debian 12
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+) \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pins(lock: Path) -> dict[str, str]:
    matches = filter(None, map(PIN.match, lock.read_text(encoding="utf-8").splitlines()))
    return {canonicalize_name(found[1]): found[2] for found in matches}


def lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.lock"


def test_the_locks_are_where_the_commands_look_for_them() -> None:
    assert {path.stem for path in PYTHON_LOCKS} == {"base", "demo", "dev", "node"}


@pytest.mark.parametrize("path", PYTHON_LOCKS, ids=lambda path: path.stem)
def test_every_line_is_a_pin_or_a_hash_of_it(path: Path) -> None:
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    assert lines
    strange = [line for line in lines if not PIN.match(line) and not HASH.match(line)]
    assert not strange
    unhashed = [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if PIN.match(line) and not HASH.match(following)
    ]
    assert not unhashed


@pytest.mark.parametrize("path", [*PYTHON_LOCKS, ROOT / "package-lock.json"], ids=lambda path: path.name)
def test_no_lock_holds_an_address_to_fetch_from(path: Path) -> None:
    found = re.findall(
        r'^(?!.*"(?:url|funding)":).*(?:https?://|file://|--index|--find-links|--extra-index).*$',
        path.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert not found


def test_what_is_declared_is_locked_in_a_version_that_fits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = {
        "base": project["dependencies"],
        "demo": [*project["dependencies"], *extras["demo"]],
        "dev": [*project["dependencies"], *extras["demo"], *extras["dev"]],
    }
    unmet = [
        (name, text)
        for name, texts in declared.items()
        for text in texts
        if pins(lock(name)).get(canonicalize_name(Requirement(text).name), "")
        not in Requirement(text).specifier
    ]
    assert not unmet


def test_the_oldest_supported_python_may_have_every_version() -> None:
    unfit = [
        f"{name} {found.version} wants Python {needed}"
        for name in pins(lock("dev"))
        if (needed := (found := distribution(name)).metadata.get("Requires-Python"))
        and OLDEST_PYTHON not in SpecifierSet(needed)
        and found.version == pins(lock("dev"))[name]
    ]
    assert not unfit


@pytest.mark.parametrize(("smaller", "larger"), [("base", "demo"), ("demo", "dev")])
def test_each_lock_is_part_of_the_next(smaller: str, larger: str) -> None:
    assert pins(lock(smaller)).items() <= pins(lock(larger)).items()


def test_the_smaller_locks_follow_from_the_largest() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "tools" / "lock_subset.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_every_package_of_the_page_is_pinned_with_its_hash() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    fetched = {name: entry for name, entry in packages.items() if name}
    assert fetched
    assert all(
        entry.get("integrity", "").startswith("sha512-") and "version" in entry for entry in fetched.values()
    )
    assert not [name for name, entry in fetched.items() if "resolved" in entry]
