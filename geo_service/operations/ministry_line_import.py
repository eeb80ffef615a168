"""Takes what a package by MZ/T 150-2020 says of lines onto the lines on record; where they run it never changes.

Lines are derived from outlines, so a package is a statement about them: instrument, managing, name, length, dispute, last
joint inspection, how many markers, papers and pictures. Its courses are compared with the derived ones, and what differs is
told. All of it or nothing: one row that cannot be taken, and nothing is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Officer
from geo_service.documents.store import Store
from geo_service.exchange import ministry_layout as layout
from geo_service.exchange.archives import unpack_members
from geo_service.exchange.mapping import TargetColumn
from geo_service.exchange.reading import LINES, Terms, open_features
from geo_service.exchange.refusals import FormatUnknown, MissingColumn
from geo_service.exchange.rejects import Reject
from geo_service.operations.ministry_packages import COUNTS, KILOMETRE
from geo_service.operations.ministry_reading import check_sums, filed, forms_in, holds
from layers.boundaries.course import Course, courses_apart
from layers.boundaries.tables import BoundaryLineRow
from layers.findings import Finding
from layers.markers.joint_line_rows import declared_counts
from layers.markers.joint_tables import LineCountRow
from layers.markers.registry_checks import DeclaredCounts
from layers.tables import uuid7

ATTRIBUTES: Final = f"{layout.ATTRIBUTES}/{layout.LINES}.csv"
SPATIAL: Final = f"{layout.SPATIAL}/{layout.LINES}."
TOLERANCE_M: Final = 1.0
"""Courses that lie no farther apart are the same line."""
ROUNDING_M: Final = 1.0
"""Lengths in a package are in kilometres of three decimals."""
NUMBERS: Final = {"total": "JZKS", "single": "DLKS", "double": "SLKS", "triple": "TLKS"}
IN_FORCE: Final = """
SELECT id FROM boundaries.boundary_line
 WHERE line_code = ANY (:codes) AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on) FOR UPDATE
"""
Tell = Callable[[float, str], None]


@dataclass(slots=True)
class ImportedLines:
    """What became of a package: rows read, lines that took something and lines of which it says nothing new, papers filed."""

    rows: int = 0
    begun: int = 0
    renewed: int = 0
    unchanged: int = 0
    papers: int = 0
    written: bool = False
    source_crs: str = "EPSG:4490"
    mapping: Mapping[str, str] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class _Unreadable(ValueError):
    """A cell that cannot be what it should be. Arguments: field code, cell, what is expected."""


def is_line_package(path: Path) -> bool:
    """Say whether a file is a package of lines: a ZIP with their table of attributes."""
    return holds(path, ATTRIBUTES)


def import_line_package(
    session: Session,
    store: Store,
    officer: Officer,
    path: Path,
    *,
    on: date,
    dry_run: bool = False,
    tolerance_m: float = TOLERANCE_M,
    tell: Tell | None = None,
) -> ImportedLines:
    """Take a package onto the lines in force on a day; with one reject, or on a dry run, nothing is written.

    A cell that is empty takes nothing away. A name or a length that is not the derived one is kept as stated; a joint
    inspection earlier than the one on record is not taken. Findings: `line.course_differs` (Hausdorff distance beyond
    `tolerance_m`, metres, and where), `line.length_differs`, `line.name_differs`, `line.course_missing`. Raises
    `FormatUnknown`, `ArchiveRefused`, `UnreadableFile`, `MissingColumn`, and what is raised of a paper that is none.
    """
    if not is_line_package(path):
        raise FormatUnknown(file=path.name, formats=["mzt150"])
    done = ImportedLines()
    with TemporaryDirectory(prefix="package-") as folder:
        members = unpack_members(path, Path(folder))
        check_sums(path, members)
        given = forms_in(path, members[ATTRIBUTES])
        done.rows = len(given)
        code_column = layout.LINE_CODES[0]
        if given and code_column not in given[0]:
            raise MissingColumn(missing=[code_column], found=list(given[0]), known_names=[code_column])
        codes = [row[code_column] for row in given]
        ids = session.execute(text(IN_FORCE), {"codes": codes, "on": on}).scalars().all()
        lines = {row.line_code: row for row in (session.get_one(BoundaryLineRow, each) for each in ids)}
        statements = _judged(given, lines, on, done)
        courses = _courses(Path(folder), members)
        savepoint = session.begin_nested()
        taking = _Taking(session, officer, path.name, on)
        for place, (code, stated) in enumerate(statements.items(), start=1):
            done.findings += _told(lines[code], stated, courses, tolerance_m)
            if taking.takes(lines[code], stated):
                done.renewed += 1
            else:
                done.unchanged += 1
            if tell is not None:
                tell(place / len(statements), code)
        if not done.rejects:
            about = ("line", lines)
            done.papers = sum(filed(session, store, officer, path, members, about=about, dry_run=dry_run))
        done.written = not (done.rejects or dry_run)
        if done.written:
            savepoint.commit()
        else:
            savepoint.rollback()
    return done


def _judged(
    given: list[dict[str, str]], lines: Mapping[str, BoundaryLineRow], on: date, done: ImportedLines
) -> dict[str, dict[str, Any]]:
    """Return what the package states of each line; rows that cannot be taken become rejects."""
    statements: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(given, start=1):
        code = row[layout.LINE_CODES[0]]
        reject = _reject_of(code, row, lines, on, repeated=code in statements)
        if reject is None:
            try:
                statements[code] = _stated(row)
            except _Unreadable as found:
                column, cell, expected = found.args
                facts = {"code": code, "column": column, "given": cell[:200], "expected": expected}
                reject = ("line.value_unknown", facts)
        if reject is not None:
            done.rejects.append(Reject(number, *reject, dict(row)))
    return statements


def _reject_of(
    code: str, row: Mapping[str, str], lines: Mapping[str, BoundaryLineRow], on: date, *, repeated: bool
) -> tuple[str, dict[str, object]] | None:
    if code not in lines:
        return "line.unknown", {"code": code, "on": on.isoformat()}
    if repeated:
        return "import.repeated_code", {"code": code}
    sides = sorted(each.strip() for each in row.get("XZQ", "").split(";") if each.strip())
    if sides and sides != sorted(lines[code].unit_codes):
        return "line.sides_differ", {
            "code": code,
            "given": sides,
            "on_record": sorted(lines[code].unit_codes),
        }
    return None


def _stated(row: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts that a row states; what its cells leave open is left out. Raises `_Unreadable`."""
    truths = {word: truth for truth, word in layout.TRUTHS.items() if isinstance(truth, bool)}
    read: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {
        "stated_name": ("JXMC", lambda _, cell: cell),
        "stated_length_m": ("JXCD", lambda column, cell: _number(column, cell) * KILOMETRE),
        "managing": ("FGGL", lambda _, cell: cell),
        "legal_instrument": ("FLWS", lambda _, cell: cell),
        "disputed": ("SFZY", lambda column, cell: _one_of(column, cell, truths)),
        "last_joint_inspection_on": ("ZJLJRQ", _day),
        **{name: (column, _count) for name, column in NUMBERS.items()},
    }
    cells = {name: (column, row.get(column, "").strip(), take) for name, (column, take) in read.items()}
    return {name: take(column, cell) for name, (column, cell, take) in cells.items() if cell}


def _number(column: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e6:
        raise _Unreadable(column, cell, "km")
    return value


def _count(column: str, cell: str) -> int:
    if not (cell.isascii() and cell.isdigit() and int(cell) <= 100_000):
        raise _Unreadable(column, cell, "0 … 100000")
    return int(cell)


def _day(column: str, cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise _Unreadable(column, cell, "YYYY-MM-DD") from None


def _one_of(column: str, cell: str, words: Mapping[str, bool]) -> bool:
    if cell not in words:
        raise _Unreadable(column, cell, " / ".join(words))
    return words[cell]


def _courses(folder: Path, members: Mapping[str, Path]) -> dict[str, Course] | None:
    """Return the courses of the spatial data in EPSG:4490 by line; None where the package has no spatial data."""
    parts = {name.removeprefix(SPATIAL): path for name, path in members.items() if name.startswith(SPATIAL)}
    if "shp" not in parts:
        return None
    for suffix, part in parts.items():
        part.rename(folder / f"{layout.LINES}.{suffix}")
    target = TargetColumn("line_code", required=True)
    terms = Terms((target,), {"line_code": layout.LINE_CODES[0]}, LINES)
    courses: dict[str, Course] = {}
    with open_features(folder / f"{layout.LINES}.shp", terms=terms) as reading:
        for batch in reading.batches():
            courses |= dict(zip(batch.columns["line_code"].to_pylist(), batch.geometries, strict=True))
    return courses


def _told(
    line: BoundaryLineRow, stated: Mapping[str, Any], courses: Mapping[str, Course] | None, tolerance_m: float
) -> Iterator[Finding]:
    """Yield where a package says otherwise than the outlines."""
    code = line.line_code
    name, length_m = stated.get("stated_name"), stated.get("stated_length_m")
    if name is not None and name != line.name:
        yield Finding("line.name_differs", (code,), {"line_code": code, "stated": name, "derived": line.name})
    if length_m is not None and abs(length_m - line.length_m) > max(ROUNDING_M, tolerance_m):
        lengths = {"stated_m": round(length_m, 1), "derived_m": round(line.length_m, 1)}
        yield Finding("line.length_differs", (code,), {"line_code": code, **lengths})
    if courses is None:
        return
    if code not in courses:
        yield Finding("line.course_missing", (code,), {"line_code": code})
        return
    derived = shapely.from_wkb(bytes(line.geometry.data))
    apart = courses_apart(courses[code], derived)
    if apart.metres > tolerance_m:
        place = {"lon": round(apart.lon, 7), "lat": round(apart.lat, 7)}
        facts = {"line_code": code, "metres": round(apart.metres, 2), "tolerance_m": tolerance_m, **place}
        yield Finding("line.course_differs", (code,), facts)


class _Taking:
    """Puts what a package states onto lines, one after the other."""

    def __init__(self, session: Session, officer: Officer, package: str, on: date) -> None:
        self._session, self._officer, self._package = session, officer, package
        self._standing = {row.line_code: row for row in session.execute(text(COUNTS), {"as_of": on})}

    def takes(self, line: BoundaryLineRow, stated: Mapping[str, Any]) -> bool:
        """Take what is new of a line on record; say whether anything was."""
        facts = {name: value for name, value in stated.items() if name not in NUMBERS}
        if (name := facts.get("stated_name")) is not None and name == line.name:
            facts["stated_name"] = None
        length_m = facts.get("stated_length_m")
        if length_m is not None and abs(length_m - line.length_m) <= ROUNDING_M:
            facts["stated_length_m"] = None
        elif length_m is not None and abs(length_m - (line.stated_length_m or 0.0)) <= ROUNDING_M:
            del facts["stated_length_m"]
        last, known = facts.get("last_joint_inspection_on"), line.last_joint_inspection_on
        if last is not None and known is not None and last < known:
            del facts["last_joint_inspection_on"]
        before = {name: getattr(line, name) for name, value in facts.items() if getattr(line, name) != value}
        after = {name: facts[name] for name in before}
        for name, value in after.items():
            setattr(line, name, value)
        if after:
            self._session.flush()
            subject = ("line", line.line_code)
            record_act(
                self._session,
                "line.package",
                subject=subject,
                before=before,
                after=after,
                detail={"file": self._package},
            )
        return self._counted(line, stated) or bool(after)

    def _counted(self, line: BoundaryLineRow, stated: Mapping[str, Any]) -> bool:
        """Put the numbers of markers down as a document states them, unless the register or the last one says so."""
        told = DeclaredCounts(**{name: stated.get(name) for name in NUMBERS})
        row = self._standing.get(line.line_code)
        there = {name: getattr(row, "all" if name == "total" else name, 0) for name in NUMBERS}
        said = declared_counts(self._session, [line.line_code]).get(line.line_code)
        if told == said or all(getattr(told, name) in {None, there[name]} for name in NUMBERS):
            return False
        numbers = {name: getattr(told, name) for name in NUMBERS} | {"document": self._package[:200]}
        self._session.add(
            LineCountRow(
                id=uuid7(),
                line_code=line.line_code,
                sides=list(line.unit_codes),
                **numbers,
                recorded_at=datetime.now(UTC),
                recorded_by=self._officer.username,
            )
        )
        self._session.flush()
        record_act(self._session, "joint.counts", subject=("line", line.line_code), after=numbers)
        return True
