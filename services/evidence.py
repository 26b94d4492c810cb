"""Evidence of a home: kept, verified, exported, looked at again, released."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from fengping.errors import UsageError
from fengping.events import asking
from fengping.events.evidence import capture, keeping, packing
from fengping.events.evidence.keeping import Kept
from fengping.home import Home
from fengping.indexer import open_store


def keep(home: Home, ids: Sequence[str], now: datetime, *, pictures: bool = True) -> list[Kept]:
    """Keeps documents, or all documents of events, as they are now; what is held stays as it is.

    Raises :class:`UsageError` for an id of nothing.
    """
    shoot = capture.picture if pictures else _none
    documents = [document for id in ids for document in _documents(home, id)]
    with closing(open_store(home)) as store:
        found = store.get(documents)
    if missing := set(documents) - {document.id for document in found}:
        raise UsageError(f"There is no document {min(missing)}.", remedy="fengping search --json shows ids.")
    return keeping.keep(home, found, now, capture.fetcher(home.config.crawl), shoot, ", ".join(ids)[:255])


def look_again(home: Home, now: datetime) -> list[tuple[str, str]]:
    """Looks at addresses that are due after 1, 7 and 30 days: document and finding."""
    return keeping.look_again(home, now, capture.fetcher(home.config.crawl))


def verify(home: Home) -> list[str]:
    """One sentence for everything that is not as it was kept."""
    return keeping.archive(home).faults()


def export(home: Home, ids: Sequence[str], target: Path) -> int:
    """Packs everything kept of documents or events into a ZIP; how many files."""
    documents = [document for id in ids for document in _documents(home, id)]
    return packing.export(keeping.archive(home), documents, target)


def release(home: Home, ids: Sequence[str]) -> None:
    """Ends the hold of documents or of all held documents of events."""
    keeping.release(home, [document for id in ids for document in _documents(home, id, held=True)])


def is_held(home: Home, id: str) -> bool:
    """True if a document is kept as evidence and on hold."""
    return bool(keeping.held(home, [id]))


def _documents(home: Home, id: str, *, held: bool = False) -> list[str]:
    """A document's own id, or the documents of an event."""
    if len(id) == 32:
        return [id]
    documents = asking.documents_of(home, id)
    return keeping.held(home, documents) if held else documents


def _none(url: str) -> bytes:
    raise capture.Refused("No picture was asked for.")
