# Two commands to know: `make demo` shows the whole product on this machine, `make test` runs the tests.
# Each sets itself up: a virtual environment in .venv, with the locked dependencies.

PYTHON ?= python3
PORT ?= 8765
PATH_UV := $(shell command -v uv 2>/dev/null)
UV := $(if $(PATH_UV),$(PATH_UV),.uv/bin/uv)
RUN := .venv/bin
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never

.PHONY: help
help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: .venv/.ready ## Run the whole product on this workspace: check, publish, weeks of numbers, site
	@$(RUN)/socialops demo

.PHONY: timeline
timeline: .venv/.ready ## Look again at what the demo published (Ctrl-C stops it)
	@test -f build/demo/sandbox.sqlite || { echo "Nothing was published here yet: run \`make demo\` first."; exit 1; }
	@$(RUN)/socialops sandbox --database build/demo/sandbox.sqlite --port $(PORT) || test $$? -eq 130

.PHONY: test
test: .venv/.ready ## Run the tests that need no server and no browser
	@$(RUN)/pytest

.PHONY: test-nightly
test-nightly: .venv/.ready ## Run the proofs of "sent once" in full: sweep, race, long histories (most of an hour)
	@$(RUN)/pytest -m nightly -s

.PHONY: test-real
test-real: .venv/.real ## Run the tests on real servers and a real browser (installs them; takes minutes)
	@$(RUN)/python -m pytest tests/real -m real -p no:cacheprovider -s

.PHONY: lint
lint: .venv/.ready ## Check style and types
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/mypy

.PHONY: bench
bench: .venv/.bench ## Measure speed as ratios against stated limits
	@$(RUN)/python tests/bench/content.py
	@$(RUN)/python tests/bench/changed.py
	@$(RUN)/python tests/bench/site.py
	@$(RUN)/python tests/bench/planning.py
	@$(RUN)/python tests/bench/lateness.py
	@$(RUN)/python tests/bench/publish.py
	@$(RUN)/python tests/bench/lint.py
	@$(RUN)/python tests/language/precision.py

.PHONY: reference
reference: .venv/.ready ## Write the reference pages of the handbook and our own workflows from the code
	@$(RUN)/python tests/reference.py
	@$(RUN)/python tests/workflows.py

.PHONY: site
site: .venv/.ready ## Build this workspace's site into build/site
	@$(RUN)/socialops site

.PHONY: clean
clean: ## Remove everything that can be made again (tokens in .socialops/tokens cannot, and stay)
	rm -rf .venv .uv build .mypy_cache .ruff_cache .hypothesis
	@if [ -d .socialops ]; then find .socialops -mindepth 1 -maxdepth 1 ! -name tokens -exec rm -rf {} +; fi

# Imports are compiled here once: where the environment forbids writing byte code, every run would compile them anew.
.venv/.ready: pyproject.toml uv.lock | $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "socialops needs Python 3.11 or newer; $$($(PYTHON) --version) is too old. Try: make PYTHON=python3.12 ..."; exit 1; }
	@$(UV) sync --quiet --locked --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" --compile-bytecode
	@$(RUN)/python -m compileall -q src
	@touch $@

.venv/.real: .venv/.ready
	@$(UV) sync --quiet --locked --group real --compile-bytecode
	@touch $@

# Without taking away what `make test-real` has installed.
.venv/.bench: .venv/.ready
	@$(UV) sync --quiet --locked --group bench --inexact --compile-bytecode
	@touch $@

.uv/bin/uv:
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==0.13.9"
