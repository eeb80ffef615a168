"""A paper as DOCX, for whoever must change a word before it is signed."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from web_map.papers.model import (
    Block,
    Fields,
    Heading,
    PageBreak,
    Paper,
    Paragraph,
    Picture,
    Signatures,
    Table,
)

SONG: Final = "宋体"
HEI: Final = "黑体"
ALIGNED: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
SIDE: Final = Mm(22)
HEAD_SIZES: Final = {0: 18, 1: 14, 2: 12, 3: 10.5}
"""Points of the title and of headings by level."""


def as_docx(paper: Paper) -> bytes:
    """Return the paper as a Word document on A4."""
    document = Document()
    document.core_properties.title = _shown(paper.title)[:255]
    _lay_out(document, paper)
    title = document.add_paragraph()
    title.alignment = ALIGNED["center"]
    _write(title, paper.title, HEI, HEAD_SIZES[0])
    if paper.subtitle:
        subtitle = document.add_paragraph()
        subtitle.alignment = ALIGNED["center"]
        _write(subtitle, paper.subtitle)
    for block in paper.blocks:
        _add(document, block)
    kept = BytesIO()
    document.save(kept)
    return kept.getvalue()


def _lay_out(document: Any, paper: Paper) -> None:
    section = document.sections[0]
    long, short = Mm(297), Mm(210)
    section.orientation = WD_ORIENT.LANDSCAPE if paper.landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if paper.landscape else (short, long)
    section.left_margin = section.right_margin = section.top_margin = SIDE
    section.bottom_margin = Mm(20)
    normal = document.styles["Normal"]
    normal.font.size = Pt(10.5)
    _in_font(normal.element.get_or_add_rPr(), SONG)
    line = section.footer.paragraphs[0]
    _write(line, f"{paper.footer or ''}\t\t", size=8)
    _page_number(line)


def _add(document: Any, block: Block) -> None:
    match block:
        case Heading(text, level):
            _write(document.add_heading(level=level), text, HEI, HEAD_SIZES[level])
        case Paragraph(text, bold, align):
            paragraph = document.add_paragraph()
            paragraph.alignment = ALIGNED[align]
            _write(paragraph, text, HEI if bold else SONG)
        case Fields(pairs, columns):
            _add_fields(document, pairs, columns)
        case Table():
            _add_table(document, block)
        case Picture(content, width_mm, caption):
            _add_picture(document, content, width_mm, caption)
        case Signatures(places):
            _fill(document, places, [1.3, 1.3, 1.6, 1])
        case PageBreak():
            document.add_page_break()


def _add_fields(document: Any, pairs: Sequence[tuple[str, str]], columns: int) -> None:
    filled = [*pairs, *[("", "")] * (-len(pairs) % columns)]
    rows = [
        [text for pair in filled[at : at + columns] for text in pair] for at in range(0, len(filled), columns)
    ]
    table = _fill(document, rows, [1, 2] * columns)
    for row in table.rows:
        for label in row.cells[::2]:
            _shade(label)


def _add_table(document: Any, block: Table) -> None:
    if block.caption:
        _write(document.add_paragraph(), block.caption, HEI)
    table = _fill(document, [block.head, *block.rows], block.widths or [1] * len(block.head), size=9.5)
    for cell in table.rows[0].cells:
        _shade(cell)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 -- python-docx has no name for it


def _add_picture(document: Any, content: bytes, width_mm: float | None, caption: str | None) -> None:
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    document.add_picture(BytesIO(content), width=min(Mm(width_mm), room) if width_mm else room)
    document.paragraphs[-1].alignment = ALIGNED["center"]
    if caption:
        below = document.add_paragraph()
        below.alignment = ALIGNED["center"]
        _write(below, caption, size=9.5)


def _fill(document: Any, rows: Sequence[Sequence[str]], widths: Sequence[float], size: float = 10.5) -> Any:
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    table = document.add_table(rows=len(rows), cols=len(widths), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = int(room * width / sum(widths))
            _write(cell.paragraphs[0], text, size=size)
    document.add_paragraph()
    return table


def _write(paragraph: Any, text: str, font: str = SONG, size: float = 10.5) -> None:
    run = paragraph.add_run(_shown(text))
    run.font.size = Pt(size)
    _in_font(run._element.get_or_add_rPr(), font)  # noqa: SLF001 -- the East Asian font has no name of its own


def _shown(text: str) -> str:
    """Return the text without the control characters that XML cannot hold; line ends are kept."""
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable())


def _in_font(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    for script in ("w:ascii", "w:hAnsi"):
        fonts.set(qn(script), "Times New Roman")


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "F4F4F4")):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 -- python-docx has no name for it


def _page_number(paragraph: Any) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)  # noqa: SLF001 -- python-docx has no name for it
