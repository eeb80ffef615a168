"""Isochrones and service districts whose borders agree with the table; refuses hulls and buffers."""

from layers.hubs.polygons.cells import NetworkCells, network_cells
from layers.hubs.polygons.clipping import clipped_to_discs

__all__ = ["NetworkCells", "clipped_to_discs", "network_cells"]
