"""Parameters between datums: taken from a file whole, or refused with what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from geo_service.exchange.parameters import ParametersInvalid, read_parameters
from geo_service.messages import LANGUAGES, words
from layers.errors import LayerError
from layers.geodesy import HelmertParameters, PlaneParameters, transformer

PLANE: dict[str, Any] = {
    "kind": "plane", "source": "EPSG:2382", "target": "EPSG:4546", "shift_north_m": 12.5, "shift_east_m": 115.2,
    "rotation_arcsec": 0.8, "scale_ppm": 3.1, "approved_by": "琼测〔2012〕3号",
}  # fmt: skip
HELMERT: dict[str, Any] = {
    "kind": "helmert", "source": "EPSG:4214", "target": "EPSG:4490", "shift_x_m": 15.8, "shift_y_m": -154.4,
    "shift_z_m": -82.3, "rotation_x_arcsec": 0, "rotation_y_arcsec": 0, "rotation_z_arcsec": 0, "scale_ppm": 0,
    "rotation": "position_vector", "approved_by": "琼测〔2012〕3号",
}  # fmt: skip


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(("given", "kind"), [(PLANE, PlaneParameters), (HELMERT, HelmertParameters)])
def test_what_is_given_is_what_moves(tmp_path: Path, given: dict[str, Any], kind: type) -> None:
    parameters = read_parameters(written(tmp_path / "p.json", given))
    assert isinstance(parameters, kind)
    place = (431986.864, 2214712.422) if kind is PlaneParameters else (110.35, 20.02)
    moved = transformer(given["source"], given["target"], parameters).transform(*place)
    assert moved != pytest.approx(place, abs=1e-7)


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"kind": "magic"}, "kind_unknown", "kind"),
        ({"approved_by": None}, "field_missing", "approved_by"),
        ({"approved_by": " "}, "field_wrong", "approved_by"),
        ({"shift_north_m": "12.5"}, "field_wrong", "shift_north_m"),
        ({"shift_north_m": 1e300}, "field_wrong", "shift_north_m"),
        ({"scale_ppm": True}, "field_wrong", "scale_ppm"),
        ({"comment": "x"}, "field_unknown", "comment"),
    ],
)
def test_what_is_not_complete_is_refused(
    tmp_path: Path, changed: dict[str, Any], reason: str, field: str
) -> None:
    given = {**PLANE, **changed}
    if given["approved_by"] is None:
        del given["approved_by"]
    with pytest.raises(ParametersInvalid) as refused:
        read_parameters(written(tmp_path / "p.json", given))
    assert (refused.value.facts["reason"], refused.value.facts["field"]) == (reason, field)
    for language in LANGUAGES:
        assert reason not in words("problem.import.parameters_invalid", language, refused.value.facts)[1]


@pytest.mark.parametrize("content", ["", "[]", "null", "{", "\x00"])
def test_what_is_no_object_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ParametersInvalid):
        read_parameters(path)


def test_a_crs_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayerError, match=r"crs\.unreadable"):
        read_parameters(written(tmp_path / "p.json", {**PLANE, "source": "Mars"}))
