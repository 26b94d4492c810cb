"""Conditions in an address: taken along, joined by further ones, taken away one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request

from fengping.clock import day_of, day_start, iso
from fengping.indexer import Filter
from fengping.indexer.search.query.tree import And, Expression, Keyword, Not, Or, render
from fengping.web.asking import FIELDS
from fengping.web.rendering import address
from fengping.web.showing import CHANNELS, issue_names

Conditions = Mapping[str, Sequence[str]]
_WORDS = {"neg": "负面", "neu": "中性", "pos": "正面", **CHANNELS}
_WORD_OF = {"group": "同文"}
_PARAMS = {field: name for name, field in FIELDS.items()}


def conditions(request: Request) -> dict[str, list[str]]:
    """The question of an address by its parameters, without those that are empty."""
    given = {name: request.query_params.getlist(name) for name in ("q", "since", "until", *FIELDS)}
    return {name: kept for name, values in given.items() if (kept := [value for value in values if value])}


def narrowed(given: Conditions, /, **values: str) -> dict[str, Any]:
    """*given* with each of *values*, by parameters, as a further condition.

    Values of one parameter are alternatives, so that a second condition on its field goes into the query.
    """
    made: dict[str, Any] = dict(given)
    further = []
    for name, value in values.items():
        if value in given.get(name, [value]):
            made[name] = [value]
        else:
            further.append(Keyword(FIELDS[name], value))
    return made | {"q": joined("".join(given.get("q", ())), *further)}


def joined(query: str, *further: Expression) -> str:
    """*query* as it was written, and each of *further*."""
    if not further:
        return query
    more = render(And(further))
    return f"({query}) {more}" if query else more


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


def toggled(path: str, params: Conditions, name: str, value: str) -> str:
    """The address with *value* as a further alternative of *name*, or without it where it is one."""
    given = params.get(name, [])
    rest = [one for one in given if one != value] if value in given else [*given, value]
    return address(path, {**params, name: rest})


def label(name: str, value: str) -> str:
    """The words for a condition."""
    if name == "issue":
        return f"{value} {issue_names().get(value, '')}".strip()
    return _WORD_OF.get(name) or _WORDS.get(value, value)


def chips(path: str, params: Conditions) -> list[tuple[str, str]]:
    """The conditions of an address, each with the address without it."""
    found = [
        (label(name, value), toggled(path, params, name, value))
        for name in FIELDS
        for value in params.get(name, [])
        if value
    ]
    found += [
        (f"{word} {params[name][0]}", address(path, {**params, name: []}))
        for name, word in (("since", "自"), ("until", "至"))
        if params.get(name, [""])[0]
    ]
    return found
