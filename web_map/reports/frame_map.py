"""Any features as one map in one HTML page that fetches nothing: for notebooks, mails and desks without a network.

It is given GeoJSON and draws it: outlines, lines and dots in one ink, attributes in a tooltip, no background map.
"""

import copy
from collections.abc import Sequence
from html import escape
from typing import Any, Final

import folium

from web_map.reports.leaflet_inlined import leaflet_script, leaflet_style
from web_map.reports.offline_page import AREA_INK, STYLE

HEIGHT_PX: Final = 420
MOST_FIELDS: Final = 8


def render_frame(features: dict[str, Any], fields: Sequence[str], bounds: Sequence[float]) -> str:
    """Return a page that shows the features of a FeatureCollection in EPSG:4490; `bounds` are west, south, east, north."""
    drawn = folium.Map(tiles=None, prefer_canvas=True, attributionControl=False)
    drawn.default_js, drawn.default_css = [], []
    told = copy.deepcopy(features)
    for feature in told["features"]:  # a name is text, never markup
        feature["properties"] = {
            name: escape(str(value))
            for name, value in feature["properties"].items()
            if name in fields[:MOST_FIELDS]
        }
    dot = folium.CircleMarker(
        radius=4, weight=1, color="#fff", fill=True, fill_color=AREA_INK, fill_opacity=0.9
    )
    style = {"color": AREA_INK, "weight": 1.2, "fillColor": AREA_INK, "fillOpacity": 0.12}
    shown = [
        name for name in fields[:MOST_FIELDS] if all(name in each["properties"] for each in told["features"])
    ]
    folium.GeoJson(
        told,
        marker=dot,
        style_function=lambda _: style,
        tooltip=folium.GeoJsonTooltip(shown) if shown else None,
    ).add_to(drawn)
    west, south, east, north = bounds
    drawn.fit_bounds(((south, west), (north, east)))
    root: Any = drawn.get_root()
    root.render()
    sized = (
        f"html, body, .map, .folium-map {{ height: {HEIGHT_PX}px; margin: 0; padding: 0; max-width: none; }}"
    )
    return (
        '<!doctype html>\n<html><head><meta charset="utf-8">'
        f"<style>{leaflet_style()}</style><style>{STYLE}{sized}</style><script>{leaflet_script()}</script></head>"
        f"<body><div class='map'>{root.html.render()}</div><script>{root.script.render()}</script></body></html>\n"
    )
