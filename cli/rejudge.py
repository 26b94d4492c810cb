"""``rejudge``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson, Since, Until
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import parse_window
from fengping.indexer import Filter
from fengping.services import rejudging


def rejudge(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    unread: Annotated[
        bool, typer.Option("--unread", help="Only what the encoder has not read; nothing where it is off.")
    ] = False,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=1, help="Time after which it stops; later runs go on.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judges stored documents anew that another version judged; corrections stay."""
    start, stop = parse_window(since, until)
    where = Filter(since=start, until=stop)
    outcome = rejudging.rejudge(open_home(context), where, unread=unread, seconds=seconds)
    done = outcome.done
    if as_json:
        versions = [{"model": version, "documents": number} for version, number in outcome.judged_by]
        write_json({
            "read": done.read, "changed": done.changed, "waiting": done.waiting, "judged_by": versions,
            "unheard": outcome.unheard,
        })  # fmt: skip
        return
    if outcome.unheard:
        remark(outcome.unheard)
    told = f"{done.read:,} documents judged anew, {done.changed:,} with another label"
    remark(f"{told}; {done.waiting:,} wait.")
    if outcome.judged_by:
        write_table(("judged by", "documents"), outcome.judged_by)
