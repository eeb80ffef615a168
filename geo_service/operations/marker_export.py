"""What of the markers goes into files: the register as features, and the result table (界桩成果表) as a workbook."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.exchange.refusals import FileExists
from geo_service.exchange.workbooks import exact_cell
from geo_service.messages import catalogue
from geo_service.operations import marker_register_columns
from geo_service.operations.marker_form_columns import PARTS, cells_of
from layers.markers.legend import CONDITION, SHAPE
from layers.markers.model import Condition, Shape
from layers.markers.queries import MarkerFilter, coloured
from layers.markers.register import load, rules_of

BATCH: Final = 5000
FIELDS: Final = (
    "code, number, name, line_code, unit_codes, managing_unit, grade, set_kind, faces, material, colour, shape, rule, "
    "condition, case_stage, currency, last_inspected_on, next_due_on, synthetic"
)


FORMS: Final = "SELECT id, form, under_contract FROM markers.marker WHERE id = ANY (:ids)"


def export_batches(
    session: Session, asked: MarkerFilter, *, whole_form: bool = False
) -> Iterator[dict[str, list[Any]]]:
    """Yield columns of markers as they were on a day, with colour, shape and label; geometry as WKB in EPSG:4490.

    With `whole_form` also set, places, reference objects, custody, device and signatures: they name people, so no
    released file has them.
    """
    listing, where, values = coloured(session, asked)
    columns = ", ".join(f"m.{name.strip()}" for name in FIELDS.split(","))
    statement = f"SELECT m.id, {columns}, ST_AsBinary(m.geometry) AS geometry FROM {listing.table} m WHERE {where} ORDER BY m.code, m.id"  # noqa: S608 # names are this module's own
    rows = session.execute(text(statement), values).mappings().all()
    label = labels(asked)
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        markers = {marker.code: marker for _, marker, _ in load(session, [row["id"] for row in part])}
        batch: dict[str, list[Any]] = {
            name: [";".join(row[name]) if name == "unit_codes" else row[name] for row in part]
            for name in row_names()
        }
        batch["colour_label"] = [label[row["rule"], row["shape"]] for row in part]
        for name in ("lon", "lat", "accuracy_m", "height_m"):
            batch[name] = [getattr(markers[row["code"]].legal_position, name, None) for row in part]
        for name, field in (
            ("north", "original_north"),
            ("east", "original_east"),
            ("epsg", "original_epsg"),
        ):
            batch[field] = [_original(markers[row["code"]], name) for row in part]
        batch["position_description"] = [markers[row["code"]].position_description for row in part]
        if whole_form:
            batch |= _form_columns(session, part, markers)
        batch["geometry"] = [row["geometry"] for row in part]
        yield batch


def _form_columns(session: Session, part: Sequence[Any], markers: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the columns of the form's other parts, as the importer takes them."""
    found = session.execute(text(FORMS), {"ids": [row["id"] for row in part]})
    forms = {each.id: each for each in found}
    cells = [cells_of(forms[row["id"]].form or {}) for row in part]
    register = [marker_register_columns.cells_of(markers[row["code"]]) for row in part]
    return {
        **{name: [each[name] for each in register] for name in marker_register_columns.COLUMNS},
        "guardian": [markers[row["code"]].guardian for row in part],
        "under_contract": [forms[row["id"]].under_contract for row in part],
        **{name: [each[name] for each in cells] for name in PARTS},
    }


def row_names() -> list[str]:
    """Return the columns that come from the list itself."""
    return [name.strip() for name in FIELDS.split(",")]


def _original(marker: Any, name: str) -> Any:
    legal = marker.legal_position
    return None if legal is None or legal.original is None else getattr(legal.original, name)


def labels(asked: MarkerFilter) -> dict[tuple[str, str], str]:
    """Return the words of each rule of the profile: a colour never stands alone."""
    profile = rules_of(asked.profile).profiles[-1]
    return {
        (rule.number, rule.shape.value): f"{rule.label['zh']} {rule.label['en']}" for rule in profile.rules
    }


def write_result_table(
    session: Session, path: Path, asked: MarkerFilter, *, overwrite: bool, register: bool = False
) -> int:
    """Write the result table as a workbook: numbers, coordinates as on the form, condition and colour in words.

    With `register` a second sheet has every column of the register with the whole form, as the importer takes it
    again. Cells are text or numbers, never formulas. Returns how many markers. Raises `FileExists`.
    """
    from openpyxl import Workbook  # noqa: PLC0415 # heavy, and only for workbooks

    if path.exists() and not overwrite:
        raise FileExists(file=path.name)
    zh, en = catalogue("zh-CN"), catalogue("en")
    names = [
        "code", "number", "line_code", "set_kind", "original_north", "original_east", "original_epsg", "lon", "lat",
        "height_m", "condition", "colour", "shape", "colour_label", "last_inspected_on", "next_due_on",
    ]  # fmt: skip
    book = Workbook(write_only=True)
    sheet = book.create_sheet(zh["marker.sheet.result_table"])
    sheet.append([zh["marker.sheet.result_table"], en["marker.sheet.result_table"]])
    sheet.append([f"{zh[f'marker.field.{name}']} {en[f'marker.field.{name}']}" for name in names])
    rest = book.create_sheet(zh["marker.sheet.register"]) if register else None
    written = 0
    for batch in export_batches(session, asked, whole_form=register):
        if rest is not None:
            _register_rows(rest, batch, head=written == 0)
        batch["condition"] = [CONDITION[Condition(value)].zh for value in batch["condition"]]
        batch["shape"] = [SHAPE[Shape(value)].zh for value in batch["shape"]]
        for row in zip(*(batch[name] for name in names), strict=True):
            sheet.append([_safe(value) for value in row])
            written += 1
    with TemporaryDirectory(prefix=".export-", dir=path.parent) as folder:
        near = Path(folder) / "export.xlsx"
        book.save(near)
        near.replace(path)
    return written


def _register_rows(sheet: Any, batch: Mapping[str, Sequence[Any]], *, head: bool) -> None:
    """Add rows of all columns; `wkt` stays empty, for a place is told by its numbers, and `shape` is a sign's."""
    names = [name for name in batch if name != "geometry"]
    if head:
        sheet.append([exact_cell(sheet, name) for name in (*names, "wkt")])
    for row in zip(*(batch[name] for name in names), strict=True):
        sheet.append([exact_cell(sheet, value) for value in row])


def _safe(value: Any) -> Any:
    """Return a cell that no spreadsheet runs: text that begins like a formula gets an apostrophe."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t"}:
        return f"'{value}"
    return value
