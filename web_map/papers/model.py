"""What stands on a paper, in order; knows words and figures already written out, and no file format."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A title of a part; level 1 to 3."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of text; line ends within it are kept."""

    text: str
    bold: bool = False
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Fields:
    """Boxes of a form: label and value, `columns` pairs side by side."""

    pairs: Sequence[tuple[str, str]]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on every page; `widths` are relative, one a column."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] | None = None
    caption: str | None = None

    def __post_init__(self) -> None:
        columns = len(self.head)
        if any(len(row) != columns for row in self.rows):
            raise ValueError(f"a row of the table has other than its {columns} cells")
        if self.widths is not None and len(self.widths) != columns:
            raise ValueError(f"{len(self.widths)} widths for {columns} columns")


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG, as wide as said or as the page."""

    content: bytes
    width_mm: float | None = None
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class Signatures:
    """Places to sign: side, capacity, name, date; an empty name or date is left to be written by hand."""

    places: Sequence[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Fields | Table | Picture | Signatures | PageBreak


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper on A4. `language` is `zh-CN` or `en`; `footer` stands on every page beside its number."""

    title: str
    language: str = "zh-CN"
    subtitle: str | None = None
    blocks: Sequence[Block] = field(default_factory=tuple)
    footer: str | None = None
    landscape: bool = False
