# Two commands on a fresh machine: `make demo` does the main job on the sample clip, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types rooms unit test-faults bench clean

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

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	$(BIN)/python -c 'import cvinspect.opencv' 2>/dev/null || sh tools/system-packages libgl1 libglib2.0-0 libxcb1
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
