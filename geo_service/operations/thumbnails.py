"""Small pictures of photos for a phone to take along; refuses to be evidence: the photo itself stays as it came."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.orm import Session

from geo_service.operations import photos
from geo_service.settings import Settings
from layers.errors import NotFound

LONGEST_PX: Final = 480
QUALITY: Final = 60
MOST_PIXELS: Final = 60_000_000
"""A phone's largest pictures have 50 million; more would cost a worker half a gigabyte."""


class NoThumbnail(NotFound):
    """The photo is of a kind that no small picture is made of, such as a film."""

    code = "photo.no_thumbnail"


def thumbnail(session: Session, settings: Settings, sha256: str) -> bytes:
    """Return a JPEG of at most 480 pixels a side, upright, without the photo's EXIF data.

    Raises what `photos.readable` raises, and `NoThumbnail`.
    """
    row = photos.readable(session, sha256)
    source = BytesIO(b"".join(photos.blocks(settings, sha256)))
    try:
        with Image.open(source) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NoThumbnail(sha256=sha256, media_type=row.media_type)
            picture.draft("RGB", (LONGEST_PX, LONGEST_PX))
            small = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError) as unreadable:
        raise NoThumbnail(sha256=sha256, media_type=row.media_type) from unreadable
    small.thumbnail((LONGEST_PX, LONGEST_PX))
    sink = BytesIO()
    small.save(sink, "JPEG", quality=QUALITY)
    return sink.getvalue()
