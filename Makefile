# make demo · make test · make test-long · make test-fork · make test-spawn · make check · make bench · make scaling
#
# Each needs Python 3.11 or newer and nothing else: .venv is made here. Another interpreter or place:
#     make test PYTHON=python3.13 VENV=.venv-3.13

PYTHON ?= python3
VENV ?= .venv
# How many processes the tests take.
JOBS ?= 2

BIN := $(VENV)/bin
# Metaflow is what tests compare with; it gets an environment of its own (tests/support/parity/metaflow.py).
REQUIREMENTS := $(filter-out requirements/metaflow.txt,$(sort $(wildcard requirements/*.txt)))
PROJECTS := core $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
# Folders too: one changes when a file in it is removed.
SOURCES := $(foreach project,$(PROJECTS),$(project)/pyproject.toml \
	$(shell find $(project)/src -name __pycache__ -prune -o -print))
# The core's wheel has the tutorials in it.
SOURCES += $(wildcard docs/tutorial/*-*/*)
CHECKED := core/src $(wildcard plugins/*/src) scripts tests/support

# Both hide faults: unflushed output, and stale or missing bytecode.
unexport PYTHONUNBUFFERED
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-long test-fork test-spawn check bench scaling format clean system-packages
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	$(BIN)/python examples/digits.py run

test: $(VENV)/installed system-packages
	$(BIN)/python -m pytest -n $(JOBS) tests

test-long: $(VENV)/installed system-packages
	$(BIN)/python -m pytest -n $(JOBS) -m long tests

# The same tests with one way of starting tasks (docs/explanation/how-tasks-start.md) in place of the automatic choice.
test-fork: $(VENV)/installed system-packages
	$(BIN)/python -m pytest -n $(JOBS) --task-start fork tests

test-spawn: $(VENV)/installed system-packages
	$(BIN)/python -m pytest -n $(JOBS) --task-start spawn tests/flows

# All four, whatever the first says.
check: $(VENV)/installed
	@status=0; \
	for command in "ruff check ." "ruff format --check ." "mypy $(CHECKED)" "python scripts/lint_imports.py"; do \
	    echo "$(BIN)/$$command"; $(BIN)/$$command || status=1; \
	done; \
	exit $$status

bench: $(VENV)/installed
	$(BIN)/python benchmarks/run.py

# The figures and plots of docs/explanation/scaling.md.
scaling: $(VENV)/installed
	$(BIN)/python benchmarks/scaling.py

format: $(VENV)/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV)

# Programs that tests start and pip can't bring; only where this may install them.
system-packages:
	@if [ "$$(id -u)" = 0 ] || [ -n "$$CI" ]; then scripts/install-test-system-packages.sh; fi

$(VENV)/interpreter:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "FlowKit needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1);" \
	         "name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements/bootstrap.txt
	@touch $@

$(VENV)/requirements: $(VENV)/interpreter $(REQUIREMENTS)
	$(BIN)/python scripts/uv.py pip install --quiet $(addprefix -r ,$(REQUIREMENTS))
	@touch $@

# A plain install, as a user's: tests then see what is packaged, not what lies about.
$(VENV)/installed: $(VENV)/requirements $(SOURCES)
	$(BIN)/python scripts/uv.py pip install --quiet --no-deps --no-build-isolation --reinstall \
	    $(addprefix ./,$(PROJECTS))
	@touch $@
