"""Templates of addresses: ``{page}``, ``{keyword}``, ``{date}``, ``{since}``, ``{until}``, ``{cursor}``
and an entry's own fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from urllib.parse import quote

from fengping.errors import did_you_mean

_SLOT = re.compile(r"\{([a-z_]+)(?::([^{}]*))?\}")
KNOWN = ("page", "keyword", "date", "since", "until", "cursor")


def names_in(template: str) -> set[str]:
    """Names of the slots of a template."""
    return {match[1] for match in _SLOT.finditer(template)}


def check_template(template: str, known: Sequence[str] = KNOWN) -> None:
    """Raises ``ValueError`` with a suggestion for a slot that is never filled."""
    for name in sorted(names_in(template)):
        if name not in known:
            raise ValueError(f"{template!r} holds {{{name}}}. {did_you_mean(name, known)}")


def fill(template: str, values: Mapping[str, object]) -> str:
    """*template* with the slots in *values* filled; other slots stay.

    A text is percent-encoded, ``{keyword:gbk}`` in that encoding; ``{date:%Y%m%d}`` formats a day,
    ``{since:%Y-%m-%d-%H}`` a moment, on the clocks it is given in.
    """

    def put(match: re.Match[str]) -> str:
        name, form = match[1], match[2]
        if name not in values:
            return match[0]
        value = values[name]
        if isinstance(value, date):
            return value.strftime(form or "%Y-%m-%d")
        return quote(str(value), safe="", encoding=form or "utf-8", errors="replace")

    return _SLOT.sub(put, template)


def expand(
    template: str, *, keywords: Sequence[str], days: Sequence[date]
) -> Iterator[tuple[str, dict[str, object]]]:
    """Each filling of ``{keyword}`` and ``{date}``, with its values; ``{page}`` and ``{cursor}`` stay."""
    names = names_in(template)
    words: Sequence[object] = keywords if "keyword" in names else ("",)
    dates: Sequence[object] = days if "date" in names else ("",)
    for word, day in product(words, dates):
        values: dict[str, object] = {}
        if "keyword" in names:
            values["keyword"] = word
        if "date" in names:
            values["date"] = day
        yield fill(template, values), values
