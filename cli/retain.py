"""``retain``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import day_of, now
from fengping.scheduler import retention


def retain(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it nothing is changed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deletes what retention allows no longer, but for what is held; a dry run without --yes."""
    done = retention.retain(open_home(context), now(), dry=not yes)
    if as_json:
        write_json({"deleted": yes} | {one.kind: one.number for one in done})
        return
    if not done:
        remark("Everything is kept: [retention] in fengping.toml sets no days.")
        return
    rows = [(one.kind, day_of(one.before), one.number, one.unit, one.held) for one in done]
    write_table(("kind", "older than", "deleted" if yes else "would be deleted", "of", "held"), rows)
