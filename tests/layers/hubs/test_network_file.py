"""The compact file gives back what was written, and nothing else."""

import pickle
from dataclasses import fields

import numpy as np
import pytest
from shapely import LineString

from layers.hubs.network import NetworkFileInvalid, RoadNetwork, build_network, read_network, write_network


def test_a_network_comes_back_bit_for_bit(tmp_path, random_streets):
    network = build_network(random_streets(4))
    write_network(network, tmp_path / "network.npz")
    again = read_network(tmp_path / "network.npz")
    for field in fields(RoadNetwork):
        before, after = getattr(network, field.name), getattr(again, field.name)
        assert before.dtype == after.dtype
        assert np.array_equal(before, after)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 but no more", b"not a network"])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(NetworkFileInvalid):
        read_network(tmp_path / "other")


def test_arrays_of_another_kind_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", format=np.array("road-network/0"))
    with pytest.raises(NetworkFileInvalid):
        read_network(tmp_path / "other.npz")
    with pytest.raises(NetworkFileInvalid):
        read_network(tmp_path / "absent.npz")


def test_a_network_travels_to_another_process_without_its_indexes():
    network = build_network([LineString([(0, 0), (10, 0)])])
    assert network.edge_index is not None
    assert network.graph.nnz == 2
    again = pickle.loads(pickle.dumps(network))  # noqa: S301 our own bytes, as Dask would send them
    assert "edge_index" not in again.__dict__
    assert np.array_equal(again.lengths, network.lengths)
