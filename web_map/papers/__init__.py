"""Papers of the office: one description, two files, DOCX to work on and PDF to sign and keep.

>>> paper = Paper("界桩登记表", blocks=[Fields([("界桩编号", "0107001A")])])
>>> as_pdf(paper)[:5]
b'%PDF-'
"""

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
from web_map.papers.pdf import as_pdf
from web_map.papers.word import as_docx

__all__ = [
    "Block",
    "Fields",
    "Heading",
    "PageBreak",
    "Paper",
    "Paragraph",
    "Picture",
    "Signatures",
    "Table",
    "as_docx",
    "as_pdf",
]
