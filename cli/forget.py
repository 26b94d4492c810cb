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
    keep_printed: Annotated[
        bool, typer.Option("--keep-printed", help="Keep reports and recorded cases that quote it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")] = False,
) -> None:
    """Removes documents for good, from every file of the home; exit 1 where none is found.

    Several conditions must all hold. Printed reports and recorded cases that quote them are deleted too.
    What is forgotten is neither collected nor imported again. Where nicknames are masked, give the id.
    """
    from fengping.alerts.erase import forget as forget_alarms
    from fengping.clock import now, parse_moment
    from fengping.errors import UsageError
    from fengping.indexer.search.backends.opening import open_store
    from fengping.services.erase import documents as forgetting

    home = open_home(context)
    moment = parse_moment(before) if before else None
    wanted = forgetting.Wanted.make(home, author=author, urls=url or [], before=moment)
    found = forgetting.find(home, wanted)
    if not found.documents and not found.lines:
        stderr.print("Nothing matches; nothing was removed.")
        raise typer.Exit(1)
    ids = {document.id for document in found.documents}
    if not yes:
        if as_json:
            raise UsageError("--json cannot ask for confirmation.", remedy="Add --yes.")
        count = f"{len(ids)} documents ({len(found.documents)} versions) and {found.lines} broken lines"
        typer.confirm(f"Forget {count} for good?", abort=True, err=True)
    store = open_store(home)
    try:
        alarms = forget_alarms(home, ids)
        done = forgetting.forget(home, store, wanted, found, now(), keep_printed=keep_printed)
    finally:
        store.close()
    record = done.to_record() | {"alarms": alarms}
    if as_json:
        write_json(record)
        return
    told = {name: record.pop(name) for name in ("files", "mentioned", "later")}
    write_table(("removed", "number"), [*record.items(), ("files", len(told["files"]))])
    for path in told["files"]:
        stderr.print(f"Deleted {path}.", soft_wrap=True)
    for path in told["mentioned"]:
        stderr.print(f"Look at {path}: it quotes what was forgotten, or cannot be searched.", style="yellow",
                     soft_wrap=True)  # fmt: skip
    for sentence in told["later"]:
        stderr.print(sentence, style="yellow", soft_wrap=True)
