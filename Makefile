.PHONY: demo test setup lint clean
export PIP_DISABLE_PIP_VERSION_CHECK = 1

demo: setup
	.venv/bin/fengping --home demo demo

test: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pytest

setup:
	@tools/setup

lint: setup
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

clean:
	rm -rf .venv .dev .cache demo
