"""The examples of docs/trends.md."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path

import pytest
from tests.trends.conftest import Run

PAGE = Path(__file__).parents[2] / "docs" / "trends.md"
LINES = re.findall(r"^fengping (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("line", LINES)
def test_an_example_answers(run: Run, line: str, tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        code, _, err = run(*shlex.split(line))
    assert code == 0, err


def test_there_are_examples_of_each_command() -> None:
    wanted = {"trend", "compare", "crosstab", "words", "peaks", "hosts", "tag", "export"}
    assert {line.split()[0] for line in LINES} == wanted
