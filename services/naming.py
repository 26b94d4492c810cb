"""Names of a host tried on stored documents before they are kept: where each would count, and where not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fengping.analysis import HostRegistry, Lexicon
from fengping.analysis.hosts import Host
from fengping.analysis.text import spellings
from fengping.clock import day_of
from fengping.errors import UsageError, did_you_mean
from fengping.home import Home
from fengping.indexer import Filter, Sort, Store
from fengping.indexer.rejudging import Rejudged
from fengping.indexer.search import Expression, Or, Term
from fengping.indexer.search.versions import left_by
from fengping.models import Document
from fengping.services import rejudging
from fengping.services.hosts import checked_host, load_registry

LOOKED = 200
"""Newest documents looked at for each name."""
SHOWN = 12
AROUND = 24
LONGER = "part of a longer name"


@dataclass(frozen=True, slots=True)
class Place:
    """A name where it stands in a document."""

    document: Document
    before: str
    name: str
    after: str
    refused: str
    """Reason why it would not count; empty where it would."""


@dataclass(frozen=True, slots=True)
class TriedName:
    """One name over the newest documents that contain it."""

    name: str
    documents: int
    """All stored documents that contain its letters."""
    looked: int
    counted: int
    """Places where it would count as this host, among the documents looked at."""
    refused: Mapping[str, int]
    """Reasons, and places where it stands and would not count."""
    places: Sequence[Place]


@dataclass(frozen=True)
class TriedHost:
    """A host as it would be, and each of its names on real posts."""

    host: Host
    known: bool
    """True where the registry has one of this name already, to which the names are added."""
    names: Sequence[TriedName]


def try_host(home: Home, store: Store, table: Mapping[str, Any], ambiguous: Sequence[str]) -> TriedHost:
    """Each name of a new host, or each further name, on the newest documents that contain it; keeps nothing.

    Raises as :func:`fengping.services.hosts.add_host`.
    """
    registry = load_registry(home)
    known = registry.by_name
    new = checked_host(registry, table, ambiguous)
    lexicon = Lexicon(registry.joined(new))
    names = _new_names(new, registry)
    return TriedHost(new, new.name in known, [_tried(store, lexicon, new.name, name) for name in names])


def audited(home: Home, store: Store, name: str, since: datetime, until: datetime) -> list[TriedName]:
    """Each name of a registered host in a window, on the newest documents of it that contain it.

    Raises :class:`UsageError` for a host that the registry does not know.
    """
    registry = load_registry(home)
    host = registry.find(name)
    lexicon = Lexicon(registry)
    names = dict.fromkeys((*host.sure(), *host.ambiguous, *host.handles))
    return [_tried(store, lexicon, host.name, one, since, until) for one in names]


def spoken_of(home: Home, name: str) -> Filter:
    """Documents in which a name of a registered host stands, in either script, counted as it or not.

    Raises :class:`UsageError` for a host that the registry does not know.
    """
    known = load_registry(home).by_name
    if (host := known.get(name)) is None:
        raise UsageError(f"Unknown host {name!r}.", remedy=did_you_mean(name, known))
    return Filter(
        text=_standing(*host.sure(), *host.ambiguous, *host.handles, *(one.alias for one in host.dated))
    )


def _standing(*names: str) -> Expression:
    """One of the names in the text, in either script."""
    terms = tuple(Term(way) for way in dict.fromkeys(way for one in names for way in spellings(one)))
    return terms[0] if len(terms) == 1 else Or(terms)


def waiting(home: Home, store: Store, name: str) -> int:
    """Number of those documents that another registry judged than the one as it is now."""
    version = load_registry(home).version
    return left_by(store, spoken_of(home, name), lambda model: version in model.split("+"))


def judge_anew(home: Home, name: str) -> Rejudged:
    """Judges those documents by the registry as it is now; corrections stay. Raises as the indexer does."""
    return rejudging.rejudge(home, spoken_of(home, name)).done


def _new_names(host: Host, registry: HostRegistry) -> list[str]:
    before = registry.by_name.get(host.name)
    old = {*before.sure(), *before.ambiguous} if before else set()
    names = dict.fromkeys((*host.sure(), *host.ambiguous, *host.handles))
    return [name for name in names if name not in old]


def _tried(
    store: Store,
    lexicon: Lexicon,
    owner: str,
    name: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> TriedName:
    where = Filter(text=_standing(name), since=since, until=until)
    found = store.search(where, limit=LOOKED, sort=Sort.NEWEST)
    places = list(_places(found.documents, lexicon, owner, name))
    refused: dict[str, int] = {}
    for place in places:
        if place.refused:
            refused[place.refused] = refused.get(place.refused, 0) + 1
    good = [place for place in places if not place.refused]
    bad = [place for place in places if place.refused]
    shown = [*good[: SHOWN - min(len(bad), SHOWN // 2)], *bad[: SHOWN // 2]]
    return TriedName(name, found.total, len(found.documents), len(good), refused, shown)


def _places(documents: Sequence[Document], lexicon: Lexicon, owner: str, name: str) -> Iterator[Place]:
    """The first place in each document where *name* is read as *owner*, or refused to be."""
    ways = spellings(name)
    for document in documents:
        content = document.raw.content
        at = document.raw.published_at
        for mention in lexicon.audit(content, day_of(at) if at else None):
            if mention.name == owner and mention.alias.casefold() == name.casefold():
                start, end = mention.start, mention.end
                yield Place(
                    document,
                    " ".join(content[max(0, start - AROUND) : start].split()),
                    content[start:end],
                    " ".join(content[end : end + AROUND].split()),
                    mention.refused,
                )
                break
        else:
            folded = content.casefold()
            start = max(0, *(folded.find(way.casefold()) for way in ways))
            end = start + len(name)
            around = content[max(0, start - AROUND) : start], content[end : end + AROUND]
            yield Place(document, around[0], content[start:end], around[1], LONGER)
