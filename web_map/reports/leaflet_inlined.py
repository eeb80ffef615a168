"""The vendored Leaflet as one script and one style for a page without a server; names no address elsewhere."""

import re
from functools import cache
from importlib.resources import files
from typing import Final

VENDORED: Final = "static/vendor/leaflet"
NAMESPACE: Final = "http://www.w3.org/"
"""Of SVG: a name, which nothing is fetched from."""
ADDRESS: Final = re.compile(r"""https?://[^\s'"<>)\]`]+""")
EXPORTS: Final = re.compile(r"export\s*\{(.*?)\};?", re.DOTALL)
PICTURE: Final = re.compile(r"url\([^)]*\)")


def _read(name: str) -> str:
    return files("web_map").joinpath(VENDORED, name).read_text(encoding="utf-8")


def without_addresses(source: str) -> str:
    """Return a source without any address but the names of namespaces."""
    return ADDRESS.sub(lambda found: found[0] if found[0].startswith(NAMESPACE) else "", source)


@cache
def leaflet_script() -> str:
    """Return Leaflet as a classic script that sets `L`, made of the module that the office map uses."""
    source = re.sub(r"//# sourceMappingURL=.*", "", _read("leaflet-src.esm.js"))
    found = EXPORTS.search(source)
    if found is None:
        raise ValueError("leaflet-src.esm.js has no exports")
    names = [each.strip().split(" as ") for each in found[1].split(",") if each.strip()]
    members = ", ".join(f"{each[-1].strip()}: {each[0].strip()}" for each in names)
    body = without_addresses(source[: found.start()] + source[found.end() :])
    return f"(function () {{\n{body}\nwindow.L = {{ {members} }};\n}})();".replace("</script", "<\\/script")


@cache
def leaflet_style() -> str:
    """Return Leaflet's style without its pictures: the reports draw their own signs."""
    return without_addresses(PICTURE.sub("none", _read("leaflet.css")))
