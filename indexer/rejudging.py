"""Stored documents judged anew in the background, in the order of need: first what somebody waits for, then
newest days first, in a day what is judged negative first, then what names a host.

Corrections stay: a corrected value is no matter of the judge. A document that was replaced while it was read
keeps what the indexer wrote; it is read in the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from fengping.analysis import kind_of
from fengping.clock import day_of
from fengping.erasure import in_parts
from fengping.home import Home
from fengping.indexer import arrivals, changes
from fengping.indexer.changes import Reading, What
from fengping.indexer.corrections import apply_all, in_force
from fengping.indexer.pipeline import models
from fengping.indexer.pipeline.locks import index_lock
from fengping.indexer.search.protocol import Filter, Interval, Store
from fengping.models import Polarity
from fengping.state import State, read_meta, write_meta

if TYPE_CHECKING:
    from fengping.analysis import Judge

TOGETHER = 512
"""Documents that are judged and written at once."""
CONSUMER = "reader"
"""Name of the encoder in the change log."""
_REACHED = "read by the encoder"
"""Key in the state database: the encoder's version, and the day down to which it has read all."""
_ALL = "all"
_NEED = ("id", "polarity", "hosts", "model")

Stopping = Callable[[], bool]


class Awaited(NamedTuple):
    """Documents that are judged before all others."""

    ids: Collection[str] = ()
    """Those of open alarms."""
    hosts: Collection[str] = ()
    """Hosts that somebody watches."""


NOBODY = Awaited()


@dataclass
class Rejudged:
    """Documents judged anew, how many of them got another label, and how many wait."""

    read: int = 0
    changed: int = 0
    waiting: int = 0


def rejudge(
    home: Home, store: Store, judge: Judge, where: Filter, needed: Collection[str], *, stopping: Stopping,
    awaited: Awaited = NOBODY,
) -> Rejudged:  # fmt: skip
    """Judges matches of *where* anew whose ``model`` lacks a version of *needed*, until *stopping* says so.

    Raises :class:`~fengping.errors.HomeBusy` where an indexer is at work,
    :class:`~fengping.errors.ConfigError` on a machine whose judge is another than the deployment's.
    """
    run = _Run(home, store, judge, {*needed}, stopping)
    run.read(_awaited(store, where, awaited))
    for _, day in _days(store, where):
        run.read(store.columns(day, _NEED))
    return run.done


def read_on(
    home: Home, store: Store, judge: Judge, needed: Collection[str], *, stopping: Stopping,
    awaited: Awaited = NOBODY,
) -> Rejudged:  # fmt: skip
    """Judges documents anew that the encoder of the version *needed* has not read, until *stopping* says so:
    first those *awaited*, then those that the change log names, then the days left of its snapshot. Raises as
    :func:`rejudge`.
    """
    run, state = _Run(home, store, judge, {*needed}, stopping), State.open(home)
    version = "+".join(sorted(needed))
    log = changes.read(state, CONSUMER)
    with state.begin() as connection:
        by, _, reached = (read_meta(connection, _REACHED) or "").partition(" ")
    if log.snapshot or log.of(What.ALL) or by != version:
        reached = ""
    if reached != _ALL:
        run.read(_awaited(store, Filter(), awaited))
    if reached:
        run.read(_changed(store, log))
    caught_up = not run.done.waiting
    for day, part in _days(store, Filter(), reached):
        run.read(store.columns(part, _NEED))
        if not run.done.waiting:
            reached = day
    if caught_up:
        with state.begin() as connection:
            changes.passed(connection, CONSUMER, log.until)
            write_meta(connection, _REACHED, f"{version} {reached}")
    return run.done


def _awaited(store: Store, where: Filter, awaited: Awaited) -> Iterator[tuple[Any, ...]]:
    if where == Filter():
        yield from _rows(store, awaited.ids)
    if awaited.hosts and not where.where.get("hosts"):
        yield from store.columns(replace(where, where={**where.where, "hosts": tuple(awaited.hosts)}), _NEED)


def _changed(store: Store, log: Reading) -> Iterator[tuple[Any, ...]]:
    """Those that came since, and those whose judgement was made anew."""
    if stamps := arrivals.stamps(log.changes):
        yield from store.columns(Filter(indexed_since=min(stamps)), _NEED)
    yield from _rows(store, {one.document for one in log.of(What.JUDGED, What.UNDONE)})


def _rows(store: Store, documents: Collection[str]) -> Iterator[tuple[Any, ...]]:
    for ids in in_parts(documents):
        found = ((one.id, one.judgement) for one in store.get(ids))
        yield from ((id, said.polarity, said.hosts, said.model) for id, said in found)


def _days(store: Store, where: Filter, reached: str = "") -> Iterator[tuple[str, Filter]]:
    """Each day before *reached*, the newest first, then what has no date."""
    if reached == _ALL:
        return
    whole = timedelta(days=1)
    dated = replace(where, until=datetime.fromisoformat(reached)) if reached else where
    for bucket in reversed(store.histogram(dated, Interval.DAY)):
        since = max(bucket.start, where.since or bucket.start)
        until = min(bucket.start + whole, where.until or bucket.start + whole)
        yield bucket.start.isoformat(), replace(where, since=since, until=until)
    if where.since is None and where.until is None:
        yield _ALL, replace(where, undated=True)


@dataclass
class _Run:
    """Judges what lacks a version of *needed*, as long as it may."""

    home: Home
    store: Store
    judge: Judge
    needed: set[str]
    stopping: Stopping
    done: Rejudged = field(default_factory=Rejudged)
    left: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        models.check(self.home, State.open(self.home))

    def read(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Judges those of *rows* in the order of need; what is left of them waits."""
        unread = {
            (tone is not Polarity.NEG, not hosts, id)
            for id, tone, hosts, model in rows
            if not self.needed <= {*str(model).split("+")}
        }
        ids = [id for *_, id in sorted(unread)]
        while ids and not self.stopping():
            self._judge(ids[:TOGETHER])
            del ids[:TOGETHER]
        self.left.update(ids)
        self.done.waiting = len(self.left)

    def _judge(self, ids: Sequence[str]) -> None:
        documents = self.store.get(ids)
        days = [day_of(d.raw.published_at) if d.raw.published_at else None for d in documents]
        kinds = [kind_of(d.raw) for d in documents]
        judgements = self.judge.judge([d.raw.content for d in documents], days, kinds)
        fresh = {d.id: (d.raw.content, j) for d, j in zip(documents, judgements, strict=True)}
        with index_lock(self.home) as tenure:
            self.store.fence(tenure.token)
            state = tenure.state(State.open(self.home))
            with state.begin() as connection:
                made = in_force(connection, list(ids))
            changed = {}
            for document in self.store.get(list(fresh)):
                content, judged = fresh[document.id]
                if document.raw.content == content:
                    corrected = apply_all(replace(document, judgement=judged), made.get(document.id, []))
                    changed[document.id] = changes.differences(document, corrected.judgement)
            others = [id for id, fields in changed.items() if changes.is_other(fields)]
            with changes.changing(state, What.JUDGED, others):
                self.store.update(changed)
        self.done.changed += len(others)
        self.done.read += len(changed)
