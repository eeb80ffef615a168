"""Ground drawn with letters: tests say in a picture what they stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent

from shapely.geometry import LineString, Point, Polygon

HAIKOU = (110.35, 20.02)
# metres of one degree on the CGCS2000 ellipsoid at the latitude of Haikou
EAST_M, NORTH_M = 104_637.0, 110_709.0


@dataclass(frozen=True, slots=True)
class Ground:
    """Places by letter, in EPSG:4490 degrees, lon first, rounded to 1e-9 degree (0.1 mm)."""

    places: Mapping[str, tuple[float, float]]

    def point(self, letter: str) -> Point:
        """Return the place of a letter."""
        return Point(self.places[letter])

    def line(self, letters: str) -> LineString:
        """Return the line from letter to letter."""
        return LineString([self.places[letter] for letter in letters])

    def area(self, letters: str, *holes: str) -> Polygon:
        """Return the polygon round the letters, with a hole round each further word."""
        rings = [[self.places[letter] for letter in word] for word in (letters, *holes)]
        return Polygon(rings[0], rings[1:])


def draw(picture: str, *, column_m: float = 100.0, row_m: float = 300.0) -> Ground:
    """Return the ground of a picture: one character is `column_m` wide, one line `row_m` high.

    The top left character stands at Haikou; lines go south, characters east; dots are only paper.

    >>> draw('''
    ...     a b
    ...     c d
    ... ''').area("abdc").is_valid
    True
    """
    lines = dedent(picture).strip("\n").splitlines()
    west, north = HAIKOU
    return Ground(
        {
            letter: (
                round(west + column * column_m / EAST_M, 9),
                round(north - row * row_m / NORTH_M, 9),
            )
            for row, line in enumerate(lines)
            for column, letter in enumerate(line)
            if letter not in " ."
        }
    )
