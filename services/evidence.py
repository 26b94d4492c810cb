"""Evidence of a home: kept, verified, exported, looked at again, released."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fengping.clock import parse_moment
from fengping.errors import ConfigError, UsageError
from fengping.events import asking
from fengping.events.evidence import capture, checking, keeping, packing, stamping
from fengping.events.evidence.anchors import Anchor
from fengping.events.evidence.checking import Verified
from fengping.events.evidence.keeping import Held, Kept
from fengping.home import Home
from fengping.indexer import open_store
from fengping.reports import Report
from fengping.reports.archive import Editions, heads_of
from fengping.reports.document import CaseCard

if TYPE_CHECKING:
    from fengping.spiders.framework import FilteringProxy


@dataclass(frozen=True, slots=True)
class Found:
    """A document that is kept, with what a later look at its address found."""

    document: str
    finding: str
    """kept, unchanged, changed or gone."""
    since: datetime


def keep(home: Home, ids: Sequence[str], now: datetime, *, pictures: bool = True) -> list[Kept]:
    """Keeps documents, or all documents of events, as they are now; what is held stays as it is.

    Raises :class:`UsageError` for an id of nothing.
    """
    documents = [document for id in ids for document in _documents(home, id)]
    with closing(open_store(home)) as store:
        found = store.get(documents)
    if missing := set(documents) - {document.id for document in found}:
        raise UsageError(f"There is no document {min(missing)}.", remedy="fengping search --json shows ids.")
    with _way(home) as way:
        fetch = capture.fetcher(home.config.crawl, way)
        return keeping.keep(home, found, now, fetch, _shooting(way, pictures), ", ".join(ids)[:255])


def want(home: Home, documents: Sequence[str], now: datetime, why: str) -> None:
    """Has documents kept by the schedule, where the configuration lets it."""
    if home.config.evidence.automatic:
        keeping.want(home, documents, now, why)


def want_cases(home: Home, report: Report, now: datetime) -> None:
    """Has every document kept that a case of a report quotes, or one that a reviewer added."""
    for block in (*report.blocks, *(offer.card for offer in report.offers)):
        if isinstance(block, CaseCard):
            case = block.case
            quotes = [case.opening, *case.sources, *case.claims, *(told.quote for told in case.told)]
            want(home, [quote.reference.id for quote in quotes], now, f"case {case.event}")


def keep_wanted(home: Home, now: datetime, *, pictures: bool = True) -> list[Kept]:
    """Keeps what alarms and reports want, as much as one run may, and asks again where a page gave no answer;
    what is no more stored waits no longer."""
    wanted = [id for id, _ in keeping.waiting(home, home.config.evidence.each_run)]
    with closing(open_store(home)) as store:
        found = store.get(wanted)
        again = store.get(keeping.unanswered(home, now)[: home.config.evidence.each_run - len(wanted)])
    keeping.unwant(home, sorted(set(wanted) - {document.id for document in found}))
    with _way(home) as way:
        fetch, shoot = capture.fetcher(home.config.crawl, way), _shooting(way, pictures)
        done = keeping.keep(home, found, now, fetch, shoot)
        return done + keeping.keep_again(home, again, now, fetch, shoot)


def counted(home: Home) -> Held:
    """Counts of what is held, waits, and could not be kept."""
    return keeping.counted(home)


def stamp(home: Home, now: datetime) -> int:
    """Has the last line of the manifest stamped by the configured server; its number, 0 where there is none
    since the last stamp. Raises :class:`ConfigError` without a server,
    :class:`stamping.NotStamped` where it gives no stamp."""
    url = home.config.evidence.timestamp
    if not url:
        raise ConfigError("No time stamp server is configured.", remedy="Set evidence.timestamp.")
    made = stamping.stamp(keeping.archive(home), now, stamping.asker(url))
    return made.number - 1 if made else 0


def look_again(home: Home, now: datetime) -> list[tuple[str, str]]:
    """Looks at addresses that are due after 1, 7 and 30 days: document and finding."""
    with _way(home) as way:
        return keeping.look_again(home, now, capture.fetcher(home.config.crawl, way))


def verify(home: Home, *, whole: bool = True) -> Verified:
    """Compares the archive with its signatures, the state database, the holds, and what editions say of it;
    without *whole* it reads no objects, and signatures only behind the anchor."""
    printed = [Anchor(**head) for edition in Editions(home).all() for head in heads_of(edition)]
    return checking.verify(home, keeping.archive(home), whole=whole, also=printed)


def export(home: Home, ids: Sequence[str], target: Path) -> int:
    """Packs everything kept of documents or events into a ZIP; how many files."""
    documents = [document for id in ids for document in _documents(home, id)]
    return packing.export(keeping.archive(home), documents, target)


def release(home: Home, ids: Sequence[str]) -> None:
    """Ends the hold of documents or of all held documents of events."""
    keeping.release(home, [document for id in ids for document in _documents(home, id, held=True)])


def found_of(home: Home, documents: Sequence[str]) -> list[Found]:
    """Those of *documents* that are kept as evidence, in their order."""
    if not (held := set(keeping.held(home, documents))):
        return []
    states = keeping.kept_states(home)
    kept = [(id, *states[id]) for id in documents if id in held and id in states]
    return [Found(id, finding, parse_moment(since)) for id, finding, since in kept]


def awaited(home: Home, documents: Sequence[str]) -> int:
    """Number of those of *documents* that the schedule is still to keep."""
    return len(keeping.awaited(home, documents))


def is_held(home: Home, id: str) -> bool:
    """True if a document is kept as evidence and on hold."""
    return bool(keeping.held(home, [id]))


def _documents(home: Home, id: str, *, held: bool = False) -> list[str]:
    """A document's own id, or the documents of an event."""
    if len(id) == 32:
        return [id]
    documents = asking.documents_of(home, id)
    return keeping.held(home, documents) if held else documents


def _way(home: Home) -> FilteringProxy:
    """The way of the home's crawls: public hosts, those of sources that may be private, the home's proxy."""
    # With them comes Scrapy's.
    from fengping.spiders.framework import FilteringProxy, proxy_of
    from fengping.spiders.sources import load_sources

    crawl = home.config.crawl
    own = tuple(
        domain for source in load_sources(home).values() if source.allow_private for domain in source.domains
    )

    def allows_private(host: str) -> bool:
        return crawl.allow_private or any(host == one or host.endswith(f".{one}") for one in own)

    return FilteringProxy(allows_private, proxy_of(None, crawl))


def _shooting(way: capture.Way, pictures: bool) -> capture.Picture:
    return (lambda url: capture.picture(url, way)) if pictures else _none


def _none(url: str) -> bytes:
    raise capture.Refused("No picture was asked for.")
