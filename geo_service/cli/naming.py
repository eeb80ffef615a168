"""`naming`: names spelled, compared and examined from CSV files, without a database; it keeps nothing."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from layers.naming.model import NameKind, NameProposal
    from layers.naming.profiles import Profile

EXIT_FINDINGS: Final = 1
NAMES_FILE: Final = typer.Argument(exists=True, dir_okay=False, help="CSV, UTF-8 or GB 18030 · 一行一名")
PROFILE: Final = typer.Option(
    "--profile", help="规则配置 · rule profile: national, haikou_draft, xian, xian+dir …"
)
CITY: Final = typer.Option("--city", help="可冠于名前的城市 · city that may stand in front of a name")

app = typer.Typer(help="道路地名，读文件 · road and place names, on files", no_args_is_help=True)


@app.command()
def spell(file: Annotated[Path, NAMES_FILE]) -> None:
    """拼写 · Spell the names of column `name` by the rules of 1984; `kind` and `reading` are used where given."""
    from layers.naming.model import NameKind
    from layers.naming.parser import kind_of, parse
    from layers.naming.spelling import spell as spell_name

    rows = []
    for row in _read(file, needed=("name",)):
        kind = _kind(row) or kind_of(row["name"])
        parsed = parse(row["name"], kind)
        spelling = spell_name(parsed, confirmed=_syllables(row.get("reading")) or ())
        specific = parsed.characters if kind is NameKind.VILLAGE else parsed.specific or parsed.ordinal
        rows.append((row["name"], specific, parsed.generic, spelling.toned, spelling.plain))
    _write(("name", "specific", "generic", "pinyin_toned", "pinyin_plain"), rows)


@app.command()
def compare(
    file: Annotated[Path, NAMES_FILE],
    *,
    profile: Annotated[str, PROFILE] = "national",
    city: Annotated[list[str] | None, CITY] = None,
) -> None:
    """比对 · The duplicate rules that fire between `name_a` (existing) and `name_b` (proposed); exit 1 when any does.

    Confirmed readings of the specific are taken from `reading_a` and `reading_b` where the file has them.
    """
    from layers.naming.comparison import likenesses, prepared

    rules = _profile(profile)
    rows = []
    for row in _read(file, needed=("name_a", "name_b")):
        existing, proposed = (
            prepared(row[f"name_{side}"], reading=_syllables(row.get(f"reading_{side}"))) for side in "ab"
        )
        found = likenesses(existing, proposed, folds=rules.folds, cities=city or rules.cities)
        codes = (likeness.code for likeness in found if rules.severity_of(likeness.code))
        rows.append((row["name_a"], row["name_b"], _joined(codes)))
    _write(("name_a", "name_b", "rules"), rows)
    _leave(rows)


@app.command()
def structure(file: Annotated[Path, NAMES_FILE], *, profile: Annotated[str, PROFILE] = "national") -> None:
    """检查 · The rules on structure, characters, generic and words that fire on each name; exit 1 when any does.

    Columns: name, width_m, width_basis (kerb, red_line), length_m, bearing, profile, reading, generic_reason; all
    but the name may be absent. `--profile` holds where a row names none.
    """
    from layers.naming.checks import OF_THE_NAME_ALONE, check
    from layers.naming.checks.subject import subject_of

    rows, columns = [], _columns(file)
    for row in _read(file, needed=("name",)):
        subject = subject_of(_proposal(row), _profile(row.get("profile") or profile))
        codes = (finding.code for finding in check(subject, rules=OF_THE_NAME_ALONE))
        rows.append((*(row[column] for column in columns), _joined(codes)))
    _write((*columns, "rules"), rows)
    _leave(rows)


def _proposal(row: Mapping[str, str]) -> "NameProposal":
    from layers.naming.model import NameKind, NameProposal, WidthBasis

    basis = row.get("width_basis")
    return NameProposal(
        row["name"],
        kind=_kind(row) or NameKind.STREET,
        reading=_syllables(row.get("reading")),
        width_m=_figure(row, "width_m"),
        width_basis=WidthBasis(basis) if basis else None,
        length_m=_figure(row, "length_m"),
        bearing=_figure(row, "bearing"),
        reasons={"generic": row.get("generic_reason") or ""},
    )


def _figure(row: Mapping[str, str], column: str) -> float | None:
    value = row.get(column)
    try:
        return float(value) if value else None
    except ValueError as error:
        raise typer.BadParameter(f"{column}: {value!r} is no number (name {row['name']})") from error


def _kind(row: Mapping[str, str]) -> "NameKind | None":
    from layers.naming.model import NameKind

    kind = row.get("kind")
    if kind and kind not in set(NameKind):
        raise typer.BadParameter(f"kind: {kind!r} is none of {', '.join(NameKind)}")
    return NameKind(kind) if kind else None


def _profile(name: str) -> "Profile":
    from layers.naming.profiles import ProfileNotFound, load_profile, shipped_profiles

    try:
        return load_profile(name)
    except ProfileNotFound as error:
        raise typer.BadParameter(f"profile {name!r} is none of {', '.join(shipped_profiles())}") from error


def _syllables(reading: str | None) -> tuple[str, ...] | None:
    return tuple(reading.split()) if reading and reading.strip() else None


def _text(file: Path) -> str:
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _columns(file: Path) -> tuple[str, ...]:
    return tuple(next(csv.reader(io.StringIO(_text(file))), ()))


def _read(file: Path, *, needed: Sequence[str]) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(_text(file)), restval="")
    missing = [column for column in needed if column not in (reader.fieldnames or ())]
    if missing:
        raise typer.BadParameter(f"{file.name}: no column {', '.join(missing)}")
    return list(reader)


def _joined(codes: Iterable[str]) -> str:
    return ";".join(dict.fromkeys(codes))


def _write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([columns, *rows])
    typer.echo(text.getvalue().encode("utf-8"), nl=False)


def _leave(rows: Iterable[Sequence[str]]) -> None:
    if any(row[-1] for row in rows):
        raise typer.Exit(EXIT_FINDINGS)
