"""Hands out a released file once: made of the record at that moment, hashed, put on record, and removed behind it."""

import hashlib
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from geo_service.exchange.sources import NATIVE_SUFFIXES
from geo_service.operations.layer_files import write_layer
from geo_service.paging import today
from geo_service.releases.requests import ground_of, note_download, spend_link
from geo_service.releases.tables import ReleaseRequestRow
from geo_service.settings import Settings
from layers.boundaries.ground import UnitGround
from layers.features import Box

LONGEST_S: Final = 600


def fetch_release(session: Session, settings: Settings, secret: str) -> tuple[Path, str]:
    """Use a link up and return the file, in a folder of its own that the caller removes, and its name.

    A unit's ground is its outline on the day of the data. Raises `ReleaseLinkSpent`, and what the export raises; then
    the link still holds.
    """
    row = spend_link(session, secret)
    on = row.as_of or today()
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        session.execute(text(f"SET LOCAL {limit} = {LONGEST_S * 1000}"))
    folder = Path(tempfile.mkdtemp(prefix="geo-release-"))
    name = f"{row.layer}_{on.isoformat()}_{str(row.id)[-8:]}"
    path = folder / f"{name}{NATIVE_SUFFIXES[row.form]}"  # type: ignore[index]  # checked when it was asked for
    written = write_layer(
        session,
        row.layer,
        path,
        as_of=on,
        past=row.as_of is not None,
        within=_where(session, row, on),
        form=row.form,
        profile=settings.colour_profile,
    )
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    note_download(session, row, digest, written.rows)
    return path, path.name


def _where(session: Session, row: ReleaseRequestRow, on: date) -> Box | UnitGround | None:
    if row.ground_code is not None:
        return ground_of(session, row.ground_code, on)
    return None if row.bbox is None else Box(*row.bbox)
