"""``import``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, write_json, write_table
from fengping.models import Channel, Kind, RawDocument

if TYPE_CHECKING:
    from fengping.home import Home
    from fengping.indexer.importing import Columns, Import, Importer, Input, Refused, Skipped
    from fengping.indexer.importing.pages import SavedPage
    from fengping.indexer.importing.rows import Row


@app.command("import")
def import_(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(help="JSON Lines, CSV, XLSX, WARC (also .gz), HTML files or folders.")
    ],
    source: Annotated[str, typer.Option("--source", help="Name of the source the documents get.")],
    maps: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Column of a field; COLUMN+COLUMN joins two."),
    ] = None,
    channel: Annotated[Channel | None, typer.Option(help="Channel of all rows; else guessed.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Kind of all rows; else guessed.")] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of the files; else guessed.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Take the guessed columns without asking.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where any row was refused.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")] = False,
) -> None:
    """Takes other people's files into the journal; a file imported again adds nothing.

    Rows that cannot be read are set aside with the reason and the others imported: exit 0. Where all were
    refused, or any with --strict: exit 1.
    """
    from fengping.clock import now
    from fengping.indexer.importing import Import, Input

    home = open_home(context)
    inputs = [Input(file, encoding) for file in files]
    plans = [_plan(item, maps or []) for item in inputs]
    guessed = {name: found for plan in plans for name, found in plan.items() if found}
    _show(guessed)
    if guessed and not yes and sys.stdin.isatty() and stderr.is_terminal:
        typer.confirm("Import so?", default=True, abort=True, err=True)
    terms = Import(
        source,
        now().replace(microsecond=0),
        home.salt,
        channel,
        kind,
        platform=_platform(home, source),
        mask=home.config.crawl.mask_nicknames,
    )
    begin = monotonic()
    importer = _run(home, list(zip(inputs, plans, strict=True)), terms)
    _tell(importer, terms, monotonic() - begin, as_json)
    refused = importer.statuses["refused"]
    if refused and (strict or refused == importer.statuses.total()):
        raise typer.Exit(1)


def _platform(home: Home, source: str) -> str:
    from fengping.spiders.sources import Catalogue

    known = Catalogue.load(home).all.get(source)
    return known.platform if known else ""


Plan = dict[str, "tuple[Columns, Sequence[Row]] | None"]
"""Columns and first rows of each table of a file, by name; ``None`` for a sheet that holds no documents."""


def _plan(item: Input, given: list[str]) -> Plan:
    from fengping.errors import UsageError
    from fengping.indexer.importing import Kind, guess
    from fengping.indexer.importing.files import sound

    if item.kind in {Kind.PAGES, Kind.WARC}:
        return {}
    plan: Plan = {}
    trouble: UsageError | None = None
    with sound(item.path):
        for table in item.tables():
            try:
                plan[table.name] = guess(table, given), table.sample
            except UsageError as error:
                plan[table.name], trouble = None, trouble or error
    if not any(plan.values()):
        raise trouble or UsageError(f"{item.path} holds no rows.")
    return plan


def _show(guessed: dict[str, tuple[Columns, Sequence[Row]]]) -> None:
    """Show on stderr the columns chosen for the fields, each with a value."""
    shown = Table("file", "field", "column", "for instance", title="Columns", title_justify="left")
    for name, (columns, sample) in guessed.items():
        for field, names in columns.of.items():
            values = (columns.value(row, field) for row in sample)
            example = next(filter(None, values), "").replace("\n", " ")
            shown.add_row(name, field, " + ".join(names), escape(example[:24]))
            name = ""
    if guessed:
        stderr.print(shown)


def _run(home: Home, planned: list[tuple[Input, Plan]], terms: Import) -> Importer:
    from fengping.indexer.importing import Importer
    from fengping.indexer.importing.run import side_file
    from fengping.indexer.journal.log import JournalWriter
    from fengping.indexer.pipeline.locks import import_lock
    from fengping.state import State

    with import_lock(home), JournalWriter(home.journal) as journal:
        importer = Importer(State.open(home), journal, side_file(home, terms.fetched_at))
        for item, plan in planned:
            for name, items in _items(item, plan, terms):
                with _bar(item, name) as counted:
                    importer.take(counted(items), name)
    return importer


Items = Iterator["RawDocument | Refused | Skipped"]


def _items(item: Input, plan: Plan, terms: Import) -> Iterator[tuple[str, Items]]:
    """Documents of each table of a file, or of all its pages."""
    from fengping.indexer.importing import Kind, documents

    if item.kind in {Kind.PAGES, Kind.WARC}:
        from fengping.indexer.importing.pages import read_pages

        yield item.path.name, _page_documents(read_pages(item), terms)
        return
    for table in item.tables():
        if found := plan[table.name]:
            yield table.name, documents(table.rows, found[0], replace(terms, file=item.path.name))


def _page_documents(pages: Iterable[SavedPage | Refused | Skipped], terms: Import) -> Items:
    from fengping.indexer.importing import Refused
    from fengping.indexer.importing.documents import Found, assemble
    from fengping.indexer.importing.pages import SavedPage
    from fengping.spiders.extraction import NotAPage, extract

    for page in pages:
        if not isinstance(page, SavedPage):
            yield page
            continue
        try:
            read = extract(page.html, url=page.url, encoding=page.encoding, fetched_at=page.fetched_at)
            if not read.text:
                raise ValueError("no article was found in the page")
            found = Found(
                title=read.title,
                text=read.text,
                url=page.url or read.canonical_url,
                published_at=read.published_at,
                precision=read.precision,
                fetched_at=page.fetched_at,
                site=read.site,
                author=read.author,
                kind=Kind.NEWS,
                engagement=read.engagement,
            )
            yield assemble(found, terms)
        except (NotAPage, ValueError) as error:
            yield Refused(page.number, f"{page.name}: {error}", page.url)


@contextmanager
def _bar(item: Input, name: str) -> Iterator[Callable[[Items], Items]]:
    """A progress bar on stderr: bytes of a file, or pages of a folder, and rows a second."""
    from fengping.indexer.importing.pages import count_pages

    folder = item.path.is_dir()
    begin = monotonic()
    columns = (TextColumn(name), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[speed]}"))
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal) as bar:
        task = bar.add_task(name, total=count_pages(item.path) if folder else item.size, speed="")

        def counted(items: Items) -> Items:
            number = 0
            for number, one in enumerate(items, 1):
                yield one
                if number % 500 == 0 or folder:
                    speed = number / max(monotonic() - begin, 1e-3)
                    done = number if folder else item.position
                    bar.update(task, completed=done, speed=f"{number:,} rows, {speed:,.0f}/s")
            bar.update(task, completed=number if folder else item.size)

        yield counted


def _tell(importer: Importer, terms: Import, seconds: float, as_json: bool) -> None:
    statuses = {name: count for name, count in importer.statuses.items() if count}
    rows = sum(statuses.values())
    if as_json:
        told = {
            "rows": rows,
            "statuses": statuses,
            "undated": importer.undated,
            "remarks": dict(terms.remarks.counts),
            "side_file": str(importer.side_file) if statuses.get("refused") else None,
            "elapsed": round(seconds, 3),
        }
        write_json(told)
    else:
        lines = [*statuses.items(), ("rows read", rows)]
        if importer.undated:
            lines.append(("of them without a date", importer.undated))
        write_table(("status", "count"), lines, title=f"{terms.source}, {seconds:.1f} s")
    for field, count in terms.remarks.counts.items():
        stderr.print(f"{count:,} × {field} left out, for instance {terms.remarks.samples[field]!r}.")
    if statuses.get("refused"):
        stderr.print(f"{statuses['refused']:,} rows stand in {importer.side_file} with the reason.")
