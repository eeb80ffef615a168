"""Profiles: what each place says, by date, and what a weight does to a finding."""

from datetime import date

import pytest

from layers.findings import Finding
from layers.naming.checks import RULES
from layers.naming.profiles import ProfileNotFound, Severity, load_profile, profile_on, shipped_profiles


def test_shipped_profiles_load_and_weigh_known_rules_only():
    assert {"national", "haikou_draft", "xian", "shiyan", "beijing_draft"} <= set(shipped_profiles())
    assert {"tongling", "qingdao", "guangdong_type"} <= set(shipped_profiles())
    for name in shipped_profiles():
        profile = load_profile(name)
        assert set(profile.severities) <= set(RULES)
        assert profile.clocks["filing"] == profile.clocks["announcement"] == 15


@pytest.mark.parametrize(
    ("name", "code", "severity"),
    [
        ("national", "DUP-02", Severity.WARN),
        ("xian", "DUP-02", Severity.BLOCK),
        ("beijing_draft", "DUP-03", Severity.HINT),
        ("qingdao", "DUP-04", Severity.BLOCK),
        ("tongling", "DUP-03", Severity.BLOCK),
        ("tongling", "DUP-05", Severity.BLOCK),
        ("national", "GEN-01", None),
        ("xian", "GEN-02", None),
        ("xian+dir", "GEN-02", Severity.WARN),
    ],
)
def test_severities(name, code, severity):
    assert load_profile(name).severity_of(code) is severity


def test_findings_of_rules_that_are_off_are_left_out():
    findings = [Finding("GEN-01", ("椰海路",)), Finding("DUP-01", ("椰海路",))]
    weighed = load_profile("national").weigh(findings)
    assert [(item.finding.code, item.severity) for item in weighed] == [("DUP-01", Severity.BLOCK)]


def test_an_old_proposal_is_judged_by_the_profile_of_its_day():
    assert profile_on(date(2024, 1, 1), ["haikou_draft"]).identifier == "haikou_draft"
    assert profile_on(date(2020, 1, 1), ["haikou_draft", "xian"]).identifier == "xian"
    with pytest.raises(ProfileNotFound):
        profile_on(date(2020, 1, 1), ["national"])


@pytest.mark.parametrize("name", ["nowhere", "xian+sideways"])
def test_unknown_profiles_are_refused(name):
    with pytest.raises(ProfileNotFound):
        load_profile(name)
