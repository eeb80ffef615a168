"""The house keeps its shape: engines are pure, files stay readable, nothing is left open."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"sqlalchemy", "geoalchemy2", "fastapi", "starlette", "pydantic", "folium", "geopandas", "psycopg"}
MEETS_THE_DATABASE = re.compile(
    r"(\w+_)?(tables|queries|register|rows)|dossiers|findings|on_record|tiles|exporting|past|proposals|reservations"
)
LONGEST_FILE = 400


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name.split(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_engines_import_no_database_web_or_drawing_library() -> None:
    engines = [
        path
        for path in tracked("layers/*/*.py", "layers/*/*/*.py")
        if not MEETS_THE_DATABASE.fullmatch(path.stem)
    ]
    assert len(engines) > 50
    impure = {
        str(path.relative_to(ROOT)): imported(path) & HEAVY for path in engines if imported(path) & HEAVY
    }
    assert impure == {}


@pytest.mark.parametrize("pattern", ["*.py", "*.js"])
def test_no_file_is_longer_than_a_reader_bears(pattern: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked(pattern)
        if not {"vendor", "migrations", "tests"} & set(path.relative_to(ROOT).parts)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_page_names_a_server_elsewhere() -> None:
    pages = [
        path
        for path in tracked("web_map/*.html", "web_map/**/*.js", "web_map/**/*.css")
        if "vendor" not in path.parts
    ]
    assert pages
    for path in pages:
        for line in path.read_text(encoding="utf-8").splitlines():
            named = [
                word for word in line.replace('"', " ").replace("'", " ").split() if word.startswith("http")
            ]
            allowed = [
                word
                for word in named
                if word.startswith(("http://www.w3.org/", "http://127.0.0.1", "http://localhost"))
            ]
            assert named == allowed, f"{path.relative_to(ROOT)}: {line.strip()[:120]}"
