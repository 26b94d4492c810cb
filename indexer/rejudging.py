"""Stored documents judged anew in the background: newest days first, in a day what is judged negative first,
then what names a host.

Corrections stay: a corrected value is no matter of the judge. A document that was replaced while it was read
keeps what the indexer wrote; it is read in the next run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from fengping.analysis import Judge, kind_of
from fengping.clock import day_of
from fengping.durable import write_whole
from fengping.home import Home
from fengping.indexer import changes
from fengping.indexer.changes import What
from fengping.indexer.corrections import apply_all, in_force
from fengping.indexer.pipeline import models
from fengping.indexer.pipeline.locks import index_lock
from fengping.indexer.search.protocol import Filter, Interval, Store
from fengping.models import Polarity
from fengping.state import State

TOGETHER = 512
"""Documents that are judged and written at once."""
UNDATED = "undated"


@dataclass
class Rejudged:
    """Documents judged anew, how many of them got another label, and how many wait."""

    read: int = 0
    changed: int = 0
    waiting: int = 0


@dataclass
class _Ledger:
    """Memory of what was read to its end by a version."""

    version: str
    days: dict[str, int] = field(default_factory=dict)
    """Day → documents that it held then."""
    looked: datetime | None = None
    """Moment up to which what the indexer put was read."""

    @classmethod
    def open(cls, home: Home, version: str) -> _Ledger:
        path = _path(home)
        kept = orjson.loads(path.read_bytes()) if path.exists() else {}
        if kept.get("version") != version:
            return cls(version)
        return cls(version, kept["days"], kept["looked"] and datetime.fromisoformat(kept["looked"]))

    def keep(self, home: Home) -> None:
        write_whole(_path(home), orjson.dumps(self))


def rejudge(
    home: Home,
    store: Store,
    judge: Judge,
    where: Filter,
    needed: Collection[str],
    now: datetime,
    *,
    stopping: Callable[[], bool],
) -> Rejudged:
    """Judges matches of *where* anew whose ``model`` lacks a version of *needed*, until *stopping* says so.

    Of everything (an empty *where*) it is remembered what was read to its end, so that a run with nothing to
    do looks at no document. Raises :class:`~fengping.errors.HomeBusy` where an indexer is at work,
    :class:`~fengping.errors.ConfigError` on a machine whose judge is another than the deployment's.
    """
    models.check(home, State.open(home))
    done = Rejudged()
    version = "+".join(sorted(needed))
    ledger = _Ledger.open(home, version) if where == Filter() else _Ledger(version)
    finished = True
    for key, count, part in _parts(store, where, ledger.looked):
        if key and ledger.days.get(key) == count:
            continue
        ids = _unread(store, part, needed)
        while ids and not stopping():
            _read(home, store, judge, ids[:TOGETHER], done)
            del ids[:TOGETHER]
        done.waiting += len(ids)
        finished = finished and not ids
        if key and not ids:
            ledger.days[key] = count
    if where == Filter():
        ledger.looked = now if finished else ledger.looked
        ledger.keep(home)
    return done


def _parts(store: Store, where: Filter, looked: datetime | None) -> Iterator[tuple[str, int, Filter]]:
    """Documents put since *looked*, without a key; each day, the newest first; then those without a date."""
    if looked is not None:
        yield "", 0, replace(where, indexed_since=looked)
    whole = timedelta(days=1)
    for bucket in reversed(store.histogram(where, Interval.DAY)):
        since = max(bucket.start, where.since or bucket.start)
        until = min(bucket.start + whole, where.until or bucket.start + whole)
        yield bucket.start.date().isoformat(), bucket.count, replace(where, since=since, until=until)
    if where.since is None and where.until is None:
        undated = replace(where, undated=True)
        yield UNDATED, store.count(undated), undated


def _unread(store: Store, where: Filter, needed: Collection[str]) -> list[str]:
    """Ids of matches that lack a version, in the order of need."""
    rows = store.columns(where, ("id", "polarity", "hosts", "model"))
    asked = set(needed)
    waiting = [
        (tone is not Polarity.NEG, not hosts, id)
        for id, tone, hosts, model in rows
        if not asked <= set(str(model).split("+"))
    ]
    return [id for *_, id in sorted(waiting)]


def _read(home: Home, store: Store, judge: Judge, ids: Sequence[str], done: Rejudged) -> None:
    documents = store.get(ids)
    days = [day_of(d.raw.published_at) if d.raw.published_at else None for d in documents]
    judgements = judge.judge([d.raw.content for d in documents], days, [kind_of(d.raw) for d in documents])
    fresh = {d.id: (d.raw.content, j) for d, j in zip(documents, judgements, strict=True)}
    with index_lock(home) as tenure:
        store.fence(tenure.token)
        state = tenure.state(State.open(home))
        with state.begin() as connection:
            made = in_force(connection, list(ids))
        changed = {}
        for document in store.get(list(fresh)):
            content, judged = fresh[document.id]
            if document.raw.content == content:
                corrected = apply_all(replace(document, judgement=judged), made.get(document.id, []))
                changed[document.id] = changes.differences(document, corrected.judgement)
        others = [id for id, fields in changed.items() if changes.is_other(fields)]
        with changes.changing(state, What.JUDGED, others):
            store.update(changed)
    done.changed += len(others)
    done.read += len(changed)


def _path(home: Home) -> Path:
    return home.var / "rejudging.json"
