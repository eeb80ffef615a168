"""What every check yields; refuses to weigh or word what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found: a stable code, whom it concerns, and the evidence.

    A finding is no error: a profile says how much it weighs, a legend says it in words.
    `evidence` holds plain values (names, keys, metres, degrees) or Shapely geometries in the
    CRS of the data checked.

    >>> Finding("boundary.overlap", ("460107", "469005"), {"width_m": 3.2}).code
    'boundary.overlap'
    """

    code: str
    subject: tuple[str, ...]
    evidence: Mapping[str, object] = field(default_factory=dict)
