"""The two sheets that generated cases cite, drawn and labelled as synthetic: a signed page and a photo of a site."""

import hashlib
from functools import cache
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageDraw

from geo_service.documents.store import open_store

SIZE: Final = (640, 420)
BACKGROUND: Final = {"signature": "#f7f4ea", "photo": "#cfe3cf"}
WORDS: Final = {
    "signature": "SYNTHETIC\nsigned page of the demonstration",
    "photo": "SYNTHETIC\nphoto of a site, demonstration",
}


@cache
def _drawn(shows: str) -> bytes:
    sheet = Image.new("RGB", SIZE, BACKGROUND[shows])
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((12, 12, SIZE[0] - 12, SIZE[1] - 12), outline="#777777", width=3)
    pen.multiline_text((48, 140), WORDS[shows], fill="#222222", font_size=34, spacing=14)
    sink = BytesIO()
    sheet.save(sink, "PNG")
    return sink.getvalue()


def paper(shows: str) -> str:
    """Return the hash of a sheet: `signature` or `photo`."""
    return hashlib.sha256(_drawn(shows)).hexdigest()


def store_papers(place: str, *, recorded_by: str) -> list[dict[str, Any]]:
    """Put the sheets into the store of photos and return their rows."""
    store = open_store(f"{place.rstrip('/')}/photos")
    rows = []
    for shows in WORDS:
        store.put(BytesIO(_drawn(shows)), paper(shows))
        rows.append(
            {
                "sha256": paper(shows),
                "size_bytes": len(_drawn(shows)),
                "media_type": "image/png",
                "received_by": recorded_by,
            }
        )
    return rows
