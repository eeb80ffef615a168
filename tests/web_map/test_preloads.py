"""The office map names every module it opens with, so that they are fetched side by side, not one behind another."""

import json
import re
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "web_map"
IMPORTS = re.compile(r'^\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"', re.MULTILINE)


def opened_with(page: str, first: str) -> set[str]:
    """Return the paths of all modules that `first` imports, and those they import."""
    mapped = json.loads(re.search(r'<script type="importmap">(.*?)</script>', page, re.DOTALL)[1])["imports"]
    found, waiting = set(), [WEB / first]
    while waiting:
        module = waiting.pop()
        path = module.relative_to(WEB).as_posix()
        if path in found:
            continue
        found.add(path)
        for own, bare in IMPORTS.findall(module.read_text(encoding="utf-8")):
            name = own or bare
            waiting.append((module.parent / name).resolve() if name.startswith(".") else WEB / mapped[name])
    return found - {first}


def test_every_module_of_the_opening_is_preloaded() -> None:
    page = (WEB / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    assert set(named) == opened_with(page, "static/js/main.js")
    assert len(named) == len(set(named))
