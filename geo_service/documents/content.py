"""What a file is, told by its content; refuses what an office does not file, and what would harm who opens it.

Neither the name nor the declared type counts. SVG, HTML and scripts have no type here and are refused.
"""

from typing import IO, Final

import filetype
from PIL import Image, UnidentifiedImageError

from geo_service.documents.kinds import ACCEPTED, IMAGES, PDF, TAKEN_BY_PHONES
from geo_service.documents.packages import package_type
from geo_service.documents.refusals import ContentRefused, TypeRefused

HEAD_BYTES: Final = 8192
TAIL_BYTES: Final = 4096
MOST_PIXELS: Final = 150_000_000
"""A sheet of A0 scanned at 300 dots an inch has 9,933 × 14,043 = 139.5 million."""
MOST_FRAMES: Final = 500
MOST_PIXELS_OF_ALL_FRAMES: Final = 2_000_000_000
ZIP: Final = b"PK\x03\x04"


def media_type_of(file: IO[bytes]) -> str:
    """Return the media type of a file by its content; the file is left at its beginning.

    Raises `TypeRefused` for types that are not on the list (`kinds.ACCEPTED`), `ContentRefused` for damaged
    files, images of more than 150 million pixels, packages that swell, and packages that carry a program.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    found = PDF if head.startswith(b"%PDF-") else _guess(head)
    if found in IMAGES:
        _check_image(file, found)
    elif found == PDF:
        _check_pdf(file)
    elif head.startswith(ZIP):
        found = package_type(file)
    else:
        raise TypeRefused(found=found or "unknown", accepted=list(ACCEPTED))
    file.seek(0)
    return found


def photo_type_of(file: IO[bytes]) -> str:
    """Return the media type of a photo or film of the field by its content; the file is left at its beginning.

    Raises `TypeRefused` for anything else, `ContentRefused` for damaged pictures and image bombs.
    """
    file.seek(0)
    found = _guess(file.read(HEAD_BYTES))
    if found in IMAGES:
        _check_image(file, found)
    elif found not in TAKEN_BY_PHONES:
        raise TypeRefused(found=found or "unknown", accepted=sorted({*IMAGES, *TAKEN_BY_PHONES}))
    file.seek(0)
    return found


def _guess(head: bytes) -> str:
    kind = filetype.guess(head) if head else None
    return "" if kind is None else str(kind.mime)


def _check_image(file: IO[bytes], media_type: str) -> None:
    """Read an image's structure, not its pixels: Pillow reads sizes from headers and checks sums."""
    try:
        with Image.open(file, formats=[IMAGES[media_type]]) as image:
            pixels = image.width * image.height
            frames = 1 if pixels > MOST_PIXELS else getattr(image, "n_frames", 1)
            if pixels > MOST_PIXELS or frames > MOST_FRAMES or pixels * frames > MOST_PIXELS_OF_ALL_FRAMES:
                raise ContentRefused(
                    reason="too_many_pixels", width=image.width, height=image.height, frames=frames
                )
            image.seek(0)
            image.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise ContentRefused(reason="too_many_pixels", most_pixels=MOST_PIXELS) from bomb
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        KeyError,
        IndexError,
    ) as damage:
        raise ContentRefused(reason="damaged", media_type=media_type) from damage


def _check_pdf(file: IO[bytes]) -> None:
    """Refuse a PDF that was cut off: it has lost its end mark (ISO 32000-1, 7.5.5)."""
    file.seek(0, 2)
    file.seek(max(0, file.tell() - TAIL_BYTES))
    if b"%%EOF" not in file.read():
        raise ContentRefused(reason="damaged", media_type=PDF)


Image.MAX_IMAGE_PIXELS = (
    MOST_PIXELS  # Pillow warns above it and refuses above twice of it, wherever it is used
)
