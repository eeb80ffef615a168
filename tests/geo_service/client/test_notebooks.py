"""The example notebooks, run from first cell to last against a live service."""

from pathlib import Path

import nbclient
import nbformat
import pytest

from geo_service.auth.officer import Role
from tests.conftest import ROOT

pytestmark = [
    pytest.mark.database,
    # the kernel's own plumbing: its loop and its connection files
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
ROLES = {"surveyor": Role.SURVEYOR, "planner": Role.PLANNER, "committee": Role.COMMITTEE}


def test_there_is_one_for_each_of_them() -> None:
    assert {path.stem for path in NOTEBOOKS} == set(ROLES)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, live, token, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEO_ADDRESS", live)
    monkeypatch.setenv("GEO_TOKEN", token(ROLES[path.stem]))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "kept without outputs"
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("iframe" in output.get("data", {}).get("text/html", "") for output in shown)
    assert not [output for output in shown if output["output_type"] == "error"]
