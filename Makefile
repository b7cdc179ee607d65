PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps
LOCK := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	$(if $(UPGRADE),--upgrade)
PROJECT := pyproject.toml app/__init__.py

.DEFAULT_GOAL := help
.PHONY: help setup serve test check openapi bench bench-contract bench-figures bench-ingest bench-kill bench-state pictures lock lint types format docker-lint

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.dev ## Install everything that development needs

serve: $(VENV)/.run ## Serve on http://127.0.0.1:8000
	$(BIN)/modelcensus serve

test: $(VENV)/.dev ## Run the tests; `make test T=tests/api` runs some
	$(BIN)/python -m pytest -n 2 --dist worksteal $(T)

check: lint types test ## Lint, types, tests

lint: $(VENV)/.dev ## Check style, formatting and dependencies
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/deptry app migrations

types: $(VENV)/.dev ## Check types
	$(BIN)/mypy

format: $(VENV)/.dev ## Format and fix what can be fixed
	$(BIN)/ruff check --fix --quiet; $(BIN)/ruff format --quiet

openapi: $(VENV)/.dev ## Write openapi/openapi.json and its examples
	$(BIN)/python -m tests.api.answering && $(BIN)/modelcensus openapi

bench: $(VENV)/.dev ## Measure all that docs/performance.md tells, in a quarter of an hour
	$(BIN)/python -m bench.serve
	$(BIN)/python -m bench.scale
	$(BIN)/python -m bench.cold
	$(BIN)/python -m bench.startup
	$(BIN)/python -m bench.report

bench-contract: $(VENV)/.dev ## Measure what the contract of rankings catches
	$(BIN)/python -m bench.catch_rates

bench-figures: $(VENV)/.dev ## Measure figures: cold, kept, beside hits, 2,000 in a row
	$(BIN)/python -m bench.figures --keep && $(BIN)/python -m bench.report

bench-state: $(VENV)/.dev ## Put a record through 10,000 random steps
	$(BIN)/python bench/state.py

bench-ingest: $(VENV)/.dev ## Measure a back-fill and files of a million rows
	$(BIN)/python -m bench.backfill && $(BIN)/python -m bench.million

bench-kill: $(VENV)/.dev ## Kill 200 ingestions per database, and verify after each
	$(BIN)/python -m bench.kill

pictures: $(VENV)/.dev ## Take the pictures of the pages in docs/images
	$(BIN)/python -m bench.pictures

docker-lint: $(VENV)/.dev ## Lint the Dockerfile
	$(BIN)/hadolint Dockerfile

lock: $(VENV)/.dev ## Write the locks; `make lock UPGRADE=1` takes newer versions
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --group build -c requirements.lock -o requirements-build.lock
	$(LOCK) pyproject.toml --group dev -c requirements.lock -c requirements-build.lock -o requirements-dev.lock

# Each stamp says what the environment holds; a changed lock installs again.
$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements.lock requirements-build.lock $(PROJECT) | $(VENV)/.made
	$(PIP) --require-hashes -r requirements.lock -r requirements-build.lock
	$(PIP) --no-build-isolation -e .
	$(BIN)/python -m app.web.vega keep
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
