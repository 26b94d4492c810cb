"""The indexer's last steps for judged documents: group, correct, put, and only then move the cursor."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import orjson

from fengping.indexer import corrections
from fengping.indexer.analysers import Verdict
from fengping.indexer.cursor import StoredCursor
from fengping.indexer.groups import Groups, Member
from fengping.indexer.journal import Batch, Fault, Line, Position
from fengping.indexer.quarantine import Quarantine, Refused
from fengping.indexer.store import Store
from fengping.models import Document, Judgement, RawDocument
from fengping.state import State


class Status(StrEnum):
    """How a line of the journal ended; every line ends in exactly one way."""

    NEW = "new"
    UPDATED = "updated"
    """A later version took the place of one in the store."""
    AGAIN = "again"
    """The same version was in the store already: a run before this one did not get to move its cursor."""
    OLDER = "older"
    """A later version of the document is known; this one stays readable in the journal."""
    UNJUDGED = "unjudged"
    """The analysis failed on it; see the quarantine."""
    CORRUPT = "corrupt"
    TORN = "torn"
    ERASED = "erased"


_FAULTS = {Fault.CORRUPT: Status.CORRUPT, Fault.TORN: Status.TORN, Fault.ERASED: Status.ERASED}

T = TypeVar("T")
Judged = tuple[Line, RawDocument, Judgement]


class Putting:
    """Takes judged batches in and puts them into a store, many at a time."""

    def __init__(
        self,
        store: Store,
        groups: Groups,
        state: State,
        cursor: StoredCursor,
        quarantine: Quarantine,
        stamp: Callable[[Line], datetime],
    ) -> None:
        """*stamp* gives ``indexed_at`` of a document whose text is new to the store."""
        self.store = store
        self.groups = groups
        self.state = state
        self.cursor = cursor
        self.quarantine = quarantine
        self.stamp = stamp
        self.statuses: Counter[Status] = Counter()
        self.lines = 0
        self.regrouped = 0
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._judged: list[Judged] = []
        self._refused: list[Refused] = []
        self._taken: Counter[Status] = Counter()
        self._moved: dict[str, Position] = {}

    @property
    def waiting(self) -> int:
        """Documents taken and not yet put."""
        return len(self._judged)

    def take(self, batch: Batch, verdicts: Sequence[Verdict]) -> None:
        """A batch with one verdict for each of its documents, in order."""
        following = iter(verdicts)
        for line in batch.lines:
            if line.document is None:
                assert line.fault
                status = _FAULTS[line.fault]
                self._taken[status] += 1
                if status is not Status.ERASED:
                    data = line.data.decode("utf-8", "backslashreplace")
                    self._refused.append(Refused(line.file, line.number, status, line.reason, data))
                continue
            verdict = next(following)
            if isinstance(verdict, Judgement):
                self._judged.append((line, line.document, verdict))
            else:
                self._taken[Status.UNJUDGED] += 1
                data = orjson.dumps(line.document.to_record()).decode()
                self._refused.append(Refused(line.file, line.number, Status.UNJUDGED, verdict, data))
        self._moved |= batch.cursor

    def put(self) -> None:
        """Puts what was taken; when it returns, it is in the store and the cursor stands behind it."""
        judged, changed = self._judged, dict[str, tuple[str, bool]]()
        if judged:
            latest = self._latest(judged)
            with self.timed("group"):
                states = self._group(judged)
            changed = {id: state for id, state in states.items() if id not in latest}
            with self.state.begin() as connection:
                self.cursor.begin_putting(connection, changed)
            with self.timed("put"):
                self._write(latest, states)
                self.regrouped += self.store.regroup(changed)
        self.quarantine.add(self._refused)
        with self.state.begin() as connection:
            self.cursor.finish(connection, self._moved)
        self.statuses += self._taken
        self.lines += self._taken.total()
        self._judged, self._refused, self._taken, self._moved = [], [], Counter(), {}

    def _latest(self, judged: list[Judged]) -> dict[str, tuple[RawDocument, Judgement, datetime]]:
        """What is to be put, by id: the latest version of each document, with its ``indexed_at``."""
        newest: dict[str, Judged] = {}
        for entry in judged:
            raw = entry[1]
            known = newest.get(raw.id)
            if known is None or raw.fetched_at >= known[1].fetched_at:
                newest[raw.id] = entry
        self._taken[Status.OLDER] += len(judged) - len(newest)
        with self.timed("put"):
            stored = {document.id: document for document in self.store.get(list(newest))}
        latest = {}
        for id, (line, raw, judgement) in newest.items():
            before = stored.get(id)
            status = _status(raw, before)
            self._taken[status] += 1
            if status is not Status.OLDER:
                same = before is not None and (before.raw.title, before.raw.text) == (raw.title, raw.text)
                # An update of the counts under a post does not make it a new arrival for the alerts.
                latest[id] = (raw, judgement, before.indexed_at if before and same else self.stamp(line))
        return latest

    def _group(self, judged: list[Judged]) -> dict[str, tuple[str, bool]]:
        with self.state.begin() as connection:
            self.cursor.begin_grouping(connection)
        # Older versions as well, so that groups do not depend on the order versions were read in.
        return self.groups.add([Member(raw.id, raw.content, raw.published_at) for _, raw, _ in judged])

    def _write(
        self,
        latest: dict[str, tuple[RawDocument, Judgement, datetime]],
        states: dict[str, tuple[str, bool]],
    ) -> None:
        with self.state.begin() as connection:
            made = corrections.in_force(connection, list(latest))
        documents = []
        for id, (raw, judgement, indexed_at) in latest.items():
            document = Document(raw, judgement, *states[id], indexed_at)
            documents.append(corrections.apply_all(document, made[id]) if id in made else document)
        self.store.put(documents)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Adds the time spent inside to ``seconds[stage]``."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - begin

    def paced(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        """*items*, the time each takes to come added to ``seconds[stage]``."""
        iterator = iter(items)
        while True:
            with self.timed(stage):
                item = next(iterator, None)
            if item is None:
                return
            yield item


def _status(raw: RawDocument, before: Document | None) -> Status:
    if before is None:
        return Status.NEW
    if before.raw.fetched_at > raw.fetched_at:
        return Status.OLDER
    return Status.AGAIN if before.raw == raw else Status.UPDATED
