"""Secrets: made, hashed and compared; passwords by Argon2id, tokens by SHA-256; none is ever kept."""

import hashlib
import secrets
import threading
import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo_service.auth.refusals import PasswordTooWeak
from geo_service.auth.usernames import username_key

HASHER: Final = PasswordHasher()  # argon2-cffi's defaults follow RFC 9106's low-memory profile
AT_ONCE: Final = threading.BoundedSemaphore(4)  # each takes 64 MiB while it computes
SHORTEST: Final = 10
LONGEST: Final = 256  # characters; bounds the work that a sign-in can ask for


def new_secret() -> str:
    """Return 256 random bits as text that fits a cookie and a header."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """Return the SHA-256 of a random secret; enough for 256 random bits, unlike for a password."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def hash_password(password: str, *, username: str) -> str:
    """Return the Argon2id hash of a password; raises `PasswordTooWeak`."""
    plain = _composed(password)
    if not SHORTEST <= len(plain) <= LONGEST or username_key(plain) == username_key(username):
        raise PasswordTooWeak(shortest=SHORTEST, longest=LONGEST)
    with AT_ONCE:
        return HASHER.hash(plain)


def password_fits(password: str, stored: str | None) -> bool:
    """Say whether a password fits a hash; an unknown user (None) costs as much time as a known one."""
    try:
        with AT_ONCE:
            fits = HASHER.verify(stored or nobodys_hash(), _composed(password)[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return fits and stored is not None


@cache
def nobodys_hash() -> str:
    """Return the hash that unknown users' passwords are compared with; made once a process, before the first."""
    return HASHER.hash(secrets.token_urlsafe(16))


def _composed(password: str) -> str:
    """Return a password in the form that every keyboard leads to (NFKC)."""
    return unicodedata.normalize("NFKC", password)
