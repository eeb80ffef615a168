"""Presets carry their source; what an office brings is read the same way or refused."""

from datetime import date

import pytest

from layers.hubs.presets import PresetInvalid, limit_of_minutes, read_presets, standard_presets


def test_every_figure_names_its_source_and_its_standing():
    presets = standard_presets()
    assert len({preset.code for preset in presets.radii}) == len(presets.radii) > 5
    for preset in (*presets.radii, *presets.norms):
        assert preset.source
        assert preset.zh
        assert preset.en
        assert preset.attestation in {"verified", "quoted", "project"}
    for preset in presets.radii:
        if preset.minutes and preset.speed_m_s:
            assert preset.radius_m == pytest.approx(limit_of_minutes(preset.minutes, preset.speed_m_s))


def test_no_radius_is_called_a_standard_for_the_large_community():
    rural = [preset for preset in standard_presets().radii if preset.code.startswith("rural")]
    assert {preset.attestation for preset in rural} == {"project"}


def test_an_office_brings_its_own(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        'compiled_on = 2026-03-01\n[[radius]]\ncode = "hub_800"\nzh = "八百米"\nen = "800 m"\nradius_m = 800.0\n'
        'source = "office"\nattestation = "project"\n',
        "utf-8",
    )
    presets = read_presets(own)
    assert presets.compiled_on == date(2026, 3, 1)
    assert presets.radius("hub_800").radius_m == 800.0
    with pytest.raises(PresetInvalid):
        presets.radius("hub_900")


@pytest.mark.parametrize(
    "text", ["[[radius]]\ncode = 'a'\n", "compiled_on = 2026-01-01\n[[radius]]\n", "= ="]
)
def test_a_preset_without_its_fields_is_refused(tmp_path, text):
    (tmp_path / "own.toml").write_text(text, "utf-8")
    with pytest.raises(PresetInvalid):
        read_presets(tmp_path / "own.toml")
