"""``history``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, stdout, write_json, write_table
from fengping.clock import iso
from fengping.services.history import History
from fengping.services.history import history as history_of
from fengping.spiders.seen.urls import COUNTS


def history(
    context: typer.Context,
    document: Annotated[str, typer.Argument(help="A document's address, or its id.")],
    text: Annotated[bool, typer.Option("--text", help="Each version's whole text too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Every version of a document that was collected, and every reading of its counts; exit 1 for none."""
    found = history_of(open_home(context), document)
    if as_json:
        write_json(found.to_record())
    else:
        _show(found, text=text)


def _show(found: History, *, text: bool) -> None:
    rows = [
        (
            number + 1,
            iso(version.fetched_at),
            version.title,
            len(version.text),
            ", ".join(found.changed(number)),
        )
        for number, version in enumerate(found.versions)
    ]
    write_table(("version", "fetched", "title", "characters", "changed"), rows, title=found.versions[-1].url)
    for number, version in enumerate(found.versions if text else (), 1):
        stdout.print(f"\n— version {number} —\n{version.text}", highlight=False, markup=False, soft_wrap=True)
    if found.readings:
        shown = [
            (iso(reading.read_at), *("" if count is None else count for count in counts))
            for reading in found.readings
            for counts in [[getattr(reading.engagement, name) for name in COUNTS]]
        ]
        write_table(("read", *COUNTS), shown)
