"""Comments below a document: in the entry's JSON, on its page, or in a response of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scrapy.http import Response

from fengping.models import RawDocument
from fengping.spiders.extraction import Entry, Unreadable, clean, parse_html, parse_json
from fengping.spiders.extraction.documents import comment_of, make_comment
from fengping.spiders.extraction.elements import at_path, fields_of, json_fields, select
from fengping.spiders.extraction.listing import LAST
from fengping.spiders.framework.pipelines import Found
from fengping.spiders.run import Run
from fengping.spiders.run.pages import text_of
from fengping.spiders.run.statuses import Flag
from fengping.spiders.sources.templates import fill, names_in

_CURSOR = re.compile(r"(?<=[?&])[\w.\[\]-]+={cursor}&?|&[\w.\[\]-]+={cursor}$")


class CommentReader:
    """Makes documents of the comments that a source maps; of none, where it maps none."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._map = run.source.comments

    def address(self, entry: Entry, number: int, cursor: str = "") -> str:
        """URL of page *number* (from 0) of an entry's comments; empty where there is none to ask for."""
        mapped = self._map
        if mapped is None or not mapped.url or number >= mapped.max_pages:
            return ""
        names = names_in(mapped.url)
        if (number and not cursor and "page" not in names) or ("id" in names and not entry.id):
            return ""
        # The first page is asked for without the parameter that would say where to go on.
        template = mapped.url if cursor else _CURSOR.sub("", mapped.url)
        return fill(template, {"id": entry.id, "url": entry.url, "page": number + 1, "cursor": cursor})

    def of_entry(self, document: RawDocument, entry: Entry) -> Iterator[Found]:
        """Comments that the list's own JSON holds."""
        if self._map and self._map.json_fields and not self._map.url and entry.raw is not None:
            yield from self._from_json(document, entry.raw)

    def of_page(self, document: RawDocument, response: Response) -> Iterator[Found]:
        """Comments that stand on the document's page."""
        if self._map is None or self._map.selectors is None or not response.body:
            return
        try:
            root = parse_html(text_of(response, self._run.source))
        except Unreadable:
            return
        for element in select(root, self._map.items):
            yield from self._found(document, fields_of(element, self._map.selectors))

    def of_response(self, document: RawDocument, response: Response) -> tuple[list[Found], str]:
        """Comments of a response of their own, and the cursor of the next page, empty at the last; what
        cannot be read is told once and flagged."""
        try:
            value = parse_json(text_of(response, self._run.source))
        except Unreadable as error:
            self._tell(f"{response.url}: {error}")
            return [], ""
        following = self._map.next if self._map else None
        cursor = clean(at_path(value, following)) if following else ""
        return list(self._from_json(document, value)), "" if cursor in LAST else cursor

    def _from_json(self, document: RawDocument, value: Any) -> Iterator[Found]:
        if self._map is None or self._map.json_fields is None:
            return
        items = at_path(value, self._map.items)
        if items is None and document.engagement.comments == 0:
            # Platforms leave the list out, or null, below a post that nobody answered.
            return
        if not isinstance(items, list):
            self._tell(
                f"comments.items {self._map.items!r} matched nothing below {document.url or document.id}"
            )
            return
        for item in items:
            yield from self._found(document, json_fields(item, self._map.json_fields))

    def _found(self, document: RawDocument, values: Mapping[str, Any]) -> Iterator[Found]:
        run, source = self._run, self._run.source
        entry = make_comment(source, values, run.now())
        if not entry.text:
            run.ledger.flag(Flag.FIELD_EMPTY)
            return
        mask = run.home.config.crawl.mask_nicknames
        comment = comment_of(source, document, entry, run.now(), run.home.salt, mask=mask)
        met = f"{document.url or document.id}#comment-{comment.id}"
        if run.ledger.open(met, comment.id):
            yield Found(comment, met)

    def _tell(self, sentence: str) -> None:
        self._run.ledger.flag(Flag.FIELD_EMPTY)
        self._run.ledger.signal(f"{self._run.source.name}: {sentence}")
