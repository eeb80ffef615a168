"""One paper as DOCX and as PDF: the words, the embedded characters, the pictures, and hostile text."""

from io import BytesIO

import pytest
from docx import Document
from PIL import Image
from pypdf import PdfReader

from web_map.papers import (
    Fields,
    Heading,
    PageBreak,
    Paper,
    Paragraph,
    Picture,
    Signatures,
    Table,
    as_docx,
    as_pdf,
)


def drawn() -> bytes:
    kept = BytesIO()
    Image.new("RGB", (40, 20), "#22585f").save(kept, "PNG")
    return kept.getvalue()


def whole(language: str = "zh-CN", *, landscape: bool = False) -> Paper:
    return Paper(
        "行政区域界线联合检查报告",
        language=language,
        subtitle="琼山—美兰线，第五轮",
        footer="海口市民政局",
        landscape=landscape,
        blocks=[
            Heading("一、概况"),
            Paragraph("界线全长 66.52 公里。\n界桩 12 颗。"),
            Fields([("界桩编号", "0107001A"), ("材质", "花岗岩"), ("所在地", "龘靐齉村委会")]),
            Table(
                ["序号", "编号", "状态"], [[str(n), f"0107{n:03}A", "正常"] for n in range(1, 80)], [1, 2, 2]
            ),
            Picture(drawn(), 60, "示意图"),
            PageBreak(),
            Signatures([("甲方", "勘界员", "", ""), ("乙方", "勘界员", "王某", "2026-11-27")]),
        ],
    )


def words_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def cells_of(docx: bytes) -> list[str]:
    document = Document(BytesIO(docx))
    return [cell.text for table in document.tables for row in table.rows for cell in row.cells]


def test_a_pdf_carries_its_words_and_their_fonts():
    pdf = as_pdf(whole())
    text = words_of(pdf)
    for word in (
        "行政区域界线联合检查报告",
        "界线全长66.52公里",
        "0107079A",
        "龘靐齉村委会",
        "海口市民政局",
        "王某",
    ):
        assert word.replace(" ", "") in text.replace(" ", "")
    pages = PdfReader(BytesIO(pdf)).pages
    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]
    descriptors = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
    assert descriptors
    assert all(any(f"/FontFile{kind}" in each for kind in ("", "2", "3")) for each in descriptors)
    assert len(pages[0].images) + len(pages[1].images) + len(pages[2].images) == 1


def test_the_head_of_a_table_is_repeated():
    pages = [page.extract_text() for page in PdfReader(BytesIO(as_pdf(whole()))).pages]
    assert sum("序号" in page for page in pages) >= 2


def test_a_docx_carries_the_same():
    docx = as_docx(whole())
    document = Document(BytesIO(docx))
    paragraphs = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "行政区域界线联合检查报告" in paragraphs
    assert "界线全长 66.52 公里。\n界桩 12 颗。" in paragraphs
    assert {"龘靐齉村委会", "0107079A", "王某"} <= set(cells_of(docx))
    assert len(document.inline_shapes) == 1


@pytest.mark.parametrize("landscape", [True, False])
def test_both_lie_as_asked(*, landscape: bool):
    box = PdfReader(BytesIO(as_pdf(whole("en", landscape=landscape)))).pages[0].mediabox
    assert (box.width > box.height) is landscape
    section = Document(BytesIO(as_docx(whole("en", landscape=landscape)))).sections[0]
    assert (section.page_width > section.page_height) is landscape


HOSTILE = [
    "#panic(1)",
    '#read("paper.json")',
    "$x$ *b* _i_ @ref <label> // no",
    "\\u{41} `code`",
    "😀\x00\x0b\x1f]",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_markup(text: str):
    paper = Paper(text or " ", blocks=[Paragraph(text), Fields([(text, text)]), Table([text], [[text]])])
    seen = "".join(sign for sign in text if sign.isprintable() and sign not in " 😀")
    assert seen in words_of(as_pdf(paper)).replace(" ", "").replace("\n", "")
    assert seen in "".join(cells_of(as_docx(paper))).replace(" ", "")


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="2 cells"):
        Table(["甲", "乙"], [["只有一格"]])
