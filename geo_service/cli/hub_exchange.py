"""Hubs, demand and roads of files taken on record from a terminal; acts are the operator's."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import typer

from geo_service.settings import get_settings

_FINDINGS = 1


def import_hub_file(
    kind: str,
    path: Path,
    *,
    terms: Mapping[str, Any],
    pairs: list[str],
    rejects: Path | None,
    as_json: bool,
) -> NoReturn:
    """Take a file of `kind` (hubs, demand or roads) on record; exit 1 when a row cannot be taken.

    `--map column=code` and the like for hubs; for demand `--map column=id` names the ids and every other
    pair a population group, e.g. `--map pop=population --map old=elderly_60`; without any, column weight.
    """
    from geo_service.exchange.rejects import RejectLog, write_rejects
    from geo_service.opening import work_on

    columns = _targets(pairs)
    settings = get_settings()
    with work_on(settings) as database, database.transaction() as session:
        refused = RejectLog()
        try:
            told = _taken(session, kind, path, terms, columns, settings.home_unit, refused)
        finally:
            if rejects is not None and refused:
                write_rejects(rejects, refused)
        if terms["dry_run"]:
            session.rollback()
    told |= {
        "rejected": len(refused),
        "dry_run": terms["dry_run"],
        "rejects": [
            {"row": each.row, "code": each.code, "facts": dict(each.facts)} for each in refused.first(100)
        ],
    }
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, default=str))
    else:
        for name, value in told.items():
            typer.echo(f"{name}: {value}")
    raise typer.Exit(_FINDINGS if refused else 0)


def _targets(pairs: list[str]) -> dict[str, str]:
    """Return target → column of `column=target` pairs."""
    split = [pair.split("=", 1) for pair in pairs]
    if any(len(each) != 2 or not all(each) for each in split):
        raise typer.BadParameter("column=target", param_hint="--map")
    return {target: column for column, target in split}


def _taken(
    session: Any,
    kind: str,
    path: Path,
    terms: Mapping[str, Any],
    columns: dict[str, str],
    home_unit: str,
    refused: Any,
) -> dict[str, Any]:
    """Take the file and say what became of it; rows that cannot be taken go to `refused`."""
    from geo_service.auth.officer import OPERATOR
    from geo_service.operations import hubs_demand, hubs_import, hubs_networks
    from geo_service.operations.hubs import Described

    dated: date | None = terms["dated_on"]
    about = Described(path.stem, terms["source"], dated)
    if kind == "hubs":
        done = hubs_import.import_hubs(
            session,
            OPERATOR,
            path,
            source=terms["source"],
            layer=terms["layer"],
            crs=terms["crs"],
            mapping=columns,
            dry_run=terms["dry_run"],
        )
        names = ("rows", "added", "changed", "unchanged", "written")
        refused.extend(done.rejects)
        return {name: getattr(done, name) for name in names}
    if kind == "demand":
        groups = {target: column for target, column in columns.items() if target != "id"}
        row = hubs_demand.import_demand(
            session,
            OPERATOR,
            path,
            about,
            home_unit=home_unit,
            groups=groups or {"population": "weight"},
            layer=terms["layer"],
            id_column=columns.get("id", "id"),
            crs=terms["crs"],
            rejects=refused,
        )
        return {"demand": str(row.id), "points": row.points, "groups": row.population_groups}
    network = hubs_networks.import_network(
        session, OPERATOR, path, about, home_unit=home_unit, layer=terms["layer"], crs=terms["crs"]
    )
    return {"network": str(network.id), **network.report}


def export_hub_file(
    kind: str, path: Path, *, name: str | None, bbox: str | None, form: str | None, overwrite: bool
) -> int:
    """Write hubs, one set of demand or one road network into a file, in EPSG:4490; returns how many rows.

    `name` is the set's or the network's; the newest where none is named. Raises `DemandNotFound`, `NetworkNotFound`.
    """
    from geo_service.exchange.writing import Export, write_features
    from geo_service.opening import work_on
    from geo_service.paging import read_bbox

    shape = "LineString" if kind == "roads" else "Point"
    with work_on(get_settings()) as database, database.transaction() as session:
        batches = _batches(session, kind, name, read_bbox(bbox))
        what = Export(layer=kind, geometry_type=shape)
        return write_features(path, batches, export=what, form=form, overwrite=overwrite).rows


def _batches(session: Any, kind: str, name: str | None, box: Any) -> Any:
    from geo_service.operations.network_store import network_version
    from layers.hubs import exporting, queries

    if kind == "hubs":
        return exporting.hub_batches(session, box)
    if kind == "demand":
        demand = queries.demand_called(session, name)
        return exporting.demand_batches(session, demand.id, tuple(demand.population_groups), box)
    version = network_version(session, queries.network_called(session, name))
    return exporting.road_batches(version.network, version.plane, box)
