"""The agencies of hosts: an authority orders the firm, and names the host nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from fengping.indexer import Filter
from fengping.indexer.search import Keyword, Or, Term
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.model import Window
from fengping.reports.facts.naming import Forms


def agencies_of(forms: Forms, host: str, first: date, last: date) -> Iterator[str]:
    """Those that spoke for *host* in a month from that of *first* to that of *last*."""
    begin, end = f"{first:%Y-%m}", f"{last:%Y-%m}"
    for one in forms.spoken_for.get(host, ()):
        if one.valid_from <= end and begin <= (one.valid_to or end):
            yield one.name


def agencies_in(ask: Counter, window: Window) -> tuple[str, ...]:
    """Those that spoke for a host of the scope in a month of *window*."""
    return tuple(
        name for host in ask.subjects for name in agencies_of(ask.forms, host, window.first, window.last)
    )


def with_agencies(ask: Counter, selected: Filter, agencies: tuple[str, ...]) -> Filter:
    """The documents *selected* of the hosts of the scope, and all that name one of *agencies*."""
    if not agencies:
        return selected
    hosts = (Keyword("hosts", host) for host in ask.subjects)
    where = {key: names for key, names in selected.where.items() if key != "hosts"}
    return replace(selected, where=where).holding(Or((*hosts, *map(Term, agencies))))
