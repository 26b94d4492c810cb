"""``alerts show``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, stdout, write_json, write_table
from fengping.services import alert


def show(
    context: typer.Context,
    firing: Annotated[int, typer.Argument(help="Number of the firing, from `alerts list`.")],
    as_json: AsJson = False,
) -> None:
    """One firing: its message, the documents behind each number, its letters, the history of its key."""
    found = alert.show(open_home(context), firing)
    if as_json:
        write_json(found)
        return
    stdout.print(found["message"], highlight=False, markup=False, soft_wrap=True)
    stdout.print(f"\n{len(found['documents'])} documents", style="bold")
    _list(found["documents"])
    if told := found["window"]["told_before"]:
        held = found["window"]["count"]
        head = f"{held} in the timeframe of the subject, {len(told)} of them in earlier alarms"
        stdout.print(head, style="bold")
        _list(told)
    if beside := found["window"]["beside"]:
        head = f"{len(beside)} more of that timeframe, which came in with these and are not counted as new"
        stdout.print(head, style="bold")
        _list(beside)
    _tell_ids(found["facts"])
    letters = [(one["channel"], one["address"], one["status"], one["reply"]) for one in found["letters"]]
    write_table(("channel", "address", "status", "reply"), letters, title=f"letters ({found['told']})")
    history = [(row["at"], row["before"], row["after"], row["reason"]) for row in found["history"]]
    write_table(("at", "from", "to", "reason"), history, title=f"{found['rule']} · {found['key']}")


def _tell_ids(facts: Mapping[str, Any]) -> None:
    """The ids behind each number of the message that the documents above do not give."""
    rows = list(facts.get("classes", {}).items())
    rows.append(("counted", facts.get("window") or []))
    for name, ids in rows:
        if ids:
            line = f"{name}: {len(ids)}  {' '.join(ids)}"
            stdout.print(line, highlight=False, markup=False, soft_wrap=True)


def _list(documents: Iterable[Mapping[str, Any]]) -> None:
    for one in documents:
        place = one["site"] or one["source"]
        line = f"{one['published_at']}  {place}  {one['title']}  {one['url']}".rstrip()
        stdout.print(line, highlight=False, markup=False, soft_wrap=True)
