"""The indexer's last steps for judged documents: group, correct, put, and only then move the cursor."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import orjson

from fengping.analysis import tier_of
from fengping.analysis.text import language
from fengping.indexer import arrivals, canary, changes, corrections, tags
from fengping.indexer.changes import What
from fengping.indexer.groups.grouping import Groups, Member
from fengping.indexer.journal import Batch, Fault, Line, Position
from fengping.indexer.pipeline.cursor import Regroups, StoredCursor
from fengping.indexer.pipeline.quarantine import UNJUDGED, Quarantine, Refused
from fengping.indexer.pipeline.workers import Verdict
from fengping.indexer.search import regrouping
from fengping.indexer.search.protocol import Store
from fengping.models import Document, Judgement, RawDocument
from fengping.state import State, write_meta


class Status(StrEnum):
    """Outcome of a journal line; every line ends in exactly one."""

    NEW = "new"
    UPDATED = "updated"
    """A later version took the place of one in the store."""
    AGAIN = "again"
    """The same version was in the store already: a run before this one did not get to move its cursor."""
    OLDER = "older"
    """A later version of the document is known; this one stays readable in the journal."""
    TRIAL = "trial"
    """A trial post, which stands in no index."""
    UNJUDGED = UNJUDGED
    """The analysis failed on it; see the quarantine."""
    DAMAGED = "damaged"
    """A segment of the journal that is missing or not what was written; none of it was read."""
    CORRUPT = "corrupt"
    TORN = "torn"
    ERASED = "erased"


_FAULTS = {fault: Status(fault.value) for fault in Fault}

T = TypeVar("T")
Judged = tuple[Line, RawDocument, Judgement]


@dataclass
class _Load:
    """A batch of lines that is grouped and put at once."""

    judged: list[Judged] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    statuses: Counter[Status] = field(default_factory=Counter)
    moved: dict[str, Position] = field(default_factory=dict)
    trial: datetime | None = None
    """The moment of the last trial post."""
    states: Regroups = field(default_factory=dict)
    """Groups of the load's own documents, and of earlier ones that it changed."""

    def changes(self) -> Regroups:
        """Groups of earlier documents; the load's own come again whenever it is read again."""
        own = {raw.id for _, raw, _ in self.judged}
        return {id: state for id, state in self.states.items() if id not in own}


class Putting:
    """Takes judged batches in and puts them into a store, many at a time.

    One load is grouped, in a thread whose compiled code lets go of the interpreter, while the load
    before it is being put.
    """

    def __init__(
        self,
        store: Store,
        groups: Groups,
        state: State,
        cursor: StoredCursor,
        quarantine: Quarantine,
        stamp: Callable[[Line], datetime],
        *,
        rebuilds: bool = False,
    ) -> None:
        """*stamp* gives ``indexed_at`` of a document whose text is new to the store; *rebuilds*: the store is
        to take the place of the home's, and may yet be dropped."""
        self.store = store
        self.groups = groups
        self.state = state
        self.cursor = cursor
        self.quarantine = quarantine
        self.stamp = stamp
        self.rebuilds = rebuilds
        self.statuses: Counter[Status] = Counter()
        self.lines = 0
        self.regrouped = 0
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._taken = _Load()
        self._grouped: _Load | None = None
        self._thread = ThreadPoolExecutor(1)

    @property
    def waiting(self) -> int:
        """Documents taken since the last :meth:`put`."""
        return len(self._taken.judged)

    def take(self, batch: Batch, verdicts: Sequence[Verdict]) -> None:
        """A batch with one verdict for each of its documents, in order."""
        load, following = self._taken, iter(verdicts)
        for line in batch.lines:
            if line.document is None:
                assert line.fault
                status = _FAULTS[line.fault]
                load.statuses[status] += 1
                if status is not Status.ERASED:
                    data = line.data.decode("utf-8", "backslashreplace")
                    load.refused.append(Refused(line.file, line.number, status, line.reason, data))
                continue
            verdict = next(following)
            if canary.is_trial(line.document) and isinstance(verdict, Judgement):
                load.statuses[Status.TRIAL] += 1
                load.trial = line.document.fetched_at
            elif isinstance(verdict, Judgement):
                load.judged.append((line, line.document, verdict))
            else:
                load.statuses[Status.UNJUDGED] += 1
                data = orjson.dumps(line.document.to_record()).decode()
                load.refused.append(Refused(line.file, line.number, Status.UNJUDGED, verdict, data))
        load.moved |= batch.cursor

    def put(self) -> None:
        """Groups what was taken and puts the load before it, behind which the cursor then stands."""
        load, before = self._taken, self._grouped
        self._taken, self._grouped = _Load(), None
        grouping = self._thread.submit(self._group, load)
        noted: Regroups = before.changes() if before else {}
        try:
            if before:
                self._write(before)
            noted = {}
        finally:
            # Also where the store went down: what this load changed would be told by nobody else.
            grouping.result()
            with self.state.begin() as connection:
                changed = {**noted, **load.changes()}
                self.cursor.note(connection, changed, self.groups.log, self.groups.count)
        self._grouped = load

    def finish(self) -> None:
        """Puts everything taken; when it returns, it is in the store and the cursor stands behind it."""
        self.put()
        if self._grouped:
            self._write(self._grouped)
            self._grouped = None
        with self.state.begin() as connection:
            self.cursor.rest(connection)

    def close(self) -> None:
        """Ends the thread; another begins with the next load."""
        self._thread.shutdown()
        self._thread = ThreadPoolExecutor(1)

    def _group(self, load: _Load) -> None:
        # Older versions as well, so that groups do not depend on the order versions were read in.
        with self.timed("group"):
            members = [Member(raw.id, raw.content, raw.published_at) for _, raw, _ in load.judged]
            load.states = self.groups.add(members)

    def _write(self, load: _Load) -> None:
        with self.timed("put"):
            latest, stored = self._latest(load)
            self._put(latest, stored)
            earlier = {id: state for id, state in load.states.items() if id not in latest}
            self.regrouped += self.store.update(regrouping(earlier))
        self.quarantine.add(load.refused)
        with self.state.begin() as connection:
            self.cursor.move(connection, load.moved)
            if latest and not self.rebuilds:
                arrivals.note_held(connection)
            if load.trial and not self.rebuilds:
                write_meta(connection, canary.JUDGED, load.trial.isoformat())
            if load.refused:
                self.quarantine.tell(connection)
        self.statuses += load.statuses
        self.lines += load.statuses.total()

    def _latest(self, load: _Load) -> tuple[dict[str, Document], dict[str, Document]]:
        """Select by id the documents to put: the latest version of each; and what is stored of them already.
        What others set of a stored document (event, tags, tier) stays.
        """
        newest: dict[str, Judged] = {}
        # Of a document with several versions in the load: the line that first gave the newest one's text.
        first: dict[str, Line] = {}
        for entry in load.judged:
            line, raw, _ = entry
            known = newest.get(raw.id)
            if known is None:
                newest[raw.id] = entry
            elif raw.fetched_at >= known[1].fetched_at:
                newest[raw.id] = entry
                first[raw.id] = first.get(raw.id, known[0]) if _same_text(raw, known[1]) else line
        load.statuses[Status.OLDER] += len(load.judged) - len(newest)
        stored = {document.id: document for document in self.store.get(list(newest))}
        latest = {}
        for id, (line, raw, judgement) in newest.items():
            before = stored.get(id)
            status = _status(raw, before)
            load.statuses[status] += 1
            if status is not Status.OLDER:
                # An update of the counts under a post does not make it a new arrival for the alerts.
                same = before is not None and _same_text(before.raw, raw)
                stamp = before.indexed_at if before and same else self.stamp(first.get(id, line))
                if judgement.polarity is None:
                    raw = replace(raw, lang=language(raw.content))
                document = Document(raw, judgement, *load.states[id], stamp, tier=tier_of(raw))
                latest[id] = document if before is None else _following(before, document)
        return latest, {id: before for id, before in stored.items() if id in latest}

    def _put(self, latest: dict[str, Document], stored: Mapping[str, Document]) -> None:
        with self.state.begin() as connection:
            made = corrections.in_force(connection, list(latest))
            tagged = tags.in_force(connection, latest)
        documents = [
            corrections.apply_all(document, made[id]) if id in made else document
            for id, document in latest.items()
        ]
        anew = [one.id for one in documents if one.id in stored and _is_anew(stored[one.id], one)]
        with changes.changing(self.state, What.JUDGED, [] if self.rebuilds else anew):
            self.store.put([_tagged(document, tagged) for document in documents], stored, keep_events=True)

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


def _is_anew(before: Document, document: Document) -> bool:
    """True if what is said of a document is another, or its time, though it stands where it stood; also where
    a run before this one put it, whose rows of the change log may have gone with the power."""
    if before.raw == document.raw:
        return True
    if before.indexed_at != document.indexed_at:
        return False
    changed = changes.differences(before, document.judgement)
    return changes.is_other(changed) or before.raw.published_at != document.raw.published_at


def _tagged(document: Document, tagged: Mapping[str, tuple[str, ...]]) -> Document:
    held = tagged.get(document.id)
    return document if held is None else replace(document, tags=held)


def _following(before: Document, document: Document) -> Document:
    """*document* with what was set of the version *before* it beside reading, judging and grouping.

    The judgement stays where it is of the same text by the same judge and a second reader: it is made once.
    """
    made = set(before.judgement.model.split("+"))
    kept = _same_text(before.raw, document.raw) and set(document.judgement.model.split("+")) < made
    judgement = before.judgement if kept else document.judgement
    return replace(document, judgement=judgement, tier=before.tier, event=before.event, tags=before.tags)


def _same_text(one: RawDocument, other: RawDocument) -> bool:
    return (one.title, one.text) == (other.title, other.text)


def _status(raw: RawDocument, before: Document | None) -> Status:
    if before is None:
        return Status.NEW
    if before.raw.fetched_at > raw.fetched_at:
        return Status.OLDER
    return Status.AGAIN if before.raw == raw else Status.UPDATED
