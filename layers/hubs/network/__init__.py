"""The road network a hub is reached over; refuses files, degrees and any choice of speed.

>>> from shapely import LineString
>>> network = build_network([LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 80)])])
>>> network.node_count, network.edge_count, float(network.edge_length_m.sum())
(3, 2, 180.0)
"""

from layers.hubs.network.building import build_network
from layers.hubs.network.compact_file import read_network, write_network
from layers.hubs.network.repair import (
    Crossings,
    NetworkReport,
    close_gaps,
    cut_crossings,
    examine_network,
)
from layers.hubs.network.road_network import (
    NetworkEmpty,
    NetworkFileInvalid,
    NetworkGeometryInvalid,
    RoadNetwork,
)
from layers.hubs.network.snapping import DEFAULT_MAX_SNAP_M, Snapped, snap
from layers.hubs.network.walking import WalkingProfile

__all__ = [
    "DEFAULT_MAX_SNAP_M",
    "Crossings",
    "NetworkEmpty",
    "NetworkFileInvalid",
    "NetworkGeometryInvalid",
    "NetworkReport",
    "RoadNetwork",
    "Snapped",
    "WalkingProfile",
    "build_network",
    "close_gaps",
    "cut_crossings",
    "examine_network",
    "read_network",
    "snap",
    "write_network",
]
