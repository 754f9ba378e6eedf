# Two commands do all set-up: `make report` and `make test`. Every target is one a person may paste.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help report spark test check lint types imports format generated sample bench package clean

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/ -/'

report: $(VENV)/program ## build the environment and run the June 2019 report on the sample mission
	$(BIN)/cpas run sample_data 2019-06

spark: ## pass the tests of Spark, which needs Java, in an environment of its own
	test -x $(VENV)-spark/bin/python || $(PYTHON) -m venv $(VENV)-spark
	$(VENV)-spark/bin/python -m pip --disable-pip-version-check --quiet install -c constraints.txt -e '.[dev,spark]'
	$(VENV)-spark/bin/python -m pytest -m spark

test: $(VENV)/workshop ## build the environment and pass the tests
	$(BIN)/python -m pytest -n 2

check: lint types imports ## formatting, lint, types and the layers of the house

lint: $(VENV)/workshop ## formatting and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/workshop ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/workshop ## rooms import only rooms below them; heavy libraries have one door
	$(BIN)/lint-imports

format: $(VENV)/workshop ## format and repair what can be repaired
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generated: $(VENV)/program ## write the JSON Schemas and the suites of checks anew
	$(BIN)/python -m cpas.jobs.generated

sample: $(VENV)/program ## write sample_data anew
	$(BIN)/python -m cpas.illustration

bench: $(VENV)/workshop ## the measurements of docs/performance.md
	$(BIN)/python benchmarks/bench_measures.py
	$(BIN)/python benchmarks/bench_partitions.py
	$(BIN)/python benchmarks/bench_month.py
	$(BIN)/python benchmarks/bench_checks.py

package: $(VENV)/workshop ## build the wheel, and run it away from the checkout
	rm -rf dist && $(PIP) wheel --no-deps --wheel-dir dist .
	$(PYTHON) -m venv dist/venv && dist/venv/bin/python -m pip --disable-pip-version-check --quiet install -c constraints.txt dist/*.whl
	cd dist && venv/bin/cpas init mission && venv/bin/cpas run mission 2019-06

clean: ## remove what make has built
	rm -rf $(VENV) $(VENV)-spark dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/program: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -c constraints.txt -e .
	touch $@

$(VENV)/workshop: $(VENV)/program
	$(PIP) install -c constraints.txt -e '.[dev]'
	touch $@
