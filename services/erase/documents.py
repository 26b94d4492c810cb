"""Forgetting documents for good: out of stores, repost groups, journal, state, and every file beside them.

What is forgotten is not collected again: its id stays in the state, without address or text.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, update

from fengping.analysis.urls import canonical_url
from fengping.errors import FengpingError, UsageError
from fengping.home import Home
from fengping.indexer import corrections
from fengping.indexer.groups import log as groups_log
from fengping.indexer.importing.run import forget_imported
from fengping.indexer.journal.files import CLOSED
from fengping.indexer.journal.lines import Fault
from fengping.indexer.journal.log import Journal
from fengping.indexer.pipeline import cursor as cursors
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.pipeline.cursor import Regroups, StoredCursor
from fengping.indexer.pipeline.locks import import_lock, index_lock
from fengping.indexer.search.backends.opening import open_store_url
from fengping.indexer.search.protocol import Store, regrouping
from fengping.models import RawDocument, document_id
from fengping.privacy import REALMS, hash_author
from fengping.services.erase import files as leftovers
from fengping.services.erase.matcher import ADDRESS_GOES_ON, Traces
from fengping.spiders.run.statuses import Status
from fengping.spiders.seen.urls import Memory, engagement_readings, seen_urls
from fengping.spiders.seen.visits import Seen
from fengping.spiders.sources import Catalogue
from fengping.state import State

_AT_ONCE = 500


@dataclass(frozen=True)
class Wanted:
    """Conditions that select the documents to forget; a document must meet every one given."""

    author: str = ""
    """A shown name or a platform's id."""
    author_ids: frozenset[str] = frozenset()
    """Its hashes, on every platform that the home knows."""
    url_ids: frozenset[str] = frozenset()
    """Ids of documents by URL; the comments below them go too."""
    urls: frozenset[str] = frozenset()
    """The same as they were named."""
    before: datetime | None = None
    """Published before then, or fetched before then where no time of publication is known."""

    @classmethod
    def make(cls, home: Home, *, author: str, urls: Sequence[str], before: datetime | None) -> Wanted:
        """Raises :class:`UsageError` where nothing is named, or a URL is none."""
        if not (author or urls or before):
            raise UsageError("Missing selection.", remedy="Give at least one of --author, --url, --before.")
        try:
            ids = frozenset(document_id(canonical_url(url)) for url in urls)
        except ValueError as error:
            raise UsageError(f"{error}.") from None
        sources = Catalogue.load(home).all
        platforms = {name: source.platform or name for name, source in sources.items()}
        realms = {*REALMS, *platforms.values()}
        hashes = frozenset(hash_author(home.salt, name, author) for name in realms if author)
        return cls(author, hashes, ids, frozenset(urls), before)

    def holds(self, document: RawDocument, salt: bytes) -> bool:
        """True if *document* meets the conditions."""
        if self.author:
            # An import may stand for a source that has no file, and a platform that nobody knows.
            own = hash_author(salt, document.source, self.author)
            by_hash = bool(document.author_id) and document.author_id in {own, *self.author_ids}
            if document.author != self.author and not by_hash:
                return False
        if self.url_ids and not {document.id, document.parent_id} & self.url_ids:
            return False
        return self.before is None or (document.published_at or document.fetched_at) < self.before

    def names(self, text: str, at: datetime | None) -> bool:
        """True if a line that is no document, of that time, mentions a document to forget."""
        if self.author and not _whole(self.author, text):
            return False
        if self.url_ids and not any(_address(name, text) for name in {*self.urls, *self.url_ids}):
            return False
        return self.before is None or (at is not None and at < self.before)


def _whole(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _address(url: str, text: str) -> bool:
    return re.search(f"{re.escape(url)}(?!{ADDRESS_GOES_ON.pattern})", text) is not None


@dataclass
class Found:
    """Documents and traces that an erasure would remove."""

    documents: list[RawDocument]
    """Every version."""
    lines: int
    """Lines of the journal that hold no whole document, and rows that imports set aside."""
    damaged: list[Path]
    """Files of the journal that cannot be unpacked to their ends."""


@dataclass(frozen=True)
class Forgotten:
    """Counts of what was removed, and the files that a person must still look at."""

    documents: int
    versions: int
    """Lines of the journal."""
    stored: int
    regrouped: int
    """Other documents whose repost group or its first publication is another now."""
    readings: int
    corrections: int
    lines: int
    """Lines of side files and quarantine, and of logs."""
    files: tuple[str, ...]
    """Printed reports and recorded pages that quoted it and were deleted."""
    mentioned: tuple[str, ...]
    """Files that still hold it, or cannot be searched."""
    later: tuple[str, ...]
    """Sentences on the work left undone."""

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return asdict(self)


def find(home: Home, wanted: Wanted) -> Found:
    """Everything that *wanted* names, from the whole journal and the side files of imports."""
    found = Found([], sum(wanted.names(row, at) for row, at in leftovers.refused_rows(home)), [])
    damaged: set[Path] = set()
    for batch in Journal(home.journal).read({}, 5000, salvage=True):
        for line in batch.lines:
            if line.document is not None:
                if wanted.holds(line.document, home.salt):
                    found.documents.append(line.document)
            elif line.fault is Fault.DAMAGED:
                damaged.add(home.journal / f"{line.file}{CLOSED}")
            else:
                found.lines += wanted.names(line.data.decode("utf-8", "replace"), None)
    found.damaged += sorted(damaged)
    return found


def forget(
    home: Home,
    store: Store,
    wanted: Wanted,
    found: Found,
    now: datetime,
    *,
    keep_printed: bool = False,
) -> Forgotten:
    """Removes what *found* holds, and whatever else stands in the home about it. The journal comes last, so
    that a second call finishes what was interrupted.

    Raises :class:`HomeBusy` beside an indexer or an import, :class:`UsageError` while a crawl is writing.
    """
    traces = Traces(found.documents)
    ids, cursor = traces.ids, StoredCursor(home.config.store)
    with index_lock(home), import_lock(home):
        state = State.open(home)
        pipeline.recover(state, cursor, store)
        stored = store.delete(ids)
        changed = _leave_groups(home, state, cursor, store, ids)
        later = [*_clean_stores(home, state, store, ids, changed)]
        with state.begin() as connection:
            readings, corrected = _forget_state(connection, traces)
            forget_imported(connection, ids)
            leftovers.blank_state(connection, traces)
        _leave_tombstones(home, state, found.documents, now)
        later += leftovers.compact(state)
        lines = leftovers.clean_lines(home, traces, wanted.names)
        files, mentioned = leftovers.clean_files(home, traces, keep_printed=keep_printed)
        Journal(home.journal).erase(
            lambda document: document.id in ids,
            lambda line: traces.within(line) or wanted.names(line, None),
        )
    return Forgotten(
        len(ids), len(found.documents), stored, len(changed), readings, corrected, lines,
        tuple(map(str, files)), tuple(map(str, [*mentioned, *found.damaged])), tuple(later),
    )  # fmt: skip


def _leave_groups(
    home: Home, state: State, cursor: StoredCursor, store: Store, ids: Collection[str]
) -> Regroups:
    """Takes *ids* out of the repost groups; the other documents whose group that changes."""
    folder = pipeline.groups_folder(home)
    if not folder.exists():
        return {}
    groups = pipeline.open_groups(home, state)
    if not groups.holds(ids):
        groups.close()
        return {}
    fresh = groups_log.fresh_of(folder)
    shutil.rmtree(fresh, ignore_errors=True)
    groups, changed = groups.without(ids, fresh)
    groups.close()
    with state.begin() as connection:
        # Noted first: killed after this, the next index run tells the store.
        cursor.note(connection, changed, groups.log, groups.count)
    groups_log.install(folder)
    store.update(regrouping(changed))
    with state.begin() as connection:
        cursor.rest(connection)
    return changed


def _clean_stores(
    home: Home, state: State, store: Store, ids: Collection[str], changed: Regroups
) -> Iterator[str]:
    """Takes *ids* out of the files of this store, and of others that the home had before; what must wait, in
    words."""
    if not store.expunge():
        yield (
            "Elasticsearch keeps deleted documents in its files until every copy of the index has caught up; "
            "they go with its next merges, or now with POST INDEX/_forcemerge?only_expunge_deletes=true."
        )
    with state.begin() as connection:
        urls = cursors.stores(connection) - {StoredCursor(home.config.store).store}
    for url in sorted(urls):
        scheme, rest = home.path_url(url)
        if scheme == "memory" or (scheme == "tantivy" and not Path(rest).exists()):
            continue
        try:
            other = open_store_url(f"{scheme}:{rest}")
            other.delete(ids)
            other.update(regrouping(changed))
            other.expunge()
            other.close()
        except FengpingError as error:
            yield f"The store {url}, which this home had before, may still hold it: {error.message}"


def _forget_state(connection: Connection, traces: Traces) -> tuple[int, int]:
    """Blanks addresses and deletes what hangs on the ids; numbers of readings and corrections."""
    readings = corrected = 0
    made = corrections.corrections
    for part in _parts(traces.addresses):
        connection.execute(update(seen_urls).where(seen_urls.c.url.in_(part)).values(url=""))
    for part in _parts(traces.ids):
        hangs = engagement_readings.c.document_id.in_(part)
        readings += connection.execute(delete(engagement_readings).where(hangs)).rowcount
        corrected += connection.execute(delete(made).where(made.c.document_id.in_(part))).rowcount
    return readings, corrected


def _leave_tombstones(home: Home, state: State, versions: Sequence[RawDocument], now: datetime) -> None:
    memories: dict[str, Memory] = {}
    for document in versions:
        kept = memories.setdefault(document.source, _memory(home, state, document.source))
        kept.mark(Seen(document.id, "", Status.FORGOTTEN, now, now))
    for kept in memories.values():
        kept.save()


def _memory(home: Home, state: State, source: str) -> Memory:
    crawl = home.config.crawl
    if not crawl.frontier:
        return Memory(state, source)
    from fengping.spiders.cluster.frontier import Frontier, SharedMemory

    return SharedMemory(state, source, Frontier(crawl.frontier, home, source, crawl.frontier_lease))


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    listed = sorted(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
