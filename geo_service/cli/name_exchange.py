"""Names in and out of files, and the register examined, from a terminal; acts are the operator's as naming officer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer

from geo_service.settings import get_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geo_service.operations.name_import import Tell

EXIT_FINDINGS: Final = 1


@contextmanager
def _as_naming_officer() -> "Iterator[Session]":
    """Yield a session that may write names: whoever has a shell on the machine may act for the naming office."""
    from geo_service.auth.officer import OPERATOR, Role
    from geo_service.opening import work_on

    officer = replace(OPERATOR, roles=OPERATOR.roles | {Role.NAMING})
    with work_on(get_settings()) as database, database.acting_as(officer).transaction() as session:
        yield session


def import_names(
    path: Path,
    terms: dict[str, Any],
    pairs: list[str],
    *,
    rejects: Path | None,
    as_json: bool,
    tell: "Tell | None",
) -> NoReturn:
    """Take a file of names on the register and say what became of it."""
    from geo_service.exchange.mapping import read_mapping
    from geo_service.exchange.rejects import write_rejects
    from geo_service.operations import name_import
    from geo_service.operations.name_file import NameTerms
    from geo_service.paging import today

    agreed = NameTerms(mapping=read_mapping(pairs), **terms)
    with _as_naming_officer() as session:
        done = name_import.import_names(session, path, agreed, recorded_by="operator", on=today(), tell=tell)
    if rejects is not None and done.rejects:
        write_rejects(rejects, done.rejects, source_crs=done.source_crs)
    told = {each.name: getattr(done, each.name) for each in fields(done) if each.name != "rejects"}
    told |= {"rejected": len(done.rejects), "dry_run": agreed.dry_run}
    told["rejects"] = [
        {"row": each.row, "code": each.code, "facts": dict(each.facts)} for each in done.rejects.first(100)
    ]
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, default=str))
    else:
        for name, value in told.items():
            typer.echo(f"{name}: {value}")
    raise typer.Exit(EXIT_FINDINGS if done.rejects else 0)


def export_names(path: Path, *, as_of: date, bbox: str | None, form: str | None, overwrite: bool) -> int:
    """Write the names in force on a day into a file, in EPSG:4490; returns how many."""
    from geo_service.exchange.writing import Export, write_features
    from geo_service.operations.layer_files import STANDARD_NAMES
    from geo_service.paging import read_bbox
    from layers.naming.exporting import export_batches

    with _as_naming_officer() as session:
        batches = export_batches(session, as_of=as_of, within=read_bbox(bbox))
        what = Export(layer="names", geometry_type="Unknown", disclaimer=STANDARD_NAMES)
        return write_features(path, batches, export=what, form=form, overwrite=overwrite).rows


def check_names(*, as_of: date, as_json: bool) -> NoReturn:
    """Examine the whole register and list the findings; exit 1 when there are any."""
    from geo_service.operations.naming import audit_register

    with _as_naming_officer() as session:
        found = audit_register(session, unit=None, as_of=as_of, profile=get_settings().rule_profile)
    for finding in found:
        if as_json:
            typer.echo(json.dumps(finding, ensure_ascii=False))
        else:
            typer.echo(
                f"{finding['code']} {finding['severity']} {finding['message']['zh']} {finding['subject']}"
            )
    raise typer.Exit(EXIT_FINDINGS if found else 0)
