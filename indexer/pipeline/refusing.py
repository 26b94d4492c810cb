"""Reasons for which a rebuilt index is not put in the place of the one in use."""

from __future__ import annotations

from collections.abc import Mapping

from fengping.errors import Damaged, Failed, SchemaTooNew, StoreDown, StoreError
from fengping.indexer.journal import JournalProtocol, Position
from fengping.indexer.pipeline.writer import Putting, Status
from fengping.indexer.search.protocol import Filter, Store

_LOSS = (
    "Put back a copy of the journal, or see with fengping repair what can be got back; "
    "fengping reindex --allow-loss goes on without."
)
_STORED = frozenset({Status.NEW, Status.UPDATED, Status.AGAIN, Status.OLDER})
"""Outcomes of documents that were judged."""


def damage(journal: JournalProtocol, before: dict[str, Position]) -> None:
    """Raises :class:`Damaged` where a segment that is in the old index cannot be read for the new one."""
    found = journal.damaged(whole=True, among=before)
    if found:
        lines = sum(before[name].lines for name in found)
        raise Damaged(
            f"The index holds up to {lines:,} lines that the journal no longer does: "
            f"{'; '.join(found.values())}. It was left as it is.",
            remedy=_LOSS,
        )


def another_topic(found: Mapping[str, str]) -> Damaged:
    """The error for a topic that is not what was written."""
    return Damaged(
        f"The journal is not what was written: {'; '.join(found.values())}.",
        remedy="Mend the brokers; where records are gone for good, fengping reindex --allow-loss goes on "
        "with what is left.",
    )


def unjudged(putting: Putting) -> None:
    """Raises :class:`Failed` where the judge failed on every document there is."""
    count = putting.statuses[Status.UNJUDGED]
    if count and not set(putting.statuses) & _STORED:
        raise Failed(
            f"The judge failed on {count:,} of {count:,} documents: {putting.quarantine.reason}. "
            "The index was left as it is.",
            remedy="Mend that and run it again.",
        )


def less(store: Store, fresh: Store, putting: Putting) -> None:
    """Raises :class:`Damaged` where *fresh* holds fewer documents than *store*, if that can be read."""
    count, held = fresh.count(Filter()), held_by(store)
    if held is not None and count < held:
        why = ""
        if failed := putting.statuses[Status.UNJUDGED]:
            reason = putting.quarantine.reason
            why = f" The judge failed on {failed:,} of {putting.lines:,} lines: {reason}."
        raise Damaged(
            f"The new index would hold {count:,} documents, the one in use {held:,}.{why} It was left as it "
            "is.",
            remedy=_LOSS,
        )


def held_by(store: Store) -> int | None:
    """Number of documents in *store*; ``None`` where it cannot be read, as one of an older schema."""
    try:
        return store.count(Filter())
    except StoreDown:
        raise
    except (StoreError, SchemaTooNew):
        return None
