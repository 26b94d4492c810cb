"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.clock import now
from fengping.home import Home
from fengping.services.search import Asked

AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")]
At = Annotated[str | None, typer.Option("--at", help="The moment to judge at; now without it.")]

Query = Annotated[
    str, typer.Argument(help="What to look for; nothing means everything. See docs/queries.md.")
]
Since = Annotated[str | None, typer.Option("--since", help="First day or time, e.g. 2020-11-01.")]
Until = Annotated[str | None, typer.Option("--until", help="Last day (included) or end time.")]
Against = Annotated[
    str | None,
    typer.Option("--against", help="Beside the period before: previous (环比) or year (同比), by weekday."),
]
Host = Annotated[
    list[str] | None, typer.Option("--host", help="Only of this host; repeat for any of several.")
]
Issue = Annotated[list[str] | None, typer.Option("--issue", help="Only of this complaint class, e.g. C02.")]
Tone = Annotated[list[str] | None, typer.Option("--polarity", help="neg, neu or pos.")]
Platform = Annotated[list[str] | None, typer.Option("--platform", help="Only naming this platform.")]
ChannelOf = Annotated[list[str] | None, typer.Option("--channel", help="news, weibo, wechat, video, …")]
Source = Annotated[list[str] | None, typer.Option("--source", help="Only from this source.")]


def _begin_anew(context: typer.Context, wanted: bool) -> bool:
    if wanted:
        from fengping.state import State  # with the driver of a database, of which a search has no need

        State.open(Home.open(context.obj), anew=True)
    return wanted


BeginAnew = Annotated[
    bool,
    typer.Option(
        "--begin-anew", callback=_begin_anew, expose_value=False,
        help="Begin an empty state database in the place of one that is lost.",
    ),
]  # fmt: skip


def asked(
    query: str,
    since: str | None,
    until: str | None,
    host: list[str] | None = None,
    issue: list[str] | None = None,
    polarity: list[str] | None = None,
    platform: list[str] | None = None,
    channel: list[str] | None = None,
    source: list[str] | None = None,
) -> Asked:
    """The question that these options make."""
    given = {
        "hosts": host, "issues": issue, "polarity": polarity,
        "platforms": platform, "channel": channel, "source": source,
    }  # fmt: skip
    where = {field: tuple(values) for field, values in given.items() if values}
    return Asked(query, since, until, where, now())
