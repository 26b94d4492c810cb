"""Templates of addresses and bodies: ``{page}``, ``{keyword}``, ``{date}``, ``{since}``, ``{until}``,
``{cursor}`` and an entry's own fields."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import product
from urllib.parse import quote

from fengping.clock import SHANGHAI
from fengping.errors import did_you_mean

_SLOT = re.compile(r"\{([a-z_]+)(?::([^{}]*))?\}")
_PLACED = re.compile(r"""(?<=["'=:,]){([a-z_]+)(?::[^{}]*)?}""")
_JSON = re.compile(r"""\s*(?:\[|{\s*")""")
KNOWN = ("page", "keyword", "date", "since", "until", "cursor")


def names_in(template: str) -> set[str]:
    """Names of the slots of a template."""
    return {match[1] for match in _SLOT.finditer(template)}


def check_template(template: str, known: Sequence[str] = KNOWN) -> None:
    """Raises ``ValueError`` with a suggestion for a slot that is never filled."""
    _check(template, names_in(template), known)


def check_body(body: str) -> None:
    """:func:`check_template` for a request's body, in which braces may also stand for themselves: only
    what stands where a value does is taken for a slot."""
    _check(body, {match[1] for match in _PLACED.finditer(body)}, KNOWN)


def _check(template: str, names: Collection[str], known: Sequence[str]) -> None:
    for name in sorted(names):
        if name not in known:
            raise ValueError(f"{template!r} holds {{{name}}}. {did_you_mean(name, known)}")


def is_json(body: str) -> bool:
    """True if a request's body is JSON and not a form."""
    return _JSON.match(body) is not None


def fill(template: str, values: Mapping[str, object]) -> str:
    """*template* with the slots in *values* filled; other slots stay.

    A text is percent-encoded, ``{keyword:gbk}`` in that encoding; ``{date:%Y%m%d}`` formats a day,
    ``{since:%Y-%m-%d-%H}`` a moment, on the clocks it is given in, ``%s`` in seconds since 1970.
    """
    return _fill(template, values, _quote)


def fill_body(body: str, values: Mapping[str, object]) -> str:
    """:func:`fill` for a request's body: in JSON a text keeps its characters and is escaped as JSON asks."""
    return _fill(body, values, _escape if is_json(body) else _quote)


def _fill(template: str, values: Mapping[str, object], put_text: Callable[[str, str], str]) -> str:
    def put(match: re.Match[str]) -> str:
        name, form = match[1], match[2]
        if name not in values:
            return match[0]
        value = values[name]
        if isinstance(value, date):
            return _moment(value, form or "%Y-%m-%d")
        return put_text(str(value), form or "utf-8")

    return _SLOT.sub(put, template)


def _moment(value: date, form: str) -> str:
    # The platform's own %s would count from the clocks of this machine.
    start = value if isinstance(value, datetime) else datetime.combine(value, time(), SHANGHAI)
    return value.strftime(form.replace("%s", str(int(start.timestamp()))))


def _quote(text: str, encoding: str) -> str:
    return quote(text, safe="", encoding=encoding, errors="replace")


def _escape(text: str, encoding: str) -> str:
    # A brace of the text must not look like a slot when the page number is filled in.
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("{", "\\u007b")


def fillings(
    names: Collection[str], *, keywords: Sequence[str], days: Sequence[date]
) -> Iterator[dict[str, object]]:
    """Each combination of values for ``{keyword}`` and ``{date}``, as far as *names* asks for them."""
    given: dict[str, Sequence[object]] = {"keyword": keywords, "date": days}
    asked = [name for name in given if name in names]
    for values in product(*(given[name] for name in asked)):
        yield dict(zip(asked, values, strict=True))
