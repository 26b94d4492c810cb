"""A question in an address, by the names that the commands use."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query

from fengping.errors import UsageError
from fengping.indexer import Filter, Store
from fengping.services.overview import newest_day
from fengping.services.search import Asked
from fengping.web.desk import AtDesk, Desk

FIELDS = {
    "host": "hosts",
    "issue": "issues",
    "polarity": "polarity",
    "platform": "platforms",
    "channel": "channel",
    "source": "source",
    "accused": "negative_hosts",
    "accused_brand": "negative_brands",
    "event": "event",
    "tag": "tags",
    "group": "group",
}
"""Parameters that select by a field, each with the field's name."""

Values = Annotated[list[str], Query()]
MAX_QUERY = 4000


def question(
    desk: AtDesk,
    q: Annotated[str, Query(max_length=MAX_QUERY, description="What to look for; nothing means all.")] = "",
    since: Annotated[str, Query(description="First day or time.")] = "",
    until: Annotated[str, Query(description="Last day (included) or end time.")] = "",
    host: Values = [],  # noqa: B006  FastAPI copies it
    issue: Values = [],  # noqa: B006
    polarity: Values = [],  # noqa: B006
    platform: Values = [],  # noqa: B006
    channel: Values = [],  # noqa: B006
    source: Values = [],  # noqa: B006
    accused: Values = [],  # noqa: B006
    accused_brand: Values = [],  # noqa: B006
    event: Values = [],  # noqa: B006
    tag: Values = [],  # noqa: B006
    group: Values = [],  # noqa: B006
) -> Asked:
    """The question that an address asks."""
    given = {
        "hosts": host,
        "issues": issue,
        "polarity": polarity,
        "platforms": platform,
        "channel": channel,
        "source": source,
        "negative_hosts": accused,
        "negative_brands": accused_brand,
        "event": event,
        "tags": tag,
        "group": group,
    }
    where = {field: tuple(value for value in values if value) for field, values in given.items()}
    return Asked(q, since or None, until or None, {f: v for f, v in where.items() if v}, desk.now())


Question = Annotated[Asked, Depends(question)]


def chosen(value: str, known: Collection[str], key: str) -> str:
    """*value* of the parameter *key*; raises :class:`UsageError` where the page offers no such choice."""
    if value not in known:
        raise UsageError(f"There is no {key} {value!r}.", remedy="Choose one of the form.")
    return value


From = Annotated[int, Query(ge=0, le=1_000_000_000, description="Rows of a list before the first shown.")]
Days = Annotated[int, Query(ge=1, le=3660)]


def windowed(desk: Desk, store: Store, asked: Asked, days: int) -> Asked:
    """*asked* within a window: its own, or the last *days* up to the newest post."""
    if asked.since or asked.until:
        return asked
    latest = newest_day(store, Filter(until=desk.now()))
    if latest is None:
        return asked
    first = latest - timedelta(days=days - 1)
    return replace(asked, since=str(first), until=str(latest))
