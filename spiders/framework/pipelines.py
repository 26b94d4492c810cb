"""The one way into the journal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from scrapy.crawler import Crawler

from fengping.errors import FengpingError
from fengping.models import Precision, RawDocument
from fengping.spiders.framework.middlewares import run_of
from fengping.spiders.run import Run
from fengping.spiders.run.statuses import Flag, Status
from fengping.spiders.seen import outcome, seen_of
from fengping.spiders.seen.visits import content_hash, next_try


@dataclass(frozen=True, slots=True)
class Found:
    """A document on its way to the journal, under the URL it was met by."""

    document: RawDocument
    met: str
    alias: str = ""
    """The id it was expected to have, where a redirect led to another."""
    etag: str = ""
    last_modified: str = ""


class JournalPipeline:
    """Appends what is new or changed to the journal, remembers it, and closes its URL."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(run_of(crawler))

    def process_item(self, item: Any) -> Any:
        if self._run.fatal is not None or not isinstance(item, Found):
            return item
        try:
            self._keep(item)
        except FengpingError as error:
            # A full disk, a database that does not answer: going on would lose documents.
            self._run.fatal = error
            self._run.stop("failed")
        return item

    def _is_led_astray(self, found: Found) -> bool:
        """True where the page of a document that is kept led to one that says something else (the notice of a
        site under repair): that is not kept in its place, and its visit is made again."""
        run, document = self._run, found.document
        old = run.memory.find(found.alias)
        if old is None or not old.content or old.content == content_hash(document):
            return False
        again = next_try(old.first_at, document.fetched_at, run.source.revisits)
        run.memory.mark(replace(old, checked_at=document.fetched_at, next_visit=again))
        run.ledger.close(found.met, Status.GONE)
        run.ledger.signal(f"{run.source.name}: {found.met} leads to another page, {document.url}")
        return True

    def _keep(self, found: Found) -> None:
        run, document = self._run, found.document
        if found.alias and found.alias != document.id:
            if self._is_led_astray(found):
                return
            # Else the next run would follow the redirect again.
            run.memory.mark(replace(seen_of(document, None, Status.DUPLICATE, ()), key=found.alias))
        if not run.ledger.claim(document.id, found.met):
            run.ledger.close(found.met, Status.DUPLICATE)
            return
        old = run.memory.find(document.id)
        status = outcome(old, document)
        # A comment is forgotten with what it is a comment on.
        ids = filter(None, (document.id, document.parent_id))
        if status is not Status.KNOWN and run.memory.is_forgotten(*ids):
            status = Status.FORGOTTEN
        if status in (Status.STORED, Status.UPDATED):
            run.writer.append(document)
            if document.published_at is None:
                run.ledger.flag(Flag.NO_DATE)
            if document.precision is Precision.NO_YEAR:
                run.ledger.flag(Flag.NO_YEAR)
            if document.precision is Precision.YEAR_INFERRED:
                run.ledger.flag(Flag.YEAR_INFERRED)
        if status not in (Status.KNOWN, Status.FORGOTTEN):
            run.memory.mark(
                seen_of(
                    document, old, status, run.source.revisits,
                    etag=found.etag, last_modified=found.last_modified, names=run.keeps_names,
                )
            )  # fmt: skip
            run.memory.read_engagement(document)
        if run.memory.unsaved >= run.save_at:
            run.save()
        run.ledger.close(found.met, status)
