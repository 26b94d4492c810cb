"""``doctor``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated

import typer

from fengping.cli.options import AsJson, BeginAnew
from fengping.cli.terminal import write_json, write_table
from fengping.clock import now
from fengping.errors import ConfigError, FengpingError
from fengping.home import Home
from fengping.scheduler.faults import not_in_force
from fengping.scheduler.in_force import open_watched
from fengping.scheduler.status import NOT_RUNNING, alive
from fengping.services.home import Check, examined
from fengping.services.home import doctor as examine


def doctor(
    context: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read all that is stored and compare its checksums.")
    ] = False,
    as_json: AsJson = False,
    begin_anew: BeginAnew = False,
) -> None:
    """Checks what this home stands on; exit 1 when something is missing or broken."""
    home = open_watched(context.obj)
    checks = [examined(home, "files", _files), *examine(home, deep=deep, now=now()), *_schedule(home)]
    if as_json:
        write_json([{"check": one.name, "ok": one.ok, "found": one.found} for one in checks])
    else:
        rows = [(one.name, ("!" if one.warns else "ok") if one.ok else "!!", one.found) for one in checks]
        write_table(("check", "", "found"), rows)
    if not all(one.ok for one in checks):
        raise typer.Exit(1)


def _files(home: Home) -> str:
    """The owner's files as they stand in the folder, whichever the service works by."""
    if found := not_in_force(home.root):
        raise ConfigError(" ".join(found.values()))
    return "all of the owner's files can be used"


def _schedule(home: Home) -> Iterator[Check]:
    """The process that runs the schedule: without one nothing is broken, and nothing is watched either."""
    with suppress(FengpingError, OSError):  # what is wrong with the state is told by its own check
        yield Check("schedule", True, "running" if alive(home, now()) else NOT_RUNNING)
