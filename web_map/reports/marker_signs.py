"""The signs of markers as SVG, in the shapes of the office map: told apart without their colour; knows no marker."""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Final

OUTLINES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "circle": '<circle r="0.86"/>',
        "ring": '<circle r="0.86"/>',
        "square": '<rect x="-0.78" y="-0.78" width="1.56" height="1.56"/>',
        "diamond": '<path d="M0-1.08L1.02 0 0 1.08-1.02 0z"/>',
        "triangle": '<path d="M0-1.02L1.04.82-1.04.82z"/>',
        "cross": (
            '<path d="M-.98-.6L-.6-.98 0-.38 .6-.98 .98-.6 .38 0 .98.6 .6.98 0 .38-.6.98-.98.6-.38 0z"/>'
        ),
    }
)
"""About the origin, reaching 1, as `static/js/map/marker-signs.js` has them."""
EDGE: Final = "#1f2d33"


def sign_svg(shape: str, ink: str, *, size_px: int = 22) -> str:
    """Return one sign with a white halo; hidden from readers of the page, so its words must stand beside it."""
    ink = escape(ink)
    line = f'fill="#fff" stroke="{ink}" stroke-width=".24"' if shape == "ring" else f'fill="{ink}"'
    edge = "" if shape == "ring" else f' stroke="{EDGE}" stroke-width=".1"'
    outline = OUTLINES[shape]
    return (
        f'<svg class="sign" viewBox="-1.5 -1.5 3 3" width="{size_px}" height="{size_px}" aria-hidden="true">'
        f'<g stroke="#fff" stroke-width=".6" stroke-linejoin="round">{outline}</g><g {line}{edge}>{outline}</g></svg>'
    )
