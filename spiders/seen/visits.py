"""Decisions about visits, as pure functions: fetch or leave? new, changed or as it was? when again?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fengping.analysis import canonical_url
from fengping.models import Engagement, RawDocument, document_id
from fengping.spiders.run.statuses import UNSETTLED, Status
from fengping.spiders.seen.stated import NOTHING, Stated

RETRY = timedelta(minutes=30)
"""Time after which a visit that failed is made again; longer each time that it fails."""
GIVEN_UP = timedelta(days=7)
"""Time after which such a visit is given up."""
REJECTED_HOURS = (24, 168)
"""Hours after its first sight at which a page that was not kept (empty, gone, too large) is tried again."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time range of a backfill, half-open; both ends open in an ordinary crawl."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def given(self) -> bool:
        return self.since is not None or self.until is not None

    def holds(self, moment: datetime | None) -> bool:
        """True if a document published then is wanted; one without a date always is, and is flagged."""
        if moment is None:
            return True
        return not (self.since and moment < self.since) and not (self.until and moment >= self.until)

    def is_past(self, moments: Sequence[datetime]) -> bool:
        """True if a list page, newest first, lies wholly before the window, so that later pages do too."""
        return bool(moments) and self.since is not None and max(moments) < self.since


@dataclass(frozen=True, slots=True)
class Seen:
    """State record of one URL."""

    key: str
    url: str
    """Address that is fetched for it; empty for a comment, which has none of its own."""
    status: Status
    first_at: datetime
    checked_at: datetime
    content: str = ""
    """Hash of the title and text in the journal; empty where nothing was kept."""
    engagement: Engagement | None = None
    etag: str = ""
    last_modified: str = ""
    visits: int = 1
    next_visit: datetime | None = None
    stated: Stated = NOTHING
    """Fields of its last version; saved only while another visit is to come."""


def is_due(seen: Seen, now: datetime) -> bool:
    """True for a document whose page is to be fetched again; a comment has no page of its own."""
    return bool(seen.content) and seen.next_visit is not None and seen.next_visit <= now and _is_page(seen)


def is_owed(seen: Seen, by: datetime | None = None) -> bool:
    """True for an entry that was met and could not be fetched yet; *by*: and is to be tried by then."""
    due = by is None or (seen.next_visit is not None and seen.next_visit <= by)
    return due and not seen.content and seen.status in UNSETTLED


def _is_page(seen: Seen) -> bool:
    try:
        return seen.key == document_id(canonical_url(seen.url))
    except ValueError:
        return False


def plan(seen: Seen | None, now: datetime, window: Window, published_at: datetime | None) -> Status | None:
    """Return the status of a URL on a list that is not fetched; ``None`` when it is to be fetched."""
    if seen is not None and seen.status is Status.FORGOTTEN:
        return Status.FORGOTTEN
    if not window.holds(published_at):
        return Status.OUT_OF_RANGE
    # What is owed is tried by each run that meets it.
    if seen is None or is_owed(seen) or (seen.next_visit is not None and seen.next_visit <= now):
        return None
    return Status.KNOWN if seen.content else Status.SKIPPED


def content_hash(document: RawDocument) -> str:
    """Hash of what a document says. Its time is left out: a shown «3小时前» moves from visit to visit."""
    said = f"{document.title}\0{document.text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def outcome(seen: Seen | None, document: RawDocument) -> Status:
    """Return the status of a fetched document beside the version collected before.

    Counts that moved make a new version only when a visit is due: a hot list read every ten minutes
    would otherwise write each of its entries every ten minutes.
    """
    if seen is not None and seen.status is Status.FORGOTTEN:
        return Status.FORGOTTEN
    if seen is None or not seen.content:
        return Status.STORED
    if seen.content != content_hash(document):
        return Status.UPDATED
    due = seen.next_visit is not None and seen.next_visit <= document.fetched_at
    if not due:
        return Status.KNOWN
    return Status.UPDATED if _moved(seen.engagement, document.engagement) else Status.UNCHANGED


def _moved(old: Engagement | None, new: Engagement) -> bool:
    """True if the platform shows other counts now; a count that is not shown any more has not moved."""
    if old is None:
        return new != Engagement()
    return any(
        getattr(new, name) is not None and getattr(new, name) != getattr(old, name)
        for name in ("likes", "comments", "reposts", "views")
    )


def next_visit(first_at: datetime, now: datetime, hours: Sequence[float]) -> datetime | None:
    """The next step of a decaying schedule; ``None`` once it is run through. Missed steps are not made up."""
    return next((at for hour in hours if (at := first_at + timedelta(hours=hour)) > now), None)


def next_try(first_at: datetime, now: datetime, hours: Sequence[float]) -> datetime | None:
    """The time to make a visit again that failed *now*; once it has failed for long, the schedule's next."""
    steps = [at for hour in hours if (at := first_at + timedelta(hours=hour)) <= now]
    waited = now - max(steps, default=first_at)
    return next_visit(first_at, now, hours) if waited > GIVEN_UP else now + max(RETRY, waited / 2)
