# Everything a fresh machine needs: Python 3.11 with venv, and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint tests tables crash bench-extract clean

help: ## list what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/'

demo: $(VENV)/installed ## ingest the bundled newsroom over three of its days and show what came of it
	$(BIN)/icewire demo --data demo-data

test: lint tests ## everything that must hold: style, types, tests

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

tests: $(VENV)/installed
	$(BIN)/pytest -n 2

tables: $(VENV)/installed ## write docs/tables.md anew from the records
	$(BIN)/python -m pipelines.table_docs > docs/tables.md

crash: $(VENV)/installed ## attack the data set with kills, broken disks, two writers and flipped bits (about 45 minutes)
	$(BIN)/python -m bench.crash

bench-extract: $(VENV)/installed ## measure extractors side by side on the newsroom, or on PAGES=folder with SCORER=file
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m bench.extract --out bench-extract $(if $(PAGES),--pages $(PAGES)) $(if $(SCORER),--scorer $(SCORER))

clean: ## remove what the other targets made
	rm -rf $(VENV) demo-data bench-extract build *.egg-info .pytest_cache .mypy_cache .ruff_cache

$(VENV)/installed: setup.py constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
