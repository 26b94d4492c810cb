"""``forget``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, write_json, write_table


@app.command()
def forget(
    context: typer.Context,
    author: Annotated[str, typer.Option("--author", help="A shown name or a platform's author id.")] = "",
    url: Annotated[
        list[str] | None, typer.Option("--url", help="A document, with its comments. Repeatable.")
    ] = None,
    before: Annotated[str, typer.Option("--before", help="What was published before that day.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")] = False,
) -> None:
    """Removes documents from journal, store and state for good; exit 1 where none is found.

    Several conditions must all hold. What is forgotten is not collected again.
    """
    from fengping.clock import now, parse_moment
    from fengping.errors import UsageError
    from fengping.indexer.stores import open_store
    from fengping.spiders import forgetting

    home = open_home(context)
    moment = parse_moment(before) if before else None
    wanted = forgetting.Wanted.make(home, author=author, urls=url or [], before=moment)
    versions = forgetting.find(home, wanted)
    if not versions:
        stderr.print("Nothing matches; nothing was removed.")
        raise typer.Exit(1)
    if not yes:
        if as_json:
            raise UsageError("--json cannot ask.", remedy="Add --yes.")
        count = len({document.id for document in versions})
        typer.confirm(f"Forget {count} documents ({len(versions)} versions) for good?", abort=True, err=True)
    store = open_store(home)
    try:
        done = forgetting.forget(home, store, versions, now())
    finally:
        store.close()
    if as_json:
        write_json(done.to_record())
        return
    record = done.to_record()
    mentioned = record.pop("mentioned")
    write_table(("removed", "number"), list(record.items()))
    for path in mentioned:
        stderr.print(f"Still named in {path}: print it anew or delete it.", style="yellow", soft_wrap=True)
