"""Features as a GeoDataFrame in EPSG:4490 that shows itself as a map in a notebook."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any, Final

import geopandas
import pandas as pd
import shapely

CRS: Final = "EPSG:4490"
MOST_DRAWN: Final = 5000
_ROWS_SHOWN: Final = 10
_DAYS: Final = frozenset({"valid_from", "valid_to", "as_of", "comment_until", "last_inspected_at"})
_MOMENTS: Final = frozenset({"since", "colour_since"})


class Frame(geopandas.GeoDataFrame):  # type: ignore[misc]  # GeoPandas carries no types
    """A GeoDataFrame whose `_repr_html_` is a map above the first rows; everything else is GeoPandas' own."""

    @property
    def _constructor(self) -> Any:
        return _made

    def _repr_html_(self) -> str:
        rows = str(
            geopandas.GeoDataFrame(self).drop(columns=self._geometry_names()).head(_ROWS_SHOWN).to_html()
        )
        drawn = self._drawn()
        if drawn is None:
            return rows
        return f'<iframe srcdoc="{escape(drawn)}" style="width:100%;height:440px;border:0"></iframe>{rows}'

    def _geometry_names(self) -> list[str]:
        return [name for name in self.columns if name == self._geometry_column_name]

    def _drawn(self) -> str | None:
        """Return the page of the map; None where there is nothing to draw, or more than a notebook should hold."""
        from web_map.reports.frame_map import render_frame  # noqa: PLC0415 # Folium only where somebody looks

        if not self._geometry_names():
            return None
        plain = geopandas.GeoDataFrame(self)
        placed = plain[plain.geometry.notna() & ~plain.geometry.is_empty]
        if not 0 < len(placed) <= MOST_DRAWN:
            return None
        for name in placed.select_dtypes(["datetime", "datetimetz"]).columns:
            form = "%Y-%m-%d" if placed[name].dt.tz is None else "%Y-%m-%d %H:%MZ"
            placed = placed.assign(**{name: placed[name].dt.strftime(form).astype(object)})
        fields = [name for name in placed.columns if name != placed.geometry.name]
        features = json.loads(placed.to_json(default=str, show_bbox=False, drop_id=True))
        return render_frame(features, fields, placed.total_bounds.tolist())


def _made(*given: Any, **more: Any) -> Any:
    """Make what pandas asks for: a Frame where there is a geometry, else a plain table."""
    made = geopandas.GeoDataFrame(*given, **more)
    return Frame(made) if made._geometry_column_name in made.columns else made  # noqa: SLF001 # as GeoPandas does


def frame_of(features: Iterable[Mapping[str, Any]], facts: Mapping[str, Any] | None = None, *,
             columns: Sequence[str] = ()) -> Frame:  # fmt: skip
    """Return features as a Frame in EPSG:4490: the id as `id`, properties as columns, `facts` in its `attrs`.

    `columns` are there even where no feature is. Days and moments are read as `table_of` reads them.
    """
    kept = list(features)
    rows = [{"id": each.get("id"), **each.get("properties", {})} for each in kept]
    shapes = [
        None if each.get("geometry") is None else shapely.from_geojson(json.dumps(each["geometry"]))
        for each in kept
    ]
    made = Frame(table_of(rows, columns=("id", *columns)), geometry=shapes, crs=CRS)
    made.attrs.update(facts or {})
    return made


def table_of(rows: Sequence[Mapping[str, Any]], facts: Mapping[str, Any] | None = None, *,
             columns: Sequence[str] = ()) -> pd.DataFrame:  # fmt: skip
    """Return rows as a table, `facts` in its `attrs`; `columns` come first and are there even where no row is.

    Days (`valid_from`, `…_on` …) become `datetime64[s]`, which reaches back to year 1, moments (`…_at`, `since`)
    `datetime64[us, UTC]`; missing ones `NaT`. A column with a value that is neither stays text.
    """
    names = dict.fromkeys([*columns, *(name for row in rows for name in row)])
    found = {name: [row.get(name) for row in rows] for name in names}
    made = pd.DataFrame({name: _in_time(name, values) for name, values in found.items()})
    made.attrs.update(facts or {})
    return made


def _in_time(name: str, values: list[Any]) -> Any:
    try:
        if name in _DAYS or name.endswith("_on"):
            return pd.Series(
                [None if each is None else date.fromisoformat(each) for each in values], dtype="datetime64[s]"
            )
        if name in _MOMENTS or name.endswith("_at"):
            return pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601").dt.as_unit(
                "us"
            )
    except (TypeError, ValueError):
        pass
    return values or pd.Series(dtype=object)
