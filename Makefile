# On a fresh machine with Python 3.11 or newer and pip, either of these does everything:
#
#   make demo    makes the environment and grades the bundled sample class
#   make test    makes the environment and runs all tests, linters, type and layer checks
#
# make test-gpu runs the tests that need a GPU. make docs writes the documentation to out/docs.
#
# ENV says where the environment goes, PYTHON which interpreter makes it, JOBS how many processes run tests. PIP_EXTRA_INDEX_URL and the like work as always,
# for example to install CPU-only builds of torch and torchvision.

PYTHON ?= python3
ENV    ?= .venv
JOBS   ?= 2
BIN    := $(abspath $(ENV))/bin
# Where what a student runs begins, on any system: mypy finds names that one of them lacks in all that these import.
CHECK  := grader/cli/check.py grader/pipeline/checking.py sandbox/parent.py sandbox/alone.py

.PHONY: demo test test-gpu lint docs env clean screenshots pictures
.DEFAULT_GOAL := demo

demo: env
	@$(BIN)/grader demo

test: lint
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

# On a machine with a GPU; elsewhere all of it is skipped, and says why.
test-gpu: env
	$(BIN)/python -m pytest -m gpu -rs

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 $(CHECK)
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin $(CHECK)
	$(BIN)/lint-imports

env: $(ENV)/installed

$(ENV)/installed: pyproject.toml versions.txt grader/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed: make PYTHON=python3.12 …'; exit 2; }
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv $(ENV)
	@echo 'Installing into $(ENV): PyTorch is large, the first time takes some minutes.'
	$(BIN)/python -m pip install --disable-pip-version-check --constraint versions.txt --editable '.[dev]'
	@touch $@

# Warnings are errors: a link that leads nowhere is one.
docs: env
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -d out/docs-read docs out/docs

# Needs Chromium and its driver.
screenshots: demo
	$(BIN)/python docs/screenshots.py out/demo/*/index.html out/demo/*/students/[a-d]*.html --out out/screenshots

pictures: demo
	$(BIN)/python docs/screenshots.py out/demo/lab1_tensors/index.html --out docs/images --name class-page --width 1280 --height 1000 --look light
	$(BIN)/python docs/screenshots.py out/demo/lab3_classifier/students/david_novak.html --out docs/images --name student-page --width 1280 --height 1000 --look light

clean:
	rm -rf $(ENV) out .pytest_cache .mypy_cache .ruff_cache
