"""Walking speed and access by class of street, as factors of length; refuses classes it has no speed for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from layers.hubs.network.road_network import Floats, NetworkGeometryInvalid


@dataclass(frozen=True)
class WalkingProfile:
    """How fast people of one kind walk on which street.

    `speed_m_s` is their speed on the level, on every class not named; `slower` are speeds on classes
    where it differs; `closed` classes may not be walked at all.

    >>> old = WalkingProfile(0.75, slower={"steps": 0.375}, closed=frozenset({"motorway"}))
    >>> old.factors(["footway", "steps", "motorway"]).tolist()
    [1.0, 2.0, inf]
    >>> old.limit_m(15)
    675.0
    """

    speed_m_s: float
    slower: Mapping[str, float] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse speeds that are none."""
        speeds = {"": self.speed_m_s, **self.slower}
        wrong = [kind for kind, speed in speeds.items() if not 0 < speed < float("inf")]
        if wrong:
            raise NetworkGeometryInvalid(reason="speed", classes=wrong)

    def factors(self, classes: Sequence[str]) -> Floats:
        """Return what to multiply a line's length by, for `build_network`: metres as if on the level."""
        return np.array(
            [
                np.inf if kind in self.closed else self.speed_m_s / self.slower.get(kind, self.speed_m_s)
                for kind in classes
            ]
        )

    def limit_m(self, minutes: float) -> float:
        """Return the metres on the level walked in that time: the limit to ask for."""
        return minutes * 60.0 * self.speed_m_s
