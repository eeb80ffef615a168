"""Derive `base.lock` and `demo.lock` from `dev.lock`; refuses to choose a version itself.

    python tools/lock_subset.py            write the two files
    python tools/lock_subset.py --check    exit 1 if they are not what would be written

`dev.lock` is resolved once, for everything. What a server or the demonstration needs of it is the closure of
their requirements in the metadata of the installed packages, so the three files agree by construction.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parent.parent
LOCKS: Final = ROOT / "requirements"
BUILD: Final = ("hatchling", "editables")
"""Installs the project itself, without build isolation and so without anything that is not locked."""


def blocks(lock: Path) -> Mapping[str, str]:
    """Return the lines of each requirement of a lock file (its pin and its hashes) by canonical name."""
    text = re.sub(r"^#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = re.findall(r"^[^\s].*(?:\n\s+.*)*", text, flags=re.MULTILINE)
    return {canonicalize_name(block.partition("==")[0].strip()): block for block in found}


def closure(wanted: Iterable[str]) -> set[str]:
    """Return the canonical names of all that `wanted` needs, by the metadata of what is installed here."""
    waiting = [Requirement(text) for text in wanted]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), extra)
            if key not in seen:
                seen.add(key)
                needs = map(Requirement, distribution(requirement.name).requires or ())
                waiting += [
                    need for need in needs if need.marker is None or need.marker.evaluate({"extra": extra})
                ]
    return {name for name, _ in seen}


def derived() -> Mapping[str, str]:
    """Return the text of each derived lock file by its name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    runtime = [*project["dependencies"], *BUILD]
    wanted = {"base.lock": runtime, "demo.lock": [*runtime, *project["optional-dependencies"]["demo"]]}
    locked = blocks(LOCKS / "dev.lock")
    return {
        file: "".join(f"{locked[name]}\n" for name in sorted(closure(requirements)))
        for file, requirements in wanted.items()
    }


def main() -> int:
    """Write or check the derived files."""
    texts = derived()
    if "--check" not in sys.argv:
        for file, text in texts.items():
            (LOCKS / file).write_text(text, encoding="utf-8")
        return 0
    stale = [file for file, text in texts.items() if (LOCKS / file).read_text(encoding="utf-8") != text]
    for file in stale:
        sys.stderr.write(f"requirements/{file} does not follow from dev.lock: run `make lock`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
