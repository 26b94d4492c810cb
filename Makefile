.PHONY: demo test test-long setup lint clean
export PIP_DISABLE_PIP_VERSION_CHECK = 1

demo:
	@tools/setup
	@.venv/bin/fengping --home demo demo

test:
	@tools/setup test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	@# What indexing runs through is compiled beside mypy, once in a checkout: each pytest process would by itself.
	@.venv/bin/python -m fengping.indexer.pipeline.warm 0 & .venv/bin/mypy; checked=$$?; wait; exit $$checked
	.venv/bin/pytest

test-long:
	@tools/setup test
	FENGPING_LONG=1 .venv/bin/pytest -m long

setup:
	@tools/setup test

lint: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/mypy

clean:
	rm -rf .venv .dev .cache demo
