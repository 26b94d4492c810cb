"""Values of a list: its pages, what was read from one, and whether to turn to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from fengping.spiders.extraction.documents import Entry, make_entry
from fengping.spiders.seen import Window
from fengping.spiders.sources import Source, SourceKind
from fengping.spiders.sources.templates import fill, fill_body, names_in

LAST = frozenset({"0", "-1", "no_more"})
"""Cursors with which platforms end a list."""

_OF_SCRIPTS = "set detail = false to keep what the list says, or kind = browser to open their pages"


class Unreadable(Exception):
    """A response that is not what the source says it is; the message names what was expected."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list: the templates its pages are made of, and where in the sequence it stands."""

    template: str
    body: str = ""
    """Template of the POST's body; empty for a GET."""
    number: int = 0
    cursor: str = ""
    url: str = ""
    """The page's own address where the page before linked to it."""

    def address(self, source: Source) -> tuple[str, str]:
        """URL and request body (empty for GET) of this page."""
        pagination = source.pagination
        values = {"page": pagination.first + self.number * pagination.step, "cursor": self.cursor}
        return self.url or fill(self.template, values), fill_body(self.body, values)


@dataclass(frozen=True, slots=True)
class Listing:
    """Entries read from a list page, with its next page."""

    entries: tuple[Entry, ...]
    matched: bool
    """True if the selector or path of the entries matched anything; a well-formed empty list does."""
    next_url: str = ""
    cursor: str = ""
    complaints: tuple[str, ...] = ()
    """Fields or links that matched nothing, one sentence each."""
    cut_short: str = ""
    """The refusal or failure by which the rest of the list was not to be had; empty for none."""


def turn(source: Source, page: ListPage, listing: Listing, window: Window) -> ListPage | None:
    """The list page after *page*, or ``None`` where the list ends.

    A page wholly before the window ends a backfill, for lists begin with the newest.
    """
    moments = [entry.published_at for entry in listing.entries if entry.published_at]
    if not listing.entries or window.is_past(moments):
        return None
    if not (listing.next_url or listing.cursor or "page" in names_in(page.template) | names_in(page.body)):
        return None
    return replace(page, number=page.number + 1, cursor=listing.cursor, url=listing.next_url)


def needs_link(source: Source) -> bool:
    """True if an entry is nothing without the address of its own page."""
    paths = source.json_paths
    return source.detail and not (paths is not None and paths.detail_url)


def _address(base: str, link: str) -> tuple[str, str]:
    """The address that *link* leads to from *base*, and apart from it the fragment that says to a script what
    to draw there (``#/detail/12``, ``#!12``); any other fragment is a place on the page."""
    if not link.strip():
        return "", ""
    url, _, fragment = urljoin(base, link.strip()).partition("#")
    return url, f"#{fragment}" if fragment.startswith(("/", "!")) else ""


def make_entries(
    source: Source,
    base: str,
    now: datetime,
    raw: Sequence[Any],
    read: Callable[[Any], tuple[str, Mapping[str, Any]]],
    fields: Mapping[str, object],
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Entries out of *raw* elements, and a complaint for each mapped field that no element has.

    *read* gives an element's link (relative to *base*, or empty) and values. *fields* maps each mapped
    field, as ``json.fields.title`` stands in the source file, to its selector or path.
    """
    entries: list[Entry] = []
    missing = set(fields)
    nameless = drawn = 0
    # No server is told of a fragment: the page that it sends is the same for every entry.
    in_vain = needs_link(source) and source.kind is not SourceKind.BROWSER
    for element in raw:
        link, values = read(element)
        given = {name for name, value in values.items() if value not in (None, "")}
        given |= {"link", "url"} if link else set()
        missing = {field for field in missing if field.rpartition(".")[2] not in given}
        try:
            # An address that is none (http://[) is the entry's fault, not the list's.
            url, fragment = _address(base, link)
            if needs_link(source) and not url:
                raise ValueError("no link")
            drawn += bool(fragment)
            entries.append(make_entry(source, url if in_vain else url + fragment, values, now))
        except ValueError:
            nameless += 1
    complaints = [
        f"{field} {fields[field]!r} matched nothing in any entry of {base}" for field in sorted(missing)
    ]
    of_all = f"of {len(raw)} entries of {base} have"
    if nameless:
        complaints.append(f"{nameless} {of_all} no link, id or title to be known by")
    if drawn and in_vain:
        complaints.append(f"{drawn} {of_all} addresses that a script draws (#/…): {_OF_SCRIPTS}")
    return tuple(entries), tuple(complaints if raw else ())
