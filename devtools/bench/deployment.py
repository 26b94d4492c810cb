"""A deployment's engines beside the files of one home, and kills of its machines.

``--journal``, ``--state`` and ``--store``, for kills ``--frontier`` too, name engines that are there and hold
nothing of anybody else's;
``python -m tests.deployment.servers`` starts some. Without them only the files are measured.
"""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from devtools.bench import Options, Row
from devtools.deployment.fleet import Engines, Fleet, alone, documents, index
from devtools.deployment.kills import Killed, Run
from devtools.deployment.takeovers import LONGEST_MS, TERM_MS
from fengping import events
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import open_journal, open_store
from fengping.indexer.journal.protocol import WriterProtocol
from fengping.indexer.pipeline.standing import follow
from fengping.models import RawDocument
from fengping.spiders import Status
from fengping.spiders.seen import Memory, seen_of
from fengping.state import State

SIZE = 20_000
_BATCH = 1_000
_SAVED = 200
_OF_A_RUN = 90


def run(options: Options) -> list[Row]:
    """Rates side by side; with ``--kills``, as many runs in which a process of each role is killed."""
    engines = _engines(options)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.kills:
            return list(_kills(folder, _needed(engines), options.kills, options.size or _OF_A_RUN))
        posts = documents(options.size or SIZE)
        rows = list(_measured(alone(folder / "alone", []), posts, "file, SQLite, tantivy"))
        if engines is not None:
            fleet = Fleet(folder / "fleet", _fresh(engines), machines=2)
            theirs = list(_measured(fleet.machines[0], posts, "Kafka, PostgreSQL, Elasticsearch"))
            rows = [row for pair in zip(rows, _beside(theirs, rows), strict=True) for row in pair]
            rows += _taken_over(fleet.machines[1], len(posts))
        return rows


def _engines(options: Options) -> Engines | None:
    given = options.journal, options.state, options.store
    if not any(given):
        return None
    if not all(given):
        raise UsageError("A deployment is of three engines.", remedy="Give --journal, --state and --store.")
    return Engines(*given, options.frontier)


def _needed(engines: Engines | None) -> Engines:
    if engines is None or not engines.frontier:
        raise UsageError(
            "Kills need a deployment.", remedy="Give --journal, --state, --store and --frontier."
        )
    return engines


def _fresh(engines: Engines) -> Engines:
    """A topic, a database and an index that nobody has used, on the same servers."""
    name = f"bench_{secrets.token_hex(4)}"
    url = make_url(engines.state)
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    state = url.set(database=name).render_as_string(hide_password=False)
    journal, store = (one.rpartition("/")[0] for one in (engines.journal, engines.store))
    return Engines(f"{journal}/{name}", state, f"{store}/{name}", engines.frontier)


def _measured(home: Home, posts: Sequence[RawDocument], what: str) -> Iterator[Row]:
    """The way of *posts*: into the journal in bulk and one by one, out of it, marks of URLs, the index."""
    size = len(posts)
    bulk, single = posts[:-_SAVED], posts[-_SAVED:]
    with open_journal(home).writer() as writer:
        writer.append(posts[0])
        writer.sync()

        def append() -> None:
            for at in range(1, len(bulk), _BATCH):
                writer.append(*bulk[at : at + _BATCH])
                writer.sync()

        yield Row(f"append, synced each {_BATCH:,} ({what})", size / _seconds(append), "documents/s", size)
        times = [_seconds(partial(_one, writer, post)) for post in single]
        yield Row(f"append and sync one ({what})", 1000 * statistics.median(times), "ms", len(single))

    def read() -> None:
        for _ in open_journal(home).read({}, _BATCH):
            pass

    yield Row(f"read ({what})", size / _seconds(read), "documents/s", size)
    memory = Memory(State.open(home), "bench")

    def mark() -> None:
        for at in range(0, len(posts), _SAVED):
            for post in posts[at : at + _SAVED]:
                memory.mark(seen_of(post, None, Status.STORED, ()))
            memory.save()

    yield Row(f"mark URLs, saved each {_SAVED} ({what})", size / _seconds(mark), "URLs/s", size)
    yield Row(f"index ({what})", size / _seconds(lambda: index(home)), "documents/s", size)

    def gather() -> None:
        with closing(open_store(home)) as store:
            events.update(home, store)

    yield Row(f"events anew from the store ({what})", _seconds(gather), "s", size)


def _one(writer: WriterProtocol, post: RawDocument) -> None:
    writer.append(post)
    writer.sync()


def _taken_over(standby: Home, size: int) -> Iterator[Row]:
    yield Row("takeover: repost groups from the journal", _seconds(lambda: follow(standby)), "s", size)
    yield Row("takeover: the same, followed before", _seconds(lambda: follow(standby)), "s", size)

    def gather() -> None:
        with closing(open_store(standby)) as store:
            events.update(standby, store)

    yield Row("takeover: events from the store", _seconds(gather), "s", size)


def _beside(theirs: Sequence[Row], ours: Sequence[Row]) -> Iterator[Row]:
    for row, other in zip(theirs, ours, strict=True):
        yield Row(row.what, row.value, row.unit, row.n, row.value / other.value, other.what)


def _kills(folder: Path, engines: Engines, runs: int, size: int) -> Iterator[Row]:
    found: list[Killed] = []
    for number in range(runs):
        (folder / str(number)).mkdir()
        found.append(Run(folder / str(number), _fresh(engines), size, seed=number).work())
    yield from told(found)


def told(found: Sequence[Killed]) -> Iterator[Row]:
    """The table of so many runs."""
    runs, takeovers = len(found), [takeover for one in found for takeover in one.takeovers]
    yield Row("runs", runs, "", runs)
    yield Row("kills", sum(len(one.kills) for one in found), "", runs)
    yield Row("runs that differ from an embedded home", sum(bool(one.differences) for one in found), "", runs)
    for right, term in TERM_MS.items():
        if times := [takeover.ms for takeover in takeovers if takeover.right == right]:
            what = f"takeover, {right}, by a lease of {term / 1000:.0f} s"
            yield Row(f"{what}: median", statistics.median(times) / 1000, "s", len(times))
            yield Row(f"{what}: longest", max(times) / 1000, "s", len(times))
    late = sum(takeover.ms > LONGEST_MS for takeover in takeovers)
    yield Row(f"takeovers over {LONGEST_MS / 1000:.0f} s", late, "", len(takeovers))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
