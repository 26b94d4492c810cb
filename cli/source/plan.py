"""``source plan``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import iso, local, now, parse_window
from fengping.errors import UsageError
from fengping.services.source import plan_words
from fengping.spiders import Catalogue
from fengping.spiders.plans import Done, Ending, Search, Step, run_plan, searches


def plan(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Sources that search a {keyword}.")],
    since: Annotated[str, typer.Option("--since", help="First day, 2020-11-01.")],
    until: Annotated[str, typer.Option("--until", help="Last day, included.")],
    keywords: Annotated[
        str, typer.Option("--names", help="hosts (the registry), words with commas, or @FILE, one a line.")
    ] = "hosts",
    beside: Annotated[
        str, typer.Option("--with", help="Words with commas, each searched together with each name.")
    ] = "",
    step: Annotated[str, typer.Option("--step", help="Span of a search: month, day or hour.")] = "month",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the searches, make none.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a search.")] = False,
) -> None:
    """Searches names over sources and time; splits the time where a site cuts its results off.

    Exit 1 when results are missing: cut off, failed or left. Called again it goes on where it stopped.
    """
    home = open_home(context)
    start, stop = parse_window(since, until)
    if start is None or stop is None:
        raise UsageError("A plan needs --since and --until.")
    if step not in list(Step):
        raise UsageError(f"Unknown step {step!r}.", remedy="Write month, day or hour.")
    words = plan_words(home, keywords, beside)
    if dry_run:
        catalogue = Catalogue.load(home)
        chosen = {name: catalogue.get(name) for name in names}
        planned = searches(chosen, words, start, stop, Step(step))
        _show_searches(planned, as_json=as_json)
        return
    ended = []
    for done in run_plan(home, names, words, start, stop, step=Step(step), clock=now):
        ended.append(done)
        if as_json:
            write_json(done.to_record())
        else:
            _tell(done)
    if not as_json:
        _sum_up(ended)
    _exit_if_missing(ended)


def _show_searches(planned: Sequence[Search], *, as_json: bool) -> None:
    rows = [(s.source, s.keyword, iso(s.since), iso(s.until)) for s in planned]
    if as_json:
        for row in rows:
            write_json(dict(zip(("source", "keyword", "since", "until"), row, strict=True)))
        return
    write_table(("source", "keyword", "since", "until"), rows, title=f"{len(rows)} searches")


def _tell(done: Done) -> None:
    search = done.search
    span = f"{local(search.since):%Y-%m-%d %H:%M} … {local(search.until):%Y-%m-%d %H:%M}"
    reason = f": {done.reason}" if done.reason else ""
    line = f"{search.source} {search.keyword} {span} {done.ending.value}, {done.documents} new{reason}"
    remark(line)


def _sum_up(ended: Sequence[Done]) -> None:
    counts = Counter((done.search.source, done.ending) for done in ended)
    rows = []
    for name in dict.fromkeys(done.search.source for done in ended):
        found = sum(done.documents for done in ended if done.search.source == name)
        rows.append((name, found, *(counts[name, ending] for ending in Ending)))
    write_table(("source", "documents", *(ending.value for ending in Ending)), rows)


def _exit_if_missing(ended: Sequence[Done]) -> None:
    """Exit 1 where something was not found that may be there."""
    missing = any(done.ending in (Ending.CUT_OFF, Ending.FAILED, Ending.LEFT) for done in ended)
    for name in dict.fromkeys(done.search.source for done in ended):
        own = {done.ending for done in ended if done.search.source == name} - {Ending.KNOWN}
        if own == {Ending.EMPTY}:
            missing = True
            said = f"Every search of {name} matched nothing; look at it with: fengping source test {name}"
            remark(said, style="yellow")
    if missing:
        raise typer.Exit(1)
