"""One run of one source: everything its spider, middlewares and pipelines share."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from fengping.clock import day_of, iso, now, parse_moment
from fengping.errors import FengpingError, StoreDown
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.spiders.cluster import installed
from fengping.spiders.run.ledger import Ledger
from fengping.spiders.run.records import REFUSED, CrawlResult, Outcome, Runs, recent
from fengping.spiders.run.statuses import READ, Flag, Status
from fengping.spiders.seen import Memory, Window
from fengping.spiders.seen import urls as memory
from fengping.spiders.sources import Source, load_one
from fengping.state import State

if TYPE_CHECKING:
    from fengping.spiders.cluster import Frontier
    from fengping.spiders.extraction import Entry

SAVE_AT = 200
OLD = timedelta(days=30)
"""Age of the newest entry above which a list shows old ones only."""


@dataclass(frozen=True)
class Job:
    """Crawl order for one child process; travels to it as JSON."""

    home: str
    source: str
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    since: str | None = None
    until: str | None = None
    sample: int = 0
    """Only so many entries of each first list page, every response saved (``source test``); 0: all."""
    at: str | None = None
    """The moment at which the run is to begin by its own clock; the real one where none is given."""
    keywords: tuple[str, ...] = ()
    """Searched instead of the source's own, by a plan."""

    @property
    def window(self) -> Window:
        return Window(
            parse_moment(self.since) if self.since else None,
            parse_moment(self.until) if self.until else None,
        )

    def to_record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def make(
        cls,
        home: Home,
        source: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        at: datetime | None = None,
        sample: int = 0,
        keywords: Sequence[str] = (),
    ) -> Self:
        return cls(
            str(home.root),
            source,
            since=iso(since),
            until=iso(until),
            at=iso(at),
            sample=sample,
            keywords=tuple(keywords),
        )


def home_of(job: Job) -> Home:
    """The home a job works on."""
    home = Home.open(Path(job.home))
    return alone(home) if job.sample else home


def alone(home: Home) -> Home:
    """*home* with its state beside it and no shared frontier, whatever the environment says: a sample
    run must not mark anything as seen in a database that others use."""
    crawl = home.config.crawl.model_copy(update={"frontier": ""})
    config = home.config.model_copy(update={"crawl": crawl, "state": "sqlite:var/state.db"})
    home.__dict__["config"] = config
    return home


def clock_of(job: Job) -> Callable[[], datetime]:
    """The clock of a run: the real one, or one that was set to the job's moment as the run began."""
    if job.at is None:
        return now
    offset: timedelta = parse_moment(job.at) - now()
    return lambda: now() + offset


class Run:
    """The state of a run in its process."""

    def __init__(self, home: Home, source: Source, job: Job, state: State) -> None:
        self.home = home
        self.source = source
        self.job = job
        self.window = job.window
        self.now = clock_of(job)
        self.started_at = self.now()
        self.ledger = Ledger()
        self.memory = Memory(state, source.name)
        self.journal = open_journal(home)
        self.writer = self.journal.writer()
        self.runs = Runs(state)
        self.full_depth = True
        """True if list pages are turned though they show nothing new: the last run left something."""
        self.read_at: datetime | None = None
        """Start of the newest run before this one that left nothing to do."""
        self.was_refused = False
        """True if the site refused the last run, which was ended by that."""
        self.stopped_at_known = False
        """True if a list was left where it showed nothing new, although it goes on."""
        self.newest: list[datetime] = []
        """Times of the entries met on lists."""
        self.asked: dict[str, Entry] = {}
        """Entries met for the first time whose pages were asked for, by their keys."""
        self.validators: dict[str, tuple[str, str]] = {}
        """ETag and Last-Modified of the lists read, kept only when nothing they led to is left over."""
        self.frontier: Frontier | None = None
        """Requests and seen URLs shared with other machines, where ``crawl.frontier`` names a place."""
        self.fatal: FengpingError | None = None
        """Error that makes going on senseless: a full disk, a state database that does not answer."""
        self.stop: Callable[[str], None] = lambda reason: None
        """Ends the crawl early; set by the spider."""
        self.report: Callable[[dict[str, Any]], None] = lambda message: None
        """Takes the run's progress and result; set by the process that it belongs to."""

    @classmethod
    def open(cls, job: Job) -> Self:
        """Takes over what a killed run left and begins a new one. The caller holds the source's lock."""
        home = home_of(job)
        source = load_one(home, job.source)
        if job.keywords:
            source = source.model_copy(update={"keywords": job.keywords})
        state = State.open(home)
        run = cls(home, source, job, state)
        run._share(state)
        for before in sorted(filter(None, run.runs.orphans(source.name)))[:1]:
            # Of an absent broker nothing can be read back, nor of one that was absent when the run began:
            # those pages are fetched again, under their ids.
            with suppress(StoreDown):
                memory.recover(
                    run.memory, run.journal, source.name, before, source.revisits, names=run.keeps_names
                )
        run.runs.bury(source.name, run.started_at)
        last, alone = run.runs.last(source.name), run.frontier is None
        # Of several machines none leaves nothing to do by itself.
        run.read_at = run.runs.read_at(source.name) if alone else None
        with state.begin() as connection:
            ended = recent(connection, source.name, 1, run.started_at)
        run.was_refused = alone and any(result.is_refused for result in ended)
        run.full_depth = last is not Outcome.FINISHED or run.window.given or not alone
        run.runs.begin(job.run_id, source.name, run.started_at, run._journal_end())
        return run

    def _journal_end(self) -> str:
        """The journal's end; empty while its broker is away: what it then journals waits in the spool."""
        try:
            return self.journal.mark()
        except StoreDown:
            return ""

    def _share(self, state: State) -> None:
        """Joins the frontier that the home names."""
        crawl = self.home.config.crawl
        if not crawl.frontier:
            return
        with installed():
            from fengping.spiders.cluster import Frontier, SharedMemory
        self.frontier = Frontier(crawl.frontier, self.home, self.source.name, crawl.frontier_lease)
        self.memory = SharedMemory(state, self.source.name, self.frontier)
        self.ledger.on_close = self.frontier.closed

    @property
    def save_at(self) -> int:
        """Documents after which marks are saved; each save waits for the disk once. Others must see a
        shared mark at once."""
        return SAVE_AT if self.frontier is None else 1

    @property
    def keeps_names(self) -> bool:
        """True if names of people who post are kept beside their addresses until the last visit. A home that
        masks them after a time keeps none where that would not find them."""
        return not self.home.config.retention.nicknames

    def allows(self, host: str) -> bool:
        """True if the source may ask *host*."""
        return any(host == domain or host.endswith(f".{domain}") for domain in self.source.domains)

    def goes_on(self, following: str, article: str) -> bool:
        """True if *following* is to be read as a further page of *article*: nothing else led to it."""
        if self.frontier is None:
            return self.ledger.open(following)
        goes = self.frontier.goes_on(following, article)
        if goes:
            self.ledger.open(following)
        return goes

    def save(self) -> None:
        """Makes the journal durable, then marks its URLs as seen. In this order, always."""
        self.writer.sync()
        try:
            self.memory.save()
        except StoreDown as error:
            raise StoreDown(
                error.message,
                remedy=f"{error.remedy} What was crawled is safe in the journal; run again when it is back.",
            ) from error

    def progress(self) -> dict[str, Any]:
        """Counts so far, as JSON."""
        counts = self.ledger.counts
        return {
            "counts": {status.value: n for status, n in counts.items()},
            "flags": {flag.value: n for flag, n in self.ledger.flags.items() if n},
            "open": len(self.ledger.ends) - counts.total(),
        }

    def finish(self, reason: str) -> CrawlResult:
        """Closes the run; *reason* is Scrapy's (``finished``, ``blocked``, ``closespider_timeout`` …)."""
        self.ledger.finish()
        if lost := self.ledger.lost_lists.total():
            self.ledger.flag(Flag.LOST_LIST, lost)
            self.ledger.flag(Flag.LOST_IN_RUN)
        self._check_expectations()
        if self.fatal is not None:
            self.ledger.flag(Flag.NOT_KEPT)
        settled = self.ledger.settled and not self.window.given and self.fatal is None
        settled = settled and self.frontier is None
        if settled:
            self._remember_lists()
        if self.fatal is None:
            from fengping.spiders.run.owed import note_owed  # loads the extraction, as the spider has

            note_owed(self)
            self.save()
            self.writer.close()
        failure = str(self.fatal) if self.fatal else self._failure(reason)
        result = CrawlResult(
            source=self.source.name,
            outcome=Outcome.FAILED if failure else Outcome.FINISHED,
            started_at=self.started_at,
            ended_at=self.now(),
            reason=failure or ("" if reason == "finished" else STOPS.get(reason, reason)),
            run_id=self.job.run_id,
            counts=dict(self.ledger.counts),
            flags=dict(self.ledger.flags),
            signals=tuple(self.ledger.signals),
            settled=settled,
        )
        self.runs.end(result, saved=self.fatal is None)
        return result

    def _failure(self, reason: str) -> str:
        """Return the reason why the run counts as failed, or nothing."""
        lists, flags = self.ledger.list_ends, self.ledger.flags
        if reason == "blocked":
            return REFUSED + (self.ledger.signals[-1] if self.ledger.signals else "")
        if flags[Flag.BELOW_EXPECTED]:
            least = self.source.expect.min_items
            return f"{flags[Flag.ITEMS]} entries met, at least {least} expected"
        if flags[Flag.EMPTY_LIST] and not flags[Flag.ITEMS] and not self._may_be_empty:
            return "every list is empty: " + "; ".join(self.ledger.signals[:1])
        found = flags[Flag.ITEMS] or not READ.isdisjoint(lists)
        if self.frontier is None and self.ledger.ends and not found:
            return "no list could be read: " + "; ".join(self.ledger.signals[:1])
        return ""

    @property
    def _may_be_empty(self) -> bool:
        """True where nothing may be an answer: to a search, on a day, in a window."""
        shared = self.frontier is not None or self.ledger.list_ends[Status.NOT_MODIFIED] > 0
        return shared or self.window.given or bool(self.source.slots - {"page", "cursor"})

    def _check_expectations(self) -> None:
        newest = max(self.newest, default=self.started_at)
        if not self.window.given and newest < self.started_at - OLD:
            self.ledger.flag(Flag.OLD_ONLY)
            day = day_of(newest).isoformat()
            self.ledger.signal(f"{self.source.name}: only old entries, the newest is of {day}")
        expect, items = self.source.expect, self.ledger.flags[Flag.ITEMS]
        # A list that did not change is not read, one that another machine read is not ours, and one that led
        # to what is known already was not read to its end: few entries say nothing then.
        partial = self.window.given or self.job.sample or self.frontier is not None or self.stopped_at_known
        if partial or self.ledger.list_ends[Status.NOT_MODIFIED]:
            return
        if items < expect.min_items:
            self.ledger.flag(Flag.BELOW_EXPECTED)
        if expect.max_items and items > expect.max_items:
            self.ledger.flag(Flag.ABOVE_EXPECTED)
            self.ledger.signal(
                f"{self.source.name}: {items} entries met, at most {expect.max_items} expected."
            )

    def _remember_lists(self) -> None:
        for url, (etag, last_modified) in self.validators.items():
            self.memory.mark(memory.seen_list(self.source.name, url, self.now(), etag, last_modified))


STOPS = {
    "closespider_pagecount": "stopped at the limit of requests",
    "closespider_timeout": "stopped at the limit of time",
    "shutdown": "stopped from outside",
    "memusage_exceeded": "stopped at the limit of memory",
}
"""Scrapy's reasons to end early, in words."""
