"""The ground of a unit as a filter: what meets it, told apart from what only touches it at a point. It asks nothing itself."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

LEAST_SHARED_M: Final = 1.0
OUTLINE: Final = "(SELECT g.geometry FROM boundaries.administrative_unit g WHERE g.id = :ground)"


@dataclass(frozen=True, slots=True)
class UnitGround:
    """A unit's ground on a day: the key of its version, and the codes of the unit and of all units below it on that day."""

    version: uuid.UUID
    codes: tuple[str, ...]

    def condition(self, column: str, sides: str | None = None) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition that `column`, geometry in EPSG:4490, meets this ground, and its parameters.

        A point meets it within or on the outline, an area by area. A line meets it by more than `LEAST_SHARED_M` of its
        length, within or along the outline: a neighbours' line that ends at a tripoint of this unit does not. `sides` names
        an array of unit codes: what lists this unit, or one below it, meets it wherever it is drawn.
        """
        meets = (
            f"{column} && {OUTLINE} AND CASE ST_Dimension({column}) WHEN 0 THEN ST_Intersects({column}, {OUTLINE}) "
            f"WHEN 1 THEN ST_Length(ST_Intersection({column}, {OUTLINE})::geography) > :least_shared_m "
            f"ELSE ST_Relate({column}, {OUTLINE}, '2********') END"
        )
        values: dict[str, Any] = {"ground": self.version, "least_shared_m": LEAST_SHARED_M}
        if sides is None:
            return f"({meets})", values
        return f"({sides} && CAST(:ground_codes AS text[]) OR ({meets}))", values | {
            "ground_codes": list(self.codes)
        }

    def own(self, code: str) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition that `code` is this unit's or one below it, and its parameters."""
        return f"{code} = ANY (CAST(:ground_codes AS text[]))", {"ground_codes": list(self.codes)}
