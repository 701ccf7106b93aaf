# Everything runs in .venv, made from the locked requirement files; stamps make a repeat quick.

PYTHON ?= python3
BIN := .venv/bin
LOCALE := adapters/languages/locale
ARGS ?=

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-header --universal --python-version 3.11

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve test check bench chaos docs catalogues requirements clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: .venv/run.stamp ## play one real report through, on this machine alone
	@$(BIN)/article17 demo $(ARGS)

serve: .venv/run.stamp ## the service in development mode at http://localhost:8017
	@ARTICLE17_MODE=development $(BIN)/article17 serve $(ARGS)

test: .venv/dev.stamp ## the whole test suite
	$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

check: .venv/dev.stamp ## lint, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev.stamp ## benchmarks, written to bench/results
	$(BIN)/python -m bench $(ARGS)

chaos: .venv/dev.stamp ## long: kills and restarts the service while it works
	$(BIN)/python -m pytest -m chaos --timeout 3600 $(ARGS)

docs: .venv/run.stamp ## write the generated pages again
	$(BIN)/python -m adapters.settings > docs/settings.md.new
	mv docs/settings.md.new docs/settings.md

catalogues: .venv/dev.stamp ## collect the texts for translation again
	$(BIN)/pybabel -q extract -F pyproject.toml -k Sentence -k N_ --add-location=file --sort-output --no-wrap \
	  --project=article17 --version=0.1 -o $(LOCALE)/messages.pot notify contacts adapters
	$(BIN)/pybabel -q update -N --ignore-obsolete --no-wrap -i $(LOCALE)/messages.pot -d $(LOCALE)

requirements: .venv/dev.stamp ## lock the newest versions inside the ranges
	cd requirements && ../$(LOCK) --upgrade run.in -o run.txt
	cd requirements && ../$(LOCK) --upgrade --constraint run.txt dev.in -o dev.txt

clean: ## remove .venv, caches and what was built
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build article17.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/made.stamp:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): install Python 3.11 or newer (Debian: python3), or give make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "article17 needs Python 3.11 or newer, and $(PYTHON) is older: give make PYTHON=python3.12, or another one" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's module venv is missing: install the Debian package python3-venv" >&2; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/run.stamp: .venv/made.stamp requirements/run.txt pyproject.toml
	@echo "Installing what the service needs …"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt requirements/xsd.txt
	@echo "Installing what tests and checks need …"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --require-hashes --no-deps -r requirements/xsd.txt
	@touch $@
