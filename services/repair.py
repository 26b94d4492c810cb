"""Repair of a home: what of its damage can be got back, and getting it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from fengping.clock import iso
from fengping.errors import StoreError
from fengping.home import Home
from fengping.indexer import Filter, import_lock, index_lock, open_store
from fengping.indexer.journal import Journal, JournalWriter, manifest, remembered
from fengping.indexer.journal.salvage import set_aside, sound_documents
from fengping.models import RawDocument
from fengping.state import State
from fengping.state.comparison import add_missing, missing

_BATCH = 1_000


@dataclass(frozen=True)
class Damage:
    """A segment of the journal that is not what was written."""

    segment: str
    reason: str
    lines: int
    """Documents and header, as they were written; 0 where the manifest does not know."""
    readable: int
    """Documents that can be read out of it with certainty."""


@dataclass(frozen=True)
class Repair:
    """Damage of a home, with what can be (or was) got back."""

    manifest: int
    """Damaged lines of the journal's manifest."""
    state: tuple[str, ...]
    """Tables and columns that the state database lacks."""
    segments: tuple[Damage, ...]
    from_index: int
    """Documents that stand in the index alone, in their last version."""

    def to_record(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)

    def __bool__(self) -> bool:
        return bool(self.manifest or self.state or self.segments)


def examine(home: Home) -> Repair:
    """Reads everything and says what could be got back; changes nothing."""
    lacking = missing(State.open(home))
    segments = _damage(home)
    alone = sum(1 for _ in _in_index_alone(home)) if segments else 0
    return Repair(manifest.load(home.journal).damaged, tuple(lacking), tuple(segments), alone)


def repair(home: Home, now: datetime) -> Repair:
    """Adds what the state database lacks; writes what can be read of damaged segments, and documents that
    stand in the index alone, into new segments; sets the damaged ones aside in ``var/quarantine/journal``.

    Killed in between it may be run again: a document written twice is counted once.
    """
    with index_lock(home) as tenure, import_lock(home):
        lacking = add_missing(tenure.state(State.open(home)))
        segments = _damage(home)
        known = manifest.load(home.journal)
        alone = 0
        if segments:
            with JournalWriter(home.journal) as writer:
                for batch in _batches(_in_index_alone(home)):
                    alone += len(batch)
                    writer.append(*batch)
                for damage in segments:
                    for batch in _batches(
                        sound_documents(home.journal, damage.segment, known.latest(damage.segment))
                    ):
                        writer.append(*batch)
        for damage in segments:
            name = damage.segment
            aside = home.quarantine / "journal"
            set_aside(home.journal, name, aside, known.latest(name), str(iso(now)))
        if known.damaged:
            read = manifest.load(home.journal)
            manifest.rewrite(home.journal, (one for entries in read.entries.values() for one in entries))
        remembered.keep(home)  # also what is given up
    return Repair(known.damaged, tuple(lacking), tuple(segments), alone)


def _damage(home: Home) -> list[Damage]:
    remembered.put_back(home)
    known = manifest.load(home.journal)
    found = []
    for name, reason in Journal(home.journal).damaged(whole=True).items():
        latest = known.latest(name)
        readable = sum(1 for _ in sound_documents(home.journal, name, latest))
        found.append(Damage(name, reason, latest.lines if latest else 0, readable))
    return found


def _in_index_alone(home: Home) -> Iterator[RawDocument]:
    """Stored documents of which no line of the journal can be read with certainty."""
    known = manifest.load(home.journal)
    journal = Journal(home.journal)
    written: set[bytes] = set()
    for batch in journal.read({}, _BATCH):
        written |= {bytes.fromhex(line.document.id) for line in batch.lines if line.document}
    for name in journal.damaged(whole=True):
        found = sound_documents(home.journal, name, known.latest(name))
        written |= {bytes.fromhex(document.id) for document in found}
    try:
        with closing(open_store(home)) as store:
            for document in store.scan(Filter()):
                if bytes.fromhex(document.id) not in written:
                    yield document.raw
    except StoreError:
        return


def _batches(documents: Iterator[RawDocument]) -> Iterator[Sequence[RawDocument]]:
    batch: list[RawDocument] = []
    for document in documents:
        batch.append(document)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
