"""``alerts quality``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import now
from fengping.services import claiming


def quality(
    context: typer.Context,
    number: Annotated[int, typer.Option("--weeks", min=1, max=520, help="Weeks to look back.")] = 12,
    as_json: AsJson = False,
) -> None:
    """By week: alarms, how many were useful, how many nobody claimed, and events found without an alarm."""
    found = claiming.quality(open_home(context), now() - timedelta(weeks=number))
    if as_json:
        write_json([
            {
                "week": one.begins.isoformat(), "told": one.told, "answered": one.answered,
                "useful": one.useful, "interval": one.interval, "unclaimed": one.unclaimed,
                "found": one.found,
            }
            for one in found
        ])  # fmt: skip
        return
    rows = [
        (
            one.begins.isoformat(), one.told, one.answered,
            f"{one.useful} ({one.interval[0]:.0%}–{one.interval[1]:.0%})" if one.interval else "–",
            one.unclaimed, one.found,
        )
        for one in found
    ]  # fmt: skip
    write_table(("week of", "told", "answered", "useful", "unclaimed", "found without an alarm"), rows)
