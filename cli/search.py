"""``search``, ``trend``, ``compare`` and ``export``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, stdout, write_json
from fengping.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from fengping.indexer.search.protocol import Filter, Store
    from fengping.models import Document

Query = Annotated[
    str, typer.Argument(help="What to look for; nothing means everything. See docs/queries.md.")
]
Since = Annotated[str | None, typer.Option("--since", help="First day or time, e.g. 2020-11-01.")]
Until = Annotated[str | None, typer.Option("--until", help="Last day (included) or end time.")]
Host = Annotated[
    list[str] | None, typer.Option("--host", help="Only of this host; repeat for any of several.")
]
Issue = Annotated[list[str] | None, typer.Option("--issue", help="Only of this complaint class, e.g. C02.")]
Tone = Annotated[list[str] | None, typer.Option("--polarity", help="neg, neu or pos.")]
Platform = Annotated[list[str] | None, typer.Option("--platform", help="Only naming this platform.")]
ChannelOf = Annotated[list[str] | None, typer.Option("--channel", help="news, weibo, wechat, video, …")]
Source = Annotated[list[str] | None, typer.Option("--source", help="Only from this source.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")]


@app.command()
def search(
    context: typer.Context,
    query: Query = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option("--limit", help="Hits to show; the total is exact.")] = 20,
    offset: Annotated[int, typer.Option("--offset", help="Hits to pass over.")] = 0,
    sort: Annotated[str, typer.Option("--sort", help="newest, oldest or relevance.")] = "newest",
    host: Host = None,
    issue: Issue = None,
    polarity: Tone = None,
    platform: Platform = None,
    channel: ChannelOf = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Finds documents; reposts are not folded."""
    from fengping.cli import views as finding_views
    from fengping.indexer.search.protocol import Sort

    order = Sort(_choose(sort, [*Sort], "--sort"))
    where = _filter(query, since, until, host, issue, polarity, platform, channel, source)
    with _store(context) as store:
        _echo(where)
        found = store.search(where, limit=limit, offset=offset, sort=order)
        _tell_undated(store, where)
    if as_json:
        write_json({"total": found.total, "hits": [one.to_record() for one in found.documents]})
        return
    stdout.print(finding_views.hits(found.documents, where.text, offset + 1), soft_wrap=True)
    shown = f", {offset + 1:,}–{offset + len(found.documents):,} shown" if found.documents else ""
    stdout.print(f"{found.total:,} found{shown}.", highlight=False)


@app.command()
def trend(
    context: typer.Context,
    query: Query = "",
    by: Annotated[str, typer.Option("--by", help="hour, day, week or month (Chinese time).")] = "day",
    split: Annotated[
        str | None, typer.Option("--split", help="hosts, issues, polarity, platforms, channel, …")
    ] = None,
    since: Since = None,
    until: Until = None,
    host: Host = None,
    issue: Issue = None,
    polarity: Tone = None,
    platform: Platform = None,
    channel: ChannelOf = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Counts over time, intervals without a document included."""
    from fengping.cli import views as finding_views
    from fengping.indexer.search import trends
    from fengping.indexer.search.protocol import KEYWORD_FIELDS, Interval

    interval = Interval(_choose(by, [*Interval], "--by"))
    if split is not None:
        _choose(split, [*KEYWORD_FIELDS], "--split")
    where = _filter(query, since, until, host, issue, polarity, platform, channel, source)
    with _store(context) as store:
        _echo(where)
        buckets = trends.trend(store, where, interval, split=split)
        if number := trends.undated(store, where):
            stderr.print(f"{number:,} more match but have no date, so are in no interval.", highlight=False)
    if as_json:
        rows = [
            {"start": finding_views.start_text(one.start, interval), "count": one.count, "split": one.split}
            for one in buckets
        ]
        write_json(rows)
    elif buckets:
        stdout.print(finding_views.trend_table(buckets, interval))
    else:
        stdout.print("Nothing found.")


@app.command()
def compare(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="The one search.")],
    other: Annotated[
        str | None, typer.Argument(help="The other; the same in another window if left out.")
    ] = None,
    since: Since = None,
    until: Until = None,
    with_since: Annotated[str | None, typer.Option("--with-since", help="--since of the other.")] = None,
    with_until: Annotated[str | None, typer.Option("--with-until", help="--until of the other.")] = None,
    as_json: AsJson = False,
) -> None:
    """Two searches, or two windows of one search, side by side."""
    from fengping.cli import views as finding_views
    from fengping.indexer.search import trends

    if other is None and with_since is None and with_until is None:
        raise UsageError("Missing second query.", remedy="Give a second query or --with-since.")
    first = _filter(query, since, until)
    second = _filter(query if other is None else other, with_since or since, with_until or until)
    with _store(context) as store:
        sides = trends.sides(store, first, second)
        both = trends.overlap(store, first, second)
        for where in (first, second):
            _tell_undated(store, where)
    titles = [_describe(where) for where in (first, second)]
    if as_json:
        rows = finding_views.comparison_json(sides, both)
        write_json([{"query": title, **row} for title, row in zip(titles, rows, strict=True)])
    else:
        stdout.print(finding_views.comparison(titles, sides, both))


@app.command()
def export(
    context: typer.Context,
    query: Query = "",
    form: Annotated[str, typer.Option("--format", help="csv, xlsx or jsonl (whole documents).")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; else stdout.")] = None,
    since: Since = None,
    until: Until = None,
    host: Host = None,
    issue: Issue = None,
    polarity: Tone = None,
    platform: Platform = None,
    channel: ChannelOf = None,
    source: Source = None,
) -> None:
    """Writes every document found, in the order of their ids."""
    from rich.progress import track

    from fengping.indexer.search import export as exports

    _choose(form, exports.FORMATS, "--format")
    if out is None and form == "xlsx":
        raise UsageError("A workbook needs a file.", remedy="Name it with --out.")
    where = _filter(query, since, until, host, issue, polarity, platform, channel, source)
    with _store(context) as store:
        _echo(where)
        total = store.count(where)
        documents = track(store.scan(where), "Exporting", total=total, console=stderr, transient=True)
        _write(documents, form, out)
        _tell_undated(store, where)
    stderr.print(f"{total:,} documents written{f' to {out}' if out else ''}.", highlight=False)


def _write(documents: Iterable[Document], form: str, out: Path | None) -> None:
    """Into a neighbour that takes the file's name when it is whole, so that no half export is left."""
    from fengping.indexer.search import export as exports

    if out is None:
        if form == "jsonl":
            exports.write_jsonl(documents, sys.stdout.buffer)
        else:
            exports.write_csv(documents, sys.stdout)
        return
    part = out.with_name(f"{out.name}.part")
    try:
        if form == "xlsx":
            exports.write_xlsx(documents, part)
        elif form == "jsonl":
            with part.open("wb") as file:
                exports.write_jsonl(documents, file)
        else:
            with part.open("w", encoding="utf-8-sig", newline="") as rows:
                exports.write_csv(documents, rows)
        part.replace(out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


def _choose(value: str, known: Sequence[str], option: str) -> str:
    if value not in known:
        raise UsageError(f"Unknown {option} value {value!r}.", remedy=did_you_mean(value, known))
    return value


def _filter(
    query: str,
    since: str | None,
    until: str | None,
    host: list[str] | None = None,
    issue: list[str] | None = None,
    polarity: list[str] | None = None,
    platform: list[str] | None = None,
    channel: list[str] | None = None,
    source: list[str] | None = None,
) -> Filter:
    from fengping.clock import parse_window
    from fengping.indexer.search.protocol import Filter
    from fengping.indexer.search.query.parser import parse
    from fengping.indexer.search.query.words import keyword_value

    start, stop = parse_window(since, until)
    asked = {
        "hosts": host, "issues": issue, "polarity": polarity,
        "platforms": platform, "channel": channel, "source": source,
    }  # fmt: skip
    where = {
        field: tuple(keyword_value(field, value) for value in values)
        for field, values in asked.items()
        if values
    }
    return Filter(text=parse(query), since=start, until=stop, where=where)


@contextmanager
def _store(context: typer.Context) -> Iterator[Store]:
    from fengping.indexer.search.backends.opening import open_store

    with closing(open_store(open_home(context))) as store:
        yield store


def _describe(where: Filter) -> str:
    """Describe in one line how the query was understood."""
    from fengping.clock import iso
    from fengping.indexer.search.query.tree import render

    parts = [render(where.text) or "everything"]
    if where.since or where.until:
        parts.append(f"{iso(where.since) or '…'} ≤ time < {iso(where.until) or '…'}")
    parts += [f"{field}: {' or '.join(values)}" for field, values in where.where.items()]
    return " · ".join(parts)


def _echo(where: Filter) -> None:
    stderr.print(
        f"Understood: {_describe(where)}", style="dim", markup=False, highlight=False, soft_wrap=True
    )


def _tell_undated(store: Store, where: Filter) -> None:
    """Documents without a date are in no window; that they are missing is said."""
    from fengping.indexer.search.trends import undated

    if (where.since or where.until) and (number := undated(store, where)):
        stderr.print(f"{number:,} more match but have no date, so are in no window.", highlight=False)
