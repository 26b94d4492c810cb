"""Saved queries of a home: kept under a name, each understood before it is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from fengping.errors import UsageError, did_you_mean
from fengping.home import Home
from fengping.indexer import Store
from fengping.indexer.search import Expression, SavedQueries, SavedQuery, describe, parse, render
from fengping.indexer.search.query.freezing import frozen
from fengping.services.lookup import lookup
from fengping.services.stores import the_store

_NAME = re.compile(r"[^\W_][\w.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Understood:
    """A query and its meaning."""

    tree: Expression | None
    written: str
    """In full and in one form, word lists and saved queries filled in."""
    chinese: str
    english: str


def understand(home: Home, text: str, now: datetime, store: Store | None = None) -> Understood:
    """The meaning of *text* in *home*; raises :class:`UsageError` with the place of a mistake."""
    with the_store(home, store) as opened:
        return _understood(parse(text, lookup(home, now, opened)))


def _understood(tree: Expression | None) -> Understood:
    return Understood(tree, render(tree), describe(tree, "zh"), describe(tree, "en"))


def fixed(home: Home, text: str, now: datetime) -> str:
    """*text* with the times that it counts back from *now* written out, those of saved queries as well."""
    return frozen(text, now, lambda name: find(home, name).text)


def saved(home: Home) -> list[SavedQuery]:
    """All saved queries, by name."""
    return SavedQueries(home).all()


def find(home: Home, name: str) -> SavedQuery:
    """The saved query of that name; raises :class:`UsageError` with the nearest."""
    known = {one.name: one for one in saved(home)}
    if name not in known:
        remedy = did_you_mean(name, known) if known else "Save one with: fengping query save NAME QUERY"
        raise UsageError(f"Unknown saved query {name!r}.", remedy=remedy)
    return known[name]


def save(
    home: Home, name: str, text: str, now: datetime, note: str = "", store: Store | None = None
) -> Understood:
    """Keeps *text* under *name*, in the place of an earlier one, where it can be understood."""
    check_name(name)
    queries = {one.name: one.text for one in saved(home)} | {name: text}
    with the_store(home, store) as opened:
        known = lookup(home, now, opened).with_queries(queries)
        understood = _understood(parse(f'query:"{name}"', known))
    SavedQueries(home).put(SavedQuery(name, text, note, now))
    return understood


def check_name(name: str) -> None:
    """Raises :class:`UsageError` for what cannot name a query."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a query.", remedy="Use letters, characters and digits, 64 at most."
        )
