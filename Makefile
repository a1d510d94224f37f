# Koppelwerk: `make run` starts the whole product, `make test` runs every test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PO := $(wildcard core/texts/translations/*/LC_MESSAGES/*.po \
  plugins/*/translations/*/LC_MESSAGES/*.po)

# What asks the database most, again on the other one.
ON_POSTGRESQL := tests/integration/belastingdienst tests/upgrade \
  $(filter-out %/test_bench.py %/test_bench_start.py %/test_bench_orders.py \
    %/test_hostile_files.py %/test_forked_workers.py %/test_full_disk.py \
    %/test_processes_end.py, $(wildcard tests/integration/test_*.py)) \
  tests/web/test_access.py tests/web/test_storage_trouble.py \
  $(filter-out %_browser.py, $(wildcard tests/web/test_relation*.py tests/web/test_invoice*.py))

# More than there are cores: a third of the time tests wait for what they started.
PARALLEL := -n 3 --dist worksteal

# Each test makes a database of its own: in memory where there is room, not on a disk.
SCRATCH = $(shell test "$$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 {print $$4}')" -gt 4000 \
  && echo /dev/shm || echo "$${TMPDIR:-/tmp}")

# Dozens of processes are started: all but the first find bytecode, whatever is set.
unexport PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX

.DEFAULT_GOAL := help
.PHONY: help run compile quick test check advisories system bench clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# uv installs in a second or two; where it cannot be had, pip does the same slower.
define install
	@echo "Installing $(1)"
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
	  || echo "There is no uv, so pip installs"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
endef

$(VENV)/run.stamp: $(BIN)/python requirements.lock
	$(call install,requirements.lock)
	@touch $@

$(VENV)/dev.stamp: $(BIN)/python requirements-dev.lock
	$(call install,requirements-dev.lock)
	@touch $@

# compileall writes bytecode even where the environment (PYTHONDONTWRITEBYTECODE) says
# that nobody does; without it every process compiles all of this at each start.
$(VENV)/%.compiled: $(VENV)/%.stamp
	@echo "Compiling the libraries"
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib
	@touch $@

compile:
	@echo "Compiling what changed"
	@$(BIN)/python -m compileall -q core plugins wsgi.py

$(VENV)/translations.stamp: $(PO)
	$(BIN)/python -m core.kit.translations
	@touch $@

run: $(VENV)/run.compiled $(VENV)/translations.stamp compile ## Start everything with sandboxes and a demo shop
	@echo "Starting"
	@$(BIN)/flask --app wsgi run-demo --end-with-parent

system: ## Install what tests need beside Python: a browser and database servers
	@tests/system-packages

check: $(VENV)/dev.stamp ## Formatting, security, secrets, parts, types, rules between modules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.scanners.secrets
	$(BIN)/python -m tests.scanners.sbom

# Apart from check: what is known changes without us, and the data comes from outside.
advisories: $(VENV)/dev.stamp ## Compare what is locked with known vulnerabilities
	$(BIN)/python -m tests.scanners.advisories

# Pure tests: no application and no plugin of pytest that brings one along.
quick: $(VENV)/dev.stamp ## Test the domain, rules, mappings and checks in seconds
	PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 \
	  $(BIN)/pytest -q -p pytest_timeout -p _hypothesis_pytestplugin \
	  --hypothesis-profile=quick tests/unit

test: $(VENV)/dev.compiled $(VENV)/translations.stamp compile system check ## Every check and every test
	TMPDIR=$(SCRATCH) $(BIN)/pytest $(PARALLEL)
	$(BIN)/pytest examples
	TMPDIR=$(SCRATCH) MONTH_ORDERS=20 RETAIL_ONE_IN=60 \
	  $(BIN)/pytest $(PARALLEL) --database postgresql $(ON_POSTGRESQL)

bench: $(VENV)/dev.compiled compile ## Measure speed; prints ratios to a baseline of the same run
	$(BIN)/flask --app wsgi bench start
	$(BIN)/flask --app wsgi bench orders --count 500
	$(BIN)/flask --app wsgi bench webhook

clean: ## Forget the environment and the demo's data
	rm -rf $(VENV) var
