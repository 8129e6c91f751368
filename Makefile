# Everything a newcomer types. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed ## Make .venv from the hashed locks (Python 3.11 to 3.13 is all it needs)

$(VENV)/.installed: requirements-setup.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Millpond needs Python 3.11, 3.12 or 3.13; {sys.executable} is {v[0]}.{v[1]}. Name another one with `make PYTHON=python3.12 …`.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Run the whole lakehouse: deploy, load, transform, test, query (DEMO_ARGS adds options)
	$(BIN)/millpond demo $(DEMO_ARGS)

test: setup ## Run every test that needs nothing but the lock
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup ## Check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup ## Measure what the project promises about speed and memory
	$(BIN)/python -m pytest tests/bench -m bench -s -o addopts="--import-mode=importlib" $(PYTEST_ARGS)

sources: setup ## Write dbt's list of sources anew from the contracts in infra/sources
	$(BIN)/python -m lake.dbt_sources

lock: setup ## Resolve the dependencies anew into the hashed locks
	$(BIN)/uv pip compile requirements-setup.in -o requirements-setup.lock $(LOCK_FLAGS)
	$(BIN)/uv pip compile pyproject.toml -o requirements.lock $(LOCK_FLAGS)
	$(BIN)/uv pip compile pyproject.toml --group dev -o requirements-dev.lock $(LOCK_FLAGS)
LOCK_FLAGS := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

clean: ## Remove the environment and everything that was made
	rm -rf $(VENV) .millpond build dist dbt_athena/target dbt_athena/logs

.PHONY: help setup demo test lint bench sources lock clean
