"""Selection of the documents to forget."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fengping.analysis import canonical_url
from fengping.erasure.traces import ADDRESS_GOES_ON
from fengping.errors import UsageError
from fengping.home import Home
from fengping.models import RawDocument, document_id
from fengping.privacy import REALMS, hash_author
from fengping.spiders import Catalogue


@dataclass(frozen=True)
class Wanted:
    """Conditions that select the documents to forget; a document must meet every one given."""

    author: str = ""
    """A shown name or a platform's id."""
    author_ids: frozenset[str] = frozenset()
    """Its hashes, on every platform that the home knows."""
    url_ids: frozenset[str] = frozenset()
    """Ids of documents by URL; the comments below them go too."""
    urls: frozenset[str] = frozenset()
    """The same as they were named."""
    before: datetime | None = None
    """Published before then, or fetched before then where no time of publication is known."""

    @classmethod
    def make(cls, home: Home, *, author: str, urls: Sequence[str], before: datetime | None) -> Wanted:
        """Raises :class:`UsageError` where nothing is named, or a URL is none."""
        if not (author or urls or before):
            raise UsageError("Missing selection.", remedy="Give at least one of --author, --url, --before.")
        try:
            ids = frozenset(document_id(canonical_url(url)) for url in urls)
        except ValueError as error:
            raise UsageError(f"{error}.") from None
        sources = Catalogue.load(home).all
        platforms = {name: source.platform or name for name, source in sources.items()}
        realms = {*REALMS, *platforms.values()}
        hashes = frozenset(hash_author(home.salt, name, author) for name in realms if author)
        return cls(author, hashes, ids, frozenset(urls), before)

    def holds(self, document: RawDocument, salt: bytes) -> bool:
        """True if *document* meets the conditions."""
        if self.author:
            # An import may stand for a source that has no file, and a platform that nobody knows.
            own = hash_author(salt, document.source, self.author)
            by_hash = bool(document.author_id) and document.author_id in {own, *self.author_ids}
            if document.author != self.author and not by_hash:
                return False
        if self.url_ids and not {document.id, document.parent_id} & self.url_ids:
            return False
        return self.before is None or (document.published_at or document.fetched_at) < self.before

    def names(self, text: str, at: datetime | None, *, running: bool = False) -> bool:
        """True if a line that is no document, of that time, mentions a document to forget.

        In *running* text a name is found between Chinese characters too, which may be part of a longer name.
        """
        if self.author and not _whole(self.author, text, r"[^\W\u3400-\u9fff]" if running else r"\w"):
            return False
        if self.url_ids and not any(_address(name, text) for name in {*self.urls, *self.url_ids}):
            return False
        return self.before is None or (at is not None and at < self.before)


def _whole(name: str, text: str, further: str) -> bool:
    return re.search(f"(?<!{further}){re.escape(name)}(?!{further})", text) is not None


def _address(url: str, text: str) -> bool:
    return re.search(f"{re.escape(url)}(?!{ADDRESS_GOES_ON.pattern})", text) is not None
