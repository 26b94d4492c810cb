"""Lists: start addresses, their pages turned one after the other, their entries met."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

from scrapy import Request
from scrapy.http import Response

from fengping.clock import days_between, local
from fengping.models import Precision
from fengping.spiders.extraction import Entry, Unreadable
from fengping.spiders.extraction.listing import Listing, ListPage, needs_link, turn
from fengping.spiders.framework import Refused, failure_status
from fengping.spiders.framework.turns import LIST
from fengping.spiders.kinds.articles import MAX_DUE, ArticleSpider
from fengping.spiders.kinds.base import MAX_BLOCKED, answered, validators
from fengping.spiders.run.statuses import Flag, Status
from fengping.spiders.seen import Seen
from fengping.spiders.seen.urls import list_key
from fengping.spiders.sources.templates import fill, fill_body, fillings, is_json, names_in

SEARCHED = timedelta(days=1)
"""Span of ``{since}`` and ``{until}`` in an ordinary crawl, or the time since the last where longer."""
OVERLAP = timedelta(hours=1)
"""Time before the last crawl that is asked for again: what came then may have been shown later."""
LONGEST = timedelta(days=7)
"""Time that an ordinary crawl asks back for; a longer gap wants one with ``--since``."""
_LOOK = 0.1
"""Seconds between two looks if the lists are read."""


class SourceSpider(ArticleSpider):
    """Crawls one source. A kind gives :meth:`read_list`; one that fetches in its own way (a browser)
    also overrides :meth:`list_request` or :meth:`page_request`, and hands what it read to
    :meth:`take_list`."""

    def read_list(self, response: Response, page: ListPage) -> Listing:
        """The entries of a list response. Raises :class:`~fengping.spiders.extraction.listing.Unreadable`."""
        raise NotImplementedError

    @property
    def items_at(self) -> str:
        """The key of the source file that says where entries are, with its value, for messages."""
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        self._began = monotonic()
        await self._fetch_cookies()
        for page in self.first_pages():
            request = self.list_request(page)
            if request is not None:
                yield request
        owed = self._owed()
        if owed or self.waiting is not None:
            await self._lists_read()
            for request in self._after_lists(owed):
                yield request
        if needs_link(self.run.source):
            for seen in self.run.memory.due(self.run.now(), MAX_DUE):
                if self.run.ledger.open(seen.url, seen.key):
                    yield self.page_request(Entry(seen.url, seen.key), seen)

    def _after_lists(self, owed: list[Seen]) -> Iterator[Request]:
        """Pages that waited for the lists, new ones before others, then those *owed* that no list shows.
        After a run that the site refused none of them is put first, unless half of this one is used."""
        run, first = self.run, not self.run.was_refused or self.half_used
        waiting, self.waiting = self.waiting or [], None
        for request in sorted(waiting, key=lambda request: request.meta["entry"].key not in run.asked):
            if first:
                self.put_first(request)
            yield request
        for seen in owed:
            # Those that the lists still show count too.
            if self.owed_first and run.ledger.open(seen.url, seen.key):
                asked = self.page_in_turn(Entry(seen.url, seen.key), seen)
                if first:
                    self.put_first(asked)
                yield asked

    def _owed(self) -> list[Seen]:
        """Entries that earlier runs met and could not fetch, and whose time has come."""
        run = self.run
        if run.window.given or run.job.sample or run.frontier is not None or not needs_link(run.source):
            return []
        owed = run.memory.owed(run.now(), self.owed_first)
        refused = [seen for seen in owed if seen.status is Status.BLOCKED]
        # Pages that the site refuses to all are not to look like a site that refuses us.
        return [seen for seen in owed if seen not in refused[MAX_BLOCKED - 1 :]]

    async def _lists_read(self) -> None:
        """Returns once every list is read to its end: what one still shows of an entry is more than is kept
        of it (counts, a person's name). Half of the run's requests and time are left for what is owed."""
        ledger = self.run.ledger
        while self._stopping is None and any(map(ledger.is_open, ledger.lists)) and not self.half_used:
            await asyncio.sleep(_LOOK)

    @property
    def half_used(self) -> bool:
        """True once half of the run's requests or time is used."""
        most, seconds = (self.settings.getfloat(f"CLOSESPIDER_{name}") for name in ("PAGECOUNT", "TIMEOUT"))
        stats = self.crawler.stats
        answers = stats.get_value("response_received_count", 0) if stats else 0
        return monotonic() - self._began >= (seconds or math.inf) / 2 or answers >= (most or math.inf) / 2

    async def _fetch_cookies(self) -> None:
        """Opens the site as a visitor does first, for the cookies that its lists ask for."""
        address = self.run.source.cookies_from
        if not address or self.crawler.engine is None:
            return
        try:
            await self.crawler.engine.download_async(Request(address, headers=dict(self.run.source.headers)))
        except Exception as error:  # noqa: BLE001  whatever went wrong, the lists' own ends tell what it cost
            status = failure_status(error)
            self.run.ledger.signal(f"{self.run.source.name}: cookies_from {address} ended as {status.value}")

    def first_pages(self) -> Iterator[ListPage]:
        """The first page of each start address, its keywords and times filled in, the newest day first."""
        # One moment for all, so that a saved case asks for the same addresses again.
        window, now = self.run.window, self.run.started_at
        before = self.run.read_at
        back = min(max(before - OVERLAP, now - LONGEST), now) if before else now
        until = now + timedelta(microseconds=1)
        if window.since is not None and window.until is not None:
            until = min(window.until, until)
        days = days_between(window.since or back, until)[::-1]
        since = window.since or min(back, now - SEARCHED)
        span = {"since": local(since), "until": local(window.until or now)}
        source = self.run.source
        for template in source.urls:
            names = names_in(template) | names_in(source.body)
            for values in fillings(names, keywords=source.keywords, days=days):
                yield ListPage(fill(template, span | values), fill_body(source.body, span | values))

    @property
    def _is_resumed(self) -> bool:
        """True where a list goes on from the one that an earlier run read: not one of a day or a moment."""
        run = self.run
        timed = run.window.given or not run.source.slots.isdisjoint(("date", "since", "until"))
        return run.read_at is not None and not timed

    def list_request(self, page: ListPage) -> Request | None:
        """The request for a list page; ``None`` where this run has asked for it already."""
        url, body = page.address(self.run.source)
        met = f"{url} {body}" if body else url
        # A page that another names is there, and JSON without results still has its list.
        may_end = bool(page.number and not page.url and self.run.source.json_paths is None)
        if not self.run.ledger.open_list(met, may_end=may_end):
            return None
        seen = None
        if not self.run.full_depth:
            seen = self.run.memory.find(list_key(self.run.source.name, met))
        options = {"method": "POST", "body": body} if body else {}
        meta = {"met": met, "list": page, "may_end": may_end}
        request = self.request(url, callback=self.parse_list, meta=meta, seen=seen, priority=LIST, **options)
        if body:
            kind = "application/json" if is_json(page.body) else "application/x-www-form-urlencoded"
            request.headers.setdefault("Content-Type", kind)
        return request

    def parse_list(self, response: Response) -> Iterator[Any]:
        page, met = response.meta["list"], response.meta["met"]
        status = self.classify(response)
        if status is not None:
            # A list that is gone is told, an article is not.
            soft = " and says that it is not there (a soft 404)" if response.status == 200 else ""
            gone = f"answered {response.status}{soft}"
            told = f"{met} {gone}" if status is Status.GONE else answered(response, status, self.run)
            self.end(met, status, told)
            return
        try:
            listing = self.read_list(response, page)
        except Unreadable as error:
            self.end(met, Status.PARSE_ERROR, f"{met}: {error}")
            return
        except Refused as error:
            self.count_refusal(error.status)
            self.end(met, error.status, f"{met}: {error}")
            return
        yield from self.take_list(met, page, listing, validators(response))

    def take_list(
        self, met: str, page: ListPage, listing: Listing, validated: tuple[str, str] = ("", "")
    ) -> Iterator[Any]:
        """Deals with what was read from a list: its entries, then the next page."""
        run, source = self.run, self.run.source
        for complaint in listing.complaints:
            run.ledger.flag(Flag.FIELD_EMPTY)
            run.ledger.signal(f"{source.name}: {complaint}")
        if not listing.matched and not run.ledger.lists.get(met):
            # A further page is no page of the list at all: a refusal in words, or another page.
            status = Status.PARSE_ERROR if page.number else Status.SELECTOR_EMPTY
            self.end(met, status, f"{self.items_at} matched nothing on {met}")
            return
        if any(validated):
            run.validators[met] = validated
        run.ledger.flag(Flag.ITEMS, len(listing.entries))
        run.newest.extend(
            entry.published_at
            for entry in listing.entries
            if entry.published_at and entry.precision is not Precision.YEAR_INFERRED
        )
        if page.number == 0 and not listing.entries:
            run.ledger.flag(Flag.EMPTY_LIST)
            run.ledger.signal(f"{source.name}: the list {met} is empty")
        seen = run.memory.get(entry.key for entry in listing.entries)
        for entry in listing.entries[: run.job.sample or None]:
            yield from self.meet(entry, seen.get(entry.key))
        if listing.cut_short:
            self.count_refusal(Status.BLOCKED)
            self.end(met, Status.BLOCKED, f"{met}: {listing.cut_short}")
            return
        run.ledger.close(met, Status.LISTED)
        fresh = sum(entry.key not in seen for entry in listing.entries)
        following = turn(source, page, listing, run.window)
        if following is None or run.job.sample:
            if page.number == 0 and listing.entries and fresh == len(listing.entries) and self._is_resumed:
                run.ledger.flag(Flag.NO_OVERLAP)
            return
        if not (fresh or run.full_depth):
            run.stopped_at_known = True
            return
        if following.number >= source.pagination.max_pages:
            if source.pagination.max_pages > 1:
                run.ledger.flag(Flag.TRUNCATED_LIST)
            return
        request = self.list_request(following)
        if request is not None:
            yield request
