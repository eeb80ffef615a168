"""The whole record as dated files with their sums, to be carried elsewhere and followed from there by the change feed."""

import hashlib
import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.changes.feed import Place, newest_place
from geo_service.db import Database
from geo_service.exchange.refusals import FileExists, FormatUnknown, NotExportable
from geo_service.exchange.sources import NATIVE_SUFFIXES, SUFFIXES
from geo_service.operations.layer_files import EXPORTS, write_layer
from layers.markers.register import follow_the_clock

SUMS: Final = "SHA256SUMS"
ABOUT: Final = "snapshot.json"


def write_snapshot(
    database: Database, folder: Path, *, on: date, profile: str, form: str = "gpkg"
) -> tuple[Path, dict[str, Any]]:
    """Write every layer as it is on a day into `folder/DATE`; returns that folder and what stands in `snapshot.json`.

    All files and `since` are of one moment: whoever follows the feed from there is told what came after, all of it and
    nothing else. The folder appears whole or not at all, and with its entry in the audit. `SHA256SUMS` is read by
    `sha256sum --check`. Raises `FileExists`, `FormatUnknown`.
    """
    kind = SUFFIXES.get(f".{form}", form)
    if kind not in NATIVE_SUFFIXES:
        raise FormatUnknown(file=form, formats=sorted(NATIVE_SUFFIXES))
    folder.mkdir(parents=True, exist_ok=True)
    dated = folder / on.isoformat()
    if dated.exists():
        raise FileExists(file=str(dated))
    with database.transaction() as session:
        follow_the_clock(session)
    with TemporaryDirectory(prefix=".snapshot-", dir=folder) as held:
        made = Path(held, "made")
        made.mkdir()
        with database.moment() as session:
            since = Place(newest_place(session), 2**63 - 1).token
            layers = {
                layer: _written(
                    session,
                    layer,
                    made / f"{layer}{NATIVE_SUFFIXES[kind]}",
                    on=on,
                    profile=profile,
                    form=kind,
                )
                for layer in EXPORTS
            }
        about: dict[str, Any] = {"as_of": on.isoformat(), "since": since, "layers": layers}
        sums = [f"{each['sha256']}  {each['file']}" for each in layers.values() if "file" in each]
        content = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
        (made / ABOUT).write_text(content, encoding="utf-8")
        sums.append(f"{hashlib.sha256(content.encode()).hexdigest()}  {ABOUT}")
        (made / SUMS).write_text("\n".join(sums) + "\n", encoding="utf-8")
        with database.transaction() as session:
            record_act(session, "snapshot.export", subject=("snapshot", on.isoformat()), detail=about)
            _appear(made, dated)
    return dated, about


def _appear(made: Path, dated: Path) -> None:
    """Give the folder its name; raises `FileExists` when another snapshot got it meanwhile."""
    try:
        made.replace(dated)
    except OSError as error:
        if dated.exists():
            raise FileExists(file=str(dated)) from error
        raise


def _written(
    session: Session, layer: str, path: Path, *, on: date, profile: str, form: str
) -> dict[str, Any]:
    """Write one layer and say what it is; a layer without rows has no file."""
    try:
        written = write_layer(session, layer, path, as_of=on, form=form, profile=profile, moment=True)
    except NotExportable as refused:
        if refused.facts.get("reason") != "no_rows":
            raise
        return {"rows": 0}
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"file": path.name, "rows": written.rows, "bytes": path.stat().st_size, "sha256": digest}
