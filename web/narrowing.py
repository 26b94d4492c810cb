"""Filters of an address as a page shows them: each with its word, and the address without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fengping.web.asking import FIELDS
from fengping.web.rendering import address
from fengping.web.showing import CHANNELS, issue_names

Params = Mapping[str, Sequence[str]]
_WORDS = {"neg": "负面", "neu": "中性", "pos": "正面", **CHANNELS}
_WORD_OF = {"group": "同文"}


def narrowed(params: Params) -> dict[str, Sequence[str]]:
    """The parameters of *params* that select documents."""
    return {name: params[name] for name in ("q", "since", "until", *FIELDS) if name in params}


def within(params: Params, **values: str) -> dict[str, Any]:
    """*params* narrowed to documents that have *values* as well, by the names of filters."""
    made: dict[str, Any] = dict(params)
    for name, value in values.items():
        if any(made.get(name, ())):  # several values of one filter select documents that have any of them
            query = next(iter(made.get("q", ())), "")
            made["q"] = [f'{f"({query}) " if query else ""}{FIELDS[name]}:"{value}"']
        else:
            made[name] = [value]
    return made


def toggled(path: str, params: Params, name: str, value: str) -> str:
    """The address with *value* among those of *name*, or without it where it is one of them."""
    given = params.get(name, ())
    rest = [one for one in given if one != value] if value in given else [*given, value]
    return address(path, {**params, name: rest})


def word_of(name: str, value: str) -> str:
    """The word for a value of a filter."""
    return f"{value} {issue_names().get(value, '')}".strip() if name == "issue" else _WORDS.get(value, value)


def chips(path: str, params: Params) -> list[tuple[str, str]]:
    """Filters in use, each with the address without it."""
    found = [
        (_WORD_OF.get(name) or word_of(name, value), toggled(path, params, name, value))
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
