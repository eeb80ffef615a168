"""Ground for the tests of hubs: a plain oracle, random streets, the real networks."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from shapely import LineString, Point

REAL = {
    "zhengzhou": ("zhengzhou_east_osm.gpkg", "roads", 4547),
    "porto_alegre": ("porto_alegre_osm.pbf", "lines", 31982),
    "helsinki": ("helsinki_centre.osm.pbf", "lines", 3067),
}


def plain_dijkstra(
    lines: Sequence[LineString], origins: np.ndarray, destinations: np.ndarray, max_snap_m: float = 500.0
) -> np.ndarray:
    """Metres from every origin to every destination, every point a node of a NetworkX graph.

    Shares nothing with the engines but the question: lines are cut here in their own way, points are put on
    the nearest piece by comparing them all, and NetworkX walks. `inf` where there is no way.
    """
    pieces = _cut(lines)
    graph = nx.MultiGraph()
    on_piece: dict[int, list[tuple[float, tuple[str, int], float]]] = {}
    shapes = np.array(pieces, dtype=object)
    for kind, points in (("origin", origins), ("destination", destinations)):
        for number, xy in enumerate(points):
            away = shapely.distance(shapes, Point(xy))
            piece = int(away.argmin())
            if away[piece] <= max_snap_m:
                along = pieces[piece].project(Point(xy))
                on_piece.setdefault(piece, []).append((along, (kind, number), float(away[piece])))
    for number, piece in enumerate(pieces):
        chain = [(0.0, piece.coords[0])]
        for along, point, access in sorted(on_piece.get(number, [])):
            graph.add_edge(point, ("foot", point), weight=access)
            chain.append((along, ("foot", point)))
        chain.append((piece.length, piece.coords[-1]))
        for (begin, one), (end, other) in pairwise(chain):
            graph.add_edge(one, other, weight=end - begin)
    result = np.full((len(origins), len(destinations)), np.inf)
    for row in range(len(origins)):
        if ("origin", row) in graph:
            reached = nx.single_source_dijkstra_path_length(graph, ("origin", row), weight="weight")
            for column in range(len(destinations)):
                result[row, column] = reached.get(("destination", column), np.inf)
    return result


def _cut(lines: Sequence[LineString]) -> list[LineString]:
    runs = [
        [xy for place, xy in enumerate(line.coords) if place == 0 or xy != line.coords[place - 1]]
        for line in lines
    ]
    met = Counter(xy for run in runs for xy in run) + Counter(xy for run in runs for xy in (run[0], run[-1]))
    pieces = []
    for run in runs:
        piece = run[:1]
        for xy in run[1:]:
            piece.append(xy)
            if met[xy] > 1:
                pieces.append(LineString(piece))
                piece = [xy]
    return pieces


@pytest.fixture(scope="session")
def oracle() -> Callable[..., np.ndarray]:
    return plain_dijkstra


@pytest.fixture(scope="session")
def dense() -> Callable[..., np.ndarray]:
    """A cost matrix as a full table, `inf` where no pair is stored; stored zeros stay zeros."""

    def table(matrix) -> np.ndarray:
        full = np.full(matrix.shape, np.inf)
        full[np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)), matrix.indices] = matrix.data
        return full

    return table


@pytest.fixture(scope="session")
def real_streets(shared: Callable[..., Path]) -> Callable[[str], list[LineString]]:
    """All streets of a real network in metres."""
    gpd = pytest.importorskip("geopandas")

    def streets(city: str) -> list[LineString]:
        name, layer, srid = REAL[city]
        table = gpd.read_file(shared("data", "roads", name), layer=layer)
        return list(table[table["highway"].notna()].to_crs(srid).geometry)

    return streets


@pytest.fixture(scope="session")
def random_streets() -> Callable[[int], list[LineString]]:
    """Streets between the crossings of a coarse grid: parallels, loops, islands and overlaps all occur."""

    def streets(seed: int) -> list[LineString]:
        random = np.random.default_rng(seed)
        lines = []
        while not lines:
            for _ in range(random.integers(1, 25)):
                run = random.integers(0, 6, (random.integers(2, 5), 2)) * 50.0
                if (np.diff(run, axis=0) != 0).any():
                    lines.append(LineString(run))
        return lines

    return streets
