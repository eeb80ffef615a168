"""The report on a plan of hubs: map, tables, method in words, in one HTML file that works without any network.

It is given figures and words and works out neither. Leaflet is inlined from the vendored build; there is no
background map, so nothing of the report is fetched from anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import folium
from branca.element import Element

from web_map.reports.leaflet_inlined import leaflet_script, leaflet_style

STATES: Final = {"reached": "#2f7d6d", "circle_only": "#d98a1f", "uncovered": "#b3261e"}
HUB_INK: Final = "#1b2a57"
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


@dataclass(frozen=True, slots=True)
class HubReport:
    """What the report shows: words, tables, and places as (lon, lat) in EPSG:4490.

    `cells` maps each of `STATES` to places; `hubs` are (lon, lat, words); `areas` and `outlines` are GeoJSON.
    """

    language: str
    title: str
    about: str
    note: str
    figures: Table
    tables: Sequence[Table]
    method: Sequence[str]
    method_title: str
    map_title: str
    state_words: Mapping[str, str]
    cells: Mapping[str, Sequence[tuple[float, float]]]
    hubs: Sequence[tuple[float, float, str]]
    areas: Mapping[str, Any]
    outlines: Mapping[str, Any]
    area_words: str
    hub_words: str


def render(report: HubReport) -> str:
    """Return the report as one HTML page."""
    drawn, script = _map(report)
    key = "".join(
        f'<li><i style="background:{STATES[state]}"></i>{escape(words)}</li>'
        for state, words in report.state_words.items()
    )
    body = [
        f"<h1>{escape(report.title)}</h1><p class='about'>{escape(report.about)}</p>",
        f"<p class='note'>{escape(report.note)}</p>" if report.note else "",
        _table(report.figures),
        f"<h2>{escape(report.map_title)}</h2><div class='map'>{drawn}</div>",
        f"<ul class='key'><li><i style='background:{HUB_INK}'></i>{escape(report.hub_words)}</li>{key}</ul>",
        *(f"<h2>{escape(table.caption)}</h2>{_table(table)}" for table in report.tables),
        f"<h2>{escape(report.method_title)}</h2>",
        *(f"<p>{escape(each)}</p>" for each in report.method),
    ]
    return (
        f'<!doctype html>\n<html lang="{escape(report.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{leaflet_style()}</style><style>{STYLE}</style>"
        f"<script>{leaflet_script()}</script></head><body>{''.join(body)}<script>{script}</script></body></html>\n"
    )


def _table(table: Table) -> str:
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


def _map(report: HubReport) -> tuple[str, str]:
    """Return the map's element and the script that fills it."""
    drawn = folium.Map(tiles=None, prefer_canvas=True, attributionControl=False, zoom_control=True)
    drawn.default_js, drawn.default_css = [], []
    _shapes(report.outlines, OUTLINE_INK, 0.0).add_to(drawn)
    _shapes(report.areas, AREA_INK, 0.12).add_to(drawn)
    for state, colour in STATES.items():
        places = report.cells.get(state, ())
        if places:
            _dots(places, colour).add_to(drawn)
    for lon, lat, words in report.hubs:
        folium.CircleMarker(
            (lat, lon), radius=6, color="#fff", weight=2, fill=True, fill_color=HUB_INK, fill_opacity=1.0,
            tooltip=folium.Tooltip(escape(words)),
        ).add_to(drawn)  # fmt: skip
    corners = [(lat, lon) for lon, lat, _ in report.hubs] or [
        (lat, lon) for places in report.cells.values() for lon, lat in places
    ]
    if corners:
        south_west, north_east = (
            tuple(pick(each) for each in zip(*corners, strict=True)) for pick in (min, max)
        )
        drawn.fit_bounds((south_west, north_east))
    root: Any = drawn.get_root()
    root.render()
    return _rendered(root.html), _rendered(root.script)


def _rendered(part: Element) -> str:
    return str(part.render())


def _dots(places: Sequence[tuple[float, float]], colour: str) -> folium.GeoJson:
    """All places of one state as one feature: thousands of dots stay one line of data."""
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {
            "type": "MultiPoint",
            "coordinates": [[round(lon, 6), round(lat, 6)] for lon, lat in places],
        },
    }
    dot = folium.CircleMarker(radius=2, weight=0, fill=True, fill_color=colour, fill_opacity=0.75)
    return folium.GeoJson({"type": "FeatureCollection", "features": [feature]}, marker=dot)


def _shapes(shapes: Mapping[str, Any], ink: str, fill: float) -> folium.GeoJson:
    style = {"color": ink, "weight": 1.2, "fillOpacity": fill, "fillColor": ink}
    return folium.GeoJson(dict(shapes), style_function=lambda _: style)
