"""Where things are and how far apart: the one storage CRS, datum guards, ground lengths and areas.

Refuses every change of datum that PROJ would let pass unshifted.
"""

from layers.geodesy.datums import (
    STORAGE_CRS,
    STORAGE_SRID,
    CrsUnreadable,
    DatumRefused,
    Transformation,
    datum_name,
    read_crs,
    same_ground,
    transformer,
)
from layers.geodesy.examination import Misreading, examine_coordinates, misread_rows
from layers.geodesy.ground import (
    ellipsoidal_area_m2,
    ellipsoidal_areas_m2,
    ellipsoidal_length_m,
    ellipsoidal_lengths_m,
)
from layers.geodesy.map_offset import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    outside_offset_area,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from layers.geodesy.notation import ProjectedPosition, format_dms, parse_dms, projected_position
from layers.geodesy.parameters import HelmertParameters, PlaneParameters
from layers.geodesy.zones import (
    GridZone,
    grid_zone,
    metric_crs,
    metric_srid,
    project_to_degrees,
    project_to_metres,
    zoned_srid,
)

__all__ = [
    "STORAGE_CRS",
    "STORAGE_SRID",
    "CrsUnreadable",
    "DatumRefused",
    "GridZone",
    "HelmertParameters",
    "Misreading",
    "PlaneParameters",
    "ProjectedPosition",
    "Transformation",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "datum_name",
    "ellipsoidal_area_m2",
    "ellipsoidal_areas_m2",
    "ellipsoidal_length_m",
    "ellipsoidal_lengths_m",
    "examine_coordinates",
    "format_dms",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "grid_zone",
    "metric_crs",
    "metric_srid",
    "misread_rows",
    "outside_offset_area",
    "parse_dms",
    "project_to_degrees",
    "project_to_metres",
    "projected_position",
    "read_crs",
    "same_ground",
    "transformer",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
    "zoned_srid",
]
