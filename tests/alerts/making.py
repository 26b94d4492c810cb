"""Invented matches, documents and references for the tests of alarms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess
from typing import Any

from typer.testing import CliRunner

from fengping.alerts.baseline import Counts, Reference
from fengping.alerts.match import Match
from fengping.alerts.rules import Rule, make_rule
from fengping.cli.app import app
from fengping.errors import FengpingError
from fengping.home import Home

START = datetime(2020, 11, 10, tzinfo=UTC)


def rule_of(**values: Any) -> Rule:
    """A rule by the keys of its TOML."""
    return make_rule({"name": "r", **values}, "test")


def nothing(rule: Rule) -> Reference:
    """A reference without history."""
    return Reference(Counts([], []), rule.terms)


def match(hours: float, id: str = "", **values: Any) -> Match:
    """A match published *hours* after :data:`START`; come in at once unless *values* say otherwise."""
    at = START + timedelta(hours=hours)
    name = id or f"d{hours:g}"
    given: dict[str, Any] = {"arrived": at, "publisher": name, "group": name}
    return Match(at=at, id=name, **given | values)


def matches(*hours: float) -> Sequence[Match]:
    """Matches in time order."""
    return sorted(match(hour, f"d{number}") for number, hour in enumerate(hours))


def fengping(home: Home, *arguments: str, **environment: str) -> CompletedProcess[str]:
    """Runs one command within this process, as its entry point does."""
    done = CliRunner().invoke(app, ["--home", str(home.root), *arguments], env=environment)
    code, said = done.exit_code, done.stderr
    if isinstance(done.exception, FengpingError):
        code, said = done.exception.exit_code, f"{said}fengping: {done.exception}\n"
    elif done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return CompletedProcess(arguments, code, done.stdout, said)
