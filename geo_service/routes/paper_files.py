"""A paper as the file that was asked for; refuses to write its words."""

from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from fastapi import Response

from web_map.papers import Paper, as_docx, as_pdf

PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PAPER: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {PDF: {}, DOCX: {}}}}


class PaperFormat(StrEnum):
    """What a paper can be had as."""

    PDF = "pdf"
    DOCX = "docx"


def paper_file(paper: Paper, form: PaperFormat) -> Response:
    """Return a paper as a download that bears its title as a name."""
    content, media_type = (as_pdf(paper), PDF) if form is PaperFormat.PDF else (as_docx(paper), DOCX)
    name = quote(f"{paper.title}.{form}")
    headers = {
        "Content-Disposition": f"attachment; filename=\"paper.{form}\"; filename*=UTF-8''{name}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
