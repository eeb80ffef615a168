"""The figures of the topology check, for `make bench`; fails where the growth is far from linear."""

import json

import pytest

from tests.benchmarks.topology_check import figures


@pytest.mark.bench
def test_topology_check():
    told = list(figures())
    for one in told:
        print(json.dumps(one))
    growth = {one["name"]: one["ours"] for one in told if "growth" in one["name"]}
    assert len(growth) == 2
    assert all(exponent < 1.4 for exponent in growth.values())
