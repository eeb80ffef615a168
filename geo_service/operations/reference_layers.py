"""Layers for reference: any file an office wants to see beside its own data, loaded whole or not at all; its rows never change."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geo_service.auth.audit import record_act
from geo_service.auth.officer import Role
from geo_service.exchange.crs import source_crs
from geo_service.exchange.reading import open_raw
from geo_service.exchange.sources import recognised
from geo_service.ogc.collections import OWN
from geo_service.operations.reference_loading import Told, load
from geo_service.schemas.reference import Style
from geo_service.tables import ReferenceLayerRow
from layers.errors import Conflict, InvalidInput, NotFound
from layers.findings import Finding

NAME: Final = re.compile(r"[\w][\w.\-]{0,99}")
KEEPERS: Final = (Role.ADMINISTRATOR, Role.BOUNDARY)
"""Who may add, change and remove layers; the database's policies say the same."""
KEPT: Final = timedelta(days=7)
"""How long a layer that was removed or replaced can be had back; `service.forget_reference_material` keeps to it."""
INKS: Final = ("#7a4fa3", "#a3562a", "#2a7a7a", "#8a2f5f", "#4f6b1f", "#3b5fa8", "#8a6d00", "#5a5a5a")
"""Quiet colours that no register has; each is told from white by more than 4.5 to 1."""


class LayerNameRefused(InvalidInput):
    """A name that cannot stand in an address. Facts: `name`."""

    code = "reference.name_refused"


class LayerNameTaken(Conflict):
    """A layer, or a collection of the office's own, has this name. Facts: `name`, `reason`, `features`, `source_file`."""

    code = "reference.name_taken"


class LayerNotFound(NotFound):
    """There is no layer for reference of that name. Facts: `name`, `names`."""

    code = "reference.layer_not_found"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a file is read and shown: its layer or sheet, what CRS it is said to be in, its columns of places, its title.

    `columns` names the columns `wkt`, or `lon` and `lat`, of a table; `replace` puts it in place of the layer of that name.
    """

    layer: str | None = None
    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    replace: bool = False


def add_layer(
    session: Session,
    path: Path,
    name: str,
    *,
    terms: Terms | None = None,
    recorded_by: str,
    told: Told = lambda _rows, _of: None,
) -> tuple[ReferenceLayerRow, list[Finding]]:
    """Load a layer of a file under a name, all rows or none; returns it with findings about the file as a whole.

    Raises `LayerNameRefused`, `LayerNameTaken`, `ColumnNameRefused` and the refusals of the exchange.
    """
    agreed = terms or Terms()
    name, former = free_name(session, name, replace=agreed.replace)
    table = f"layer_{uuid4().hex}"
    with recognised(path, sheet=agreed.layer) as source:
        raw = open_raw(source, agreed.layer, agreed.columns)
        chosen, findings = source_crs(raw.crs, agreed.crs, file=source.name, bounds=raw.bounds)
        loading = load(session, table, raw, chosen, source.name, told=told)
        called = agreed.layer or (path.stem if raw.name == "source" else raw.name)
    if former is not None:
        former.removed_at, former.removed_by = func.now(), recorded_by
        session.flush()
    row = ReferenceLayerRow(
        name=name,
        title=agreed.title or (former.title if former is not None else name),
        style=_kept_style(former, loading.columns) or {"colour": _least_used(session)},
        table_name=table,
        key_column=loading.key,
        geometry_column=loading.shape,
        geometry_type=loading.kinds.pop() if len(loading.kinds) == 1 else "GEOMETRY",
        columns=[{"name": column, "type": kind} for column, kind in loading.columns.items()],
        features=loading.rows,
        bbox=loading.bbox,
        source_file=path.name,
        source_layer=called,
        source_crs=chosen.text,
        sha256=_digest(path),
        recorded_by=recorded_by,
    )
    session.add(row)
    entry = {"file": path.name, "layer": called, "features": row.features, "sha256": row.sha256}
    record_act(session, "reference_layer.add", subject=("reference_layer", name), after=entry, detail=entry)
    return row, findings


def free_name(session: Session, name: str, *, replace: bool = False) -> tuple[str, ReferenceLayerRow | None]:
    """Return the name as it is kept, and the layer that has it where that may be replaced.

    Raises `LayerNameRefused`, `LayerNameTaken`.
    """
    kept = unicodedata.normalize("NFC", name)
    if not NAME.fullmatch(kept):
        raise LayerNameRefused(name=name[:200])
    if kept in OWN:
        raise LayerNameTaken(name=kept, reason="own")
    former = _shown(session, kept)
    if former is not None and not replace:
        raise LayerNameTaken(
            name=kept, reason="layer", features=former.features, source_file=former.source_file
        )
    return kept, former


def _shown(session: Session, name: str) -> ReferenceLayerRow | None:
    wanted = select(ReferenceLayerRow).where(
        ReferenceLayerRow.name == name, ReferenceLayerRow.removed_at.is_(None)
    )
    return session.execute(wanted).scalar_one_or_none()


def _kept_style(former: ReferenceLayerRow | None, columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the look of the layer before, without a label that its successor has no column for."""
    style = dict(former.style) if former is not None else {}
    return style if style.get("label") in {None, *columns} else {**style, "label": None}


def _least_used(session: Session) -> str:
    used = Counter(style_of(row).colour for row in list_layers(session))
    return min(INKS, key=lambda ink: (used[ink], INKS.index(ink)))


def style_of(row: ReferenceLayerRow) -> Style:
    """Return how a layer looks; one that nobody gave a colour has one by its name."""
    by_name = INKS[sum(map(ord, row.name)) % len(INKS)]
    return Style.model_validate({"colour": by_name, **row.style})


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def find_layer(session: Session, name: str) -> ReferenceLayerRow:
    """Return the layer of a name. Raises `LayerNotFound`."""
    row = _shown(session, unicodedata.normalize("NFC", name))
    if row is None:
        raise LayerNotFound(name=name[:200], names=[each.name for each in list_layers(session)])
    return row


def change_layer(
    session: Session, row: ReferenceLayerRow, *, title: str | None, style: Style | None
) -> ReferenceLayerRow:
    """Give a layer another title or look; its rows stay. Raises `InvalidInput` for a label that is no column."""
    before = {"title": row.title, "style": style_of(row).model_dump()}
    if style is not None:
        columns = [each["name"] for each in row.columns]
        if style.label is not None and style.label not in columns:
            raise InvalidInput(
                field="style.label", given=style.label[:100], expected=", ".join(columns)[:500]
            )
        row.style = style.model_dump()
    row.title = title or row.title
    after = {"title": row.title, "style": style_of(row).model_dump()}
    if before != after:
        session.flush()
        record_act(
            session, "reference_layer.change", subject=("reference_layer", row.name), before=before, after=after,
            detail=after,
        )  # fmt: skip
    return row


def remove_layer(session: Session, name: str, *, by: str, for_good: bool = False) -> ReferenceLayerRow:
    """Take a layer off the map and out of `/ogc`; it can be had back for seven days, unless removed for good.

    The file it came from is the office's. Raises `LayerNotFound`.
    """
    row = find_layer(session, name)
    entry = {"file": row.source_file, "features": row.features, "sha256": row.sha256, "for_good": for_good}
    if for_good:
        session.delete(row)
        session.flush()
        session.execute(text("SELECT service.drop_reference_table(:wanted)"), {"wanted": row.table_name})
    else:
        row.removed_at, row.removed_by = func.now(), by
        session.flush()
        session.refresh(row)
    record_act(
        session, "reference_layer.remove", subject=("reference_layer", row.name), before=entry, detail=entry
    )
    return row


def restore_layer(session: Session, layer_id: UUID) -> ReferenceLayerRow:
    """Show a layer again that was removed or replaced. Raises `LayerNotFound`, `LayerNameTaken`."""
    row = session.get(ReferenceLayerRow, layer_id)
    if row is None:
        raise LayerNotFound(name=str(layer_id), names=[each.name for each in removed_layers(session)])
    if row.removed_at is None:
        return row
    free_name(session, row.name)
    row.removed_at = row.removed_by = None
    session.flush()
    entry = {"file": row.source_file, "features": row.features, "sha256": row.sha256}
    record_act(
        session, "reference_layer.restore", subject=("reference_layer", row.name), after=entry, detail=entry
    )
    return row


def list_layers(session: Session) -> Sequence[ReferenceLayerRow]:
    """Return the layers that are shown, by name."""
    wanted = select(ReferenceLayerRow).where(ReferenceLayerRow.removed_at.is_(None))
    return session.execute(wanted.order_by(ReferenceLayerRow.name)).scalars().all()


def removed_layers(session: Session) -> Sequence[ReferenceLayerRow]:
    """Return the layers that can be had back, the last removed first."""
    wanted = select(ReferenceLayerRow).where(ReferenceLayerRow.removed_at > func.now() - KEPT)
    return session.execute(wanted.order_by(ReferenceLayerRow.removed_at.desc())).scalars().all()
