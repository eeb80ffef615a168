"""Where the page goes after sign-in: a path of this service; refuses to lead anywhere else."""

import re
from typing import Final

from layers.errors import InvalidInput

OWN_PATH: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\x9f]*")


def next_page(wanted: str | None) -> str:
    r"""Return a path of this service, `/` when none is given; raises `InvalidInput` for any other place.

    Browsers read `//host`, `/\host` and a path with tabs in it as another host's address.

    >>> next_page("/account?tab=tokens")
    '/account?tab=tokens'
    """
    if wanted is None:
        return "/"
    if not OWN_PATH.fullmatch(wanted):
        raise InvalidInput(field="next", given=wanted[:100], expected="/path")
    return wanted
