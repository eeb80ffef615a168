"""Tiles kept with the data version that they show; refuses to grow beyond its size."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Final

SIZE_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class KeptTile:
    """A tile, and the data version of its layer that it shows."""

    version: int
    tile: bytes


class TileCache:
    """The tiles used last, up to `size_bytes` of them, one version of each; one a process, safe between threads."""

    def __init__(self, size_bytes: int = SIZE_BYTES) -> None:
        self._size = size_bytes
        self._held = 0
        self._tiles: OrderedDict[str, KeptTile] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> KeptTile | None:
        """Return the tile kept under `key`; whoever asks compares its version with that of the data."""
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
            return self._tiles.get(key)

    def put(self, key: str, version: int, tile: bytes) -> KeptTile:
        """Keep a tile in place of the one of an older version and return it; those used longest ago make room."""
        made = KeptTile(version, tile)
        with self._lock:
            older = self._tiles.pop(key, None)
            self._held += len(tile) - (len(older.tile) if older else 0)
            self._tiles[key] = made
            while self._held > self._size:
                self._held -= len(self._tiles.popitem(last=False)[1].tile)
        return made
