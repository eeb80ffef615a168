"""Papers that records cite by hash: finds them, and says which are not on record; opens none of them.

A paper is a photo of the field or a document of the archive, named by the SHA-256 of its bytes, bare or after
`sha256:`. What does not read so (a letter's number, a name) cites nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

CITED: Final = re.compile(r"\s*(?:sha256:)?([0-9a-fA-F]{64})\s*")


def hash_of(value: object) -> str | None:
    """Return the hash that a value cites, in small letters; None where it cites none."""
    found = CITED.fullmatch(value) if isinstance(value, str) else None
    return found[1].lower() if found else None


def hashes_in(value: object) -> Iterator[str]:
    """Yield every hash that a record cites, however deep it stands."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from hashes_in(part)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for part in value:
            yield from hashes_in(part)
    elif (cited := hash_of(value)) is not None:
        yield cited
