"""The report on a plan of hubs: map, tables, method in words, in one HTML file that works without any network.

It is given figures and words and works out neither. Leaflet is inlined from the vendored build; there is no
background map, so nothing of the report is fetched from anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import folium

from web_map.reports.offline_page import (
    AREA_INK,
    OUTLINE_INK,
    STYLE,
    Table,
    bare_map,
    map_parts,
    page_html,
    shapes,
    table_html,
)

STATES: Final = {"reached": "#2f7d6d", "circle_only": "#d98a1f", "uncovered": "#b3261e"}
HUB_INK: Final = "#1b2a57"


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
        table_html(report.figures),
        f"<h2>{escape(report.map_title)}</h2><div class='map'>{drawn}</div>",
        f"<ul class='key'><li><i style='background:{HUB_INK}'></i>{escape(report.hub_words)}</li>{key}</ul>",
        *(f"<h2>{escape(table.caption)}</h2>{table_html(table)}" for table in report.tables),
        f"<h2>{escape(report.method_title)}</h2>",
        *(f"<p>{escape(each)}</p>" for each in report.method),
    ]
    return page_html(language=report.language, title=report.title, style=STYLE, body=body, script=script)


def _map(report: HubReport) -> tuple[str, str]:
    """Return the map's element and the script that fills it."""
    drawn = bare_map()
    shapes(report.outlines, OUTLINE_INK, 0.0).add_to(drawn)
    shapes(report.areas, AREA_INK, 0.12).add_to(drawn)
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
    return map_parts(drawn)


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
