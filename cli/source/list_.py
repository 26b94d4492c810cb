"""``source list``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.services.source import listing


def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """Shows every source: the home's own, those that ship, those that cannot be read; exit 1 for these."""
    found = listing(open_home(context))
    rows = [
        {
            "name": one.source.name,
            "title": one.source.title,
            "kind": one.source.kind.value,
            "channel": one.source.channel.value,
            "on": one.on,
            "from": "home" if one.own else "shipped",
            "licence": one.source.licence,
        }
        for one in found.sources
    ]
    if as_json:
        write_json(rows)
    else:
        columns = ("name", "title", "kind", "channel", "on", "from")
        write_table(columns, [["yes" if row[c] is True else row[c] or "" for c in columns] for row in rows])
    for name, error in found.broken.items():
        remark(f"{name}: {error}", style="red")
    if found.broken:
        raise typer.Exit(1)
