"""The report on the markers of a line or a unit: map, key, tables, in one HTML file that works without any network.

It is given words, signs and places and derives nothing. No sign stands by its colour alone: each has its shape, the
number of the rule that fired beneath it, and its words in the key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import folium
from folium.utilities import JsCode

from web_map.reports.marker_signs import sign_svg
from web_map.reports.offline_page import (
    AREA_INK,
    STYLE,
    Table,
    bare_map,
    map_parts,
    page_html,
    shapes,
    table_html,
)

LINE_INK: Final = "#8f2f1f"
SIGN_PX: Final = 24
MARKER_STYLE: Final = """
body { max-width: 1280px; } .about { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; }
.about dt { font-weight: 600; } .about dd { margin: 0; } .key li { display: flex; align-items: center; gap: 6px; }
.key b { min-width: 1.6em; } svg.sign { vertical-align: middle; } td.colour { white-space: nowrap; }
.leaflet-marker-icon.post { background: none; border: 0; text-align: center; font: 700 11px/1 system-ui, sans-serif; }
.post svg { display: block; } .post span { text-shadow: 0 0 2px #fff, 0 0 2px #fff, 0 0 3px #fff, 0 0 3px #fff; }
.leaflet-marker-icon:focus-visible { outline: 3px solid #1565c0; border-radius: 4px; }
.markers tbody tr:target { background: #fdf3d0; } .markers thead th { position: sticky; top: 0; background: #fff; }
.leaflet-popup-content { margin: 12px 20px 12px 14px; } .leaflet-popup-content p { margin: 0 0 4px; }
.leaflet-container { background: #f4f2ec; } .scroll { overflow-x: auto; } td.because { min-width: 12em; }
@media print { .markers thead th { position: static; } .leaflet-control { display: none; } svg.sign { print-color-adjust: exact; } }
"""


@dataclass(frozen=True, slots=True)
class Sign:
    """A colour with its second sign under one rule: what the key shows, and how many markers bear it."""

    rule: str
    colour: str
    shape: str
    ink: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class ReportedMarker:
    """A marker: its sign, its place (lon, lat in EPSG:4490) if it has one, and its row of the table.

    `cells` stand before the sign, `because` after it, `dates` after that.
    """

    sign: int
    place: tuple[float, float] | None
    title: str
    cells: Sequence[str]
    because: Sequence[str]
    dates: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerReport:
    """What the report shows; `lines` and `outline` are GeoJSON in EPSG:4490, `words` its headings."""

    language: str
    title: str
    about: Sequence[tuple[str, str]]
    notes: Sequence[str]
    signs: Sequence[Sign]
    markers: Sequence[ReportedMarker]
    heads: Sequence[str]
    tables: Sequence[Table]
    lines: Mapping[str, Any]
    outline: Mapping[str, Any] | None
    words: Mapping[str, str]


def render(report: MarkerReport) -> str:
    """Return the report as one HTML page."""
    drawn, script = _map(report)
    words = report.words
    body = [
        f"<h1>{escape(report.title)}</h1>",
        *(f"<p class='note'>{escape(note)}</p>" for note in report.notes),
        "<dl class='about'>",
        *(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in report.about),
        f"</dl><h2>{escape(words['map'])}</h2><div class='map'>{drawn}</div>",
        f"<ul class='key' aria-label='{escape(words['key'])}'>{''.join(_key(sign) for sign in report.signs)}</ul>",
        *(f"<h2>{escape(table.caption)}</h2>{table_html(table)}" for table in report.tables),
        f"<h2>{escape(words['markers'])}</h2>",
        _markers(report) if report.markers else f"<p>{escape(words['none'])}</p>",
    ]
    return page_html(
        language=report.language, title=report.title, style=STYLE + MARKER_STYLE, body=body, script=script
    )


def _key(sign: Sign) -> str:
    told = f"{sign_svg(sign.shape, sign.ink)}<b>{escape(sign.rule)}</b>{escape(sign.words)}"
    return f'<li data-colour="{escape(sign.colour)}" data-count="{sign.count}">{told} ({sign.count})</li>'


def _markers(report: MarkerReport) -> str:
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in report.heads)
    rows = "".join(_row(at, marker, report.signs[marker.sign]) for at, marker in enumerate(report.markers))
    return f'<div class="scroll"><table class="markers"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def _row(at: int, marker: ReportedMarker, sign: Sign) -> str:
    cells = "".join(f"<td>{escape(words)}</td>" for words in marker.cells)
    why = escape("; ".join(marker.because))
    told = f"{sign_svg(sign.shape, sign.ink, size_px=18)} <b>{escape(sign.rule)}</b> {escape(sign.words)}"
    dates = "".join(f"<td>{escape(words)}</td>" for words in marker.dates)
    return (
        f'<tr id="marker-{at}" data-colour="{escape(sign.colour)}">{cells}<td class="colour">{told}</td>'
        f'<td class="because">{why}</td>{dates}</tr>'
    )


def _map(report: MarkerReport) -> tuple[str, str]:
    """Return the map's element and the script that fills it; a layer for each sign, to be switched off."""
    drawn = bare_map()
    if report.outline is not None:
        shapes(report.outline, AREA_INK, 0.06).add_to(drawn)
    shapes(report.lines, LINE_INK, 0.0, weight=2.0).add_to(drawn)
    for at, sign in enumerate(report.signs):
        placed = [_feature(row, each) for row, each in enumerate(report.markers) if each.sign == at]
        if features := [feature for feature in placed if feature is not None]:
            name = escape(f"{sign.rule} {sign.words} ({sign.count})")
            group = folium.FeatureGroup(name=name).add_to(drawn)
            _posts(features, sign, z_index=1000 * (len(report.signs) - at)).add_to(group)
    folium.LayerControl(collapsed=False, position="topright").add_to(drawn)
    drawn.fit_bounds(_corners(report), padding=(24, 24))
    return map_parts(drawn)


def _feature(row: int, marker: ReportedMarker) -> dict[str, Any] | None:
    if marker.place is None:
        return None
    reasons = "".join(f"<p>{escape(each)}</p>" for each in (marker.title, *marker.because))
    told = f'{reasons}<p><a href="#marker-{row}">{escape(marker.cells[0])} ↓</a></p>'
    return {
        "type": "Feature",
        "properties": {"title": marker.title, "told": told},
        "geometry": {"type": "Point", "coordinates": [round(at, 7) for at in marker.place]},
    }


def _posts(features: Sequence[Mapping[str, Any]], sign: Sign, *, z_index: int) -> folium.GeoJson:
    """Return the signs of one rule; where signs crowd, an earlier rule stands above a later one."""
    icon = folium.DivIcon(
        html=f'{sign_svg(sign.shape, sign.ink, size_px=SIGN_PX)}<span aria-hidden="true">{escape(sign.rule)}</span>',
        icon_size=(SIGN_PX, SIGN_PX + 12),
        icon_anchor=(SIGN_PX // 2, SIGN_PX // 2),
        class_name="post",
    )
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": list(features)},
        marker=folium.Marker(icon=icon, z_index_offset=z_index),
        popup=folium.GeoJsonPopup(["told"], labels=False),
        on_each_feature=JsCode(
            "(feature, layer) => { layer.options.title = feature.properties.title; "
            "layer.on('add', () => layer.getElement().setAttribute('aria-label', feature.properties.title)); }"
        ),
    )


def _corners(report: MarkerReport) -> list[tuple[float, float]]:
    """Return south-west and north-east of all that is drawn, as Leaflet counts: latitude first."""
    places = [each.place for each in report.markers if each.place is not None]
    places += [at for feature in report.lines["features"] for at in _vertices(feature["geometry"])]
    if report.outline is not None:
        places += _vertices(report.outline)
    if not places:
        return [(-60.0, -180.0), (75.0, 180.0)]
    lons, lats = zip(*places, strict=True)
    return [(min(lats), min(lons)), (max(lats), max(lons))]


def _vertices(geometry: Mapping[str, Any]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    waiting: list[Any] = [geometry["coordinates"]]
    while waiting:
        each = waiting.pop()
        if each and isinstance(each[0], int | float):
            found.append((each[0], each[1]))
        else:
            waiting += each
    return found
