"""Markers in and out of files, and examined: what `import`, `export` and `check` do for them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo_service.settings import get_settings

if TYPE_CHECKING:
    from geo_service.operations.marker_import import ImportedMarkers, MarkerTerms
    from geo_service.operations.ministry_line_import import ImportedLines
    from layers.features import Box
    from layers.findings import Finding

MARKER_LAYOUT: Final = "mzt149"
LINE_LAYOUT: Final = "mzt150"
Tell = Callable[[float, str], None]


def import_markers(path: Path, terms: "MarkerTerms", tell: Tell | None) -> "ImportedMarkers":
    """Take a file of markers, or a package of the ministry's layout, on record: all of it or nothing."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.documents.store import open_store
    from geo_service.opening import work_on
    from geo_service.operations import marker_import, ministry_import
    from geo_service.paging import today

    settings = get_settings()
    with work_on(settings) as database, database.transaction() as session:
        if ministry_import.is_package(path):
            store = open_store(settings.document_store)
            return ministry_import.import_package(
                session, store, OPERATOR, path, terms, on=today(), tell=tell
            )
        return marker_import.import_markers(
            session, path, terms, recorded_by="operator", on=today(), tell=tell
        )


def export_markers(
    path: Path, *, as_of: date | None, bbox: "Box | None", form: str | None, overwrite: bool
) -> int:
    """Write the markers into a file, as they were on a day; `.xlsx` is the result table (界桩成果表), the register behind it."""
    from geo_service.exchange.writing import Export, write_features
    from geo_service.opening import work_on
    from geo_service.operations.marker_export import export_batches, write_result_table
    from geo_service.paging import today
    from layers.markers.queries import MarkerFilter
    from layers.markers.register import follow_the_clock

    settings = get_settings()
    asked = MarkerFilter(
        as_of=as_of or today(),
        past=as_of is not None,
        profile=settings.colour_profile,
        bbox=bbox,
    )
    with work_on(settings) as database, database.transaction() as session:
        follow_the_clock(session)
        if form == MARKER_LAYOUT:
            from geo_service.documents.store import open_store
            from geo_service.operations.ministry_packages import write_marker_package

            store = open_store(settings.document_store)
            return write_marker_package(session, settings, store, path, asked, overwrite=overwrite)
        if (form or path.suffix.lstrip(".")).lower() == "xlsx":
            return write_result_table(session, path, asked, overwrite=overwrite, register=True)
        what = Export(layer="markers", geometry_type="Point")
        batches = export_batches(session, asked, whole_form=True)
        return write_features(path, batches, export=what, form=form, overwrite=overwrite).rows


def check_markers(day: date | None) -> "list[Finding]":
    """Examine the markers on record."""
    from geo_service.opening import work_on
    from geo_service.operations.marker_check import check_markers as examine
    from geo_service.paging import today

    with work_on(get_settings()) as database, database.transaction() as session:
        return list(examine(session, day or today()))


def export_lines_package(path: Path, *, as_of: date, overwrite: bool) -> int:
    """Write the lines of a day as a package of the ministry's layout (MZ/T 150-2020)."""
    from geo_service.documents.store import open_store
    from geo_service.opening import work_on
    from geo_service.operations.ministry_packages import write_line_package

    settings = get_settings()
    with work_on(settings) as database, database.transaction() as session:
        store = open_store(settings.document_store)
        return write_line_package(session, store, path, as_of=as_of, overwrite=overwrite)


def import_lines_package(
    path: Path, *, dry_run: bool, tolerance_m: float | None, tell: Tell | None
) -> "ImportedLines":
    """Take what a package of the ministry's layout (MZ/T 150-2020) says of lines onto those on record."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.documents.store import open_store
    from geo_service.opening import work_on
    from geo_service.operations.ministry_line_import import TOLERANCE_M, import_line_package
    from geo_service.paging import today

    settings = get_settings()
    agreed = TOLERANCE_M if tolerance_m is None else tolerance_m
    with work_on(settings) as database, database.transaction() as session:
        session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")
        store = open_store(settings.document_store)
        return import_line_package(
            session, store, OPERATOR, path, on=today(), dry_run=dry_run, tolerance_m=agreed, tell=tell
        )
