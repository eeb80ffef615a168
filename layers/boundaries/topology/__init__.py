"""Topology of a coverage of administrative units: what is wrong with it, as findings.

Give `check_coverage` codes and polygons; it refuses to mend what it finds.
"""

from layers.boundaries.topology.coverage import check_coverage
from layers.boundaries.topology.limits import DEFAULT_LIMITS, CoverageLimits

__all__ = ["DEFAULT_LIMITS", "CoverageLimits", "check_coverage"]
