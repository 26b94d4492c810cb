"""The agencies of the hosts whom a report is on: an authority orders the firm, and names the host nowhere."""

from __future__ import annotations

from dataclasses import replace

from fengping.indexer import Filter
from fengping.indexer.search.query.tree import Keyword, Or, Term
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.model import Window


def agencies_in(ask: Counter, window: Window) -> tuple[str, ...]:
    """Those that spoke for a host of the scope in a month of *window*."""
    first, last = f"{window.first:%Y-%m}", f"{window.last:%Y-%m}"
    return tuple(
        one.name
        for host in ask.subjects
        for one in ask.forms.spoken_for.get(host, ())
        if one.valid_from <= last and first <= (one.valid_to or last)
    )


def with_agencies(ask: Counter, selected: Filter, agencies: tuple[str, ...]) -> Filter:
    """The documents *selected* of the hosts of the scope, and all that name one of *agencies*."""
    if not agencies:
        return selected
    hosts = (Keyword("hosts", host) for host in ask.subjects)
    where = {key: names for key, names in selected.where.items() if key != "hosts"}
    return replace(selected, where=where).holding(Or((*hosts, *map(Term, agencies))))
