"""Other people's files taken into a home's journal: columns guessed first, then every row or page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import import_lock, open_journal
from fengping.indexer.importing import Columns, Import, Importer, Input, Kind, Refused, Skipped, choose
from fengping.indexer.importing import documents as documents_of
from fengping.indexer.importing.documents import Found, assemble
from fengping.indexer.importing.files import sound
from fengping.indexer.importing.known_files import digest, known_as_other, remember
from fengping.indexer.importing.pages import SavedPage, count_pages, read_pages
from fengping.indexer.importing.rows import Remarks, Row
from fengping.indexer.importing.run import AGAIN, side_file
from fengping.indexer.importing.runs import begin_run, recorded_runs
from fengping.indexer.journal import remembered
from fengping.models import Channel, Precision, RawDocument
from fengping.models import Kind as DocumentKind
from fengping.progress import Listener, Step, emit
from fengping.spiders import Catalogue, extraction
from fengping.state import State

Items = Iterator[RawDocument | Refused | Skipped]
_TOLD_EVERY = 500


@dataclass(frozen=True)
class Table:
    """A table of a file, and which of its columns is taken for what."""

    name: str
    columns: Columns
    sample: Sequence[Row]
    """First rows."""
    dropped: tuple[str, ...] = ()
    """Columns that no field is read from."""


@dataclass(frozen=True)
class Planned:
    """A file and its tables that hold documents; none for saved pages."""

    input: Input
    tables: dict[str, Table]
    left: tuple[str, ...] = ()
    """Tables of no known format beside others that are of one: of accounts, for instance."""


def plan(item: Input, given: Sequence[str]) -> Planned:
    """Chooses the columns of a file; *given* are ``FIELD=COLUMN``.

    Raises :class:`UsageError` where no table of the file holds documents.
    """
    if item.kind in {Kind.PAGES, Kind.WARC}:
        return Planned(item, {})
    tables: dict[str, Table] = {}
    trouble: UsageError | None = None
    with sound(item.path):
        for table in item.tables():
            try:
                columns = choose(table, list(given))
                used = columns.used()
                dropped = tuple(
                    name for name in table.columns if name not in used and not name.startswith("/")
                )
                tables[table.name] = Table(table.name, columns, table.sample, dropped)
            except UsageError as error:
                trouble = trouble or error
    if not tables:
        raise trouble or UsageError(f"{item.path} holds no rows.")
    known = {name: table for name, table in tables.items() if table.columns.taken_as}
    return Planned(item, known or tables, tuple(tables.keys() - known.keys()) if known else ())


def taken_as(planned: Sequence[Planned]) -> list[str]:
    """A sentence on each table that is of a known format."""
    return [
        f"{table.name}: taken as {table.columns.taken_as}."
        for one in planned
        for table in one.tables.values()
        if table.columns.taken_as
    ]


def terms_of(
    home: Home, source: str, now: datetime, channel: Channel | None = None, kind: DocumentKind | None = None
) -> Import:
    """Terms for all documents imported as *source*; channel and kind are guessed where not given."""
    known = Catalogue.load(home).all.get(source)
    return Import(
        source,
        now.replace(microsecond=0),
        home.salt,
        channel,
        kind,
        platform=known.platform if known else "",
        mask=home.config.crawl.mask_nicknames,
    )


def doubts(home: Home, planned: Sequence[Planned], terms: Import) -> list[str]:
    """Sentences on what an import would drop, take for one document, or count twice."""
    said = [
        f"{table.name}: no field is read from {', '.join(table.dropped)}."
        for one in planned
        for table in one.tables.values()
        if table.dropped
    ]
    said += [
        f"{name} is left out: it is of no known format, and other tables of its file are."
        for one in planned
        for name in sorted(one.left)
    ]
    said += [
        f"{table.name}: {count:,} of the first {len(table.sample):,} rows have the address of another text "
        "and would be versions of one document; --map url= leaves the column out."
        for one in planned
        for table in one.tables.values()
        if (count := _together(table, terms))
    ]
    paths = [one.input.path for one in planned]
    return [*said, *(known.sentence for known in known_as_other(State.open(home), paths, terms.source))]


def _together(table: Table, terms: Import) -> int:
    """Rows of a sample that would become a document for which another text stands already."""
    first: dict[str, tuple[str, str]] = {}
    made = documents_of(table.sample, table.columns, replace(terms, remarks=Remarks()))
    return sum(
        first.setdefault(one.id, (one.title, one.text)) != (one.title, one.text)
        for one in made
        if isinstance(one, RawDocument) and one.canonical_url
    )


def fell_together(importer: Importer) -> list[str]:
    """A sentence on rows that became versions of one document although their texts differ."""
    if not importer.together:
        return []
    return [
        f"At least {importer.together:,} rows have the address of another text and became versions of one "
        f"document; if they are texts of their own: fengping import --undo {importer.number}, then import "
        "with --map url=."
    ]


def unchanged(home: Home, importer: Importer, planned: Sequence[Planned], terms: Import) -> list[str]:
    """A sentence on rows that came again, where a kind or channel was given that they do not get."""
    again = importer.statuses[AGAIN]
    if not again or not (terms.kind or terms.channel):
        return []
    contents = {digest(one.input.path) for one in planned if not one.input.path.is_dir()}
    earlier = [
        run.number
        for run in recorded_runs(State.open(home))
        if run.source == terms.source and run.number != importer.number and run.undone_at is None
        and contents & set(run.files.values())
    ]  # fmt: skip
    remedy = (
        "to change that, take back each import that brought them: "
        f"{'; '.join(f'fengping import --undo {number}' for number in earlier)}. Then import anew."
        if earlier
        else "to change that, find their import (fengping import --list), take it back (--undo), "
        "then import anew."
    )
    return [f"{again:,} rows were imported before and keep the kind and channel they had; {remedy}"]


def take_in(
    home: Home,
    planned: Sequence[Planned],
    terms: Import,
    *,
    show: Listener = emit,
    bring_back: bool = False,
) -> Importer:
    """Imports the files; every row ends in one of the importer's statuses, a refused one in its side file.

    Rows that were forgotten stay out, but for *bring_back*.
    """
    with import_lock(home), open_journal(home).writer() as journal:
        state = State.open(home)
        given = terms.kind or "", terms.channel or ""
        paths = [one.input.path for one in planned]
        number = begin_run(state, terms.source, terms.fetched_at, paths, given)
        importer = Importer(
            state,
            journal,
            side_file(home, terms.fetched_at),
            number=number,
            bring_back=bring_back,
            alike=not (terms.kind or terms.channel),
        )
        for one in planned:
            for name, items in _items(one, terms):
                importer.take(_counted(one.input, name, items, show), name)
            remember(state, one.input.path, terms.source, terms.fetched_at)
    remembered.keep(home)
    return importer


def _items(planned: Planned, terms: Import) -> Iterator[tuple[str, Items]]:
    """Documents of each table of a file, or of all its pages."""
    item = planned.input
    if item.kind in {Kind.PAGES, Kind.WARC}:
        yield item.path.name, _page_documents(read_pages(item), terms)
        return
    for table in item.tables():
        if found := planned.tables.get(table.name):
            yield table.name, documents_of(table.rows, found.columns, replace(terms, file=item.path.name))


def _page_documents(pages: Iterable[SavedPage | Refused | Skipped], terms: Import) -> Items:
    for page in pages:
        if not isinstance(page, SavedPage):
            yield page
            continue
        try:
            read = extraction.extract(
                page.html, url=page.url, encoding=page.encoding, fetched_at=page.fetched_at
            )
            if not read.text:
                raise ValueError("no article was found in the page")
            found = Found(
                title=read.title,
                text=read.text,
                url=page.url or read.canonical_url,
                published_at=None if read.precision is Precision.YEAR_INFERRED else read.published_at,
                precision=Precision.NO_YEAR if read.precision is Precision.YEAR_INFERRED else read.precision,
                fetched_at=page.fetched_at,
                site=read.site,
                author=read.author,
                kind=DocumentKind.NEWS,
                engagement=read.engagement,
                region=read.region,
                media=read.media,
            )
            yield assemble(found, terms)
        except (extraction.NotAPage, ValueError) as error:
            yield Refused(page.number, f"{page.name}: {error}", page.url)


def _counted(item: Input, name: str, items: Items, show: Listener) -> Items:
    """*items* with records of progress: bytes of a file, or pages of a folder, and rows a second."""
    folder = item.path.is_dir()
    total = count_pages(item.path) if folder else item.size
    begin, number = monotonic(), 0
    for number, one in enumerate(items, 1):
        yield one
        if number % _TOLD_EVERY == 0 or folder:
            speed = number / max(monotonic() - begin, 1e-3)
            show(Step(name, number if folder else item.position, total, f"{number:,} rows, {speed:,.0f}/s"))
    show(Step(name, total, total, f"{number:,} rows", ended=True))
