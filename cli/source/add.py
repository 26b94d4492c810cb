"""``source add``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, stdout, write_json, write_table
from fengping.clock import iso, now
from fengping.services.source_dev import Draft, draft

SHOWN = 10
"""Entries of a guessed source that are shown before it is written."""


def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A feed, a list page or a JSON response.")],
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the source; its domain without it.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Guesses kind and selectors of a new source, shows what it would take, writes sources/NAME.toml."""
    home = open_home(context)
    made = draft(home, url, now(), name)
    if not as_json:
        _show(made)
        yes = yes or typer.confirm(f"Write {made.path}?", err=True)
    if yes:
        made.write(home)
    if as_json:
        write_json(_record(made) | {"written": str(made.path) if yes else None})
    elif yes:
        remark(f"Written. Add title and licence, then: fengping crawl {made.name}")
    else:
        raise typer.Exit(1)


def _show(made: Draft) -> None:
    stdout.print(made.toml, highlight=False, markup=False, soft_wrap=True)
    entries = made.guess.entries
    rows = [
        (entry.title or entry.text[:40], iso(entry.published_at) or "no time in the list", entry.url)
        for entry in entries[:SHOWN]
    ]
    more = f", of {len(entries)}" if len(entries) > SHOWN else ""
    write_table(("title", "time", "link"), rows, title=f"{made.guess.how}: {len(rows)} entries{more}")
    for doubt in made.guess.doubts:
        stdout.print(f"Not sure: {doubt}", style="yellow", highlight=False, soft_wrap=True)


def _record(made: Draft) -> dict[str, Any]:
    return {
        "name": made.name,
        "how": made.guess.how,
        "kind": made.guess.data["kind"],
        "toml": made.toml,
        "doubts": list(made.guess.doubts),
        "entries": [
            {"title": e.title, "url": e.url, "published_at": iso(e.published_at), "text": e.text}
            for e in made.guess.entries
        ],
    }
