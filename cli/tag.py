"""``tag``."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import now
from fengping.services import tagging


def tag(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID…", help="Documents, or events by id or its beginning.")
    ] = None,
    add: Annotated[list[str] | None, typer.Option("--add", help="A tag to put on. Repeatable.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", help="A tag to take off.")] = None,
    note: Annotated[str, typer.Option("--note", help="A sentence to keep beside each.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who tags; the login name when not given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Tags documents and events, searched as tag:NAME; without options lists tags and notes."""
    home = open_home(context)
    if not ids or not (add or remove or note):
        found = tagging.notes(home, ids or ())
        counts = [] if ids else tagging.listed(home)
        if as_json:
            write_json({"tags": [{"tag": name, "documents": n} for name, n in counts], "notes": found})
            return
        if counts:
            write_table(("tag", "documents"), counts)
        if found:
            write_table(("kind", "id", "note", "by", "at"), [tuple(note.values()) for note in found])
        if not (counts or found):
            remark("No tags and no notes.")
        return
    done = tagging.tag(
        home, ids, add=add or (), remove=remove or (), note=note, by=by or getpass.getuser(), now=now()
    )
    if done.waiting:
        remark("The tags are kept; the indexer at work shows them in the store when it ends.")
    if as_json:
        write_json({id: list(held) for id, held in done.subjects.items()})
    else:
        write_table(("id", "tags"), [(id, "、".join(held)) for id, held in done.subjects.items()])
