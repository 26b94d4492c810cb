"""Several machines on one source: a Scrapy scheduler whose requests lie in Redis.

Each machine keeps its own journal. A request is *leased*: it leaves the queue into the machine's own hash
and leaves that only when its way has ended and what it gave is in the journal. A machine that falls silent
for the length of a lease loses its requests to the others. So each page is fetched by one machine, and a
page whose machine dies is fetched by another. Only if it dies in the milliseconds between a durable journal
line and its mark, that page stands in two journals, under one id, which a store holds once: losing it to a
power failure would be worse.

A host is asked no faster by many machines than by one (:mod:`fengping.spiders.cluster.pacing`).

A *round* is one joint crawl. It begins with the first machine and ends when nothing is waiting or leased;
within it no URL is taken up twice. Everything is kept under ``fengping:<source>:…``.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from itertools import chain
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.utils.request import request_from_dict

from fengping.errors import FengpingError
from fengping.home import Home
from fengping.spiders.browser import VISITOR
from fengping.spiders.cluster.codec import Codec
from fengping.spiders.cluster.server import connect
from fengping.spiders.framework.middlewares import run_of
from fengping.spiders.run import Run
from fengping.spiders.run.statuses import Status
from fengping.spiders.seen import plan

_QUEUE = """
for i = 4, #ARGV do redis.call('HDEL', KEYS[3], ARGV[i]) end
if ARGV[1] ~= '' and redis.call('SADD', KEYS[1], ARGV[1]) == 0 then return end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3])
"""
_GOES_ON = """
if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[2], ARGV[1], ARGV[2]) end
return redis.call('HGET', KEYS[2], ARGV[1])
"""
_LEASE = """
local found = redis.call('ZRANGE', KEYS[1], 0, 0)
if #found == 0 then return false end
redis.call('ZREM', KEYS[1], found[1])
redis.call('HSET', KEYS[2], redis.sha1hex(found[1]), found[1])
return found[1]
"""
_GIVE_BACK = """
local known = {}
for _, lease in ipairs(ARGV) do known[lease] = true end
local left = redis.call('HGETALL', KEYS[2])
for i = 1, #left, 2 do
  if not known[left[i]] then
    redis.call('ZADD', KEYS[1], 0, left[i + 1])
    redis.call('HDEL', KEYS[2], left[i])
  end
end
"""
_IS_BUSY = """
if redis.call('ZCARD', KEYS[1]) > 0 then return 1 end
for _, machine in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  if redis.call('HLEN', ARGV[1] .. machine) > 0 then return 1 end
end
"""
"""Ends the script with 1 where anything waits or is under way."""
_END_ROUND = f"{_IS_BUSY}redis.call('DEL', KEYS[3], KEYS[4])\n"


class Frontier:
    """One machine's view of the shared requests of one source.

    Raises :class:`StoreDown` on opening where Redis does not answer, :class:`ForeignHome` where it is another
    deployment's. *works*: False for who only marks what was seen, beside a crawl of this machine.
    """

    def __init__(self, url: str, home: Home, source: str, lease: float, *, works: bool = True) -> None:
        self.server = connect(url)
        self.server.check()
        self.server.belong(home.identity)
        self.machine = hashlib.sha1(f"{platform.node()}\0{home.root}".encode()).hexdigest()[:16]
        self._base = f"fengping:{source}:"
        self._lease_ms = int(lease * 1000)
        self._leases: dict[str, set[str]] = {}
        self._closed: list[list[str]] = [[], []]
        if works:
            self.beat()
            # What this machine had leased when it died: nobody else works on it.
            self._give_back(self.machine)

    def key(self, name: str) -> str:
        return self._base + name

    @property
    def _own(self) -> str:
        return self.key(f"leased:{self.machine}")

    def enter(self, met: str, score: int, data: bytes, instead: Iterable[str] = ()) -> None:
        """Queues a request for *met*, unless a machine has taken *met* up in this round; without *met* in any
        case. The leases of *instead* are let go of: they go on as this request, or as the one that is queued.

        In one step: a machine that died between the two would leave a URL that everyone takes for another's,
        or one that stands twice and whose second end nobody waits for.
        """
        keys = (self.key("met"), self.key("requests"), self._own)
        gone = [lease for one in instead for lease in self._leases.pop(one, ())]
        self.server.eval(_QUEUE, 3, *keys, met, score, data, *gone)

    def goes_on(self, following: str, article: str) -> bool:
        """True if *following* is a further page of *article* and of nothing else in this round: neither an
        entry of a list nor a page of another article. Whoever reads the article anew is told the same."""
        keys = (self.key("met"), self.key("parts"))
        return bool(self.server.eval(_GOES_ON, 2, *keys, following, article) == article.encode())

    def lease(self) -> bytes | None:
        """The next request, now leased by this machine."""
        found: bytes | None = self.server.eval(_LEASE, 2, self.key("requests"), self._own)
        return found

    def leased(self, met: str, data: bytes) -> bool:
        """Notes what was leased; False if this machine has *met* under way already: it was silent, another
        took it for dead, and its request came back."""
        before, lease = self.holds(met), hashlib.sha1(data).hexdigest()
        self._leases.setdefault(met, set()).add(lease)
        for closed in self._closed:
            if lease in closed:
                closed.remove(lease)  # the same request once more: the end of the first is not its end
        return not before

    def holds(self, met: str) -> bool:
        """True if this machine has *met* under way."""
        return met in self._leases

    def closed(self, met: str) -> None:
        """The way of *met* has ended. Its lease goes two beats later, when all it led to is queued."""
        self._closed[-1].extend(self._leases.pop(met, ()))

    def beat(self) -> None:
        """Says that this machine lives, lets go of what has ended, and takes what the dead left."""
        self.server.sadd(self.key("machines"), self.machine)
        self.server.set(self.key(f"alive:{self.machine}"), 1, px=self._lease_ms)
        done, *rest = self._closed
        self._closed = [*rest, []]
        if done:
            self.server.hdel(self._own, *done)
        for machine in [name.decode() for name in self.server.smembers(self.key("machines"))]:
            if machine != self.machine and not self.server.exists(self.key(f"alive:{machine}")):
                self._give_back(machine)
                self.server.srem(self.key("machines"), machine)

    def _give_back(self, machine: str, known: Iterable[str] = ()) -> None:
        """Queues what *machine* has leased, but for the leases that are *known*."""
        self.server.eval(_GIVE_BACK, 2, self.key("requests"), self.key(f"leased:{machine}"), *known)

    def is_busy(self) -> bool:
        """True if anything waits or is under way on any machine.

        Asked in one step: between two, another machine may queue what a page led to and let go of that page.
        """
        for _ in self._closed:
            self.beat()
        # Leased in a step whose answer was lost with the connection, a request would be nobody's.
        self._give_back(self.machine, chain.from_iterable(self._leases.values()))
        keys = (self.key("requests"), self.key("machines"))
        return bool(self.server.eval(_IS_BUSY, 2, *keys, self.key("leased:")))

    def leave(self) -> None:
        """Gives back what was not finished, and ends the round where nothing is left of it."""
        for _ in self._closed:
            self.beat()
        self._give_back(self.machine)
        keys = [self.key(name) for name in ("requests", "machines", "met", "parts")]
        self.server.eval(_END_ROUND, 4, *keys, self.key("leased:"))


class SharedScheduler(BaseScheduler):
    """Scheduler of leased requests, and a ledger that a request leaves with the machine.

    A URL counts on the machine that fetches it: queued, it leaves this run's ledger, leased it enters it.
    """

    def __init__(self, run: Run, frontier: Frontier) -> None:
        self.run, self.frontier = run, frontier

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = run_of(crawler)
        if run.frontier is None:
            raise TypeError("a shared crawl needs a run with a frontier")
        # How often the engine asks an empty queue again; others may have filled it. Were the name to
        # change, it would ask every five seconds.
        crawler.engine._SLOT_HEARTBEAT_INTERVAL = 0.5
        return cls(run, run.frontier)

    def open(self, spider: Spider) -> None:
        self.spider: Any = spider

    def enqueue_request(self, request: Request) -> bool:
        """Shares a request, and True; it may be one that another machine has.

        Without the server nothing more can be shared and the crawl ends. Scrapy's engine waits for ever for a
        page of whose requests two raise.
        """
        mets = _mets(request)
        again = bool(request.meta.get("leased"))
        if not again and self.frontier.holds(mets[0]):
            # It is under way here: a list or a page led to it once more. We note its end, and that page's.
            for met in mets[1:]:
                self.frontier.closed(met)
            return False
        request.meta.pop(VISITOR, None)  # it holds what only this process has; the next one brings its own
        score, data = -request.priority, Codec.dumps(request.to_dict(spider=self.spider))
        try:
            # Of a further page by its article too: read on two machines, it goes on once.
            self.frontier.enter("" if again else "\n".join(mets), score, data, mets if again else mets[1:])
        except FengpingError as error:
            self._end(error)
            return False
        for met in mets:
            self.run.ledger.hand_over(met)
        return True

    def next_request(self) -> Request | None:
        try:
            return self._next_request()
        except FengpingError as error:
            self._end(error)
            return None

    def _end(self, error: FengpingError) -> None:
        self.run.fatal = self.run.fatal or error
        self.run.stop("failed")

    def _next_request(self) -> Request | None:
        while (data := self.frontier.lease()) is not None:
            try:
                request = request_from_dict(Codec.loads(data), spider=self.spider)
                mets = _mets(request)
            except Exception as error:  # noqa: BLE001  bytes that anyone wrote may be wrong in any way
                self._leave_out(data, error)
                continue
            request.meta["leased"] = True
            if not self.frontier.leased(mets[0], data):
                continue
            for met in mets:
                self.run.ledger.take_over(met, request.meta.get("may_end"))
            status = self._ended(request)
            if status is None:
                self.spider.equip(request)
                return request
            self.run.ledger.close(mets[0], status)
        return None

    def _leave_out(self, data: bytes, error: Exception) -> None:
        """Ends a request that cannot be read. Leased for ever, it would keep all machines waiting."""
        run, met = self.run, f"request {hashlib.sha1(data).hexdigest()}"
        self.frontier.leased(met, data)
        run.ledger.take_over(met)
        run.ledger.signal(
            f"{run.source.name}: a request in the frontier cannot be read ({type(error).__name__}: {error}). "
            "It is left out; the next crawl meets its page anew. Run the same version on all machines."
        )
        run.ledger.close(met, Status.UNFINISHED)

    def _ended(self, request: Request) -> Status | None:
        """The end of a page that a machine had kept, but not let go of, when it died."""
        entry = request.meta.get("entry")
        if entry is None or request.meta.get("parts") is not None:
            return None
        return plan(self.run.memory.find(entry.key), self.run.now(), self.run.window, None)

    def has_pending_requests(self) -> bool:
        try:
            return self.frontier.is_busy()
        except FengpingError as error:
            self._end(error)
            return True

    def close(self, reason: str) -> None:
        self.frontier.leave()


def _mets(request: Request) -> list[str]:
    """The URLs that a request answers for: its own, and an article's that it is a further page of."""
    parts = request.meta.get("parts")
    return [request.meta["met"], *([parts.met] if parts is not None else [])]
