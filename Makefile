# `make run` and `make test` need nothing but Python 3.11 or newer, git and make.

PYTHON ?= python3
TRACK ?= random_teacher
BUDGET ?= 50
ARGS ?=
BIN = .venv/bin

KILLS ?= 200
SEED ?= 1

.PHONY: setup run docs release test test-fast coverage axe faults cluster redteam check hashes clean

setup: .venv/.ready

run: .venv/.ready
	$(BIN)/autoresearch run --track $(TRACK) --budget $(BUDGET) $(ARGS)

# Each process takes half of the tests in their order, so that tests of one file share what they
# make, and then helps the other.
test: .venv/.ready
	$(BIN)/python -m pytest -n 2 --dist worksteal

# What starts no process, under a minute: for while you write.
test-fast: .venv/.ready
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not processes and not slow"

# All tests, and which lines none of them runs; fails below the floor of pyproject.toml.
coverage: .venv/.ready
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term-missing:skip-covered

# axe-core, with which a test checks the page of a report for accessibility; skipped without it.
axe: .axe/package/axe.min.js

.axe/package/axe.min.js:
	mkdir -p .axe
	cd .axe && npm pack --silent axe-core@4.14.1
	echo "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745  .axe/axe-core-4.14.1.tgz" \
		| sha256sum --check --quiet
	tar -xzmf .axe/axe-core-4.14.1.tgz -C .axe package/axe.min.js

# Kills of every process at random moments; half an hour on two cores; for a part KILLS=60 SEED=3.
faults: .venv/.ready
	$(BIN)/python -m pytest tests/faults --campaign --kills $(KILLS) --kills-seed $(SEED)

# Schedulers, workers and databases, killed, cut off and restarted under whole studies; ten minutes.
cluster: .venv/.ready
	$(BIN)/python -m pytest tests/faults/test_cluster.py tests/faults/test_database.py --campaign

# Every attack on the sandbox at every level, seven minutes; writes the table of docs.
redteam: .venv/.ready
	PYTHONPATH=tests/redteam $(BIN)/python -m pytest -p table tests/redteam --campaign \
		--table docs/redteam.md

check: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The pages that are written by the program.
docs: .venv/.ready
	PYTHONPATH=tests $(BIN)/python -m helpers.commands_page > docs/commands.md
	$(BIN)/autoresearch space components > docs/components.md
	$(BIN)/autoresearch space prior > docs/prior.md

# A wheel and an sdist, each tried where nothing else is installed: pip takes what they need from its
# index, in the versions of the lock.
release: .venv/.ready
	rm -rf dist build .venv-release
	$(BIN)/python -c "from setuptools.build_meta import *; build_sdist('dist'); build_wheel('dist')"
	for file in dist/*; do \
		rm -rf .venv-release && $(PYTHON) -m venv .venv-release && \
		.venv-release/bin/python -m pip install --quiet --disable-pip-version-check \
			-c requirements.lock $$file && \
		.venv-release/bin/python tests/release.py || exit 1; \
	done
	rm -rf .venv-release build

# uv asks PyPI for the hashes, in an environment that is thrown away.
hashes:
	$(PYTHON) -m venv .venv-hashes
	.venv-hashes/bin/python -m pip install --quiet --disable-pip-version-check uv
	grep -v '^torch==' requirements.lock > .venv-hashes/lock.in
	.venv-hashes/bin/uv pip compile --no-config --no-deps --universal --generate-hashes \
		--no-annotate --no-header --python-version 3.11 --quiet .venv-hashes/lock.in \
		-o .venv-hashes/hashes
	# what needs them asks for these extras, which pip takes for other packages
	sed -i 's/^coverage==/coverage[toml]==/; s/^pyjwt==/pyjwt[crypto]==/' .venv-hashes/hashes
	(sed -n '/^#/p' requirements.hashes; cat .venv-hashes/hashes) > .venv-hashes/new
	mv .venv-hashes/new requirements.hashes
	rm -rf .venv-hashes

# Without the constraint file pip would take a newer torch. On x86-64 Linux PyPI's is the CUDA build,
# with gigabytes of libraries; PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu takes the CPU's.
.venv/.ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -c requirements.lock
	touch $@

clean:
	rm -rf .venv .venv-release build dist .mypy_cache .pytest_cache .ruff_cache *.egg-info
