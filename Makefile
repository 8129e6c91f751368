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

spark: setup ## Add PySpark and a Java to .venv, for Glue's Spark jobs
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-spark.lock

demo: setup ## Run the whole lakehouse, end to end (AIRFLOW=1: by its DAGs; DEMO_ARGS adds options)
	$(BIN)/millpond demo $(if $(filter-out 0,$(AIRFLOW)),--airflow) $(DEMO_ARGS)

test: setup ## Run every test that needs nothing but the lock
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile $(PYTEST_ARGS)

airflow: setup ## Start Airflow on the deployed lake, as MWAA runs it (`millpond airflow stop` ends it)
	$(BIN)/millpond airflow start $(AIRFLOW_ARGS)

test-airflow: setup ## Test the DAGs in real Airflow, on a local cloud with IAM enforced
	TEST_AIRFLOW=1 $(BIN)/python -m pytest -n logical --maxprocesses 2 --dist loadfile tests/airflow tests/mwaa_dags $(PYTEST_ARGS)

lint: setup ## Check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# LocalStack 4.14.0 runs on Python 3.13 alone; PYTHON313=… names one that is not found here.
PYTHON313 ?= $(shell for python in python3.13 "$(HOME)"/.pyenv/versions/3.13.*/bin/python; do \
	$$python -c 'import sys; print(sys.executable)' 2>/dev/null && break; done)
LOCALSTACK_VENV := .millpond/localstack/venv

test-localstack: setup ## Test the stack localstack on the real LocalStack, without Docker (Python 3.13)
	@if [ -z "$(PYTHON313)" ]; then \
		echo "Skipped: LocalStack 4.14.0 needs Python 3.13, and none was found. Name one: make $@ PYTHON313=…"; \
	else \
		$(MAKE) --no-print-directory $(LOCALSTACK_VENV)/.installed PYTHON313="$(PYTHON313)" && \
		LOCALSTACK_PYTHON="$(CURDIR)/$(LOCALSTACK_VENV)/bin/python" $(BIN)/python -m pytest tests/localstack $(PYTEST_ARGS); \
	fi

$(LOCALSTACK_VENV)/.installed: requirements-localstack.lock
	$(BIN)/uv venv --quiet --clear --python "$(PYTHON313)" --no-python-downloads $(LOCALSTACK_VENV)
	$(BIN)/uv pip install --quiet --python $(LOCALSTACK_VENV)/bin/python --require-hashes -r requirements-localstack.lock
	@touch $@

bench: setup ## Measure what the project promises about speed and memory
	$(BIN)/python -m pytest tests/bench -m bench -s -o addopts="--import-mode=importlib" $(PYTEST_ARGS)

sources: setup ## Write dbt's list of sources anew from the contracts in infra/sources
	$(BIN)/python -m lake.dbt_sources

lock: setup ## Resolve the dependencies anew into the hashed locks
	$(BIN)/uv pip compile requirements-setup.in -o requirements-setup.lock $(LOCK_FLAGS)
	$(BIN)/uv pip compile pyproject.toml -o requirements.lock $(LOCK_FLAGS)
	$(BIN)/uv pip compile pyproject.toml --group dev -o requirements-dev.lock $(LOCK_FLAGS)
	$(BIN)/uv pip compile pyproject.toml --extra spark -o requirements-spark.lock $(LOCK_FLAGS)
	$(BIN)/uv pip compile requirements-localstack.in -o requirements-localstack.lock --python-version 3.13 $(LOCK_FORM)
	$(BIN)/uv pip compile requirements-airflow.in -o requirements-airflow.lock $(LOCK_FLAGS)
	$(BIN)/uv pip compile mwaa_dags/requirements-dbt.in -c requirements.lock -o mwaa_dags/requirements-dbt.lock \
		--python-version 3.12 --python-platform x86_64-manylinux_2_28 $(LOCK_FORM)
LOCK_FORM := --quiet --upgrade --generate-hashes --no-emit-index-url --no-annotate --no-header
# Not for LocalStack's, which no Python above 3.13 can have and which is the same on Linux and macOS.
LOCK_FLAGS := --universal --python-version 3.11 $(LOCK_FORM)

clean: ## Remove the environment and everything that was made
	rm -rf $(VENV) .millpond build dist dbt_athena/target dbt_athena/logs

.PHONY: help setup spark demo test airflow test-localstack test-airflow lint bench sources lock clean
