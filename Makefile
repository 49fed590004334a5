# make demo: from a fresh clone to a labelled dataset. make test: every check. Both set themselves up first.
#
# PYTHON=python3.12   the Python to make the environment with (default: the first one from 3.10 on)
# VENV=.venv          where the environment lies
# FRAMES=64           how many frames the demo makes
# PYTEST_ARGS=        further arguments of pytest, such as -k spec
# BENCH_ARGS=         further arguments of replicator-dr bench, such as --growth
# GALLERY_ARGS=       further arguments of tools/gallery.py, such as --samples 64
# PAGES_ARGS=         further arguments of tools/pages, such as scenes tabletop

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
PYTHON ?=
FRAMES ?= 64
DEMO ?= _out/tabletop
JOBS ?= auto
PYTEST_ARGS ?=
BENCH_ARGS ?=
GALLERY_ARGS ?=
PAGES_ARGS ?=

# The checks start hundreds of processes: what they import is compiled once, whatever the caller's environment says.
unexport PYTHONDONTWRITEBYTECODE

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: help demo test test-all lint format types imports unit bench docs gallery pages clean distclean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --------------------------------------------------------------------------------------------------- environment

$(RUN_STAMP): pyproject.toml tools/make_venv.sh
	@sh tools/make_venv.sh "$(VENV)" "$(PYTHON)"
	@echo "Installing replicator_dr and the embedded runtime into $(VENV)"
	@$(PIP) install --quiet --editable ".[embedded]"
	@touch $@

# Most of what the checks bring is never imported: what is gets compiled then.
$(DEV_STAMP): pyproject.toml tools/make_venv.sh
	@sh tools/make_venv.sh "$(VENV)" "$(PYTHON)"
	@echo "Installing replicator_dr, the embedded runtime and the checks into $(VENV)"
	@$(PIP) install --quiet --no-compile --editable ".[embedded,dev]"
	@touch $(RUN_STAMP) $@

# ---------------------------------------------------------------------------------------------------------- main

demo: $(RUN_STAMP) ## make 64 labelled frames of scenes/tabletop.yaml, load them back, draw a preview
	@$(BIN)/replicator-dr generate scenes/tabletop.yaml --frames $(FRAMES) --output $(DEMO) --overwrite
	@$(BIN)/python tools/summarize_dataset.py $(DEMO)
	@$(BIN)/replicator-dr preview $(DEMO) --frames 4 -o $(DEMO)/preview.png

test: $(DEV_STAMP) lint types imports unit ## ruff, mypy, import contracts and the test suite

test-all: PYTEST_MARKERS :=
test-all: test ## the same with the slow tests

lint: $(DEV_STAMP) ## ruff: rules and formatting
	@echo "== ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(DEV_STAMP) ## mypy, strict
	@echo "== mypy"
	@MYPY_NUM_WORKERS=$$(nproc 2>/dev/null || echo 1) $(BIN)/mypy

imports: $(DEV_STAMP) ## import-linter: the layers
	@echo "== import contracts"
	@$(BIN)/lint-imports --no-cache

PYTEST_MARKERS := -m "not slow"
unit: $(DEV_STAMP) ## the test suite alone
	@echo "== pytest"
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal $(PYTEST_MARKERS) $(PYTEST_ARGS)

format: $(DEV_STAMP) ## put the code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(RUN_STAMP) ## measure scenes/parts.yaml and tabletop.yaml: stages, end to end, memory; BENCH_ARGS="--growth --peers"
	@$(BIN)/replicator-dr bench --output _bench $(BENCH_ARGS)

docs: $(RUN_STAMP) ## make docs/language.md, the JSON Schema and docs/images anew from the code
	@$(BIN)/replicator-dr schema --markdown > docs/language.md.new
	@mv docs/language.md.new docs/language.md
	@$(BIN)/replicator-dr schema > scenes/replicator_dr.schema.json.new
	@mv scenes/replicator_dr.schema.json.new scenes/replicator_dr.schema.json
	@$(BIN)/replicator-dr preview scenes/tabletop.yaml -k 4 -k 7 -k 11 --width 400 -o docs/images/tabletop.jpg

gallery: $(RUN_STAMP) ## make the README's pictures anew: docs/images/gallery; GALLERY_ARGS="--samples 64 labels"
	@$(BIN)/python -m tools.gallery $(GALLERY_ARGS)

pages: $(RUN_STAMP) ## make docs/randomizers.md and the pictures of randomizers and scenes; PAGES_ARGS="randomizers light"
	@$(BIN)/python -m tools.pages $(PAGES_ARGS)

clean: ## remove what the commands wrote and the caches
	rm -rf _out _bench build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## clean, and remove the environment
	rm -rf $(VENV)
