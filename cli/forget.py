"""``forget``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import now, parse_moment
from fengping.errors import UsageError
from fengping.models import RawDocument
from fengping.services import erase


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
    with_reposts: Annotated[
        bool, typer.Option("--with-reposts", help="Remove what quotes it with the author's name, too.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Erase here what other machines of the deployment forgot.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Removes documents for good, from every file of the home; exit 1 where none is found.

    Several conditions must all hold. Printed reports and recorded cases that quote them are deleted too.
    What quotes the text with the author's name is named, and removed with --with-reposts.
    Other machines of a deployment take it out of their files within a minute while they run, or by --again.
    What is forgotten is neither collected nor imported again. Where nicknames are masked, give the id.
    """
    home = open_home(context)
    if again:
        _tell(erase.again(home, now()), as_json)
        return
    moment = parse_moment(before) if before else None
    wanted = erase.Wanted.make(home, author=author, urls=url or [], before=moment)
    found = erase.find(home, wanted)
    if not found.documents and not found.lines and not found.queries:
        if (elsewhere := erase.again(home, now())) is not None:
            _tell(elsewhere, as_json)
            return
        remark("Nothing matches; nothing was removed.")
        raise typer.Exit(1)
    quoting = erase.reposts(home, wanted, found)
    if with_reposts:
        found.documents.extend(quoting)
    elif quoting:
        _name(quoting)
    if not yes:
        if as_json:
            raise UsageError("--json cannot ask for confirmation.", remedy="Add --yes.")
        versions = len(found.documents)
        count = f"{len(found.ids)} documents ({versions} versions), {found.lines} broken lines"
        count += f" and {len(found.queries)} saved queries"
        typer.confirm(f"Forget {count} for good?", abort=True, err=True)
    done = erase.forget(home, wanted, found, now(), keep_printed=keep_printed)
    if as_json:
        named = [] if with_reposts else sorted({document.id for document in quoting})
        write_json(done.to_record() | {"reposts": named})
        return
    _tell(done, as_json=False)


def _tell(done: erase.Forgotten | None, as_json: bool) -> None:
    if done is None:
        remark("Nothing that was forgotten on another machine waits for this one.")
        return
    if as_json:
        write_json(done.to_record())
        return
    write_table(("removed", "number"), [*done.counts.items(), ("files", len(done.files))])
    for path in done.files:
        remark(f"Deleted {path}.")
    for path in done.mentioned:
        remark(f"Look at {path}: it quotes what was forgotten, or cannot be searched.", style="yellow")
    for sentence in done.later:
        remark(sentence, style="yellow")


def _name(quoting: Sequence[RawDocument]) -> None:
    places = {document.id: document.url or document.id for document in quoting}
    for place in places.values():
        remark(f"Look at {place}: it quotes the text with the author's name.", style="yellow")
    remark(f"{len(places):,} reposts stay; --with-reposts removes them, too.", style="yellow")
