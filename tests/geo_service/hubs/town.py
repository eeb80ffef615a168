"""A drawn town in Haikou for tests: streets on a lattice with a river that one bridge crosses, cells, hubs."""

import json
from pathlib import Path

import numpy as np

WEST, SOUTH, STEP = 110.30, 19.98, 0.003
COLUMNS, ROWS, RIVER = 12, 10, 5


def _feature(kind: str, coordinates, **properties) -> dict:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def _written(path: Path, features: list[dict]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def at(column: float, row: float) -> tuple[float, float]:
    return round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7)


def streets(path: Path) -> Path:
    """Rows and columns of streets; across the river, above row 5, leads the street of column 2 alone."""
    lines = []
    for row in range(ROWS):
        lines += [[at(column, row), at(column + 1, row)] for column in range(COLUMNS - 1)]
    for column in range(COLUMNS):
        rows = [row for row in range(ROWS - 1) if row != RIVER or column == 2]
        lines += [[at(column, row), at(column, row + 1)] for row in rows]
    return _written(path, [_feature("LineString", line) for line in lines])


def cells(path: Path, seed: int = 7, count: int = 300) -> Path:
    """Cells off the streets; the last one lies 3 km from any."""
    chance = np.random.default_rng(seed)
    features = []
    for number in range(count):
        place = at(chance.uniform(0, COLUMNS - 1), chance.uniform(0, ROWS - 1))
        weight = int(chance.integers(1, 900))
        features.append(_feature("Point", place, id=f"C{number:04d}", weight=weight, old=weight // 5))
    features.append(_feature("Point", at(-10, -6), id="C9999", weight=50, old=10))
    return _written(path, features)


def hubs(path: Path) -> Path:
    places = {"H-1": (2.4, 2.1), "H-2": (8.6, 1.9), "H-3": (6.5, 7.8)}
    features = [
        _feature("Point", at(*place), id=name, name=f"服务中心 {name}", status="existing", capacity=20000)
        for name, place in places.items()
    ]
    return _written(path, features)


CANDIDATES = {"K-1": (1.0, 8.0), "K-2": (10.0, 8.2), "K-3": (10.5, 4.2), "K-4": (5.5, 4.6), "K-5": (3.4, 6.8)}
