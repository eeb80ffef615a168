"""Memory stays flat: five times the rows through a writer and a reader, and the peak of the process hardly moves."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from layers.boundaries import exporting as boundaries
from layers.hubs import exporting as hubs
from layers.naming import exporting as naming

# In a process of its own, because a peak never goes down again. Rows and the batches they come in are made as they are asked for.
THROUGH = """
import resource, sys
from pathlib import Path
import numpy as np, pyarrow as pa, shapely
from geo_service.exchange.reading import Terms, open_features
from geo_service.exchange.writing import Export, write_features

path, rows, size = Path(sys.argv[1]), int(sys.argv[2]), 10_000
def batches():
    random = np.random.default_rng(1)
    for first in range(0, rows, size):
        places = random.uniform((108, 18), (111, 20), (size, 2))
        yield {"n": np.arange(first, first + size), "name": pa.array([f"海秀{n}路" * 5 for n in range(size)]),
               "geometry": pa.array(shapely.to_wkb(shapely.points(places)), pa.binary())}
assert write_features(path, batches(), export=Export(geometry_type="Point")).rows == rows
with open_features(path, crs="EPSG:4490", terms=Terms(mapping={}), batch_size=size) as reading:
    assert sum(len(batch) for batch in reading.batches()) == rows
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
MOST_MORE_MIB = 60


def peak_mib(path: Path, rows: int) -> int:
    done = subprocess.run(
        [sys.executable, "-c", THROUGH, str(path), str(rows)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-1000:]
    return int(done.stdout)


@pytest.mark.parametrize("ending", [".gpkg", ".parquet", ".kml"])
def test_five_times_the_rows_take_hardly_more(tmp_path: Path, ending: str) -> None:
    few, many = peak_mib(tmp_path / f"few{ending}", 20_000), peak_mib(tmp_path / f"many{ending}", 100_000)
    assert many < few + MOST_MORE_MIB, (few, many)


@pytest.mark.database
def test_rows_leave_the_database_a_batch_at_a_time(hainan_session, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (boundaries, hubs, naming):
        monkeypatch.setattr(module, "BATCH", 3)
    today = date(2026, 11, 27)
    for batches in (
        boundaries.export_batches(hainan_session, "units", as_of=today),
        hubs.hub_batches(hainan_session),
        naming.export_batches(hainan_session, as_of=today),
    ):
        sizes = [len(batch["geometry"]) for batch in batches]
        assert len(sizes) > 1
        assert max(sizes) == 3
