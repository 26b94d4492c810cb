"""Nicknames of people masked in documents that are stored: in the store first, then in the journal."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from fengping.analysis.media import is_listed
from fengping.erasure import in_parts
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer.journal import Journal, remembered
from fengping.indexer.journal.opening import open_journal
from fengping.indexer.pipeline.locks import import_lock, index_lock
from fengping.indexer.search.backends.opening import open_store
from fengping.models import Kind, RawDocument
from fengping.privacy import mask_nickname

_SHORTEST = "*"
"""Mask of a name that is no longer than its mask would be."""


@dataclass(frozen=True)
class Old:
    """Choice of the documents whose authors are masked: posts and comments of before."""

    before: datetime

    def masked(self, document: RawDocument) -> str | None:
        """The mask of a document's author; ``None`` where the name stays: a listed publisher's, or a mask."""
        name = document.author
        at = document.published_at or document.fetched_at
        if document.kind is Kind.NEWS or not name or at >= self.before or is_listed(name):
            return None
        mask = mask_nickname(name)
        if len(mask.encode("utf-8", "surrogatepass")) > len(name.encode("utf-8", "surrogatepass")):
            mask = _SHORTEST
        return None if name in (mask, _SHORTEST) else mask


def find(home: Home, old: Old) -> set[str]:
    """Ids of the documents of which a version shows its author's name.

    Raises :class:`UsageError` for a journal that is no file: a topic is not rewritten.
    """
    found = set()
    for batch in _journal(home).read({}, 5000, salvage=True):
        for line in batch.lines:
            if line.document is not None and old.masked(line.document) is not None:
                found.add(line.document.id)
    return found


def mask(home: Home, old: Old, ids: Collection[str]) -> None:
    """Masks the authors of *ids*, in every version.

    The journal comes last, so that a second call finishes what was interrupted. Raises :class:`HomeBusy`
    beside an indexer or an import, :class:`UsageError` while a crawl is writing.
    """
    wanted = set(ids)
    with index_lock(home) as tenure, import_lock(home), closing(open_store(home)) as store:
        store.fence(tenure.token)
        for part in in_parts(wanted):
            masks = ((document.id, old.masked(document.raw)) for document in store.get(part))
            store.update({id: {"author": name} for id, name in masks if name is not None})
        store.expunge()
        _journal(home).rename_authors(lambda raw: old.masked(raw) if raw.id in wanted else None)
        remembered.keep(home)


def _journal(home: Home) -> Journal:
    journal = open_journal(home)
    if not isinstance(journal, Journal):
        raise UsageError(
            "retention.nicknames: a journal on Kafka keeps names as they came.",
            remedy="Set crawl.mask_nicknames: they are masked before they are kept.",
        )
    return journal
