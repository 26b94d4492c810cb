"""Crawls as child processes: started, watched, their results collected. The door of this room.

A crawl that crashes, hangs or is killed is a counted failure of its source and touches no other. Sources
on the same hosts are crawled one after the other, so that no host is asked faster than the home allows.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from fengping.clock import now
from fengping.errors import ConfigError, UsageError
from fengping.home import Home
from fengping.spiders.framework.politeness import max_seconds
from fengping.spiders.run.context import Job, clock_of
from fengping.spiders.run.records import CrawlResult, Outcome, Runs
from fengping.spiders.run.statuses import Flag, Status
from fengping.spiders.run.worker import child as worker_child
from fengping.spiders.run.worker import error_file
from fengping.spiders.sources import Catalogue, Source
from fengping.state import State

MAX_DAYS = 366
"""Days that ``{date}`` in an address stands for in one backfill."""
GRACE = 90.0
"""Seconds a child may go on after its own limit of time, before it counts as hung."""

_AWAITING = threading.Lock()
"""Held to start a process and to take its exit status: starting one also looks after those that ended, and of
two threads that look at once one finds no status."""


@dataclass(frozen=True)
class Progress:
    """Progress of a crawl."""

    source: str
    counts: Mapping[Status, int] = field(default_factory=dict)
    flags: Mapping[Flag, int] = field(default_factory=dict)
    open: int = 0
    """URLs met that have not ended yet."""
    result: CrawlResult | None = None
    """Set with the last call for a source."""

    @property
    def documents(self) -> int:
        """Lines added to the journal so far."""
        return self.counts.get(Status.STORED, 0) + self.counts.get(Status.UPDATED, 0)


OnProgress = Callable[[Progress], None]


def crawl(
    home: Home,
    names: Sequence[str] = (),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    at: datetime | None = None,
    on_progress: OnProgress | None = None,
    processes: int = 2,
    sample: int = 0,
    keywords: Sequence[str] = (),
) -> list[CrawlResult]:
    """Crawls sources (all enabled ones where none is named) and returns a result for each, by name.

    *since*, *until*: half-open window of publication; what lies outside is counted, not fetched. *at*:
    the moment at which the crawls' clocks begin. *sample*: only so many entries, every response saved
    under ``var/responses``. *keywords*: searched instead of the sources' own. *on_progress* is called from
    several threads. Raises :class:`UsageError` for a source that does not exist, or that is asked day by day
    for more than :data:`MAX_DAYS`; a broken source file is a failed result.
    """
    catalogue = Catalogue.load(home)
    report = on_progress or (lambda progress: None)
    active = catalogue.active(names)
    if since is not None:
        end = min(filter(None, (until, at or now())))
        _check_days([catalogue.all[name] for name in active if name not in catalogue.broken], end - since)
    given: dict[str, Any] = {"since": since, "until": until, "at": at, "sample": sample, "keywords": keywords}
    jobs = {name: Job.make(home, name, **given) for name in active}
    state = State.open(home)
    watch = _Watch(home, Runs(state), report)
    groups = _by_host([catalogue.all[name] for name in active if name not in catalogue.broken])
    with ThreadPoolExecutor(max_workers=max(1, processes)) as pool:
        futures = [pool.submit(watch.crawl_group, [(s, jobs[s.name]) for s in group]) for group in groups]
        try:
            results = [result for future in futures for result in future.result()]
        except BaseException:
            watch.stop()
            raise
    broken = [name for name in active if name in catalogue.broken]
    results += [watch.refuse(jobs[name], catalogue.broken[name]) for name in broken]
    return sorted(results, key=lambda result: result.source)


def _check_days(sources: Sequence[Source], length: timedelta) -> None:
    by_day = [source.name for source in sources if "date" in source.slots]
    if by_day and length > timedelta(days=MAX_DAYS):
        raise UsageError(
            f"{by_day[0]} is asked day by day, and for no more than {MAX_DAYS} days at a time.",
            remedy="Give --since and --until a year or less apart, and go on with the year before.",
        )


def _by_host(sources: Sequence[Source]) -> list[list[Source]]:
    """Sources in groups that share no host with each other."""
    groups: list[tuple[set[str], list[Source]]] = []
    for source in sources:
        hosts = set(source.domains)
        touching = [group for group in groups if group[0] & hosts]
        merged = (hosts.union(*(group[0] for group in touching)), [source])
        merged = (merged[0], [s for group in touching for s in group[1]] + merged[1])
        groups = [group for group in groups if group not in touching] + [merged]
    return [group[1] for group in groups]


class _Watch:
    """Starts children and reads what they report."""

    def __init__(self, home: Home, runs: Runs, report: OnProgress) -> None:
        self._home = home
        self._runs = runs
        self._report = report
        self._stopping = False
        self._children: set[BaseProcess] = set()

    def crawl_group(self, jobs: Sequence[tuple[Source, Job]]) -> list[CrawlResult]:
        return [self._crawl(source, job) for source, job in jobs if not self._stopping]

    def stop(self) -> None:
        """Asks the children to end; they save what they have."""
        self._stopping = True
        for child in list(self._children):
            child.terminate()

    def refuse(self, job: Job, error: ConfigError) -> CrawlResult:
        """The failed result of a source file that cannot be read."""
        return self._record(job, clock_of(job)(), str(error), Progress(job.source))

    def _crawl(self, source: Source, job: Job) -> CrawlResult:
        started = clock_of(job)()
        last = Progress(source.name)
        self._report(last)
        ours, theirs = _context().Pipe(duplex=False)
        child = _context().Process(target=worker_child, args=(job, theirs), name=f"crawl {source.name}")
        with _AWAITING:
            child.start()
        theirs.close()
        self._children.add(child)
        limit = max_seconds(source, self._home.config.crawl) + GRACE
        killer = threading.Timer(limit, child.kill)
        killer.start()
        reason = ""
        for message in _messages(ours):
            if "result" in message:
                last = _ended(CrawlResult.from_record(message["result"]))
            elif "error" in message:
                reason = message["error"]
            else:
                last = _progress(source.name, message["progress"])
                self._report(last)
        wait([child.sentinel])
        with _AWAITING:
            child.join()
        self._children.discard(child)
        hung = not killer.is_alive()
        killer.cancel()
        result = last.result or self._runs.get(job.run_id)
        if result is None:
            reason = reason or _last_words(child, self._home.root, source.name, hung=hung)
            return self._record(job, started, reason, last)
        self._report(_ended(result))
        return result

    def _record(self, job: Job, started: datetime, reason: str, last: Progress) -> CrawlResult:
        counts = dict(last.counts)
        if last.open:
            counts[Status.UNFINISHED] = counts.get(Status.UNFINISHED, 0) + last.open
        result = CrawlResult(
            job.source, Outcome.FAILED, started, clock_of(job)(), reason, job.run_id, counts, dict(last.flags)
        )
        self._runs.end(result)
        self._report(_ended(result))
        return result


@functools.cache
def _context() -> ForkServerContext:
    """Children fork from a server that has Scrapy loaded, so that a crawl starts in milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fengping.spiders.run.preload"])
    return context


def _messages(channel: Connection) -> Iterator[dict[str, Any]]:
    """Iterate the messages of a child, until it closes its end or dies."""
    with channel, contextlib.suppress(EOFError, ConnectionResetError):
        while True:
            yield channel.recv()


def _last_words(child: BaseProcess, home: Path, source: str, *, hung: bool) -> str:
    if hung:
        return "it did not end in time and was killed"
    code = child.exitcode or 0
    if code < 0:
        return f"its process was killed by {signal.Signals(-code).name}"
    try:
        said = error_file(home, source).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:  # it died before it could open the file
        said = []
    last = next((line.strip() for line in reversed(said) if line.strip()), "")
    return f"its process ended with code {code}" + (f": {last}" if last else "")


def _progress(source: str, message: Mapping[str, Any]) -> Progress:
    return Progress(
        source,
        {Status(name): n for name, n in message["counts"].items()},
        {Flag(name): n for name, n in message["flags"].items()},
        message["open"],
    )


def _ended(result: CrawlResult) -> Progress:
    return Progress(result.source, result.counts, result.flags, result=result)
