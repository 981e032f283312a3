# One place for every command; each installs what it needs into the project's own .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo showroom test soak mutants lint bench bench-full bench-churn test-spark test-oldest lock clean help \
	audit sbom pages

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "fenlei needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/test.stamp: requirements-test.lock $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

demo: $(VENV)/run.stamp  ## the main job on real purchase histories, no account needed
	$(BIN)/fenlei demo

showroom: $(VENV)/run.stamp  ## every class of every question, as reps see it, in three languages
	$(BIN)/fenlei demo --showroom

lint: $(VENV)/test.stamp  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The tests start our programs a hundred times over: what was compiled once is kept, whatever the shell asks.
# They also plan ten thousands of statements in small pieces of memory: glibc keeps more of these at hand than
# seven of each size, and the database's own allocator gives nothing back in between.
# No test cuts the power, so what lasts as long as a test need not reach a disk: where memory is offered as a
# folder and has 4 GB to spare, it lies there, unless TMPDIR says otherwise.
ROOMY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 {print $$NF}')
test test-oldest: export PYTHONDONTWRITEBYTECODE =
test test-oldest: export GLIBC_TUNABLES = glibc.malloc.tcache_count=60000
test test-oldest: export DUCKDB_JE_MALLOC_CONF = dirty_decay_ms:-1,muzzy_decay_ms:-1
test test-oldest: export TMPDIR := $(or $(TMPDIR),$(ROOMY),/tmp)
test: lint  ## everything that must hold before a change lands
	$(BIN)/python -m pytest

pages: $(VENV)/run.stamp  ## write the documents anew that are made from the policy and the catalogue
	$(BIN)/python -m sync.pages docs

soak: $(VENV)/test.stamp  ## hours of crashes, faults and power cuts; MINUTES=240 unless told
	$(BIN)/python tests/soak/run.py all --minutes $${MINUTES:-240}

mutants: $(VENV)/test.stamp  ## every mistake that we put into our own code is noticed by a test
	$(BIN)/python tests/mutants/run.py

RIVALS := build/rivals
FOUND := build/bench
MEASURE := $(RIVALS)/bin/python bench

$(RIVALS)/stamp: requirements-bench.lock pyproject.toml
	$(PYTHON) -m venv --clear $(RIVALS)
	$(RIVALS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	$(RIVALS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

bench: $(RIVALS)/stamp  ## docs/performance.md anew: ratios against baselines measured in the same run
	@for b in pull write credits classify end_to_end memory startup; do \
	  echo "== $$b"; $(MEASURE)/$$b.py --json $(FOUND)/$$b.json || exit 1; done
	$(MEASURE)/page.py $(FOUND) docs/performance.md

bench-full: $(RIVALS)/stamp  ## the same with a million accounts, and with all that the others read; takes hours
	$(MEASURE)/pull.py --kit-deals 50000 --json $(FOUND)/pull.json
	$(MEASURE)/write.py --single 1000 --json $(FOUND)/write.json
	$(MEASURE)/credits.py --accounts 5000 100000 --json $(FOUND)/credits.json
	$(MEASURE)/classify.py --accounts 10000 100000 1000000 --json $(FOUND)/classify.json
	$(MEASURE)/end_to_end.py --accounts 100000 --json $(FOUND)/end_to_end.json
	$(MEASURE)/memory.py --accounts 10000 100000 1000000 --office 100000 --json $(FOUND)/memory.json
	$(MEASURE)/startup.py --json $(FOUND)/startup.json
	$(MEASURE)/page.py $(FOUND) docs/performance.md

bench-churn: $(RIVALS)/stamp  ## our churn verdicts beside those of ten other methods, in an environment of their own
	$(RIVALS)/bin/python bench/churn.py

SPARK := build/spark

$(SPARK)/stamp: requirements-spark.lock requirements-test.lock pyproject.toml
	$(PYTHON) -m venv --clear $(SPARK)
	$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

test-spark: $(SPARK)/stamp  ## the same verdicts on Spark as on DuckDB; needs Java, in an environment of its own
	$(SPARK)/bin/python -m pytest -n0 -rs tests/sync/spark

OLDEST := build/oldest

$(OLDEST)/stamp: requirements-oldest.lock pyproject.toml
	$(PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-oldest.lock
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

test-oldest: $(OLDEST)/stamp  ## the tests with the oldest libraries that pyproject.toml allows
	$(OLDEST)/bin/python -m pytest

LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --strip-extras

lock: | $(BIN)/python  ## pin every dependency again for every platform, with hashes, without addresses
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --output-file requirements.lock pyproject.toml
	$(LOCK) --extra test --constraint requirements.lock --output-file requirements-test.lock pyproject.toml
	$(LOCK) --extra test --resolution lowest-direct --output-file requirements-oldest.lock pyproject.toml
	$(LOCK) --extra bench --constraint requirements.lock --output-file requirements-bench.lock pyproject.toml
	$(LOCK) --extra spark --constraint requirements.lock --output-file requirements-spark.lock pyproject.toml

TOOLS := build/tools

$(TOOLS)/stamp: Makefile
	$(PYTHON) -m venv --clear $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1 cyclonedx-bom==7.5.0
	@touch $@

audit: $(TOOLS)/stamp  ## known weaknesses of what is pinned; needs the internet, and fails where it cannot ask
	$(TOOLS)/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off --requirement requirements.lock

sbom: $(TOOLS)/stamp  ## build/sbom.json: everything that is installed with fenlei (CycloneDX)
	$(TOOLS)/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-format JSON \
	  --output-file build/sbom.json requirements.lock
	$(TOOLS)/bin/python tests/security/sbom_is_complete.py requirements.lock build/sbom.json

clean:  ## forget the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build ./*.egg-info
