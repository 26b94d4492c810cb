"""Commands of ``alerts``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from fengping.alerts.evaluate import Firing
from fengping.clock import iso

RuleName = Annotated[str | None, typer.Option("--rule", help="Only this rule; all without it.")]
Lines = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def record(firing: Firing) -> dict[str, Any]:
    """The JSON form of a firing."""
    return asdict(firing) | {"fired_at": iso(firing.fired_at)}
