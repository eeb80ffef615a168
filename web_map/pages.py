"""What a page holds inline, for the service's content policy; renders nothing."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

INLINE_SCRIPT: Final = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


@cache
def inline_script_sources(page: str = "index.html") -> tuple[str, ...]:
    """Return the `script-src` sources that allow a page's inline scripts and nothing else inline.

    The office map holds one, its import map (browsers read import maps from the page only), so the
    answer is one source such as `'sha256-…'`.
    """
    html = files("web_map").joinpath(page).read_text(encoding="utf-8")
    return tuple(
        f"'sha256-{b64encode(sha256(inline.encode()).digest()).decode()}'"
        for inline in INLINE_SCRIPT.findall(html)
    )
