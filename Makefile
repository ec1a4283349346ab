# Every target sets up what it needs; a second run skips what is done. Only Python 3.11, git and make are expected.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8080
BIN := .venv/bin
HORIZON_VAR ?= var
VAR := $(abspath $(HORIZON_VAR))

# Airflow needs one variable; the keys must be the same in all its processes, or every task fails.
export AIRFLOW_HOME := $(CURDIR)
KEYS := var/airflow/secrets.env
WITH_KEYS := set -a && . ./$(KEYS) && set +a &&

.PHONY: brief test check serve lock look check-look faults bench bench-text bench-scoring bench-forms bench-desk bench-alerts test-duckdb2 setup help

brief: setup  ## draft the five regional scans and the Bureau page of WEEK (the bundled week, or LIVE=1)
	@# Tables of its own: a scheduler that runs beside it would take up the same tasks a second time.
	@mkdir -p "$(VAR)/airflow"
	@$(WITH_KEYS) AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:///$(VAR)/airflow/week.db" $(BIN)/python -m dags.week

test: setup  ## run the tests (ARGS="-k words" for some of them)
	@$(WITH_KEYS) $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup  ## formatting, lint, types, import contracts, tests, and a brief from a clean tree
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test ARGS=--durations=40
	rm -rf var/check && mkdir -p var/check
	HORIZON_VAR="$(CURDIR)/var/check" $(MAKE) brief

serve: setup  ## start Airflow on 127.0.0.1:PORT (DAGs are paused; LIVE=1 lets them run on real sources)
	@$(WITH_KEYS) $(BIN)/python -m dags.metadata
	@echo "http://127.0.0.1:$(PORT) · user admin, password in var/airflow/passwords.json · Ctrl-C stops" >&2
	@$(WITH_KEYS) export PATH="$(CURDIR)/$(BIN):$$PATH" AIRFLOW__API__PORT=$(PORT) \
	    AIRFLOW__API__BASE_URL=http://127.0.0.1:$(PORT) \
	    AIRFLOW__CORE__EXECUTION_API_SERVER_URL=http://127.0.0.1:$(PORT)/execution/; \
	umask 077; trap 'kill $$(jobs -p) 2>/dev/null; wait' EXIT; trap 'exit 0' INT TERM; \
	mkdir -p var/log; \
	airflow api-server    >var/log/api-server.log 2>&1 & \
	airflow dag-processor >var/log/dag-processor.log 2>&1 & \
	airflow scheduler --skip-serve-logs >var/log/scheduler.log 2>&1 & \
	airflow triggerer --skip-serve-logs >var/log/triggerer.log 2>&1 & \
	wait -n; echo "A part of Airflow ended; var/log says which and why." >&2; exit 1

bench: setup  ## figures of collecting and loading: feed items a second, memory
	@$(BIN)/python -m tests.bench.collect $(ARGS)

bench-text: setup  ## figures of reading text: States, coding, languages, grouping (some minutes)
	@missed=0; for one in states coding languages grouping; do \
	    echo "== $$one"; $(BIN)/python -m tests.bench.$$one || { missed=1; echo "$$one: a target was missed, or it stopped"; }; \
	done; exit $$missed

bench-scoring: setup  ## figures of scoring, anchors beside, into docs/method.md (about 20 minutes)
	@mkdir -p "$(VAR)/bench"
	@$(BIN)/python -m tests.bench.values --write docs/method.md
	@$(BIN)/python -m tests.bench.scoring_table --run --json "$(VAR)/bench" --write docs/method.md $(ARGS)

bench-forms: setup  ## figures of the four forms of every region
	@$(BIN)/python -m tests.bench.forms $(ARGS)

bench-desk: setup  ## fifty people at once at a desk with 200,000 incidents
	@$(BIN)/python -m tests.bench.desk $(ARGS)

bench-alerts: setup  ## 10,000 messages with 100 kills; teams from rosters of 1,000 and 10,000
	@$(BIN)/python -m tests.bench.outbox $(ARGS)
	@$(BIN)/python -m tests.bench.matching

lock: setup  ## resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --all-extras \
	    pyproject.toml -o requirements.lock

test-duckdb2: setup  ## the tests of the store on DuckDB 2, in an environment of their own
	@$(BIN)/uv venv -q --clear --python $(BIN)/python "$(VAR)/duckdb2"
	@$(BIN)/uv pip install -q --python "$(VAR)/duckdb2" --no-deps -r requirements.lock
	@$(BIN)/uv pip install -q --python "$(VAR)/duckdb2" --no-deps --no-build-isolation --no-config "duckdb>=2,<3" -e .
	@$(WITH_KEYS) "$(VAR)/duckdb2/bin/pytest" -m "not duckdb1" \
	    tests/warehouse tests/scoring/test_golden_cases.py tests/review/test_ledger.py tests/review/test_access.py \
	    tests/review/test_public_edition.py $(ARGS)

look: setup  ## pictures of every page of both bundled and four fictional weeks, into var/looked
	$(BIN)/python tests/look/pictures.py

check-look: setup  ## the pages in a real browser and the DOCX in LibreOffice: network, widths, keys, print, axe, outline
	@$(WITH_KEYS) $(BIN)/pytest tests/look $(ARGS)
	@command -v soffice >/dev/null || command -v libreoffice >/dev/null || \
	    echo "Office checks were left out: LibreOffice is not installed here."

faults: setup  ## play every fault and 200 kills against the collector; writes docs/faults.md
	@$(BIN)/python -m tests.faults.table --out docs/faults.md --kills 200
	@$(BIN)/python -m tests.faults.kill_desk --times 200

help:  ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: .venv/installed $(KEYS)

# uv is itself taken from the lock, by pip and with its hash; it then installs the rest far faster than pip does.
.venv/installed: requirements.lock pyproject.toml
	@echo "Setting up .venv from requirements.lock …" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	    { echo "Python 3.11 is needed. Do: rm -rf .venv && make PYTHON=/path/to/python3.11" >&2; exit 4; }
	@awk '/^uv==/ {on=1} on {print} on && !/\\$$/ {exit}' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock
	@# An office may have its own certificates, and a bare machine none: first those of the machine, then uv's own.
	@export VIRTUAL_ENV="$(CURDIR)/.venv"; \
	install() { $(BIN)/uv pip install --quiet --no-progress --require-hashes -r requirements.lock "$$@"; }; \
	install --system-certs || install
	@VIRTUAL_ENV="$(CURDIR)/.venv" $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Keys of this machine alone; the public part of the repository never sees them.
$(KEYS):
	@mkdir -p $(@D)
	@umask 077 && $(PYTHON) -c 'import base64, os; \
	    print(*(f"AIRFLOW__{name}={base64.urlsafe_b64encode(os.urandom(32)).decode()}" \
	    for name in ("API_AUTH__JWT_SECRET", "API__SECRET_KEY", "CORE__FERNET_KEY")), sep="\n")' > $@.new && mv $@.new $@
