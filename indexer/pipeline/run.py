"""From the journal into the store: ``index`` goes on where it stopped, ``reindex`` builds everything anew.

read → judge (worker processes) → group → correct → put → move the cursor. The same input twice gives
the same store; a run that is killed anywhere, or whose store goes down, loses and doubles nothing.
"""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from fengping.clock import going_on
from fengping.errors import StoreDown, StoreError
from fengping.garbage import collected_rarely
from fengping.home import Home
from fengping.indexer import arrivals, changes, corrections, tags
from fengping.indexer.changes import What
from fengping.indexer.groups import log as groups_log
from fengping.indexer.groups.grouping import Groups
from fengping.indexer.journal import Batch, Cursor, JournalProtocol, Line, Position, remembered
from fengping.indexer.journal.opening import open_journal
from fengping.indexer.pipeline import models, refusing, standing, unjudged, warm
from fengping.indexer.pipeline.cursor import StoredCursor
from fengping.indexer.pipeline.locks import index_lock
from fengping.indexer.pipeline.quarantine import Quarantine, drop, drop_unjudged, index_file, to_retry
from fengping.indexer.pipeline.workers import Analysers, Verdict
from fengping.indexer.pipeline.writer import Putting, Status
from fengping.indexer.search.protocol import Filter, Store
from fengping.state import State, read_meta, write_meta

if TYPE_CHECKING:
    from fengping.analysis import Judge

BESIDE = 600.0
"""Seconds of a rebuild after which new documents are put into the old index."""
_COMPARED = "segment compared"
"""Key of the state's meta: the segment that was compared whole last."""
_ROUNDS = 20
"""Most rounds for what arrives while a rebuild comes to its end; the rest waits for the next run."""

TAKEOVER = 12.0
"""Seconds to wait for the lease of an indexer that may have died just now; of a live one they are lost."""

_PUT = 10
"""Judged batches that are grouped and put at once; a store commits once a put."""

Progress = Callable[[int, int], None]
"""Called with bytes of journal and lines dealt with since the last call."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a run. ``sum(statuses.values()) == lines``: every line ends in exactly one status."""

    lines: int
    statuses: dict[str, int]
    regrouped: int
    """Earlier documents whose repost group changed."""
    corrected: int
    """Stored documents brought up to date with corrections."""
    seconds: dict[str, float]
    """Seconds by stage: read, analyse (or wait for it), put; and beside them, in a thread, group."""
    finished: bool
    """True if the journal was read to its end."""
    read: int | None = None
    """Documents that the encoder read behind it, ``None`` where it was not asked…"""
    unread: int | None = None
    """…and those that wait for it."""


def _no_progress(size: int, lines: int) -> None:
    pass


def _never() -> bool:
    return False


def index(
    home: Home,
    store: Store,
    *,
    indexed_at: datetime,
    progress: Progress = _no_progress,
    stopping: Callable[[], bool] = _never,
) -> Summary:
    """Indexes what the journal holds beyond this store's cursor.

    *stopping* is asked between batches; once true, what was judged is put and the run ends in order.
    Raises :class:`~fengping.errors.HomeBusy` beside another indexer and :class:`StoreDown` where the
    store does not answer; the cursor then stands where the last batch was put.
    """
    with index_lock(home, patience=TAKEOVER) as tenure:
        store.fence(tenure.token)
        state = tenure.state(State.open(home))
        if tenure.token:
            models.agree(home, state)
        if store.lost:
            store.claim()  # which finds out
        corrected = _settle(home, state, store)
        summary = _index(home, state, store, open_journal(home), indexed_at, progress, stopping)
        # Also what was corrected while this run held the store to itself.
        return replace(summary, corrected=corrected + _settle(home, state, store))


def _index(
    home: Home,
    state: State,
    store: Store,
    journal: JournalProtocol,
    indexed_at: datetime,
    progress: Progress = _no_progress,
    stopping: Callable[[], bool] = _never,
) -> Summary:
    """Leaves corrections and tags to :func:`_settle`: those made during a rebuild wait for the new index."""
    cursor = StoredCursor(home.config.store)
    journal.settle()
    remembered.keep(home)
    start = _begin(state, cursor, store, journal)
    if not journal.shared:
        _compare_one(state, journal, start)
    standing.recover(state, cursor, store)
    refused = index_file(home)
    standing.leave_to_rebuild(home, state, journal)
    again, places = to_retry(refused, start, journal.erased_ids())
    idle = not again.lines and not journal.pending(start) and not journal.damaged(unread=start)
    if idle and not standing.RESTORED & store.lost:
        with state.begin() as connection:  # also for a run that was killed behind its last put
            arrivals.over(connection, empty=not store.count(Filter()))
        return Summary(0, {}, 0, 0, {}, finished=True)
    with state.begin() as connection:
        arrivals.note(connection, indexed_at)
    warm.ensure()
    groups = standing.open_groups(home, state, journal)
    try:
        standing.restore(state, store, groups)
        quarantine = Quarantine(refused, start, unjudged.noting(home))
        putting = Putting(store, groups, state, cursor, quarantine, lambda line: indexed_at)
        finished = _run(home, journal, start, putting, progress, stopping, [again] if again.lines else [])
        if finished:  # those that failed again were written anew
            drop(refused, places)
        with state.begin() as connection:
            standing.note_reached(standing.groups_folder(home), cursor.load(connection), journal)
            unjudged.note(connection, home)
            if finished:
                arrivals.over(connection, empty=not store.count(Filter()))
    finally:
        groups.close()
    return _summary(putting, finished=finished)


def _compare_one(state: State, journal: JournalProtocol, reached: Cursor) -> None:
    """Compares one segment whole, the next at each run: what rots on a disk changes no time of its file."""
    with state.begin() as connection:
        last = read_meta(connection, _COMPARED) or ""
        name = min((one for one in reached if one > last), default=min(reached, default=""))
        write_meta(connection, _COMPARED, name)
    journal.damaged(whole=True, among={name: reached[name]} if name else {})


def _settle(home: Home, state: State, store: Store) -> int:
    """Finishes what the change log has pending, but for runs; the number of documents corrected."""
    with state.begin() as connection:
        # Of a run that died, or lost its store: what it wrote of these documents comes again with its load.
        changes.finish(connection, changes.waiting(connection, What.JUDGED))
    corrected = corrections.settle(state, store, lambda: load_judge(home, reading=True))
    tags.settle(state, store)
    return corrected


def reindex(
    home: Home,
    store: Store,
    *,
    indexed_at: datetime,
    progress: Progress = _no_progress,
    allow_loss: bool = False,
    beside_every: float = BESIDE,
) -> Summary:
    """Builds index and repost groups anew from the whole journal and puts them in place at the end.

    Readers see the old index until then, and new documents are put into it as well, every *beside_every*
    seconds, so that alarms go on. A document indexed before gets the time it was
    fetched as its ``indexed_at``, so that rebuilding does not make old news new to the alerts. Raises as
    :func:`index`, and :class:`Damaged` where the new index would hold less than the old one, unless
    *allow_loss*.
    """
    with index_lock(home, patience=TAKEOVER) as tenure:
        store.fence(tenure.token)
        state = tenure.state(State.open(home))
        cursor = StoredCursor(home.config.store)
        rebuilt = StoredCursor(f"rebuild of {cursor.store}")
        journal, folder = open_journal(home), standing.groups_folder(home)
        # Of now, not of the beginning hours ago: the alerts look at what arrived since they looked.
        stamp = going_on(indexed_at)
        journal.settle()
        remembered.keep(home)
        empty, cluster = refusing.held_by(store) == 0, store.cluster
        with state.begin() as connection:
            before = cursor.load(connection)
            cursor.settle(connection, cluster, empty=empty)
            rebuilt.clear(connection)
        if not allow_loss:
            refusing.damage(journal, before)
        groups_log.settle(folder)
        groups_log.belong(folder, home.identity)
        new = groups_log.fresh_of(folder)
        shutil.rmtree(new, ignore_errors=True)
        refused = home.quarantine / "reindex.jsonl"
        refused.unlink(missing_ok=True)
        beginning = journal.beginning(before, allow_loss=allow_loss)
        with state.begin() as connection:
            rebuilt.move(connection, beginning)
            if empty:
                arrivals.note_emptied(connection)
        warm.ensure()
        groups_log.belong(new, home.identity)
        fresh, groups = store.begin_rebuild(), Groups(new)
        try:
            putting = Putting(
                fresh, groups, state, rebuilt, Quarantine(refused, {}),
                lambda line: _first_seen(line, before, stamp()), rebuilds=True,
            )  # fmt: skip

            def beside() -> None:
                try:
                    _index(home, state, store, journal, stamp())
                except StoreDown:
                    raise
                except StoreError:  # one of an older schema, or beside groups of an older version
                    return

            between = _now_and_then(beside, math.inf if empty else beside_every)
            _run(home, journal, beginning, putting, progress, between)
            for _ in range(_ROUNDS):
                with state.begin() as connection:
                    reached = rebuilt.load(connection)
                if not journal.pending(reached):
                    break
                _run(home, journal, reached, putting, progress, _never)
        finally:
            groups.close()
        refusing.unjudged(putting)
        if not allow_loss:
            refusing.less(store, fresh, putting)
        with state.begin() as connection:
            arrivals.note_all(connection)
        with state.begin() as connection:
            # Nobody takes the lease over before this ends, and writes into the index that is dropped here.
            tenure.check(connection)
            store.finish_rebuild(fresh)
            tenure.go_on(connection)
        groups_log.install(folder)
        with state.begin() as connection:
            standing.note_reached(folder, rebuilt.load(connection), journal)
        # What could not be judged before has been tried: it stands in the new index, or in the new file.
        drop_unjudged(index_file(home))
        if refused.exists():
            refused.replace(index_file(home))
        with state.begin() as connection:
            cursor.adopt(connection, rebuilt)
            cursor.leave_logs(connection, groups.log)
            unjudged.begin_anew(connection, home)
            arrivals.over(connection, empty=not putting.statuses[Status.NEW])
        models.go_over(home, state)
        return _summary(putting, _settle(home, state, store), finished=True)


def _now_and_then(work: Callable[[], object], every: float) -> Callable[[], bool]:
    """A question for :func:`_put_all` that is never answered yes, but does *work* every so many seconds."""
    last = time.monotonic()

    def between() -> bool:
        nonlocal last
        if time.monotonic() - last >= every:
            work()
            last = time.monotonic()
        return False

    return between


def load_judge(home: Home, *, reading: bool = False) -> Judge:
    """The judge of this home; with *reading* one that reads whole texts, unless `analysis.reader` is off."""
    from fengping.analysis import Judge, Reader

    reads = reading and home.config.analysis.reader == "auto"
    reader = Reader.load(own=home.heads if home.heads.exists() else None) if reads else None
    return Judge.load(home.config.analysis, home.registries, reader)


def _first_seen(line: Line, before: dict[str, Position], indexed_at: datetime) -> datetime:
    assert line.document is not None
    was_indexed = line.number <= before.get(line.file, Position()).lines
    return line.document.fetched_at if was_indexed else indexed_at


def _begin(state: State, cursor: StoredCursor, store: Store, journal: JournalProtocol) -> dict[str, Position]:
    """The cursor to start from: the beginning where the store was emptied behind our back."""
    empty, cluster = store.count(Filter()) == 0, store.cluster
    with state.begin() as connection:
        before = cursor.load(connection)
        another = cursor.settle(connection, cluster, empty=empty)
        if another:
            arrivals.note_all(connection)
        if empty:
            cursor.clear(connection)
            arrivals.note_emptied(connection)
        else:
            arrivals.note_held(connection)
        if (empty or another) and not cursor.load(connection):
            cursor.move(connection, journal.beginning(before, allow_loss=False))
        return cursor.load(connection)


def _run(
    home: Home, journal: JournalProtocol, start: dict[str, Position], putting: Putting, progress: Progress,
    stopping: Callable[[], bool], again: Iterable[Batch] = (),
) -> bool:  # fmt: skip
    """Reads, judges and puts *again*, then everything after *start*; whether it came to the end."""
    config = home.config.analysis
    workers = (config.workers or os.cpu_count() or 1) if journal.pending(start) > journal.small else 1
    try:
        with collected_rarely(), Analysers(config, home.registries, workers) as analysers:
            batches = chain(again, journal.read(start, config.batch))
            judged = analysers.judge(putting.paced("read", batches))
            return _put_all(judged, dict(start), putting, _PUT * config.batch, progress, stopping)
    except StoreDown as error:
        raise StoreDown(
            error.message,
            remedy=f"{putting.lines:,} lines were indexed before it went down; the cursor stands behind "
            "them. Run again when it answers: nothing is lost, nothing doubled.",
        ) from error
    finally:
        putting.close()


def _put_all(
    judged: Iterator[tuple[Batch, list[Verdict]]], reached: dict[str, Position], putting: Putting, size: int,
    progress: Progress, stopping: Callable[[], bool],
) -> bool:  # fmt: skip
    """Puts judged batches, *size* documents at once; whether it came to the end."""
    finished = True
    for batch, verdicts in putting.paced("analyse", judged):
        if stopping():
            finished = False
            break
        putting.take(batch, verdicts)
        if putting.waiting >= size:
            putting.put()
        progress(_advance(reached, batch), len(batch.lines))
    putting.finish()
    # The analysis draws its batches from the journal: reading is part of the time it took.
    putting.seconds["analyse"] -= putting.seconds["read"]
    return finished


def _advance(reached: dict[str, Position], batch: Batch) -> int:
    """Bytes of journal that *batch* covers; moves *reached* along."""
    size = sum(p.offset - reached.get(file, Position()).offset for file, p in batch.cursor.items())
    reached |= batch.cursor
    return size


def _summary(putting: Putting, corrected: int = 0, *, finished: bool) -> Summary:
    return Summary(
        putting.lines,
        {status.value: putting.statuses[status] for status in Status if putting.statuses[status]},
        putting.regrouped,
        corrected,
        dict(putting.seconds),
        finished,
    )
