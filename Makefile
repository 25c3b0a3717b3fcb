# Every target works from a fresh clone: it makes what it needs first, and does nothing twice.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
# Where the demo runs: render (YAML on disk, no cluster), cluster (the lab's Kubernetes) or docker.
ON ?= render
# Measurements of each kind that `make bench` takes.
RUNS ?= 5
# Further arguments for pytest, such as ARGS='-k mysql -x'.
ARGS ?=
PY := .venv/bin/python
LAB := $(PY) -m lab
# Rings of the tests that `make test` runs: those that are here, unless some are named (RINGS='unit golden').
RINGS ?=
SHORTCUTS := unit mocks engine cluster docker middleware

.PHONY: help env toolchain demo demo-down test $(SHORTCUTS) golden lab-down fmt lint type bench clean clean-all

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  make RING         one ring of the tests alone: $(SHORTCUTS)"

env: ## Python environment in .venv
	@$(PYTHON) lab/bootstrap.py

toolchain: env ## pulumi, its plugins and the lab's Kubernetes in .lab/bin
	@$(LAB) toolchain

demo: env ## bring up an exchange and two linked parties; ON=render (default), cluster or docker
	@$(LAB) demo up --on $(ON)

demo-down: env ## destroy what `make demo` made, on every platform
	@$(LAB) demo down

test: env ## the tests, all rings or RINGS='unit golden'; ARGS='...' for pytest
	@$(LAB) test $(RINGS) -- $(ARGS)

$(SHORTCUTS): env
	@$(LAB) test $@ -- $(ARGS)

golden: env ## write the golden files anew; review the difference before committing it
	@UPDATE_GOLDEN=1 $(LAB) test golden -- $(ARGS)

lab-down: ## stop the lab's cluster and Docker engine, if they run; their data stays
	@if [ -x $(PY) ]; then $(LAB) cluster down; $(LAB) docker down; fi

fmt: env ## format and sort imports
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

lint: env ## style, complexity, size
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

type: env ## mypy, strict
	@.venv/bin/mypy

bench: env ## measure the program beside an empty one and beside kubectl; RUNS=5, all places; writes docs/bench.md
	@$(LAB) bench --runs $(RUNS)

clean: ## caches of Python and its tools
	@rm -rf .mypy_cache .ruff_cache .pytest_cache
	@find . -path ./.venv -prune -o -path ./.lab -prune -o -name __pycache__ -type d -exec rm -rf {} +

clean-all: clean ## also .venv and .lab: stops the lab's cluster and Docker engine, and forgets the demo
	@if [ -x $(PY) ]; then $(LAB) demo down || true; fi
	@$(MAKE) --no-print-directory lab-down || true
	@rm -rf .lab .venv
