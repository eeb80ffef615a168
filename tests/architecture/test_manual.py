"""The manual says what the code does: every setting, every error code, every word in both languages."""

import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import geo_service
import layers
from geo_service.messages import LANGUAGES, catalogue
from geo_service.problems import HTTP_CODES, STATUS
from layers.errors import LayerError

ROOT = Path(__file__).resolve().parents[2]


def refusals() -> Iterator[type[LayerError]]:
    for package in (layers, geo_service):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    waiting = [LayerError]
    while waiting:
        waiting += (each := waiting.pop()).__subclasses__()
        if each.__module__.split(".")[0] in {"layers", "geo_service"}:
            yield each


def test_settings_and_errors_are_documented() -> None:
    told = subprocess.run(
        [sys.executable, "tools/write_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr


def test_every_refusal_has_a_status() -> None:
    without = sorted({each.code for each in refusals()} - set(STATUS))
    assert without == []


def test_every_code_is_worded_in_both_languages() -> None:
    for language in LANGUAGES:
        without = sorted(
            code for code in {*STATUS, *HTTP_CODES.values()} if f"problem.{code}" not in catalogue(language)
        )
        assert without == [], language


def test_both_catalogues_have_the_same_keys_and_placeholders() -> None:
    chinese, english = (catalogue(language) for language in ("zh-CN", "en"))
    assert set(chinese) == set(english)
    fields = re.compile(r"{(\w+)}")
    differing = [
        key for key in chinese if set(fields.findall(chinese[key])) != set(fields.findall(english[key]))
    ]
    assert differing == []
