# One line of help per command: the comment after ## is what `make help` prints.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ARGS ?=
UV = $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
# A project keeps its environment in .venv, whatever the shell that calls make has set.
export UV_PROJECT_ENVIRONMENT = .venv
unexport VIRTUAL_ENV
RUN = .venv/bin/

.PHONY: help demo test full check conformance clients sign-in cluster company-day bench format docs sbom clean
help: ## what each command does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

.tools/bin/uv:
	@test -n "$(PYTHON)" || { echo "annulet needs Python 3.11 or newer: install it and run make again" >&2; exit 1; }
	@$(PYTHON) -m venv .tools 2>/dev/null && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv \
	  || $(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools uv

.venv/.demo: pyproject.toml uv.lock
	@test -x "$(UV)" -o -n "$$(command -v uv)" || $(MAKE) --no-print-directory .tools/bin/uv
	@$(UV) sync --frozen --quiet --extra server --python $(PYTHON) --inexact
	@touch $@

.venv/.dev: pyproject.toml uv.lock
	@test -x "$(UV)" -o -n "$$(command -v uv)" || $(MAKE) --no-print-directory .tools/bin/uv
	@$(UV) sync --frozen --quiet --all-extras --group dev --python $(PYTHON)
	@touch $@ .venv/.demo

.venv/.full: .venv/.dev
	@$(UV) sync --frozen --quiet --all-extras --group dev --group full --python $(PYTHON)
	@touch $@

demo: .venv/.demo ## connect and ask a simulated person (ARGS=--once ends after the transcript)
	@$(RUN)annulet demo $(ARGS)

test: .venv/.dev ## the checks of the house and every test that is not in `make full`
	@$(MAKE) --no-print-directory check
	@$(RUN)python -m pytest -n 2 -m "not full" $(ARGS)

full: .venv/.full ## the long runs: races, kill series, populations, browser matrices
	@$(RUN)python -m pytest -m full $(ARGS)

check: .venv/.dev ## lint, format, types, import contracts
	@$(RUN)ruff check --quiet .
	@$(RUN)ruff format --check --quiet .
	@$(RUN)mypy
	@$(RUN)lint-imports --no-cache >.venv/imports.log || { cat .venv/imports.log; exit 1; }

format: .venv/.dev ## put the code in its one format
	@$(RUN)ruff format .
	@$(RUN)ruff check --fix --quiet .

conformance: .venv/.dev ## the MCP conformance suite against server and service (gets Node and the suite from npm)
	@$(RUN)python tests/protocol/conformance/suite.py $(ARGS)

clients: .venv/.dev ## real MCP clients ask the simulated cloud (downloads a gigabyte)
	@$(RUN)python tests/protocol/clients/run.py $(ARGS)
	@$(RUN)python tests/protocol/clients/frameworks/table.py

sign-in: .venv/.dev ## real assistants sign in to a running service and ask (downloads a gigabyte)
	@$(RUN)python tests/protocol/sign_in/signing.py $(ARGS)

cluster: .venv/.full ## three replicas under every fault; writes docs/explanation/faults.md (ARGS=NAME… runs only these)
	@$(RUN)python tests/cluster/faults_page.py $(ARGS)
	@test -n "$(ARGS)" || $(RUN)python tests/cluster/company_day.py

company-day: .venv/.full ## 2,000 people through restarts and an outage; writes docs/explanation/company-day.md (ARGS="--outage-s 300")
	@$(RUN)python tests/cluster/company_day.py $(ARGS)

bench: .venv/.dev ## the benchmarks, as ratios measured in one run
	@for f in benchmarks/bench_*.py; do echo "== $$f"; $(RUN)python $$f $(ARGS) || exit 1; done

docs: .venv/.dev ## write the pages and pictures that a program can write
	@$(RUN)python docs/generate.py
	@$(RUN)python docs/readme_picture.py

# What the image installs, in an environment of its own, so that licences are in the list.
sbom: .venv/.dev ## the list of what the image of deploy/ is made of: dist/annulet.cdx.json
	@mkdir -p dist
	@UV_PROJECT_ENVIRONMENT=build/sbom $(UV) sync --frozen --quiet --no-editable --python $(PYTHON) \
	  --extra server --extra postgres --extra metrics
	@$(UV) tool run --quiet --from 'cyclonedx-bom>=7,<8' cyclonedx-py environment build/sbom/bin/python \
	  --pyproject pyproject.toml --mc-type application --output-reproducible --output-file dist/annulet.cdx.json
	@echo "dist/annulet.cdx.json"

clean: ## remove what make has made
	@rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
