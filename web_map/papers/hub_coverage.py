"""The report on a plan of hubs as a paper: the figures, tables and words of the HTML report, and a picture for its map."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import shapely.geometry

from web_map.papers.model import Block, Heading, Paper, Paragraph, Picture
from web_map.papers.model import Table as PaperTable
from web_map.papers.sketch import SketchPlace, sketch
from web_map.reports.hub_coverage import HUB_INK, STATES, HubReport
from web_map.reports.offline_page import Table

ROWS_ON_PAPER: Final = 100
"""Rows of a table on paper; the workbook holds all."""
CELL_PX: Final = 4


def paper_of(report: HubReport) -> Paper:
    """Return the paper; places in EPSG:4490, nothing fetched, nothing worked out anew."""
    notes = [Paragraph(report.note, bold=True)] if report.note else []
    return Paper(
        title=report.title,
        language=report.language,
        subtitle=report.about,
        footer=report.about,
        blocks=[
            *notes,
            _table(report.figures),
            Heading(report.map_title),
            *_picture(report),
            *(block for table in report.tables for block in (Heading(table.caption), _table(table))),
            Heading(report.method_title),
            *(Paragraph(text) for text in report.method),
        ],
    )


def _table(table: Table) -> PaperTable:
    rows = [list(row) for row in table.rows[:ROWS_ON_PAPER]]
    if len(table.rows) > ROWS_ON_PAPER:
        rows.append(["…", *[""] * (len(table.heads) - 1)])
    return PaperTable(list(table.heads), rows)


def _picture(report: HubReport) -> Sequence[Block]:
    cells = [
        SketchPlace(lon, lat, STATES[state], radius=CELL_PX)
        for state, places in report.cells.items()
        for lon, lat in places
    ]
    hubs = [SketchPlace(lon, lat, HUB_INK) for lon, lat, _ in report.hubs]
    lines = [shapely.boundary(shapely.geometry.shape(each)) for each in _geometries(report.outlines)]
    if not (cells or hubs or lines):
        return []
    key = [
        (HUB_INK, report.hub_words),
        *((STATES[state], words) for state, words in report.state_words.items()),
    ]
    return [Picture(sketch(lines, [*cells, *hubs], key=key))]


def _geometries(collection: Mapping[str, Any]) -> Sequence[Any]:
    return [each["geometry"] for each in collection["features"] if each["geometry"]]
