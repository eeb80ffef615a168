"""The rates of the displacement test stay where they were measured."""

import io

import pytest

from layers.markers.displacement import Verdict
from layers.markers.model import FixSource
from tests.benchmarks.displacement_rates import main, rates


@pytest.mark.bench
def test_false_alarms_are_rare_and_a_phone_never_proves():
    assert rates(0.02, FixSource.SURVEY, 0.0)[Verdict.DISPLACED] < 0.001
    assert rates(0.02, FixSource.SURVEY, 5.0)[Verdict.DISPLACED] > 0.999
    assert rates(5.0, FixSource.PHONE, 20.0)[Verdict.DISPLACED] == 0
    assert rates(5.0, FixSource.PHONE, 20.0)[Verdict.RE_MEASURE] > 0.8
    table = io.StringIO()
    main(table)
    assert table.getvalue().count("\n") == 17
