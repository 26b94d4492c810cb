"""Options by which ``report`` and ``edition draft`` are told what goes into a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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


def outline_of(kind: str) -> Path | None:
    """The TOML file that stands in the place of a kind."""
    return Path(kind) if kind.endswith(".toml") else None
