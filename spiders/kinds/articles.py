"""Entries and their pages: met, fetched, read (over several pages where an article goes on), kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from fengping.models import RawDocument
from fengping.spiders.extraction import Entry, NotAPage, Page
from fengping.spiders.extraction.documents import from_entry, with_page, with_stated
from fengping.spiders.extraction.listing import needs_link
from fengping.spiders.framework.pipelines import Found
from fengping.spiders.framework.politeness import MAX_PARTS
from fengping.spiders.framework.turns import LAST, OWED, PART
from fengping.spiders.kinds.base import RunSpider, answered, host_of, validators
from fengping.spiders.kinds.comments import CommentReader
from fengping.spiders.run.pages import unmatched
from fengping.spiders.run.statuses import Flag, Status
from fengping.spiders.seen import Seen, plan
from fengping.spiders.seen.visits import content_hash, is_owed

MAX_DUE = 200
"""Documents fetched again in one run beside those met on its lists, and entries that come before new ones."""


@dataclass(frozen=True, slots=True)
class Parts:
    """An article that goes on over several pages, as far as it is read."""

    page: Page
    """The first page, which names title, author and time."""
    met: str
    url: str
    texts: tuple[str, ...]


class ArticleSpider(RunSpider):
    """Deals with entries, wherever they were met."""

    def prepare(self) -> None:
        super().prepare()
        self.comments = CommentReader(self.run)
        most = self.settings.getint("CLOSESPIDER_PAGECOUNT")
        self.owed_first = min(MAX_DUE, most // 2) if most else MAX_DUE
        """Requests that may still go before what is new, for entries that earlier runs could not fetch."""
        self.waiting: list[Request] | None = [] if self.run.was_refused else None
        """Pages asked for once the lists are read: refused as in the last run, they would end this one."""

    def meet(self, entry: Entry, seen: Seen | None) -> Iterator[Any]:
        """Decides on one entry: leave it, fetch its page, or keep it as the list gives it."""
        run = self.run
        met = self.met_by(entry)
        if not run.ledger.open(met, entry.key):
            return
        fetched = run.source.detail
        status = plan(seen, run.now(), run.window, entry.published_at)
        if fetched and needs_link(run.source) and not run.allows(host_of(entry.url)):
            status = Status.OFFSITE
        if fetched and status is None:
            if seen is None:
                run.asked[entry.key] = entry
            request = self.page_in_turn(entry, seen)
            if self.waiting is not None:
                self.waiting.append(request)
                return
            # Pages that the site refuses come in their order: in a row they look like a site that refuses us.
            if seen is not None and is_owed(seen, run.now()) and seen.status is not Status.BLOCKED:
                self.put_first(request)
            yield request
        elif fetched or status in (Status.OUT_OF_RANGE, Status.FORGOTTEN):
            run.ledger.close(met, status or Status.KNOWN)
        else:
            yield from self.keep(entry, met)

    def met_by(self, entry: Entry) -> str:
        """The URL that an entry counts by; one of its own making where the list names none."""
        return entry.url or f"{self.run.source.name}:{entry.id or entry.title}"

    def page_request(self, entry: Entry, seen: Seen | None) -> Request:
        """The request for an entry's own page."""
        meta = {"met": entry.url, "entry": entry}
        return self.request(entry.url, callback=self.parse_page, meta=meta, seen=seen)

    def page_in_turn(self, entry: Entry, seen: Seen | None) -> Request:
        """The same; after a run that the site refused, a page that it refused is asked for last: a few in a
        row end this run too, and all that comes after them would have no turn in any."""
        request = self.page_request(entry, seen)
        if self.run.was_refused and seen is not None and seen.status is Status.BLOCKED:
            request.priority = LAST
        return request

    def put_first(self, request: Request) -> None:
        """Has what waits asked for before what is new, while half of this run's requests last."""
        if self.owed_first and request.priority > LAST:
            self.owed_first -= 1
            request.priority = OWED

    async def parse_page(self, response: Response) -> AsyncIterator[Any]:
        met, entry = response.meta["met"], response.meta["entry"]
        parts: Parts | None = response.meta.get("parts")
        status = self.classify(response)
        page: Page | None = None
        reason = answered(response, status, self.run) if status in (Status.BLOCKED, Status.HTTP_ERROR) else ""
        if status is None:
            try:
                page = await self.reader.read(response, self.run.source, self.run.now())
            except NotAPage as error:
                status, reason = Status.PARSE_ERROR, f"{met}: {error}"
        if page is None:
            self.end(met, status or Status.PARSE_ERROR, reason, "" if parts else entry.key)
            if parts:
                for found in self.break_off(entry, parts, response):
                    yield found
            return
        for found in self.take_page(response, page, entry, parts):
            yield found

    def take_page(self, response: Response, page: Page, entry: Entry, parts: Parts | None) -> Iterator[Any]:
        """Deals with a page that was read: goes on to the article's next page, or keeps the whole."""
        met = response.meta["met"]
        if parts is None:
            for where in unmatched(self.run.source, page):
                self.run.ledger.flag(Flag.FIELD_EMPTY)
                self.run.ledger.signal(f"{self.run.source.name}: {where} matched nothing on {met}")
            parts = Parts(page, met, response.url, (page.text,))
        else:
            self.run.ledger.close(met, Status.CONTINUED)
            parts = replace(parts, texts=(*parts.texts, page.text))
        following = page.next_url
        more = following and len(parts.texts) <= MAX_PARTS and self.run.allows(host_of(following))
        if more and self.run.goes_on(following, parts.met):
            meta = {"met": following, "entry": entry, "parts": parts}
            yield self.request(following, callback=self.parse_page, meta=meta, priority=PART)
            return
        yield from self.finish_article(entry, parts, response)

    def break_off(self, entry: Entry, parts: Parts, response: Response) -> Iterator[Any]:
        """Keeps what was read of an article whose next page cannot be had, but not in place of an earlier
        version, which may be whole: its visit is made again."""
        yield from self.finish_article(entry, parts, response, cut=True)

    def finish_article(
        self, entry: Entry, parts: Parts, response: Response, *, cut: bool = False
    ) -> Iterator[Any]:
        """Keeps an article read to its end, or as far as its pages could be had; *cut*: not to its end."""
        page = replace(parts.page, text="\n".join(filter(None, parts.texts)))
        if not page.text:
            self.end(parts.met, Status.EMPTY_BODY, key=entry.key)
            return
        etag, modified = validators(response) if len(parts.texts) == 1 else ("", "")
        whole = with_page(self.run.source, entry, page, parts.url)
        found = {"alias": entry.key, "etag": etag, "last_modified": modified}
        yield from self.keep(whole, parts.met, response, cut=cut, **found)

    def after_failure(self, request: Request) -> Any:
        parts: Parts | None = request.meta.get("parts")
        if parts is None:
            return None
        return self.break_off(request.meta["entry"], parts, Response(request.url))

    def keep(
        self, entry: Entry, met: str, response: Response | None = None, *, cut: bool = False, **found: str
    ) -> Iterator[Any]:
        """Hands an entry to the journal, and its comments after it; one that was *cut* short not in place of
        an earlier version that says something else."""
        run = self.run
        mask = run.home.config.crawl.mask_nicknames
        old = run.memory.find(entry.key)
        asked = run.memory.find(found.get("alias", ""))
        if old is None and asked is not None and is_owed(asked):
            # A redirect led to another address: what was said of the one that was asked holds for it.
            old = asked
        first_at = old.first_at if old is not None else None
        document = from_entry(run.source, entry, run.now(), run.home.salt, mask=mask, first_at=first_at)
        if old is not None:
            document = with_stated(document, entry, old.stated, mask=mask)
        if not document.content.strip():
            self.end(met, Status.EMPTY_BODY, key=entry.key)
        elif cut and old is not None and old.content not in ("", content_hash(document)):
            told = f"{met}: a further page could not be had; the earlier version stays"
            self.end(met, Status.HTTP_ERROR, told, entry.key)
        elif not run.window.holds(document.published_at):
            run.ledger.close(met, Status.OUT_OF_RANGE)
        else:
            yield Found(document, met, **found)
            yield from self.comments.of_entry(document, entry)
            if response is not None:
                yield from self.comments.of_page(document, response)
            yield from self.comment_request(document, entry, 0)

    def comment_request(
        self, document: RawDocument, entry: Entry, number: int, cursor: str = ""
    ) -> Iterator[Request]:
        url = self.comments.address(entry, number, cursor)
        if url and self.run.ledger.open(url):
            meta = {"met": url, "document": document, "entry": entry, "number": number}
            yield self.request(url, callback=self.parse_comments, meta=meta | {"entry": None, "of": entry})

    def parse_comments(self, response: Response) -> Iterator[Any]:
        met, document, number = (response.meta[name] for name in ("met", "document", "number"))
        status = self.classify(response)
        if status is not None:
            self.end(met, status, answered(response, status, self.run))
            return
        found, cursor = self.comments.of_response(document, response)
        self.run.ledger.close(met, Status.LISTED)
        yield from found
        if found:
            yield from self.comment_request(document, response.meta["of"], number + 1, cursor)
