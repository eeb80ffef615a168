"""Section 6 with its examples; what a phone may and may not show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.errors import InvalidInput
from layers.markers.displacement import (
    CGCS2000,
    DisplacementPolicy,
    Verdict,
    compare_positions,
    condition_with,
    judge,
    limit,
)
from layers.markers.model import Condition, FixSource, FixType, LegalPosition, ObservedPosition, PositionCheck

POLICY = DisplacementPolicy(tolerance_m=1.0, k=3.0)
LEGAL = LegalPosition(lon=110.35, lat=20.02, accuracy_m=0.5)
metres = st.floats(0, 1e5)


def fix(offset_m, *, azimuth=37.0, **quality):
    lon, lat, _ = CGCS2000.fwd(LEGAL.lon, LEGAL.lat, azimuth, offset_m)
    return ObservedPosition(lon=lon, lat=lat, **quality)


@pytest.mark.parametrize(
    ("sigma", "source", "offset", "limit_m", "verdict"),
    [
        (0.03, FixSource.EXTERNAL, 1.6, 1.50, Verdict.DISPLACED),
        (0.03, FixSource.EXTERNAL, 1.4, 1.50, Verdict.AGREES),
        (5.0, FixSource.PHONE, 12.0, 15.07, Verdict.AGREES),
        (5.0, FixSource.PHONE, 20.0, 15.07, Verdict.RE_MEASURE),
    ],
)
def test_examples_of_the_specification(sigma, source, offset, limit_m, verdict):
    shown = compare_positions(LEGAL, fix(offset, accuracy_m=sigma, source=source), POLICY)
    assert (round(shown.limit_m, 2), shown.verdict) == (limit_m, verdict)
    assert shown.offset_m == pytest.approx(offset, abs=1e-6)
    assert shown.azimuth_deg == pytest.approx(37.0, abs=1e-4)


def test_the_tolerance_is_the_least_limit():
    assert limit(0.01, 0.02, POLICY) == 1.0


@given(offset=metres, legal=metres, observed=metres)
def test_a_phone_never_proves_displacement(offset, legal, observed):
    verdict = judge(
        offset, sigma_legal_m=legal, sigma_observed_m=observed, source=FixSource.PHONE, policy=POLICY
    )
    assert verdict in {Verdict.AGREES, Verdict.RE_MEASURE}


@given(offset=metres, legal=metres, observed=metres, worse=metres)
def test_a_worse_measurement_never_shows_more(offset, legal, observed, worse):
    def verdict(sigma):
        return judge(
            offset, sigma_legal_m=legal, sigma_observed_m=sigma, source=FixSource.SURVEY, policy=POLICY
        )

    if verdict(observed) is Verdict.AGREES:
        assert verdict(observed + worse) is Verdict.AGREES


def test_a_phone_is_not_believed_below_its_sigma():
    boasting = fix(12.0, accuracy_m=0.5, source=FixSource.PHONE)
    assert compare_positions(LEGAL, boasting, POLICY).verdict is Verdict.AGREES


def test_a_fix_of_unknown_source_is_a_phones_unless_rtk():
    far = 30.0
    unsaid = compare_positions(LEGAL, fix(far, accuracy_m=0.02, fix_type=FixType.AUTONOMOUS), POLICY)
    rtk = compare_positions(LEGAL, fix(far, accuracy_m=0.02, fix_type=FixType.RTK_FIXED), POLICY)
    silent = compare_positions(LEGAL, fix(far, fix_type=FixType.RTK_FIXED), POLICY)
    assert [unsaid.verdict, rtk.verdict, silent.verdict] == [
        Verdict.RE_MEASURE,
        Verdict.DISPLACED,
        Verdict.RE_MEASURE,
    ]


def test_an_external_receiver_without_accuracy_proves_nothing():
    assert compare_positions(LEGAL, fix(30, source=FixSource.EXTERNAL), POLICY).verdict is Verdict.RE_MEASURE


@pytest.mark.parametrize(
    ("legal", "observed"),
    [
        (None, fix(0, accuracy_m=1)),
        (LEGAL, None),
        (LEGAL, fix(50, accuracy_m=0.01, source=FixSource.SURVEY, mocked=True)),
        (LEGAL, fix(50, accuracy_m=0.01, fix_type=FixType.INVALID)),
    ],
)
def test_what_cannot_be_tested_says_so(legal, observed):
    shown = compare_positions(legal, observed, POLICY)
    assert shown.verdict is Verdict.UNTESTED
    assert shown.position_check is PositionCheck.NONE


def test_a_marker_that_looks_intact_and_is_displaced_counts_as_displaced():
    displaced = compare_positions(LEGAL, fix(5, accuracy_m=0.02, source=FixSource.SURVEY), POLICY)
    assert condition_with(Condition.INTACT, displaced) is Condition.DISPLACED
    assert condition_with(Condition.DAMAGED, displaced) is Condition.DAMAGED
    agreeing = compare_positions(LEGAL, fix(0.5, accuracy_m=0.02, source=FixSource.SURVEY), POLICY)
    assert condition_with(Condition.INTACT, agreeing) is Condition.INTACT
    assert agreeing.position_check is PositionCheck.AGREES


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0])
def test_unreadable_numbers_are_refused(bad):
    with pytest.raises(InvalidInput):
        judge(bad, sigma_legal_m=0.5, sigma_observed_m=0.5, source=FixSource.SURVEY, policy=POLICY)
