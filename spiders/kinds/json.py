"""Kind ``json``: entries by paths into a response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response

from fengping.spiders.extraction import Entry, Unreadable, clean, parse_json
from fengping.spiders.extraction.documents import make_comment, merge
from fengping.spiders.extraction.elements import at_path, json_fields
from fengping.spiders.extraction.listing import LAST, Listing, ListPage, make_entries
from fengping.spiders.kinds.base import answered, validators
from fengping.spiders.kinds.paging import SourceSpider
from fengping.spiders.run.pages import text_of
from fengping.spiders.run.statuses import Status
from fengping.spiders.seen import Seen
from fengping.spiders.sources.model import JsonPaths
from fengping.spiders.sources.templates import fill


class JsonSpider(SourceSpider):
    name = "json"

    def read_list(self, response: Response, page: ListPage) -> Listing:
        return self.read_json(text_of(response, self.run.source), response.url)

    def read_json(self, text: str, url: str) -> Listing:
        """The entries of a JSON text that came from *url*."""
        paths = self.paths()
        value = parse_json(text, paths.within)
        items = at_path(value, paths.items)
        found = items if isinstance(items, list) else []

        def read(item: Any) -> tuple[str, Mapping[str, Any]]:
            values = json_fields(item, paths.fields)
            link = clean(values.pop("url", None))
            if not link and paths.url:
                link = fill(paths.url, {name: clean(part) for name, part in values.items()})
            return link, values

        fields = {f"json.fields.{name}": where for name, where in paths.fields if where}
        entries, complaints = make_entries(self.run.source, url, self.run.now(), found, read, fields)
        if self.run.source.comments is not None and len(entries) == len(found):
            entries = tuple(replace(entry, raw=raw) for entry, raw in zip(entries, found, strict=True))
        return Listing(entries, isinstance(items, list), **self._following(value, url), complaints=complaints)

    def classify(self, response: Response) -> Status | None:
        """A platform that answers a list's address with nothing at all refuses."""
        status = super().classify(response)
        if status is Status.EMPTY_BODY and "list" in response.meta:
            status = Status.BLOCKED
            self.count_refusal(status)
        return status

    def _following(self, value: Any, url: str) -> dict[str, str]:
        """The next page: an address, or a cursor for the template."""
        path = self.paths().next
        after = clean(at_path(value, path)) if path else ""
        if after.startswith(("http://", "https://", "/")):
            return {"next_url": urljoin(url, after)}
        return {"cursor": "" if after in LAST else after}

    def page_request(self, entry: Entry, seen: Seen | None) -> Request:
        paths = self.run.source.json_paths
        if paths is None or not paths.detail_url:
            return super().page_request(entry, seen)
        url = fill(paths.detail_url, {"id": entry.id, "url": entry.url})
        meta = {"met": self.met_by(entry), "entry": entry}
        return self.request(url, callback=self.parse_detail, meta=meta, seen=seen)

    def parse_detail(self, response: Response) -> Iterator[Any]:
        """An entry's full form: what it gives goes before what the list gave."""
        met, entry = response.meta["met"], response.meta["entry"]
        status = self.classify(response)
        if status is not None:
            self.end(met, status, answered(response, status, self.run), entry.key)
            return
        try:
            value = parse_json(text_of(response, self.run.source))
        except Unreadable as error:
            self.end(met, Status.PARSE_ERROR, f"{response.url}: {error}", entry.key)
            return
        wanted = self.paths().detail
        values = json_fields(value, wanted)
        if not values.get("text"):
            reason = f"json.detail.text {wanted.text!r} matched nothing on {response.url}"
            self.end(met, Status.EMPTY_BODY, reason, entry.key)
            return
        etag, modified = validators(response)
        whole = merge(entry, make_comment(self.run.source, values, self.run.now()))
        yield from self.keep(whole, met, etag=etag, last_modified=modified)

    def paths(self) -> JsonPaths:
        paths = self.run.source.json_paths
        if paths is None:
            raise TypeError(f"{self.run.source.name} has no [json]")
        return paths

    @property
    def items_at(self) -> str:
        return f"json.items {self.paths().items!r}"
