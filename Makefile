# The one front door. Needs Python 3.11+ and make, nothing else: the first call makes .venv and fills it.
#
#   make          list the targets
#   make demo     Beijing's air, 2013 to 2017, graded; writes the report
#   make river    the Thames, 2009 to 2017, from samples to a bill; writes the report
#   make drill    one hour of the past is changed, on a copy: who notices
#   make test     the test suite
#   make check    format, lint, types, import order, docs

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# uv does not read pip's configuration: hand it the index and the certificates pip was told to use.
INDEX = $(or $(UV_DEFAULT_INDEX),$(PIP_INDEX_URL),$(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null))
CERTIFICATES = $(or $(SSL_CERT_FILE),$(PIP_CERT))
UV = $(if $(INDEX),UV_DEFAULT_INDEX=$(INDEX)) $(if $(CERTIFICATES),SSL_CERT_FILE=$(CERTIFICATES)) \
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv --quiet --no-config
INSTALL = $(UV) pip install --require-hashes
EDITABLE = $(UV) pip install --no-deps --no-build-isolation --editable .
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help demo river drill test check format bench docs requirements clean
.DELETE_ON_ERROR:

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(VENV)/.demo  ## grade Beijing's air, 2013 to 2017, and write the report
	@$(BIN)/commonshed demo $(ARGS)

river: $(VENV)/.demo  ## from samples of the Thames to a bill and a spill drill, one report
	@$(BIN)/commonshed demo --place thames $(ARGS)

drill: $(VENV)/.demo  ## change one hour of the past, on a copy, and see who notices
	@$(BIN)/commonshed tamper-drill $(ARGS)

test: $(VENV)/.dev  ## run the tests (ARGS='tests/assess -k trend')
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(VENV)/.dev  ## format check, lint, types, import order, docs build
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests benchmarks
	$(BIN)/lint-imports --no-cache
	$(BIN)/zensical build --strict

format: $(VENV)/.dev  ## put the code in its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev  ## measure what we hold ourselves to (ARGS=national)
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.dev  ## write the command-line reference and build the docs into site/
	$(BIN)/python -m commonshed.cli.reference > docs/cli-reference.md
	$(BIN)/zensical build --strict

requirements: $(VENV)/.uv  ## pin again, to the newest versions that go together
	$(COMPILE) --upgrade requirements/uv.in -o requirements/uv.txt
	$(COMPILE) --upgrade --extra plot --extra node pyproject.toml requirements/build.in requirements/dev.in -o requirements/dev.txt
	$(COMPILE) --extra plot --extra node -c requirements/dev.txt pyproject.toml requirements/build.in -o requirements/demo.txt
	$(COMPILE) -c requirements/dev.txt pyproject.toml -o requirements/core.txt
	@! grep -n '://' requirements/*

clean:  ## remove everything made here, .venv too
	rm -rf $(VENV) build dist site demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# What is installed, in three steps; each stamp is younger than what it was made from.
$(VENV)/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Commonshed needs Python 3.11 or newer: make PYTHON=python3.11")'
	@echo "making $(VENV)" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.txt
	@touch $@

$(VENV)/.demo: requirements/demo.txt pyproject.toml $(VENV)/.uv
	@echo "installing what the library and its pictures need" >&2
	@$(INSTALL) --requirement requirements/demo.txt
	@$(EDITABLE)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml $(VENV)/.uv
	@echo "installing what the tests and checks need" >&2
	@$(UV) pip sync --require-hashes requirements/uv.txt requirements/dev.txt
	@$(EDITABLE)
	@touch $(VENV)/.demo $@
