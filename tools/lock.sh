#!/usr/bin/env bash
# Resolve every dependency anew, with hashes and without addresses; takes some minutes. `LOCK_OPTIONS=` with
# `--upgrade` moves to the newest versions, without it only what pyproject.toml demands is changed. Resolved for the
# Python that runs it; what Debian 12's 3.11.2 cannot have is kept out by constraints.txt, and a test looks.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/words.sh

say "Resolving versions; this takes some minutes …" "正在解析版本，需数分钟……"
.venv/bin/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
    --no-annotate --no-header --allow-unsafe --all-extras --constraint requirements/constraints.txt ${LOCK_OPTIONS:-} \
    --output-file requirements/dev.lock pyproject.toml 2> >(grep -v '^WARNING: Location' >&2)
tools/bootstrap.sh dev
.venv/bin/python tools/lock_subset.py
tools/bootstrap.sh dev
