"""User names: what one may be made of, and when two are the same; refuses look-alikes of another script."""

import re
import unicodedata
from typing import Final

from geo_service.auth.refusals import UsernameRefused

LATIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
CHINESE: Final = re.compile(r"[\u4e00-\u9fff](?:[\u4e00-\u9fff0-9._-]{0,63})")
RESERVED: Final = frozenset({"operator", "worker", "public"})


def username_key(username: str) -> str:
    """Return the form in which user names are compared: NFKC, case folded.

    Full-width letters, another case and compatibility forms are one name: `Ａdmin` is `admin`.
    """
    return unicodedata.normalize("NFKC", username).strip(" ").casefold()


def check_username(username: str) -> str:
    """Return the key of a name that may be taken; raises `UsernameRefused`.

    A name is of ASCII letters or of Chinese characters, never of both, nor of any other script: so no
    Cyrillic `а` passes for an `a`. Names under which the service itself acts are not to be had.
    """
    key = username_key(username)
    if key in RESERVED or not (LATIN.fullmatch(key) or CHINESE.fullmatch(key)):
        raise UsernameRefused(given=username[:64])
    return key
