"""A home's index brought up to date, or built anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from time import monotonic

from fengping import events
from fengping.errors import ConfigError, Damaged, HomeBusy
from fengping.home import Home
from fengping.indexer import Filter, Store, open_journal, open_store
from fengping.indexer.pipeline import models, standing
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.pipeline.cursor import damaged, pending
from fengping.indexer.pipeline.refusing import another_topic
from fengping.indexer.pipeline.run import Summary
from fengping.progress import Listener, Remark, Step, emit
from fengping.services import rejudging
from fengping.services.events import leave_large
from fengping.state import State
from fengping.state.lease import at_work

INDEXING = "index"
"""Role of the machines that index, one of which leads."""


def _never() -> bool:
    return False


def index(
    home: Home,
    now: datetime,
    *,
    show: Listener = emit,
    stopping: Callable[[], bool] = _never,
    running: bool = False,
    reading: bool = False,
) -> Summary:
    """Judges, groups and stores what the journal holds since the last run, until *stopping* says so.

    *running*: a process runs the schedule, whose job builds large events; without one they are built here.
    *reading*: the encoder reads too, for ``schedule.reader_seconds`` at most.
    """
    report = _steps("index", pending(home), show)
    with closing(open_store(home)) as store:
        summary = pipeline.index(home, store, indexed_at=now, progress=report, stopping=stopping)
        if reading and summary.finished and home.config.analysis.reader == "auto":
            store.fence(0)
            seconds = home.config.schedule.reader_seconds
            show(Remark("The encoder reads."))
            try:
                done = rejudging.rejudge(
                    home, Filter(), unread=True, seconds=seconds, store=store, asked=stopping
                ).done
                summary = replace(summary, read=done.read, unread=done.waiting)
            except HomeBusy as error:
                show(Remark(f"{error} The encoder reads on in the next run."))
        if summary.finished:
            _update_events(home, store, anew=False, leave_at=now if running else None)
    return summary


def follow(home: Home) -> int:
    """Takes in what other machines have indexed, without indexing; the versions that the groups hold.

    Raises :class:`ConfigError` at its end where this machine could not index for it would judge otherwise.
    """
    count = standing.follow(home)
    models.check(home, State.open(home))
    return count


def check_judge(home: Home) -> None:
    """Raises :class:`ConfigError` where this machine is at work as one that indexes, and would judge by other
    files than the last one that did."""
    state = State.open(home)
    if INDEXING in dict(at_work(state, home.machine)):
        models.check(home, state)


def should_yield(home: Home) -> bool:
    """True where this machine may not index, and the one that indexed last is at work again."""
    try:
        check_judge(home)
    except ConfigError:
        state = State.open(home)
        return INDEXING in dict(at_work(state, models.last_to_index(state)))
    return False


def reindex(home: Home, now: datetime, *, allow_loss: bool = False, show: Listener = emit) -> Summary:
    """Builds the index anew from the whole journal; readers see the old one until it is done.

    A new index that holds less than the old one is refused, unless *allow_loss*.
    """
    report = _steps("reindex", open_journal(home).pending({}), show)
    with closing(open_store(home)) as store:
        summary = pipeline.reindex(home, store, indexed_at=now, progress=report, allow_loss=allow_loss)
        _update_events(home, store, anew=True)
    return summary


def _update_events(home: Home, store: Store, *, anew: bool, leave_at: datetime | None = None) -> None:
    # The lease of the index is given back, and another's may write; events have one of their own.
    store.fence(0)
    try:
        if leave_at and leave_large(home, store, leave_at):
            emit(Remark("All events are to be built anew: by the job events or fengping affairs update."))
        else:
            events.update(home, store, anew=anew)
    except HomeBusy as error:
        # Whoever merges or splits them just now reads the same documents.
        emit(Remark(f"{error} The next run of the indexer takes them in."))


def refuse_silence(home: Home, summary: Summary) -> None:
    """Raises :class:`Damaged` where segments of the journal could not be read, although all others were, or
    its topic is another."""
    if count := summary.statuses.get("damaged", 0):
        if open_journal(home).shared and (found := damaged(home)):
            raise another_topic(found)
        raise Damaged(
            f"{count:,} segments of the journal are damaged or missing; everything else was indexed.",
            remedy="Put back copies, which are then read; fengping repair says what else can be got back.",
        )


def _steps(task: str, total: int, show: Listener) -> pipeline.Progress:
    """Reports of the pipeline as records: bytes of journal, with lines a second."""
    begin, done, seen = monotonic(), 0, 0

    def report(size: int, lines: int) -> None:
        nonlocal done, seen
        done, seen = done + size, seen + lines
        speed = seen / max(monotonic() - begin, 1e-3)
        show(Step(task, done, total, f"{seen:,} lines, {speed:,.0f}/s", ended=done >= total))

    return report
