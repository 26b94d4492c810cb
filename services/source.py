"""Sources of a home: listed, watched, logged in to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fengping.clock import going_on, local
from fengping.delivery import Book, Message, Outbox, Severity, deliver_due, escape
from fengping.errors import ConfigError, UsageError, did_you_mean
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.sentences import plain
from fengping.services.hosts import load_registry
from fengping.spiders import Catalogue, Source, health
from fengping.spiders.health import Day, Notice, Standing, Usual


@dataclass(frozen=True)
class Listed:
    """A source as the catalogue has it."""

    source: Source
    on: bool
    """True if it is crawled."""
    own: bool
    """True if its file lies in the home."""


@dataclass(frozen=True)
class Listing:
    """Every source of a home, by name, and the files that cannot be read."""

    sources: Sequence[Listed]
    broken: dict[str, ConfigError]


@dataclass(frozen=True)
class Notified:
    """Outcome of a check of the sources."""

    notices: Sequence[Notice]
    """New ones."""
    refused: str = ""
    """Reason why a channel did not take one, which waits."""


def listing(home: Home) -> Listing:
    """The home's own sources and those that ship."""
    catalogue = Catalogue.load(home)
    active = set(catalogue.active())
    rows = [
        Listed(found, name in active, name in catalogue.own) for name, found in sorted(catalogue.all.items())
    ]
    return Listing(rows, catalogue.broken)


def check_names(home: Home, store: Store, names: Sequence[str]) -> None:
    """Raises :class:`UsageError` for a source that *home* has not, and no document of *store* came from."""
    catalogue = Catalogue.load(home)
    known = {*catalogue.all, *catalogue.broken}
    for name in names:
        if name not in known and not store.count(Filter(where={"source": (name,)})):
            stored = (source for source, _ in store.terms(Filter(), "source"))
            raise UsageError(f"Unknown source {name!r}.", remedy=did_you_mean(name, known.union(stored)))


def standings(home: Home, now: datetime, names: Sequence[str] = ()) -> list[Standing]:
    """Health of the enabled sources (or *names*). Writes nothing."""
    return health.standings(home, now, names)


def notify(home: Home, now: datetime, clock: datetime) -> Notified:
    """Remembers how the sources are, and writes every notice down for the names of ``crawl.notify``. One that
    no route takes waits for one that does, and is dropped where a newer one of its source waits too.

    *clock* is the present moment, by which is sent; what a channel refuses waits in the outbox.
    """
    present = going_on(clock)
    made = health.check(home, now)
    outbox = Outbox.open(home)
    waiting, numbers = health.untold(home), defaultdict[str, list[int]](list)
    for number, notice in waiting.items():
        numbers[notice.source].append(number)
    for source, untold in numbers.items():
        number = untold[-1]
        notice = waiting[number]
        message = _message(home, source, f"{notice.to_record()['at']} {number}")
        since = f"（{local(notice.at):%m-%d %H:%M}）" if notice.at < now else ""
        message = replace(message, lines=(escape(plain(notice.sentence, lang="zh") + since),))
        to = outbox.book.receivers(home.config.crawl.notify, message, clock)
        if to.places or to.dropped or not home.config.crawl.notify:
            outbox.post(message, to, clock)
            for one in untold:
                health.told(home, one, now)
    delivery = deliver_due(home, present())
    return Notified(made, " ".join(delivery.sentences))


def told_at_once(home: Home, sources: Sequence[str], now: datetime) -> set[tuple[str, str]]:
    """Channels and addresses that get the notices of each of *sources* at *now*."""
    book, to = Book.load(home), home.config.crawl.notify
    places = (book.receivers(to, _message(home, one, ""), now).places for one in sources)
    return set.intersection(*({place for place, at in one.items() if at <= now} for one in places))


def _message(home: Home, source: str, number: str) -> Message:
    """The notice of a source, without what it says."""
    return Message(
        key=f"source {source} {number}",
        subject=f"【采集】{source}",
        severity=Severity.WARNING,
        labels={"source": (source,)},
        link=home.config.serve.link("sources", source),
    )


def last_day(standing: Standing) -> tuple[Day, Usual] | None:
    """The last day with a run, and what was usual in documents before it; ``None`` for no run at all."""
    active = [day for day in standing.days if day.runs]
    if not active:
        return None
    return active[-1], health.usual(active, active[-1].day, attrgetter("documents"))


def usual_of(standing: Standing, numbers: Sequence[str]) -> dict[str, Usual]:
    """Mean and σ of each number over the 28 days before the last day with a run; empty for no run."""
    active = [day for day in standing.days if day.runs]
    if not active:
        return {}
    return {number: health.usual(active, active[-1].day, attrgetter(number)) for number in numbers}


async def login(home: Home, name: str, url: str | None, until: Callable[[Any], Awaitable[None]]) -> Path:
    """Opens a visible browser and saves the login when *until* is done; where it was saved.

    *name* is a browser source, or the session that one names. Raises :class:`UsageError` for neither.
    """
    from fengping.spiders.browser import sessions
    from fengping.spiders.framework import FilteringProxy, proxy_of
    from fengping.spiders.framework.politeness import allow_private

    source, session, site = _session(Catalogue.load(home), name)
    crawl = home.config.crawl
    with FilteringProxy(lambda host: allow_private(source, crawl), proxy_of(source, crawl)) as proxy:
        return await sessions.login(home, session, url or site, until, proxy)


def take_login(home: Home, name: str, file: Path) -> Path:
    """Saves a browser state made elsewhere (Playwright's ``storage_state``); where it was saved.

    Raises :class:`UsageError` for a file that holds none, and for one without a cookie of the site.
    """
    from fengping.spiders.browser import sessions

    _, session, site = _session(Catalogue.load(home), name)
    return sessions.take(home, session, site, file)


def plan_words(home: Home, names: str, beside: str) -> list[str]:
    """The words of a plan: *names* each with each of *beside*.

    *names* is ``hosts`` (the registry), words with commas, or ``@FILE``, one a line. Raises
    :class:`UsageError` for a file that is not there, or no word at all.
    """
    if names == "hosts":
        found = [host.name for host in load_registry(home).hosts]
    elif names.startswith("@"):
        path = Path(names[1:])
        if not path.is_file():
            raise UsageError(f"{path} does not exist.", remedy="Write a name a line into it.")
        found = path.read_text(encoding="utf-8-sig").splitlines()
    else:
        found = names.replace("，", ",").split(",")
    words = [word.strip() for word in found if word.strip()]
    if not words:
        raise UsageError("No search words.", remedy="Name words with --names, or hosts.")
    others = [word.strip() for word in beside.replace("，", ",").split(",") if word.strip()]
    return list(dict.fromkeys(f"{word} {other}".strip() for word in words for other in others or [""]))


def _session(catalogue: Catalogue, name: str) -> tuple[Source, str, str]:
    """The source and the session that *name* stands for, and the front page of its site."""
    known = {}
    for found in catalogue.all.values():
        if found.browser is not None and found.browser.session:
            parts = urlsplit(found.urls[0])
            entry = (found, found.browser.session, f"{parts.scheme}://{parts.hostname}/")
            known[found.name] = known[found.browser.session] = entry
    if name not in known:
        remedy = did_you_mean(name, known) if known else "Name a session in a source's [browser] table."
        raise UsageError(f"No source uses a login {name!r}.", remedy=remedy)
    return known[name]
