# make demo          render the demo film whole (make demo FOOTAGE=clip.mp4: your own clip)
# make test          every test but those that need a GPU or minutes each
# make acceptance    those that take a minute each: gains against exact truth, memory, learning by heart
# make check         style, types, fast tests
# Each sets up what it needs first. A CPU-only torch is taken where pip is shown one (PIP_FIND_LINKS=folder).

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
SET_UP := $(VENV)/.stamp-$(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)
FOOTAGE ?=
DEMO := projects/demo

export HF_HUB_OFFLINE := 1
export RAY_USAGE_STATS_ENABLED := 0
# Where bytecode is not kept, every process that the tests start would compile torch for itself.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test acceptance check format set-up clean

set-up: $(SET_UP)

# One pip call: torch and torchvision must be resolved together, exactly as pinned. Most of what is installed is never
# imported, so nothing is compiled before it is.
$(SET_UP):
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt --editable '.[test]'
	rm -f $(VENV)/.stamp-*
	touch $@

demo: $(SET_UP)
	$(BIN)/python projects/demo/make.py $(FOOTAGE)

test: $(SET_UP)
	$(BIN)/python -m pytest -m "not gpu and not long" -n 3 --dist loadfile --no-loadscope-reorder

acceptance: $(SET_UP)
	$(BIN)/python -m pytest -m "long and not gpu" -n 2 --dist loadfile

check: $(SET_UP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not slow and not long and not gpu and not browser" -n 2

format: $(SET_UP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
