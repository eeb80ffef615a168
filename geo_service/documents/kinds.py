"""Which types of content an office files, and how each is given out; refuses all others."""

from collections.abc import Mapping
from typing import Final

PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT: Final = "application/vnd.oasis.opendocument.text"
ODS: Final = "application/vnd.oasis.opendocument.spreadsheet"
OFD: Final = "application/ofd"
"""Open fixed-layout document, GB/T 33190-2016: what offices exchange in place of PDF."""

IMAGES: Final[Mapping[str, str]] = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
}
"""Media type → the one decoder of Pillow that may look at it."""

TAKEN_BY_PHONES: Final = frozenset(
    {"image/heic", "image/avif", "video/mp4", "video/quicktime", "video/3gpp", "video/webm", "video/x-m4v"}
)
"""Photos and films of the field that nothing here decodes: given out as downloads."""

SUFFIXES: Final[Mapping[str, tuple[str, ...]]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "image/tiff": (".tif", ".tiff"),
    PDF: (".pdf",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    ODT: (".odt",),
    ODS: (".ods",),
    OFD: (".ofd",),
}
ACCEPTED: Final = tuple(SUFFIXES)
SHOWN: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", PDF})
"""What a browser may show in its own tab; everything else is a download."""
SANDBOXED: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; sandbox"
)
"""Also for PDF: the viewer of Chromium shows it in a sandbox."""
