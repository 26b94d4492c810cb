"""Commands of ``alerts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fengping.clock import iso

if TYPE_CHECKING:
    from fengping.alerts import Firing

RuleName = Annotated[str | None, typer.Option("--rule", help="Only this rule; all without it.")]
Lines = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def record(firing: Firing) -> dict[str, Any]:
    """The JSON form of a firing."""
    return {
        "rule": firing.rule, "key": firing.party, "fired_at": iso(firing.fired_at), "count": firing.count,
        "cause": firing.cause.value, "evidence": list(firing.evidence),
    }  # fmt: skip
