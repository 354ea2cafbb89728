# Everything a person types. Python >= 3.11 is all it needs; scripts/setup.py does the work.

# The first Python that every locked package has wheels for (3.11 to 3.14), or else a newer one.
PYTHON := $(shell for below in 15 99; do \
  for python in python3 python3.13 python3.12 python3.14 python3.11; do \
    if $$python -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, $$below))" \
      2>/dev/null; then echo $$python; exit; fi; done; done)
SETUP = $(PYTHON) scripts/setup.py
BIN = $(shell $(SETUP) bin)
WORKERS = 2

.PHONY: catalogues pictures help report test test-fast lab setup setup-test browser lint house lock clean need-python

help:
	@echo "make report     render the default reports into reports/ (HTML and PDF)"
	@echo "make test       lint, type check and run every test"
	@echo "make test-fast  the same without the slow tests"
	@echo "make lab        open JupyterLab on notebooks/"
	@echo "make setup      only make the environment (.venv, or the active conda one)"
	@echo "make browser    look again for a Chromium, which prints the PDFs"
	@echo "make lint       ruff and mypy"
	@echo "make catalogues  take new messages into the translations"
	@echo "make pictures   make the README's pictures of reports anew"
	@echo "make lock       resolve pyproject.toml again into locks/"
	@echo "make clean      remove rendered reports and caches (rm -r .venv removes the environment)"

report: setup
	@$(BIN)/analytics render --all $(ARGS)

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-fast: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow" $(ARGS)

lab: need-python
	@$(SETUP) install lab
	@$(BIN)/jupyter lab $(ARGS) notebooks

setup: need-python
	@$(SETUP) install

browser: setup
	@$(SETUP) browser

setup-test: need-python
	@$(SETUP) install test

lint: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

house: setup-test
	$(BIN)/python -m pytest tests/test_house.py tests/test_architecture.py tests/test_environment.py

catalogues: setup
	@$(BIN)/python scripts/catalogues.py

pictures: setup
	@$(BIN)/python scripts/pictures.py

lock: setup-test
	@$(BIN)/python scripts/lock.py

clean:
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find reports -mindepth 1 \( -name '*.html' -o -name '*.pdf' -o -name '*.json' -o -name '*.csv' \
	  -o -name '*.ipynb' \) -delete
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

need-python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none is on the path: install" \
	  "one (Debian: sudo apt install python3 python3-venv; Ubuntu: sudo apt install python3.12" \
	  "python3.12-venv; macOS: brew install python@3.13) and run make again." >&2; exit 1; }
