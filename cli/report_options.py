"""Options by which ``report`` and ``edition draft`` are told what goes into a report."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from fengping.services.report import Wanted

KindName = Annotated[
    str,
    typer.Argument(
        help="double11, 618, holiday, daily, weekly, monthly, host, event, custom, or a TOML file."
    ),
]
Focus = Annotated[str, typer.Argument(metavar="[NAME]", help="The host, or the id of the event.")]
First = Annotated[str | None, typer.Option("--from", help="First day, e.g. 2020-10-20.")]
Last = Annotated[str | None, typer.Option("--to", help="Last day, included.")]
Formats = Annotated[
    str | None, typer.Option("--format", help="html,pdf,docx,xlsx,md,json; several with commas.")
]
Title = Annotated[str | None, typer.Option("--title", help="In place of the kind's own title.")]
GeneratedAt = Annotated[
    str | None, typer.Option("--generated-at", help="Time printed under the title; none by default.")
]
QueryText = Annotated[
    str, typer.Option("--query", help="Only what this query finds; query:NAME is a saved one.")
]
Sources = Annotated[list[str] | None, typer.Option("--source", help="Only this source; repeats.")]
Year = Annotated[int | None, typer.Option("--year", min=2000, max=2999, help="Year of the edition or week.")]
Week = Annotated[str | None, typer.Option("--week", help="last-week, 45 or 2024-W45.")]
MinPublishers = Annotated[
    int | None, typer.Option("--min-publishers", min=1, help="Publishers that make a case; 3 by default.")
]
Official = Annotated[
    Path | None,
    typer.Option("--official", help="CSV of complaint desks' figures: source,first,last,what,value,url."),
]
Background = Annotated[
    Path | None, typer.Option("--background", help="TOML of cited figures for the preface.")
]
Previous = Annotated[Path | None, typer.Option("--previous", help="JSON of the edition to compare with.")]
ReferenceDocx = Annotated[
    Path | None, typer.Option("--reference-docx", help="A DOCX whose styles the DOCX takes.")
]


def _wanted(
    kind: KindName,
    focus: Focus = "",
    first: First = None,
    last: Last = None,
    title: Title = None,
    generated_at: GeneratedAt = None,
    query: QueryText = "",
    source: Sources = None,
    year: Year = None,
    week: Week = None,
    min_publishers: MinPublishers = None,
    official: Official = None,
    background: Background = None,
    previous: Previous = None,
    reference_docx: ReferenceDocx = None,
) -> Wanted:
    return Wanted(
        kind, first, last, title, generated_at, min_publishers, background, previous, focus, year, week,
        query, tuple(source or ()), official, Path(kind) if kind.endswith(".toml") else None, reference_docx,
    )  # fmt: skip


def asks_for_report(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a report; what they ask for is its second argument."""
    asking = inspect.signature(_wanted, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True)
    first, _, *others = own.parameters.values()

    @functools.wraps(command)
    def run(context: typer.Context, **given: Any) -> None:
        wanted = _wanted(**{name: given.pop(name) for name in asking})
        command(context, wanted, **given)

    run.__signature__ = own.replace(parameters=[first, *asking.values(), *others])  # type: ignore[attr-defined]
    return run
