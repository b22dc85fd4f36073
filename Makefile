# Two commands on a fresh machine: `make demo` does the main job on the sample clip, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := -m pip install --quiet --disable-pip-version-check
TESTED := tools/constraints.txt

.PHONY: demo test lint types rooms unit test-faults bench constraints clean

demo: $(VENV)/.installed
	$(BIN)/cvinspect run samples/street.mp4 --config samples/street.yaml --out out/demo --annotate --overwrite

test: lint types rooms unit

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

rooms: $(VENV)/.installed-dev
	$(BIN)/lint-imports

unit: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Each fault many times, about two hours; a table on stdout. The short form is part of `make unit`.
test-faults: $(VENV)/.installed-dev
	CVINSPECT_FAULTS=long $(BIN)/python -m tests.faults

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/peers.py

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cvinspect needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); sh tools/system-packages python3-venv && $(PYTHON) -m venv $(VENV); }

$(VENV)/.installed: pyproject.toml $(TESTED) | $(BIN)/python
	$(BIN)/python $(INSTALL) -c $(TESTED) -e .
	$(BIN)/python -c 'import cvinspect.opencv' 2>/dev/null || sh tools/system-packages libgl1 libglib2.0-0 libxcb1
	touch $@

$(VENV)/.installed-dev: pyproject.toml $(TESTED) | $(VENV)/.installed
	$(BIN)/python $(INSTALL) -c $(TESTED) -e '.[dev]'
	touch $@

# The newest packages there are become the tested ones: run `make test` with them, and commit the file where that is green.
constraints:
	rm -rf out/newest
	$(PYTHON) -m venv out/newest
	out/newest/bin/python $(INSTALL) '.[daemon,dev,evaluate,openvino]'
	out/newest/bin/python -m pip freeze --exclude cvinspect >out/newest/frozen.txt
	{ grep '^#' $(TESTED); cat out/newest/frozen.txt; } >out/newest/constraints.txt
	mv out/newest/constraints.txt $(TESTED)

clean:
	rm -rf $(VENV) out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
