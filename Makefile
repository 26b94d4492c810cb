.PHONY: demo test test-all setup lint clean
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Checkouts of a machine share what is compiled and checked once: both go by the content of files.
shared = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/fengping
export NUMBA_CACHE_DIR ?= $(shared)/compiled
export MYPY_CACHE_DIR ?= $(shared)/types
# Each process of the tests would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE

demo:
	@tools/setup
	@.venv/bin/fengping --home demo demo

test:
	@tools/setup test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	@# mypy takes one core for minutes: the tests run beside it. What indexing runs through is compiled before
	@# them, once, as each pytest process would by itself.
	@.venv/bin/mypy & checked=$$!; .venv/bin/python -m fengping.indexer.pipeline.warm 0; .venv/bin/pytest; \
	tested=$$?; wait $$checked && exit $$tested

test-all: export FENGPING_LONG = 1
test-all: test

setup:
	@tools/setup test

lint: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/mypy

clean:
	rm -rf .venv .dev demo
