"""What the field app is made of, file by file, for its service worker to keep; refuses to list a file by hand."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Final

PAGE: Final = "field/index.html"
ALSO: Final = (
    "field/manifest.webmanifest",
    "static/messages/zh-CN.json",
    "static/messages/en.json",
    "static/messages/field.zh-CN.json",
    "static/messages/field.en.json",
)
"""What no import and no link of the page names."""
LINKED: Final = re.compile(r'<(?:link|script|img)[^>]*?\s(?:href|src)="([^"]+)"')
PRELOADED: Final = re.compile(r'<link rel="preload"[^>]*>')
IMPORT_MAP: Final = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)
IMPORTED: Final = re.compile(
    r'^\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Shell:
    """The files of the app by their path below the service, each with the SHA-256 of its bytes, and one for all."""

    version: str
    files: dict[str, str]


@cache
def field_shell() -> Shell:
    """Return the page, all modules and styles that it opens with, words and icons.

    >>> "static/js/api.js" in field_shell().files
    True
    """
    root = Path(str(files("web_map")))
    html = (root / PAGE).read_text(encoding="utf-8")
    mapped = json.loads(IMPORT_MAP.findall(html)[0])["imports"]
    linked = [_joined("field", path) for path in LINKED.findall(PRELOADED.sub("", html))]
    names = {PAGE, *ALSO, *linked}
    for path in [name for name in linked if name.endswith(".js")]:
        names |= set(_opened_with(root, path, {name: _joined("field", at) for name, at in mapped.items()}))
    digests = {name: sha256((root / name).read_bytes()).hexdigest() for name in sorted(names)}
    worker = sha256((root / "field/sw.js").read_bytes()).hexdigest()
    version = sha256(json.dumps([digests, worker]).encode()).hexdigest()[:16]
    return Shell(version, {name.removesuffix("index.html"): digest for name, digest in digests.items()})


def _joined(folder: str, path: str) -> str:
    return normpath(str(PurePosixPath(folder) / path))


def _opened_with(root: Path, first: str, mapped: dict[str, str]) -> Iterator[str]:
    """Yield a module and all that it imports, directly or not."""
    seen, waiting = set(), [first]
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        yield module
        folder = str(PurePosixPath(module).parent)
        for names in IMPORTED.findall((root / module).read_text(encoding="utf-8")):
            name = next(each for each in names if each)
            waiting.append(_joined(folder, name) if name.startswith(".") else mapped[name])
