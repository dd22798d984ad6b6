# access15: `make demo` and `make test` need Python 3.11 or newer and make, nothing else.
# The first run makes the environment in $(VENV); later runs reuse it until pyproject.toml or
# constraints.txt change.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
RUN := $(BIN)/python -m
INSTALL := $(RUN) pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help install demo test check lint types layers format bench docs wheel check-install check-wheels check-lowest check-bounds clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'
	@echo ""
	@echo "  PYTHON=python3.13 chooses the interpreter, ARGS='-k coverage' goes to the program that runs."

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "access15 needs Python 3.11 or newer: name one with 'make PYTHON=python3.12 ...'" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The build tool comes first, at its pin; it then builds access15 in this environment.
$(VENV)/.hatchling: constraints.txt | $(VENV)/.created
	$(INSTALL) hatchling
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.hatchling
	$(INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.hatchling
	$(INSTALL) --no-build-isolation --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: pyproject.toml $(VENV)/.hatchling
	$(INSTALL) --no-build-isolation --editable '.[docs]'
	@touch $@ $(VENV)/.installed

install: $(VENV)/.installed  ## make the environment and install access15 into it

demo: $(VENV)/.installed  ## run the bundled sample study, offline
	$(BIN)/access15 demo $(ARGS)

test: $(VENV)/.installed-dev  ## run the tests
	$(RUN) pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

check: lint types layers  ## lint, format, types, the import contract and the house's own rules

lint: $(VENV)/.installed-dev  ## ruff: lint and format, nothing changed
	$(RUN) ruff check .
	$(RUN) ruff format --check .

types: $(VENV)/.installed-dev  ## mypy, strict
	$(RUN) mypy

layers: $(VENV)/.installed-dev  ## the import contract, and the house's own rules
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_house.py

format: $(VENV)/.installed-dev  ## let ruff repair and format the files
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

bench: $(VENV)/.installed-dev  ## time and memory of the commands
	$(BIN)/python benchmarks/bench_commands.py $(ARGS)

docs: $(VENV)/.installed-docs  ## build the pages into site/, warnings are errors
	$(RUN) sphinx -W --keep-going -q -b html docs site $(ARGS)
	@echo "site/index.html"

wheel: $(VENV)/.hatchling  ## build the wheel into dist/
	$(RUN) pip wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir dist .
	@ls dist

check-install:  ## install the wheel in a new environment and run the demo there
	bash scripts/check_install.sh $(PYTHON)

check-wheels: $(VENV)/.created  ## every pin has a wheel on every platform and Python
	bash scripts/check_wheels.sh $(BIN)/python

check-lowest:  ## run the tests with the lowest versions that pyproject.toml allows
	bash scripts/check_lowest.sh $(PYTHON)

check-bounds: $(VENV)/.installed-dev  ## run the tests with bounds checks in the compiled kernels
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(VENV)/checked-kernels $(RUN) pytest $(ARGS)

clean:  ## remove the environment, builds and caches (results stay)
	rm -rf $(VENV) build dist site docs/reference .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
