# `make demo` shows the service on real boundaries; `make test` proves it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
# Node.js of the system, else the one that tools/front_end.sh fetched.
NPM := PATH="$$(tools/node_path.sh)" npm --silent
PYTEST_OPTIONS ?=

.PHONY: help demo test lines check check-python check-page check-migrations bench qgis lock vendor screenshot clean environment

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: ## install what is missing, load the demonstration, serve it, print its address
	@tools/bootstrap.sh demo
	@bash -c '. tools/words.sh; . tools/system_packages.sh; need_postgis'
	@exec $(BIN)/python -m geo_service demo --serve --port "$${GEO_PORT:-8000}"

environment:
	@tools/bootstrap.sh dev
	@bash -c '. tools/words.sh; . tools/system_packages.sh; need_postgis'
	@tools/front_end.sh

test: check ## every check, then every test
	@$(BIN)/pytest -m "not bench" --junitxml=build/tests.xml $(PYTEST_OPTIONS)

lines: environment ## which lines no test runs; the tests take half as long again
	@$(BIN)/pytest -m "not bench" --cov --cov-report=term $(PYTEST_OPTIONS)

check: check-python check-page check-migrations ## lint, types, import contracts, migrations

check-python: environment
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/lock_subset.py --check

check-page: environment
	@$(NPM) run lint
	@$(NPM) run types
	@$(NPM) run vendor:check

check-migrations: environment
	@$(BIN)/python tools/check_migrations.py

bench: environment ## measured figures with their peers, JSON lines
	@$(BIN)/python -m tests.benchmarks $(BENCH)

qgis: environment ## open layers and tiles of /ogc in a headless QGIS, where python3-qgis is installed
	@if /usr/bin/python3 -c "import qgis.core" 2>/dev/null; then QT_QPA_PLATFORM=offscreen /usr/bin/python3 tools/open_in_qgis.py; \
	else echo "skipped: python3-qgis is not installed (apt-get install python3-qgis)"; fi

lock: environment ## choose the newest versions anew, with hashes: requirements/*.lock
	@tools/lock.sh

vendor: environment ## copy the page's libraries from node_modules to web_map/static/vendor
	@$(NPM) run vendor

clean: ## remove what was made here, not the data
	@rm -rf build dist .venv node_modules .coverage .coverage.* .*_cache .hypothesis .schemathesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
