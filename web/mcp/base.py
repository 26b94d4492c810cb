"""Things that every tool has at hand: the home, the clock, links, coverage; and the way refusals are told."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ParamSpec
from urllib.parse import urlencode

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from fengping.clock import iso
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import Filter
from fengping.services.report import coverage
from fengping.services.search import Asked, describe
from fengping.visible import visible
from fengping.web.mcp.answers import fenced

Query = Annotated[
    str, Field(description="Query; empty means everything. host:李佳琦 退款 OR 假货, NEAR/5(a b), class:C03")
]
Day = Annotated[str | None, Field(description="YYYY-MM-DD in Chinese time; resolve_dates gives it.")]
Next = Annotated[str | None, Field(description="The `next` of the answer before, for the rows that follow.")]

P = ParamSpec("P")


@dataclass(frozen=True)
class Desk:
    """One home, asked by an assistant."""

    home: Home
    clock: Callable[[], datetime]
    console: str
    """Address of the console, for links."""

    def asked(self, query: str, since: str | None, until: str | None) -> Asked:
        return Asked(query, since or None, until or None, now=self.clock())

    def frame(self, asked: Asked, where: Filter, hints: Sequence[str] = ()) -> dict[str, Any]:
        """The company of every number: the question as understood, its coverage, a link to its documents."""
        return {
            "query": describe(where),
            **({"hints": [fenced(hint) for hint in hints]} if hints else {}),
            "coverage": self.coverage(where.since, where.until),
            "link": self.link("search", q=asked.query, since=asked.since, until=asked.until),
        }

    def link(self, page: str, **asked: str | None) -> str:
        """An address of the console."""
        given = urlencode({name: value for name, value in asked.items() if value})
        return f"{self.console.rstrip('/')}/{page}{f'?{given}' if given else ''}"

    def coverage(self, since: datetime | None, until: datetime | None) -> dict[str, Any]:
        """Days and sources missing from a window; unknown for an open one and for imported documents."""
        found = coverage(self.home, since, until, self.clock()) if since and until else None
        if found is None:
            return {"known": False}
        return {
            "known": True,
            "missing_days": [day.isoformat() for day in found.missing_days],
            "sources_not_ok": [
                {"source": one.name, "state": one.state} for one in found.sources if one.state != "ok"
            ],
        }


def told(tool: Callable[P, str]) -> Callable[P, str]:
    """*tool*, whose refusals reach the assistant in one sentence with the remedy."""

    @functools.wraps(tool)
    def run(*arguments: P.args, **options: P.kwargs) -> str:
        try:
            return tool(*arguments, **options)
        except FengpingError as error:
            raise ToolError(visible(str(error))) from None

    return run


def moment(at: datetime | None) -> str | None:
    """A time as it is printed everywhere."""
    return iso(at)
