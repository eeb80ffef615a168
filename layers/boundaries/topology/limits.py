"""The few figures by which the topology engine tells a fault from honest ground; holds no rule."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLimits:
    """What counts as the same place, as too narrow for a unit, as the same polygon twice.

    - `same_place_m`: nearer than this, two vertices (or a vertex and a line) are one place that was
      only written differently. 1 cm is the step of coordinates rounded to 1e-7 degree; a wider
      difference is ground, that is a gap or an overlap.
    - `sliver_width_m`: a piece of ground along a shared line that is nowhere wider than this is no
      unit. The narrowest real townships are a street block, some 100 m, across.
    - `duplicate_share`: two records whose common ground is at least this share of their joint
      ground are one polygon recorded twice; neighbours that merely overlap stay far below.
    - `stray_share`: a further part of a unit is stray when at least this share of it lies on the
      ground of others.
    """

    same_place_m: float = 0.01
    sliver_width_m: float = 50.0
    duplicate_share: float = 0.95
    stray_share: float = 0.9


DEFAULT_LIMITS = CoverageLimits()
