"""Runs fengping's commands in this process, at a given moment and apart from the machine's settings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

from tests.acceptance.walk import clock_at
from typer.testing import CliRunner

from fengping.cli.app import app
from fengping.clock import SHANGHAI
from fengping.errors import FengpingError

NOW = datetime(2020, 11, 22, 9, tzinfo=SHANGHAI)
"""The morning after the last text of the three homes."""
# One process: the judge is loaded once, and what is counted does not depend on the number of cores. Of the
# second reader the last digits depend on the processor.
SETTINGS = {"FENGPING_ANALYSIS__WORKERS": "1", "FENGPING_ANALYSIS__READER": "off", "COLUMNS": "200"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Exit code and output of one command."""

    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The values of JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@contextmanager
def at_moment(moment: datetime = NOW) -> Iterator[None]:
    """The present moment of everything in fengping is *moment*; of ``FENGPING_*`` only ours is set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FENGPING_")}
    with clock_at(moment), mock.patch.dict(os.environ, kept | SETTINGS, clear=True):
        yield


def fengping(root: Path, *arguments: str, at: datetime = NOW, given: bytes = b"") -> Answer:
    """Runs one command of the home *root*, with *given* on stdin."""
    with at_moment(at):
        done = CliRunner().invoke(app, ["--home", str(root), *arguments], input=given)
    if isinstance(done.exception, FengpingError):
        return Answer(done.exception.exit_code, done.stdout, f"{done.stderr}fengping: {done.exception}")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Answer(done.exit_code, done.stdout, done.stderr)


def succeed(root: Path, *arguments: str, at: datetime = NOW) -> Answer:
    """The same; raises :class:`RuntimeError` where the command fails."""
    answer = fengping(root, *arguments, at=at)
    if answer.code:
        raise RuntimeError(f"fengping {' '.join(arguments)}: exit {answer.code}\n{answer.out}{answer.error}")
    return answer
