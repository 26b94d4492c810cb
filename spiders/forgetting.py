"""Forgetting documents for good: out of the store, the state, the quarantine and every journal file.

What is forgotten is not collected again: its id stays in the state, without address or text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, update

from fengping.analysis.urls import canonical_url
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import corrections
from fengping.indexer.journal import Journal
from fengping.indexer.lock import index_lock
from fengping.indexer.store import Store
from fengping.models import RawDocument, document_id
from fengping.privacy import hash_author
from fengping.spiders import memory
from fengping.spiders.memory import Memory, engagement_readings, seen_urls
from fengping.spiders.sources import Catalogue
from fengping.spiders.statuses import Status
from fengping.spiders.visits import Seen
from fengping.state import State

_AT_ONCE = 500


@dataclass(frozen=True)
class Wanted:
    """Which documents are to be forgotten: those that meet every condition given."""

    author: str = ""
    """A shown name or a platform's id."""
    author_ids: frozenset[str] = frozenset()
    """Its hashes, on every platform that the home knows."""
    url_ids: frozenset[str] = frozenset()
    """Ids of documents by URL; the comments below them go too."""
    before: datetime | None = None
    """Published before then, or fetched before then where no time of publication is known."""

    @classmethod
    def make(cls, home: Home, *, author: str, urls: Sequence[str], before: datetime | None) -> Wanted:
        """Raises :class:`UsageError` where nothing is named, or a URL is none."""
        if not (author or urls or before):
            raise UsageError("What is to be forgotten?", remedy="Say --author, --url or --before.")
        try:
            ids = frozenset(document_id(canonical_url(url)) for url in urls)
        except ValueError as error:
            raise UsageError(f"{error}.") from None
        sources = Catalogue.load(home).all.values()
        platforms = {source.platform or source.name for source in sources}
        hashes = frozenset(hash_author(home.salt, name, author) for name in platforms if author)
        return cls(author, hashes, ids, before)

    def holds(self, document: RawDocument, salt: bytes) -> bool:
        """Whether *document* meets the conditions."""
        if self.author:
            # An import may stand for a source that has no file.
            own = hash_author(salt, document.source, self.author)
            by_hash = bool(document.author_id) and document.author_id in {own, *self.author_ids}
            if document.author != self.author and not by_hash:
                return False
        if self.url_ids and not {document.id, document.parent_id} & self.url_ids:
            return False
        return self.before is None or (document.published_at or document.fetched_at) < self.before


@dataclass(frozen=True)
class Forgotten:
    """What was removed, and what a person must still look at."""

    documents: int
    versions: int
    """Lines of the journal."""
    stored: int
    readings: int
    corrections: int
    quarantined: int
    mentioned: tuple[str, ...] = field(default=())
    """Printed reports and recorded cases that still hold an address of what was forgotten."""

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return asdict(self)


def find(home: Home, wanted: Wanted) -> list[RawDocument]:
    """Every version that *wanted* names, from the whole journal."""
    batches = Journal(home.journal).read({}, 5000)
    documents = (line.document for batch in batches for line in batch.lines)
    return [document for document in documents if document and wanted.holds(document, home.salt)]


def forget(home: Home, store: Store, versions: Sequence[RawDocument], now: datetime) -> Forgotten:
    """Removes the documents that *versions* belong to. The journal comes last, so that a second call
    finishes what was interrupted.

    Raises :class:`HomeBusy` beside an indexer, :class:`UsageError` while a crawl or import is writing.
    """
    ids = {document.id for document in versions}
    addresses = {document.url for document in versions if document.url}
    with index_lock(home):
        stored = store.delete(ids)
        state = State.open(home, *memory.TABLES, *corrections.TABLES)
        readings, corrected = _forget_state(state, ids, addresses)
        _leave_tombstones(home, state, versions, now)
        quarantined = sum(_filter_lines(path, ids) for path in sorted(home.quarantine.glob("*.jsonl")))
        Journal(home.journal).erase(lambda document: document.id in ids)
    mentioned = tuple(str(path) for path in _mentioning(home, addresses))
    return Forgotten(len(ids), len(versions), stored, readings, corrected, quarantined, mentioned)


def _forget_state(state: State, ids: Collection[str], addresses: Collection[str]) -> tuple[int, int]:
    """Blanks addresses and deletes what hangs on the ids; numbers of readings and corrections."""
    readings = corrected = 0
    made = corrections.corrections
    with state.begin() as connection:
        for part in _parts(addresses):
            connection.execute(update(seen_urls).where(seen_urls.c.url.in_(part)).values(url=""))
        for part in _parts(ids):
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
    from fengping.spiders.sharing import Frontier, SharedMemory

    return SharedMemory(state, source, Frontier(crawl.frontier, home, source, crawl.frontier_lease))


def _filter_lines(path: Path, ids: Collection[str]) -> int:
    """Takes lines that hold one of *ids* out of a JSON Lines file; their number."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not any(name in line for name in ids)]
    if len(kept) < len(lines):
        part = path.with_name(path.name + ".part")
        part.write_text("".join(kept), encoding="utf-8")
        part.replace(path)
    return len(lines) - len(kept)


def _mentioning(home: Home, addresses: Collection[str]) -> Iterator[Path]:
    """Files of reports and cases, which are not rewritten, that hold one of *addresses*."""
    for folder in (home.reports, home.root / "cases"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".html", ".md", ".json", ".body"}:
                text = path.read_text(encoding="utf-8", errors="replace")
                if any(address in text for address in addresses):
                    yield path


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    listed = sorted(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
