"""Filters of an address: joined by further ones, and shown each with its word and the address without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import day_of, day_start, iso
from fengping.indexer import Filter
from fengping.indexer.search import And, Expression, Keyword, Not, Or, render
from fengping.reports.wording import Figure, Text
from fengping.web.asking import FIELDS
from fengping.web.rendering import address
from fengping.web.showing import CHANNELS, issue_names

Params = Mapping[str, Sequence[str]]
_WORDS = {"neg": "负面", "neu": "中性", "pos": "正面", **CHANNELS}
_WORD_OF = {"group": "同文"}
_PARAMS = {field: name for name, field in FIELDS.items()}


def narrowed(params: Params) -> dict[str, Sequence[str]]:
    """The parameters of *params* that select documents, without those that are empty."""
    given = {name: params.get(name, ()) for name in ("q", "since", "until", *FIELDS)}
    return {name: kept for name, values in given.items() if (kept := [value for value in values if value])}


def within(params: Params, **values: str) -> dict[str, Any]:
    """*params* narrowed to documents that have *values* as well, by the names of filters.

    Several values of one filter are alternatives: a second condition on its field goes into the query.
    """
    made: dict[str, Any] = dict(params)
    further = []
    for name, value in values.items():
        if value in params.get(name, [value]):
            made[name] = [value]
        else:
            further.append(Keyword(FIELDS[name], value))
    query = joined("".join(params.get("q", ())), *further)
    return made | ({"q": [query]} if query else {})


def joined(query: str, *further: Expression) -> str:
    """*query* as it was written, and each of *further*."""
    if not further:
        return query
    more = render(And(further))
    return f"({query}) {more}" if query else more


def as_query(params: Params) -> str:
    """All that *params* select documents by, in the words of the query language."""
    given = narrowed(params)
    text = "".join(given.pop("q", ()))
    times = [f"{name}:{value}" for name in ("since", "until") for value in given.pop(name, ())]
    chosen = [
        alternatives[0] if len(alternatives) == 1 else Or(alternatives)
        for name, values in given.items()
        if (alternatives := tuple(Keyword(FIELDS[name], value) for value in values))
    ]
    further = [*([render(And(tuple(chosen)))] if chosen else ()), *times]
    return " ".join([f"({text})" if text and further else text, *further]).strip()


def window(start: datetime, end: datetime) -> dict[str, str | None]:
    """The time from *start* to before *end*, by whole days where it is such."""
    if day_start(day_of(start)) == start and day_start(day_of(end)) == end:
        return {"since": str(day_of(start)), "until": str(day_of(end - timedelta(days=1)))}
    return {"since": iso(start), "until": iso(end)}


def listing(where: Filter, query: str) -> str:
    """The address of the search that lists what *where* selects, whose text is *query* as it was written."""
    given: dict[str, Any] = {_PARAMS[name]: list(v) for name, v in where.where.items() if name in _PARAMS}
    rest: list[Expression] = [
        Or(tuple(Keyword(name, value) for value in values))
        for name, values in where.where.items()
        if name not in _PARAMS
    ]
    rest += [Not(Keyword(name, value)) for name, values in where.exclude.items() for value in values]
    assert where.since and where.until
    return address("/search", given, q=joined(query, *rest), **window(where.since, where.until))


_NO_SUCH_LIST = frozenset({"distinct texts", "histogram"})
"""Operations of which a figure is none of the number of documents that its search lists."""


def cited(sentence: Text) -> list[tuple[str, str, str]]:
    """A sentence of a report in pieces: the text, of a figure also what it counts and the address of the
    search that lists the documents it was counted from; empty where no search lists them."""
    pieces = []
    for run in sentence:
        fact = run.fact if isinstance(run, Figure) else None
        where = fact.query.where if fact and fact.query.op not in _NO_SUCH_LIST else None
        listed = where and where.since and where.until and not where.ranges and not where.indexed_since
        to = listing(where, render(where.text)) if where and listed else ""
        pieces.append((str(run), fact.label if fact else "", to))
    return pieces


def toggled(path: str, params: Params, name: str, value: str) -> str:
    """The address with *value* among those of *name*, or without it where it is one of them."""
    given = params.get(name, ())
    rest = [one for one in given if one != value] if value in given else [*given, value]
    return address(path, {**params, name: rest})


def word_of(name: str, value: str) -> str:
    """The word for a value of a filter."""
    if name == "issue":
        return f"{value} {issue_names().get(value, '')}".strip()
    return _WORD_OF.get(name) or _WORDS.get(value, value)


def chips(path: str, params: Params) -> list[tuple[str, str]]:
    """Filters in use, each with the address without it."""
    found = [
        (word_of(name, value), toggled(path, params, name, value))
        for name in FIELDS
        for value in params.get(name, ())
        if value
    ]
    found += [
        (f"{word} {params[name][0]}", address(path, {**params, name: ()}))
        for name, word in (("since", "自"), ("until", "至"))
        if params.get(name, [""])[0]
    ]
    return found
