"""Two peers of the catchments that are no dependencies of the project: pandana and pgRouting.

pandana is under AGPL-3.0 and pgRouting is a package of the system; each is measured where it is installed, and its line
says how to have it where it is not. What both find is compared with SciPy's search before either is timed.
"""

import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import psycopg
from scipy.sparse.csgraph import dijkstra

from geo_service.embedded import Cluster
from layers.hubs.network import RoadNetwork

if TYPE_CHECKING:
    import pandas as pd

CHECKED = 20
EDGES = "SELECT id, source, target, cost, cost AS reverse_cost FROM road"
CATCHMENTS = "SELECT count(*) FROM pgr_drivingDistance(%s, %s::bigint[], %s, false)"


def of_pandana(
    network: RoadNetwork, nodes: np.ndarray, limit_m: float
) -> Iterator[tuple[str, Callable[[], object], dict[str, object]]]:
    """Yield the peer's name, its work and what it took beforehand; nothing where pandana is not installed."""
    if find_spec("pandana") is None:
        return
    import pandana  # noqa: PLC0415 -- not a dependency
    import pandas as pd  # noqa: PLC0415 -- as above

    begin = perf_counter()
    graph = pandana.Network(
        pd.Series(network.node_xy[:, 0]),
        pd.Series(network.node_xy[:, 1]),
        pd.Series(network.edge_start.astype(np.int64)),
        pd.Series(network.edge_end.astype(np.int64)),
        pd.DataFrame({"metres": network.edge_length_m}),
        twoway=True,
    )
    built = perf_counter() - begin
    begin = perf_counter()
    graph.precompute(limit_m)
    prepared = perf_counter() - begin

    def work() -> "pd.DataFrame":
        return graph.nodes_in_range(nodes.tolist(), limit_m)

    sizes = work().groupby("source").size()
    assert _agree([int(sizes[node]) for node in nodes[:CHECKED]], network, nodes, limit_m), "pandana differs"
    yield "pandana", work, {"peer_built_s": round(built, 1), "peer_prepared_s": round(prepared, 1)}


def of_pgrouting(
    network: RoadNetwork, nodes: np.ndarray, limit_m: float
) -> Iterator[tuple[str, Callable[[], object], dict[str, object]]]:
    """Yield the peer's name and its work, one call for all hubs; nothing where pgRouting is not installed.

    Its `equicost` form is not used: it is not exact.
    """
    with (
        tempfile.TemporaryDirectory(prefix="geo-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder), durable=False).start() as running,
        psycopg.connect(running.superuser_url.replace("+psycopg", ""), autocommit=True) as own,
    ):
        if own.execute("SELECT FROM pg_available_extensions WHERE name = 'pgrouting'").fetchone() is None:
            return
        own.execute("CREATE EXTENSION pgrouting CASCADE")
        own.execute("CREATE TABLE road (id bigint, source bigint, target bigint, cost float8)")
        rows = zip(
            range(network.edge_count),
            network.edge_start.tolist(),
            network.edge_end.tolist(),
            network.edge_length_m.tolist(),
            strict=True,
        )
        with own.cursor().copy("COPY road FROM STDIN") as sink:
            for row in rows:
                sink.write_row(row)
        own.execute("ANALYZE road")

        def reached(some: list[int]) -> int:
            return own.execute(CATCHMENTS, (EDGES, some, limit_m)).fetchone()[0]

        first = [reached([node]) for node in nodes[:CHECKED].tolist()]
        assert _agree(first, network, nodes, limit_m), "pgRouting differs"
        yield "pgRouting", lambda: reached(np.unique(nodes).tolist()), {}


def _agree(sizes: list[int], network: RoadNetwork, nodes: np.ndarray, limit_m: float) -> bool:
    """Say whether as many nodes are reached as SciPy reaches; a node at the very limit may round to either side."""
    found = dijkstra(network.graph, indices=nodes[:CHECKED], limit=limit_m)
    return bool(np.abs(np.isfinite(found).sum(axis=1) - sizes).max() <= 1)
