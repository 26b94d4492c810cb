"""Saved queries of a home: kept under a name, each understood before it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fengping.errors import UsageError, did_you_mean
from fengping.home import Home
from fengping.indexer.search.query.describe import describe
from fengping.indexer.search.query.lookup import Lookup
from fengping.indexer.search.query.parser import parse
from fengping.indexer.search.query.saved import SavedQueries, SavedQuery
from fengping.indexer.search.query.tree import Expression, render

_NAME = re.compile(r"[^\W_][\w.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Understood:
    """A query and its meaning."""

    tree: Expression | None
    written: str
    """In full and in one form, word lists and saved queries filled in."""
    chinese: str
    english: str


def understand(
    home: Home, text: str, now: datetime, stored: Callable[[str, str], bool] | None = None
) -> Understood:
    """The meaning of *text* in *home*; raises :class:`UsageError` with the place of a mistake.

    *stored* says whether a document holds a value that no registry knows.
    """
    return _understood(parse(text, Lookup(home, now, stored=stored)))


def _understood(tree: Expression | None) -> Understood:
    return Understood(tree, render(tree), describe(tree, "zh"), describe(tree, "en"))


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


def save(home: Home, name: str, text: str, now: datetime, note: str = "") -> Understood:
    """Keeps *text* under *name*, in the place of an earlier one, where it can be understood."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a query.", remedy="Use letters, characters and digits, 64 at most."
        )
    queries = {one.name: one.text for one in saved(home)} | {name: text}
    understood = _understood(parse(f'query:"{name}"', Lookup(home, now, queries=queries)))
    SavedQueries(home).put(SavedQuery(name, text, note, now))
    return understood


def remove(home: Home, name: str, now: datetime) -> None:
    """Removes a saved query; raises :class:`UsageError` where there is none, or another one needs it."""
    find(home, name)
    rest = {one.name: one.text for one in saved(home) if one.name != name}
    for other, text in rest.items():
        try:
            parse(text, Lookup(home, now, queries=rest))
        except UsageError as error:
            if f"saved query {name!r}" in error.message:
                raise UsageError(
                    f"The saved query {other!r} needs {name!r}.", remedy="Change it first."
                ) from None
    SavedQueries(home).remove(name)
