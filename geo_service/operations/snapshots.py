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
from geo_service.exchange.refusals import FileExists, FormatUnknown, NotExportable
from geo_service.exchange.sources import NATIVE_SUFFIXES, SUFFIXES
from geo_service.operations.layer_files import EXPORTS, write_layer

SUMS: Final = "SHA256SUMS"
ABOUT: Final = "snapshot.json"


def write_snapshot(
    session: Session, folder: Path, *, on: date, profile: str, form: str = "gpkg"
) -> tuple[Path, dict[str, Any]]:
    """Write every layer as it is on a day into `folder/DATE`; returns that folder and what stands in `snapshot.json`.

    The folder appears whole or not at all. `SHA256SUMS` is read by `sha256sum --check`. `since` is the place of the feed
    before the first file was read: whoever follows the feed from there misses nothing. Raises `FileExists`, `FormatUnknown`.
    """
    kind = SUFFIXES.get(f".{form}", form)
    if kind not in NATIVE_SUFFIXES:
        raise FormatUnknown(file=form, formats=sorted(NATIVE_SUFFIXES))
    folder.mkdir(parents=True, exist_ok=True)
    dated = folder / on.isoformat()
    if dated.exists():
        raise FileExists(file=str(dated))
    about: dict[str, Any] = {
        "as_of": on.isoformat(),
        "since": Place(newest_place(session), 2**63 - 1).token,
        "layers": {},
    }
    with TemporaryDirectory(prefix=".snapshot-", dir=folder) as held:
        made = Path(held, "made")
        made.mkdir()
        sums = []
        for layer in EXPORTS:
            path = made / f"{layer}{NATIVE_SUFFIXES[kind]}"
            about["layers"][layer] = _written(session, layer, path, on=on, profile=profile, form=kind)
            if (digest := about["layers"][layer].get("sha256")) is not None:
                sums.append(f"{digest}  {path.name}")
        content = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
        (made / ABOUT).write_text(content, encoding="utf-8")
        sums.append(f"{hashlib.sha256(content.encode()).hexdigest()}  {ABOUT}")
        (made / SUMS).write_text("\n".join(sums) + "\n", encoding="utf-8")
        made.replace(dated)
    record_act(session, "snapshot.export", subject=("snapshot", on.isoformat()), detail=about)
    return dated, about


def _written(
    session: Session, layer: str, path: Path, *, on: date, profile: str, form: str
) -> dict[str, Any]:
    """Write one layer and say what it is; a layer without rows has no file."""
    try:
        written = write_layer(session, layer, path, as_of=on, form=form, profile=profile)
    except NotExportable as refused:
        if refused.facts.get("reason") != "no_rows":
            raise
        return {"rows": 0}
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"file": path.name, "rows": written.rows, "bytes": path.stat().st_size, "sha256": digest}
