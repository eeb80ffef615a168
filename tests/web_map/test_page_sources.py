"""What the page is made of: vendored builds as installed, one inline script, words in both languages."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from web_map.pages import inline_script_sources

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "web_map" / "static"
MESSAGES = {
    tag: {
        key: text
        for path in (STATIC / "messages").glob(f"*{tag}.json")
        for key, text in json.loads(path.read_text()).items()
    }
    for tag in ("zh-CN", "en")
}
SOURCES = [*(STATIC / "js").rglob("*.js"), *(ROOT / "web_map").rglob("*.html")]


def test_vendored_files_are_those_listed_with_their_licences():
    for package in json.loads((STATIC / "vendor" / "vendor.json").read_text()):
        assert any("LICENSE" in path for path in package["files"]), package["name"]
        for path, digest in package["files"].items():
            assert hashlib.sha256((STATIC / "vendor" / path).read_bytes()).hexdigest() == digest, path


def test_vendored_files_are_what_the_package_manager_installed():
    if not (ROOT / "node_modules").exists() or shutil.which("node") is None:
        pytest.skip("the npm side is not installed: npm ci")
    done = subprocess.run(
        ["node", "tools/vendor.mjs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_lock_file_holds_no_download_addresses():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_every_import_has_its_file():
    html = (ROOT / "web_map" / "index.html").read_text() + (
        ROOT / "web_map" / "field" / "index.html"
    ).read_text().replace("../static", "./static")
    imports = json.loads(re.search(r'<script type="importmap">(.*?)</script>', html, re.DOTALL).group(1))[
        "imports"
    ]
    linked = re.findall(r'(?:href|src)="(static/[^"]+)"', html)
    missing = [path for path in (*imports.values(), *linked) if not (ROOT / "web_map" / path).exists()]
    assert missing == []


def test_the_page_has_one_inline_script_and_no_inline_style():
    html = (ROOT / "web_map" / "index.html").read_text()
    assert len(inline_script_sources()) == 1
    assert re.search(r"<style|\sstyle=|\son\w+=", html) is None


def test_both_languages_say_the_same_things():
    assert MESSAGES["zh-CN"].keys() == MESSAGES["en"].keys()
    for key, text in MESSAGES["zh-CN"].items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", MESSAGES["en"][key])), key


def test_every_message_is_used_and_every_used_one_exists():
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    patterns = re.findall(r"say\(`([^`]+)`", text)
    made = {
        key
        for key in MESSAGES["en"]
        for made in patterns
        if re.fullmatch(re.sub(r"\$\{\w+\}", r"\\w+", made), key)
    }
    quoted = {key for key in MESSAGES["en"] if f'"{key}"' in text}
    assert MESSAGES["en"].keys() - made - quoted == set()
    named = set(re.findall(r'(?:say|fact)\(\s*"([\w.]+)"', text)) | set(
        re.findall(r'data-say(?:-\w+)?="([\w.]+)"', text)
    )
    assert named - MESSAGES["en"].keys() == set()
