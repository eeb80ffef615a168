"""A paper as PDF with its Chinese characters embedded; set by Typst, from nothing but the paper's own words.

The template is ours, the words travel as JSON beside it: text can never be taken for markup. No font of the
machine is used, so the same paper looks the same everywhere.
"""

import json
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import typst
from pylopdf_fonts_zh_cn import sans_path

from web_map.papers.model import (
    Block,
    Fields,
    Paper,
    Picture,
    Table,
)

PNG: Final = b"\x89PNG"


def as_pdf(paper: Paper) -> bytes:
    """Return the paper as PDF 1.7; deterministic but for the date in its metadata."""
    pictures: dict[str, bytes] = {}
    blocks = [_described(block, number, pictures) for number, block in enumerate(paper.blocks)]
    content = {
        "title": paper.title,
        "language": paper.language,
        "subtitle": paper.subtitle,
        "footer": paper.footer or "",
        "landscape": paper.landscape,
        "blocks": blocks,
    }
    with TemporaryDirectory(prefix="geo-paper-") as directory:
        place = Path(directory)
        for file, bytes_of_it in pictures.items():
            (place / file).write_bytes(bytes_of_it)
        (place / "paper.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        main = place / "main.typ"
        main.write_bytes(files("web_map.papers").joinpath("paper.typ").read_bytes())
        return typst.compile(main, root=place, font_paths=_fonts(), ignore_system_fonts=True, format="pdf")


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(sans_path().parent)])


def _described(block: Block, number: int, pictures: dict[str, bytes]) -> dict[str, Any]:
    """Return the block as the template reads it; a picture's bytes become one of the `pictures`."""
    kind = {"kind": type(block).__name__.lower()}
    match block:
        case Fields(pairs, columns):
            filler = [("", "")] * (-len(pairs) % columns)
            return kind | {"cells": [*pairs, *filler], "columns": columns}
        case Table(head, _, widths):
            return kind | asdict(block) | {"widths": list(widths or [1] * len(head))}
        case Picture(content, width_mm, caption):
            file = f"picture-{number}.{'png' if content.startswith(PNG) else 'jpg'}"
            pictures[file] = content
            return kind | {"file": file, "width_mm": width_mm, "caption": caption}
        case _:
            return kind | asdict(block)
