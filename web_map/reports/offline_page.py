"""What every standalone report is made of: the frame of its page, its tables, its map without a background (D13).

All that it writes is text, never markup; Leaflet is inlined from the vendored build, so nothing is fetched from anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import folium

from web_map.reports.leaflet_inlined import leaflet_script, leaflet_style

AREA_INK: Final = "#22585f"
OUTLINE_INK: Final = "#55636a"
STYLE: Final = """
body { margin: 0 auto; max-width: 1100px; padding: 24px; color: #1f2d33; background: #fff; line-height: 1.55;
  font-family: "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", system-ui, sans-serif; }
html, body { height: auto; } h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 28px 0 8px; }
.note { color: #8a4b08; } .about { color: #55636a; margin: 0 0 16px; } .map { height: 560px; border: 1px solid #d9d5ca; } .folium-map { height: 100%; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } caption { text-align: left; font-weight: 600; }
th, td { border-bottom: 1px solid #d9d5ca; padding: 4px 8px; text-align: left; } td.number, th.number { text-align: right; }
.key { list-style: none; padding: 0; display: flex; gap: 20px; flex-wrap: wrap; }
.key i { display: inline-block; width: 12px; height: 12px; border-radius: 50%; margin-right: 6px; }
@media print { .map { height: 420px; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report: caption, heads, rows; numbers come already written out."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers_from: int = 1


def table_html(table: Table) -> str:
    """Return a table, its words escaped."""

    def cell(tag: str, at: int, words: str) -> str:
        number = ' class="number"' if at >= table.numbers_from else ""
        return f"<{tag}{number}>{escape(words)}</{tag}>"

    def row(tag: str, words: Sequence[str]) -> str:
        return "<tr>" + "".join(cell(tag, at, each) for at, each in enumerate(words)) + "</tr>"

    return (
        f"<table><thead>{row('th', table.heads)}</thead><tbody>"
        + "".join(row("td", each) for each in table.rows)
        + "</tbody></table>"
    )


def bare_map() -> folium.Map:
    """Return a map that loads neither tiles nor scripts."""
    drawn = folium.Map(tiles=None, prefer_canvas=True, attributionControl=False, zoom_control=True)
    drawn.default_js, drawn.default_css = [], []
    return drawn


def shapes(features: Mapping[str, Any], ink: str, fill: float, *, weight: float = 1.2) -> folium.GeoJson:
    """Return GeoJSON in EPSG:4490 as outlines in one ink."""
    style = {"color": ink, "weight": weight, "fillOpacity": fill, "fillColor": ink}
    return folium.GeoJson(dict(features), style_function=lambda _: style, control=False)


def map_parts(drawn: folium.Map) -> tuple[str, str]:
    """Return the map's element and the script that fills it."""
    root: Any = drawn.get_root()
    root.render()
    return str(root.html.render()), str(root.script.render())


def page_html(*, language: str, title: str, style: str, body: Sequence[str], script: str) -> str:
    """Return the whole page; `body` is markup, `title` is text."""
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{leaflet_style()}</style><style>{style}</style>"
        f"<script>{leaflet_script()}</script></head><body><main>{''.join(body)}</main><script>{script}</script></body></html>\n"
    )
