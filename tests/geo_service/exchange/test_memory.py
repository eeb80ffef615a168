"""Memory stays flat: five times the rows through a writer and a reader, and the peak of the process hardly moves."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely import Point
from sqlalchemy import text

from geo_service.exchange import feature_source
from geo_service.exchange.hub_ground import read_ground
from geo_service.exchange.rejects import Reject, RejectLog
from geo_service.operations import name_file, name_import, name_staging
from geo_service.operations.hubs_networks import report_of
from geo_service.operations.name_file import NameTerms
from layers.boundaries import exporting as boundaries
from layers.hubs import exporting as hubs
from layers.naming import exporting as names_out
from tests.geo_service.hubs.town import streets
from tests.geo_service.naming.streets import naming

# In a process of its own, because a peak never goes down again; what `getrusage` tells of a child begins at what its parent held.
PEAK = """
from pathlib import Path
def peak_mib():
    told = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in told if line.startswith("VmHWM:")) // 1024
"""
# Rows and the batches they come in are made as they are asked for.
THROUGH = """
import sys
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
print(peak_mib())
"""
MOST_MORE_MIB = 60


def peak_mib(script: str, *given: object) -> int:
    order = [sys.executable, "-c", PEAK + script, *map(str, given)]
    done = subprocess.run(order, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1000:]
    return int(done.stdout)


@pytest.mark.parametrize(
    "ending", [".gpkg", ".geojson", ".geojsonl", ".fgb", ".parquet", ".kml", ".csv", ".zip"]
)
def test_five_times_the_rows_take_hardly_more(tmp_path: Path, ending: str) -> None:
    few, many = (peak_mib(THROUGH, tmp_path / f"{rows}{ending}", rows) for rows in (20_000, 100_000))
    assert many < few + MOST_MORE_MIB, (few, many)


# Ten times the rows: every one with a name of its own, so that nothing of the file can be forgotten early.
NAMES_IN = """
import sys
from datetime import date
from pathlib import Path
import numpy as np, shapely
from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.exchange.rejects import write_rejects
from geo_service.exchange.writing import Export, write_features
from geo_service.operations.name_file import NameTerms
from geo_service.operations.name_import import import_names
from geo_service.settings import Settings

path, rows, ending, size = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], 10_000
def batches():
    for first in range(0, rows, size):
        names = ["".join(chr(0x4E00 + 100 * place + number // 24**place % 24) for place in range(5)) + ending
                 for number in range(first, first + size)]
        yield {"name": names if ending else [f"village {number}" for number in range(first, first + size)],
               "geometry": list(shapely.to_wkb(shapely.points([110, 19] + np.random.random((size, 2)))))}
write_features(path, batches(), export=Export(layer="names", geometry_type="Point"))
database = Database(sys.argv[4], Settings(database_url=sys.argv[4]))
terms = NameTerms(unit="460100", dry_run=True)
with database.acting_as(OPERATOR).transaction() as session:
    done = import_names(session, path, terms, recorded_by="operator", on=date(2026, 11, 27))
assert (done.rows, done.begun, len(done.rejects)) == ((rows, rows, 0) if ending else (rows, 0, rows)), done
assert write_rejects(path.with_suffix(".csv"), done.rejects) == len(done.rejects)
print(peak_mib())
"""


@pytest.mark.database
@pytest.mark.parametrize("ending", ["村", ""], ids=["every row is right", "no row is right"])
def test_ten_times_the_names_take_hardly_more(tmp_path: Path, new_database, ending: str) -> None:
    url = new_database("geo_memory_" + ("right" if ending else "wrong"))
    peaks = [peak_mib(NAMES_IN, tmp_path / f"{rows}.gpkg", rows, ending, url) for rows in (20_000, 200_000)]
    assert peaks[1] < 1.25 * peaks[0], peaks


DEMAND_IN = """
import sys
from pathlib import Path
import numpy as np, pyarrow as pa, shapely
from geo_service.auth.officer import OPERATOR
from geo_service.db import Database
from geo_service.exchange.rejects import RejectLog
from geo_service.exchange.writing import Export, write_features
from geo_service.operations.hubs import Described
from geo_service.operations.hubs_demand import import_demand
from geo_service.settings import Settings
from layers.errors import InvalidInput

path, rows, right, size = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "right", 10_000
def batches():
    for first in range(0, rows, size):
        places = [110, 19] + np.random.random((size, 2))
        yield {"id": [f"C{number}" for number in range(first, first + size)], "pop": np.full(size, 7 if right else -1),
               "geometry": pa.array(shapely.to_wkb(shapely.points(places)), pa.binary())}
write_features(path, batches(), export=Export(layer="cells", geometry_type="Point"))
database = Database(sys.argv[4], Settings(database_url=sys.argv[4]), patient=True)
log, about = RejectLog(), Described("cells", "made")
with database.acting_as(OPERATOR).transaction() as session:
    try:
        done = import_demand(session, OPERATOR, path, about, home_unit="460100", groups={"all": "pop"}, rejects=log)
        assert right and done.points == rows
    except InvalidInput as refused:
        assert not right and refused.facts["count"] == rows == len(log)
    session.rollback()
print(peak_mib())
"""


@pytest.mark.database
@pytest.mark.parametrize("rows", ["right", "wrong"])
def test_ten_times_the_demand_takes_hardly_more(tmp_path: Path, new_database, rows: str) -> None:
    url = new_database(f"geo_memory_demand_{rows}")
    peaks = [peak_mib(DEMAND_IN, tmp_path / f"{count}.gpkg", count, rows, url) for count in (20_000, 200_000)]
    assert peaks[1] < 1.25 * peaks[0], peaks


@pytest.mark.database
def test_names_go_in_some_at_a_time(hainan_session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that bear one name go together, all else a few at a time; and one bad row at the end undoes nothing, for nothing was written."""
    monkeypatch.setattr(name_import, "NAMES_AT_ONCE", 3)
    monkeypatch.setattr(name_staging, "AT_ONCE", 2)
    monkeypatch.setattr(name_file, "AT_ONCE", 4)
    written: list[list[str]] = []
    write = name_import._write

    def noted(session, turns, new, **how):
        written.append([each.characters for each in new])
        return write(session, turns, new, **how)

    monkeypatch.setattr(name_import, "_write", noted)
    path = tmp_path / "names.csv"
    names = [f"流水{numeral}村" for numeral in "一二三四五六七"] + ["流水七村", "流水七村"]
    rows = [f"{name},POINT (110.{30 + place} 20.0)" for place, name in enumerate(names)]
    path.write_text("\n".join(["name,wkt", *rows]), encoding="utf-8")
    told: list[float] = []
    with naming(hainan_session):
        terms = NameTerms(crs="EPSG:4490", unit="460100")
        done = name_import.import_names(
            hainan_session,
            path,
            terms,
            recorded_by="namer",
            on=date(2026, 11, 27),
            tell=lambda share, _: told.append(share),
        )
    assert (done.rows, done.begun, done.written) == (9, 9, True)
    assert [len(chunk) for chunk in written] == [4, 3, 2]
    assert [name for chunk in written for name in chunk].count("流水七村") == 3
    assert (told, told[-1], len(set(told)) > 3) == (sorted(told), 1.0, True)
    kept = text("SELECT count(*) FROM naming.name WHERE source = 'names.csv'")
    assert hainan_session.execute(kept).scalar() == 9


@pytest.mark.database
def test_rows_leave_the_database_a_batch_at_a_time(hainan_session, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (boundaries, hubs, names_out):
        monkeypatch.setattr(module, "BATCH", 3)
    today = date(2026, 11, 27)
    for batches in (
        boundaries.export_batches(hainan_session, "units", as_of=today),
        hubs.hub_batches(hainan_session),
        names_out.export_batches(hainan_session, as_of=today),
    ):
        sizes = [len(batch["geometry"]) for batch in batches]
        assert len(sizes) > 1
        assert max(sizes) == 3


def test_a_long_log_of_rejects_waits_on_the_disk_and_is_read_as_often_as_asked() -> None:
    log = RejectLog(held=2)
    whole = [Reject(row, "code", {"row": row}, {"name": f"{row}"}, Point(row, row)) for row in range(7)]
    log.extend(whole[:3])
    assert list(log) == whole[:3]
    log.extend(whole[3:])
    assert (len(log), list(log), list(log), log.first(3)) == (7, whole, whole, whole[:3])
    assert whole[6] in log
    assert not RejectLog()


def test_a_network_of_a_file_is_never_drawn_as_a_whole(tmp_path: Path) -> None:
    """What is said of a network, and what goes out of it, draws its streets some at a time: each drawn takes some hundred bytes."""
    path = streets(tmp_path / "streets.geojson")
    ground = read_ground(path)
    report_of(ground.network)
    held = next(iter(hubs.road_batches(ground.network, ground.plane)))
    assert len(held["geometry"]) == ground.network.edge_count
    assert {"edge_shapes", "edge_index"}.isdisjoint(vars(ground.network))
    pieces = [piece for _, shapes in ground.network.shapes_in_pieces(at_once=7) for piece in shapes]
    assert all(shapely.equals_exact(pieces, ground.network.edge_shapes))


def test_lines_some_at_a_time_are_the_lines_of_the_whole_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = streets(tmp_path / "streets.geojson")
    whole = read_ground(path).network
    monkeypatch.setattr(feature_source, "AT_ONCE", 5)
    parted = read_ground(path).network
    for name in whole.__dataclass_fields__:
        assert np.array_equal(getattr(whole, name), getattr(parted, name))
