"""WKB from others: refuses collections within collections past any use, which overrun the stack of compiled readers."""

import re
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

DEEPEST: Final = 500
_HEAD_BYTES: Final = 9
# Collections of either byte order, of two dimensions or more; only they hold others.
_WITHIN: Final = re.compile(
    rb"\x01(?:[\x04-\x07]\0\0[\0\x20\x40\x60\x80\xa0\xc0\xe0]|[\xec-\xef]\x03\0\0|[\xd4-\xd7]\x07\0\0|[\xbc-\xbf]\x0b\0\0)"
    rb"|\0(?:[\0\x20\x40\x60\x80\xa0\xc0\xe0]\0\0[\x04-\x07]|\0\0\x03[\xec-\xef]|\0\0\x07[\xd4-\xd7]|\0\0\x0b[\xbc-\xbf])"
)


def readable(column: Any) -> NDArray[np.object_]:
    """Return a pyarrow column of WKB as objects, what holds more than 500 collections as bytes that no reader takes for a geometry."""
    values: NDArray[np.object_] = column.to_numpy(zero_copy_only=False)
    if (pc.max(pc.binary_length(column)).as_py() or 0) < DEEPEST * _HEAD_BYTES:
        return values
    return np.array([b"\0" if _nested(value) else value for value in values], dtype=object)


def _nested(value: Any) -> bool:
    if not isinstance(value, bytes) or not _WITHIN.match(value):
        return False
    return sum(1 for _ in zip(_WITHIN.finditer(value), range(DEEPEST + 1), strict=False)) > DEEPEST
