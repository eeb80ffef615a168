"""A plain sketch of a line and the places on it, as a picture for paper; no background map, no network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path
from shapely.geometry.base import BaseGeometry

WIDTH, HEIGHT, MARGIN = 1600, 1100, 90
INK: Final = "#1f2d33"
LINE_INK: Final = "#8f2f1f"
SCALES_KM: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class SketchPlace:
    """A place in degrees of EPSG:4490, the colour of its dot, what stands beside it, its radius in pixels of 1,600."""

    lon: float
    lat: float
    colour: str
    label: str = ""
    radius: int = 9


def sketch(
    lines: Sequence[BaseGeometry], places: Sequence[SketchPlace], *, key: Sequence[tuple[str, str]] = ()
) -> bytes:
    """Return a PNG of lines and places, north up, with a scale and a key of (colour, words); degrees of EPSG:4490.

    Raises `ValueError` where there is nothing to draw.
    """
    parts = [part for line in lines for part in getattr(line, "geoms", [line]) if not part.is_empty]
    corners = [at for part in parts for at in part.coords] + [(each.lon, each.lat) for each in places]
    if not corners:
        raise ValueError("a sketch of nothing")
    plot = _Plot.of(corners)
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    for part in parts:
        pen.line([plot.at(*at[:2]) for at in part.coords], fill=LINE_INK, width=4, joint="curve")
    font = ImageFont.truetype(str(sans_path()), 22)
    for each in places:
        x, y = plot.at(each.lon, each.lat)
        box = (x - each.radius, y - each.radius, x + each.radius, y + each.radius)
        pen.ellipse(box, fill=each.colour, outline=INK, width=2 if each.radius > 5 else 0)
        if each.label:
            pen.text((x + 13, y - 13), each.label, fill=INK, font=font, stroke_width=3, stroke_fill="white")
    _scale(pen, plot, font)
    for row, (colour, words) in enumerate(reversed(key)):
        y = HEIGHT - MARGIN / 2 - 36 * row
        pen.ellipse((WIDTH - 420, y - 18, WIDTH - 402, y), fill=colour, outline=INK)
        pen.text((WIDTH - 390, y - 25), words, fill=INK, font=font, stroke_width=3, stroke_fill="white")
    kept = BytesIO()
    picture.save(kept, "PNG", optimize=True)
    return kept.getvalue()


@dataclass(frozen=True, slots=True)
class _Plot:
    """Degrees to pixels, true to scale at the middle latitude."""

    west: float
    north: float
    pixels_per_degree: float
    shrink: float
    indent: tuple[float, float]

    @classmethod
    def of(cls, corners: Sequence[tuple[float, ...]]) -> "_Plot":
        lons, lats = [at[0] for at in corners], [at[1] for at in corners]
        shrink = math.cos(math.radians((min(lats) + max(lats)) / 2))
        wide, high = (max(lons) - min(lons)) * shrink, max(lats) - min(lats)
        room = (WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
        per_degree = min(room[0] / max(wide, 0.002), room[1] / max(high, 0.002))
        indent = (WIDTH - wide * per_degree) / 2, (HEIGHT - high * per_degree) / 2
        return cls(min(lons), max(lats), per_degree, shrink, indent)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return the pixel of a place."""
        east = (lon - self.west) * self.shrink * self.pixels_per_degree
        return self.indent[0] + east, self.indent[1] + (self.north - lat) * self.pixels_per_degree


def _scale(pen: ImageDraw.ImageDraw, plot: _Plot, font: ImageFont.FreeTypeFont) -> None:
    per_km = plot.pixels_per_degree / 111.2
    length = max((km for km in SCALES_KM if km * per_km <= WIDTH / 4), default=SCALES_KM[0])
    left, base = MARGIN / 2, HEIGHT - MARGIN / 2
    right = left + length * per_km
    pen.line([(left, base - 10), (left, base), (right, base), (right, base - 10)], fill=INK, width=3)
    pen.text((left + 6, base - 38), f"{length:g} km", fill=INK, font=font)
    pen.text((WIDTH - MARGIN, MARGIN / 3), "N ↑", fill=INK, font=font)
