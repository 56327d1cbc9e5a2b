# SunnyDay Mail from a fresh checkout. Needs Python 3.11, 3.12 or 3.13; everything else goes into .venv.

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet --quiet
PACKAGES := crm_store gateway syncer
# One more than there are cores, and no more than 5: the longest tests mostly wait for processes that come and go.
TEST_WORKERS := $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((cores < 4 ? cores + 1 : 5)))

# Some environments (containers, mostly) forbid Python to keep what it compiled. Here processes start by the hundred, and
# each would compile some 300 modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test soak bench check clean FORCE

help:  ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: .venv/run.stamp  ## run the product and play its main job; ONCE=1: stop after the last step
	@$(PY) tests/demo/play.py $(if $(ONCE),--once)

test: .venv/dev.stamp  ## run all tests; ARGS="-k name": some of them
	@$(PY) -m pytest -n $(TEST_WORKERS) --dist worksteal $(ARGS)

soak: .venv/dev.stamp  ## the long forms: kills and power cuts for SOAK_MINUTES=20, half on each database, a million messages, fuzzing
	@$(PY) -m pytest -m soak -s tests $(ARGS)

bench: .venv/dev.stamp  ## what it can do, as ratios against peers, in some ten minutes; ARGS=filing: one section
	@PYTHONPATH=tests/fixtures $(PY) tests/bench/run.py $(ARGS)

check: .venv/dev.stamp  ## linters, types, import contracts
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo
	@grep -rEh --include='*.py' 'type: ignore|noqa|\bAny\b' $(PACKAGES) | grep -v import | \
		grep -Eo 'type: ignore|noqa|\bAny\b' | sort | uniq -c

clean:  ## remove what the other targets made (not ./data)
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find $(PACKAGES) tests -name __pycache__ -prune -exec rm -rf {} +

# What is installed is pinned, the tools that build the project too; so a set-up can be repeated, and setting up again
# asks no registry for anything that is there already.
.venv/run.stamp: deploy/pins/run.txt pyproject.toml .venv/made-here
	@echo "Installing what the product needs into .venv …"
	@$(PIP) install -r deploy/pins/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: deploy/pins/dev.txt pyproject.toml .venv/made-here
	@echo "Installing what the product and its tests need into .venv …"
	@$(PIP) install -r deploy/pins/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch .venv/run.stamp $@

# A virtual environment knows its path: one that was moved or copied along, or whose Python is gone, is made anew.
ifneq ($(shell [ -x $(PY) ] && $(PY) -c 'print(open(".venv/made-here").read())' 2>/dev/null),$(CURDIR))
.venv/made-here: FORCE
endif
.venv/made-here:
	@found=; for python in python3.13 python3.12 python3.11 python3; do \
		if $$python -c 'import ensurepip, sqlite3, ssl, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
			2>/dev/null; then found=$$python; break; fi; done; \
	if [ -z "$$found" ]; then \
		echo "SunnyDay Mail needs Python 3.11, 3.12 or 3.13 with its venv module, and none is on the PATH." >&2; exit 1; fi; \
	rm -rf .venv; $$found -m venv .venv
	@printf '%s' '$(CURDIR)' > $@
