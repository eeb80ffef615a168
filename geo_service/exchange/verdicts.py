"""Whether a row's geometry can be taken as it stands; refuses to mend anything unless told to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo_service.exchange.crs import Bounds, SourceCrs
from geo_service.exchange.raw import RawBatch
from layers.findings import Finding
from layers.geodesy import misread_rows


@dataclass(slots=True)
class Verdicts:
    """For each row of a batch the first reason against it, if any; and the geometries, mended where allowed."""

    geometries: NDArray[np.object_]
    codes: NDArray[np.object_]
    facts: dict[int, Mapping[str, object]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def passes(self) -> NDArray[np.bool_]:
        """Rows without a reason against them."""
        return np.asarray(self.codes == "", dtype=np.bool_)

    def against(self, mask: NDArray[np.bool_], code: str) -> NDArray[np.intp]:
        """Put `code` on the rows of `mask` that have none yet; returns these."""
        hit = np.flatnonzero(mask & self.passes)
        self.codes[hit] = code
        return hit


def judge(
    raw: RawBatch,
    crs: SourceCrs,
    *,
    accept: Collection[str] | None,
    repair: bool,
    home: Bounds | None,
    near: Bounds | None = None,
) -> Verdicts:
    """Judge a batch's geometries in the file's own CRS.

    Codes: `import.geometry_unreadable`, `import.geometry_missing`, `import.geometry_not_finite`,
    `import.geometry_type`, the `crs.…` codes of `layers.geodesy.misread_rows`, `import.geometry_invalid`. With
    `repair`, an invalid one is made valid and said so in a finding `import.geometry_repaired`.
    """
    verdicts = Verdicts(raw.geometries.copy(), np.full(len(raw.rows), "", dtype=np.object_))
    verdicts.against(raw.unreadable, "import.geometry_unreadable")
    verdicts.against(~_finite(raw.geometries), "import.geometry_not_finite")
    missing = shapely.is_missing(raw.geometries) | shapely.is_empty(raw.geometries)
    verdicts.against(missing, "import.geometry_missing")
    _judge_types(verdicts, accept)
    _judge_places(verdicts, crs, home, None if home else near)
    _judge_validity(verdicts, raw, accept, repair=repair)
    return verdicts


def good_points(
    raw: RawBatch, crs: SourceCrs, *, accept: Collection[str] | None, home: Bounds | None
) -> NDArray[np.float64] | None:
    """Return the coordinates of a batch of points against which there is nothing to say; else None, and `judge` says it."""
    points = raw.points() if accept is None or "Point" in accept else None
    if points is None or (raw.texts_unreadable is not None and raw.texts_unreadable.any()):
        return None
    doubtful = next(misread_rows(points[:, 0], points[:, 1], crs.declared, home=home), None)
    return points if doubtful is None else None


def _finite(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    finite = np.ones(len(geometries), dtype=bool)
    finite[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _judge_types(verdicts: Verdicts, accept: Collection[str] | None) -> None:
    if accept is None:
        return
    kinds = shapely.get_type_id(verdicts.geometries)
    taken = [shapely.GeometryType[kind.upper()].value for kind in accept]
    for row in verdicts.against(~np.isin(kinds, taken), "import.geometry_type"):
        found = shapely.GeometryType(kinds[row]).name.lower()
        verdicts.facts[int(row)] = {"found": found, "accepted": sorted(accept)}


def _judge_places(verdicts: Verdicts, crs: SourceCrs, home: Bounds | None, near: Bounds | None) -> None:
    """Try both corners of each geometry's extent against ground that is known, then against what its CRS allows.

    What falls on known ground as it is declared is taken, also where a survey was carried on into the
    next zone; what only another reading puts there is refused; the rest is judged by its CRS alone.
    """
    open_rows = np.flatnonzero(verdicts.passes)
    if near is not None and len(open_rows):
        elsewhere = _misread(verdicts, crs, near, open_rows, only_suggested=True)
        open_rows = open_rows[np.isin(open_rows, elsewhere) & verdicts.passes[open_rows]]
    if len(open_rows):
        _misread(verdicts, crs, home, open_rows)


def _misread(
    verdicts: Verdicts,
    crs: SourceCrs,
    area: Bounds | None,
    rows: NDArray[np.intp],
    *,
    only_suggested: bool = False,
) -> list[int]:
    """Put on rows what speaks against where they lie; return all rows that do not lie on the area as declared."""
    corners = shapely.bounds(verdicts.geometries[rows])
    x, y = corners[:, [0, 2]].T.ravel(), corners[:, [1, 3]].T.ravel()
    away: list[int] = []
    for misreading in misread_rows(x, y, crs.declared, home=area):
        for position in misreading.rows:
            row = int(rows[position % len(rows)])
            away.append(row)
            if verdicts.codes[row] or (only_suggested and misreading.suggestion is None):
                continue
            verdicts.codes[row] = misreading.code
            example = (float(x[position]), float(y[position]))
            verdicts.facts[row] = {
                "declared": crs.text,
                "example": example,
                "suggestion": misreading.suggestion,
            }
    return away


def _judge_validity(
    verdicts: Verdicts, raw: RawBatch, accept: Collection[str] | None, *, repair: bool
) -> None:
    open_rows = np.flatnonzero(verdicts.passes)
    broken = open_rows[~shapely.is_valid(verdicts.geometries[open_rows])]
    for row in broken:
        geometry = verdicts.geometries[row]
        reason = str(shapely.is_valid_reason(geometry))
        mended = _mended(geometry, accept) if repair else None
        if mended is None:
            verdicts.codes[row] = "import.geometry_invalid"
            verdicts.facts[int(row)] = {"reason": reason}
            continue
        verdicts.geometries[row] = mended
        evidence = {
            "row": int(raw.rows[row]),
            "reason": reason,
            "vertices_before": int(shapely.get_num_coordinates(geometry)),
            "vertices_after": int(shapely.get_num_coordinates(mended)),
        }
        verdicts.findings.append(Finding("import.geometry_repaired", (str(raw.rows[row]),), evidence))


def _mended(geometry: BaseGeometry, accept: Collection[str] | None) -> BaseGeometry | None:
    """Make valid; of what falls apart keep the parts of the same dimension; None when the type is then refused."""
    result: Any = shapely.make_valid(geometry)
    if result.geom_type == "GeometryCollection":
        parts = shapely.get_parts(result)
        same = parts[shapely.get_dimensions(parts) == shapely.get_dimensions(geometry)]
        result = shapely.union_all(same)
    if result.is_empty or (accept is not None and result.geom_type not in accept):
        return None
    mended: BaseGeometry = result
    return mended
