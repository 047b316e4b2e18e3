# `make run` and `make test` need nothing but Python 3.11 or newer, git and make.

PYTHON ?= python3
TRACK ?= random_teacher
BUDGET ?= 50
ARGS ?=
BIN = .venv/bin

.PHONY: setup run test check clean

setup: .venv/.ready

run: .venv/.ready
	$(BIN)/autoresearch run --track $(TRACK) --budget $(BUDGET) $(ARGS)

test: .venv/.ready
	$(BIN)/python -m pytest -n 2

check: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Without the constraint file pip would take a newer torch. On x86-64 Linux PyPI's is the CUDA build,
# with gigabytes of libraries; PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu takes the CPU's.
.venv/.ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c requirements.lock
	touch $@

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache *.egg-info
