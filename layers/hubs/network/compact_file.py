"""A built network kept as one file of arrays; refuses anything it did not write itself."""

import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np

from layers.hubs.network.road_network import NetworkFileInvalid, RoadNetwork

FORMAT: Final = "road-network/1"


def write_network(network: RoadNetwork, path: Path) -> None:
    """Write every array of the network to one uncompressed `.npz`, with the format's name."""
    arrays = {field.name: getattr(network, field.name) for field in fields(RoadNetwork)}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, format=np.array(FORMAT), **arrays)


def read_network(path: Path) -> RoadNetwork:
    """Read a network written by `write_network`, bit for bit; no object is ever unpickled.

    Raises `NetworkFileInvalid` for any other file.
    """
    names = [field.name for field in fields(RoadNetwork)]
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if str(stored["format"]) != FORMAT:
                raise NetworkFileInvalid(path=path.name, format=str(stored["format"]))
            return RoadNetwork(**{name: stored[name] for name in names})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise NetworkFileInvalid(path=path.name, format=None) from error
