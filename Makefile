# What a developer runs. Needs Python 3.11 or newer, and make; everything else is
# installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Arguments to hand on: make demo DEMO_ARGS=--no-serve
DEMO_ARGS ?=
PYTEST_ARGS ?=
# Processes that share the tests, a file at a time. 0 runs them in this one.
PYTEST_WORKERS ?= 2

# Node, npm and every tool come from the virtual environment.
export PATH := $(abspath $(BIN)):$(PATH)

# The installation is repeated when what it depends on has changed. The code
# itself is not copied: the installation points here.
SETTINGS := setup.py pyproject.toml MANIFEST.in $(wildcard _build_backend/*.py)
FRONTEND_SOURCES := $(shell find frontend -type f \
	-not -path '*/node_modules/*' -not -path '*/coverage/*' \
	-not -path '*/__pycache__/*' -not -path 'frontend/lint/*' \
	-not -name '*.test.ts*' -not -name '*.py')
# Missing built files (`make clean`, `git clean`) call for it as well.
STALE := $(if $(wildcard tb_kerasviz/static/BUILD_STAMP),,always)

.DEFAULT_GOAL := help
# One thing after the other, the quick checks first, also with `make -j`.
.NOTPARALLEL:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' \
		$(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/installed-demo ## train small models and look at them in TensorBoard
	@$(BIN)/python -m demo $(DEMO_ARGS)

.PHONY: test
test: lint test-frontend test-python ## every check and every test

.PHONY: lint
lint: $(VENV)/installed-test ## style, types and import contracts of the Python code
	ruff check .
	ruff format --check .
	mypy
	lint-imports --no-cache
	$(BIN)/python frontend/generate_wire.py --check

.PHONY: test-frontend
test-frontend: packages ## types, style and unit tests of the front end
	cd frontend && npm run typecheck && npm run lint && npm run test

.PHONY: test-python
test-python: packages browser ## all Python tests, browser tests among them, with coverage
	coverage erase
	pytest --cov --cov-report=term -n $(PYTEST_WORKERS) --dist loadfile \
		--no-loadscope-reorder $(PYTEST_ARGS)

.PHONY: test-browser
test-browser: browser ## only the browser tests
	pytest tests/e2e $(PYTEST_ARGS)

.PHONY: soak
soak: $(VENV)/installed-test ## the tests that take minutes
	pytest -m slow $(PYTEST_ARGS)

.PHONY: bench
bench: browser ## measure what logging costs, beside its peers
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.activations
	$(BIN)/python -m benchmarks.activations_browser
	$(BIN)/python -m benchmarks.weights_browser
	$(BIN)/python -m benchmarks.gradients_browser
	$(BIN)/python -m benchmarks.tensorboard_memory
	$(BIN)/python -m benchmarks.writer_throughput
	$(BIN)/python -m benchmarks.architecture

.PHONY: build
build: $(VENV)/installed-test ## make the wheel and the sdist, in dist/
	$(BIN)/python -m build

.PHONY: format
format: $(VENV)/installed-test packages ## bring all code into its form
	ruff check --fix .
	ruff format .
	$(BIN)/python frontend/generate_wire.py
	cd frontend && npx biome check --write .

.PHONY: clean
clean: ## remove all that was built or installed
	rm -rf $(VENV) build dist *.egg-info logs tb_kerasviz/static \
		frontend/node_modules frontend/coverage \
		.coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache

.PHONY: packages
packages: $(VENV)/installed-test
	@$(BIN)/python _build_backend/frontend_build.py packages

# Before pytest, which would keep the progress of a download to itself.
.PHONY: browser
browser: $(VENV)/installed-test
	@$(BIN)/python tests/e2e/browser.py

.PHONY: always
always:

$(VENV)/installed-%: $(SETTINGS) $(FRONTEND_SOURCES) $(STALE) | $(BIN)/pip
	@echo "make: installing tb_kerasviz[$*] into $(VENV)"
	@$(BIN)/python -m pip install --disable-pip-version-check --editable '.[$*]'
	@touch $@

.PRECIOUS: $(VENV)/installed-%

# pip is the last that arrives in a virtual environment, so it stands for the
# whole. Debian leaves what installs it out of Python.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "make: tb_kerasviz needs Python 3.11 or newer; $(PYTHON) is" \
			"$$($(PYTHON) --version 2>/dev/null || echo missing)." \
			"Name another one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "make: $(PYTHON) cannot make a virtual environment. On Debian and" \
			"Ubuntu: apt-get install python3-venv" >&2; exit 1; }
