"""Parameters between datums as a survey office hands them out, read from a file; refuses what is not complete."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from layers.errors import InvalidInput
from layers.geodesy import HelmertParameters, PlaneParameters, read_crs

KINDS: Final = {"helmert": HelmertParameters, "plane": PlaneParameters}
ROTATIONS: Final = ("position_vector", "coordinate_frame")


class ParametersInvalid(InvalidInput):
    """The file holds no usable parameters. Facts: `file`, `reason`, `field`."""

    code = "import.parameters_invalid"


def read_parameters(path: Path) -> HelmertParameters | PlaneParameters:
    """Return the parameters of a JSON file: `kind` (`helmert` 七参数 or `plane` 四参数) and the fields of that kind.

    Every field must be there, `approved_by` too: figures that nobody answers for move nothing. Raises `ParametersInvalid`.
    `{"kind": "plane", "source": "EPSG:2382", "target": "EPSG:4546", "shift_north_m": 12.5, "shift_east_m": 115.2,
    "rotation_arcsec": 0.8, "scale_ppm": 3.1, "approved_by": "琼测〔2012〕3号"}`
    """
    given = _read(path)
    kind = KINDS.get(str(given.pop("kind", "")))
    if kind is None:
        raise ParametersInvalid(file=path.name, reason="kind_unknown", field="kind", kinds=sorted(KINDS))
    known = {each.name: each.type for each in fields(kind)}
    for name in (*known, *given):
        if name not in given:
            raise ParametersInvalid(file=path.name, reason="field_missing", field=name)
        if name not in known:
            raise ParametersInvalid(file=path.name, reason="field_unknown", field=name)
        _judge(path, name, given[name], number=known[name] is float)
    for end in ("source", "target"):
        read_crs(given[end])
    made: HelmertParameters | PlaneParameters = kind(**given)
    return made


def _read(path: Path) -> dict[str, Any]:
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        raise ParametersInvalid(file=path.name, reason="unreadable", field="") from None
    if not isinstance(given, dict):
        raise ParametersInvalid(file=path.name, reason="unreadable", field="")
    return given


def _judge(path: Path, name: str, value: object, *, number: bool) -> None:
    if number:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e7
    elif name == "rotation":
        fits = value in ROTATIONS
    else:
        fits = isinstance(value, str) and bool(value.strip())
    if not fits:
        raise ParametersInvalid(file=path.name, reason="field_wrong", field=name)
