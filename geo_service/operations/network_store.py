"""Networks and demand kept resident in this process, by version; refuses to serve what the session may not see."""

import tempfile
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pyproj import CRS
from sqlalchemy.orm import Session

from layers.hubs.network import RoadNetwork, read_network, write_network
from layers.hubs.queries import DemandArrays, demand_arrays
from layers.hubs.register import PIECE_BYTES, file_pieces, keep_file
from layers.hubs.tables import DemandSetRow, RoadNetworkRow

Kept = TypeVar("Kept")


class Resident(Generic[Kept]):
    """The few versions last used, each made once although several requests ask at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what is kept under the key, making it first where it is not."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            own = self._making.setdefault(key, threading.Lock())
        with own:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            made = make()
            with self._lock:
                self._kept[key] = made
                self._making.pop(key, None)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            return made


@dataclass(frozen=True, eq=False)
class NetworkVersion:
    """One version of a network in its plane, with what it says of itself."""

    id: uuid.UUID
    network: RoadNetwork
    plane: CRS
    facts: dict[str, Any]


NETWORKS: Final[Resident[NetworkVersion]] = Resident(4)
DEMAND: Final[Resident[DemandArrays]] = Resident(6)


def network_version(session: Session, row: RoadNetworkRow) -> NetworkVersion:
    """Return a version that the session has read the row of; its arrays are loaded once a process."""

    def load() -> NetworkVersion:
        with tempfile.TemporaryDirectory(prefix="geo-network-") as directory:
            place = Path(directory, "network.npz")
            with place.open("wb") as file:
                for piece in file_pieces(session, row.file_id):
                    file.write(piece)
            network = read_network(place)
        facts = {
            "id": str(row.id),
            "name": row.name,
            "source": row.source,
            "dated_on": None if row.dated_on is None else row.dated_on.isoformat(),
        }
        return NetworkVersion(row.id, network, CRS.from_wkt(row.plane), facts | row.report)

    return NETWORKS.get(row.id, load)


def demand_of(session: Session, row: DemandSetRow) -> DemandArrays:
    """Return the points of a set that the session has read the row of."""
    return DEMAND.get(row.id, lambda: demand_arrays(session, row))


def keep_network(session: Session, network: RoadNetwork) -> uuid.UUID:
    """Keep a network's arrays as one compact file; returns the file's key."""
    with tempfile.TemporaryDirectory(prefix="geo-network-") as directory:
        place = Path(directory, "network.npz")
        write_network(network, place)
        return keep_file(session, pieces_of(place))


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
