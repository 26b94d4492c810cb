"""Final statuses of a run's URLs: exactly one :class:`Status` each, counted; and the signals beside it."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The one end of each URL that a run met. The counts of a run add up to its URLs."""

    LISTED = "listed"
    """A list, feed or response was read, and its entries met."""
    STORED = "stored"
    """A document stands in the journal for the first time."""
    UPDATED = "updated"
    """A known document changed (text or counts) and stands in the journal in a new version."""
    UNCHANGED = "unchanged"
    """Fetched again and found as it was."""
    KNOWN = "known"
    """Met on a list, stored by an earlier run, not due to be fetched again."""
    SKIPPED = "skipped"
    """Met before and not kept then (empty, gone, too large); not due to be tried again."""
    FORGOTTEN = "forgotten"
    """A document that was forgotten on purpose: met again, and left alone."""
    CONTINUED = "continued"
    """A further page of an article, kept with its first."""
    DUPLICATE = "duplicate"
    """Another address of a document that this run has met already."""
    NOT_MODIFIED = "not_modified"
    """304: the site says that nothing changed."""
    OUT_OF_RANGE = "out_of_range"
    """Published outside the window that was asked for."""
    ROBOTS_DENIED = "robots_denied"
    OFFSITE = "offsite"
    """On a host that the source does not allow."""
    PRIVATE_ADDRESS = "private_address"
    """Its host is loopback, private or link-local, and the source does not allow that."""
    BLOCKED = "blocked"
    """403, 418, 429, a captcha or login page instead of what was asked for."""
    GONE = "gone"
    """404 or 410."""
    HTTP_ERROR = "http_error"
    """Any other refusal of the server."""
    UNREACHABLE = "unreachable"
    """No such host, connection refused or broken off."""
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    """Over the byte limit, as sent or as decompressed."""
    EMPTY_BODY = "empty_body"
    """A page without any text of its own."""
    SELECTOR_EMPTY = "selector_empty"
    """A list on which the entries' selector or path matched nothing."""
    PARSE_ERROR = "parse_error"
    """A response that cannot be read as what it should be."""
    UNFINISHED = "unfinished"
    """Met, but the run ended first: a limit, a stop, a block. The next run takes it up."""


class Flag(StrEnum):
    """Noted beside a status; counted, but not part of the sum."""

    NO_DATE = "no_date"
    """A document was kept without a publication time."""
    NO_YEAR = "no_year"
    """Of those, documents whose page gave a date without a year, and nothing told which."""
    YEAR_INFERRED = "year_inferred"
    """A document's date had no year, and it was new on a list within seven days of it."""
    FIELD_EMPTY = "field_empty"
    """A selector or path of a field matched nothing."""
    TRUNCATED_LIST = "truncated_list"
    """More list pages than the source may turn."""
    NO_OVERLAP = "no_overlap"
    """A list of one page on which nothing is known, though its source was read before: others may have come
    and gone."""
    LOST_LIST = "lost_list"
    """A list page of which nothing, or not all, could be read."""
    LOST_IN_RUN = "lost_in_run"
    """A run in which that was so of any."""
    EMPTY_LIST = "empty_list"
    """A list that is where it should be and holds no entry."""
    LOGIN_PAGE = "login_page"
    """A login page came instead of what was asked for."""
    WALL = "wall"
    """A captcha or a note of refusal came with an answer that looks well."""
    ANSWERED_403 = "answered_403"
    ANSWERED_429 = "answered_429"
    ANSWERED_5XX = "answered_5xx"
    NO_HOST = "no_host"
    """The name of a page's host does not resolve."""
    REFUSED = "refused"
    NO_ROUTE = "no_route"
    """Its host, or the network, cannot be reached."""
    TLS = "tls"
    """Its certificate or encryption failed."""
    BROKEN_OFF = "broken_off"
    """The connection broke off."""
    NOT_KEPT = "not_kept"
    """The run ended because what it read could not be kept: a fault of disk, journal or state."""
    OLD_ONLY = "old_only"
    """The newest entry of all lists is older than a month."""
    BELOW_EXPECTED = "below_expected"
    ABOVE_EXPECTED = "above_expected"
    REQUESTS = "requests"
    """Requests sent, robots.txt and repeats included."""
    PAGES = "pages"
    """Responses received."""
    ITEMS = "items"
    """Entries met on lists, known ones included."""


FAILURES = frozenset(
    {Status.BLOCKED, Status.HTTP_ERROR, Status.UNREACHABLE, Status.TIMEOUT, Status.PARSE_ERROR}
)
"""Ends that say something is wrong with the site, the network or the source file."""

READ = frozenset({Status.LISTED, Status.NOT_MODIFIED})
"""Ends of a list that was read, or need not be."""

REMEMBERED = frozenset({Status.GONE, Status.TOO_LARGE, Status.EMPTY_BODY, Status.PARSE_ERROR})
"""Ends of pages that were not kept and will hardly change soon: not tried again by every run."""

UNSETTLED = frozenset(
    {Status.BLOCKED, Status.HTTP_ERROR, Status.UNREACHABLE, Status.TIMEOUT, Status.UNFINISHED}
)
"""Ends that may be otherwise next time: the next run must not skip a list because of them."""
