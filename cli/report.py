"""``report``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from fengping.cli.terminal import open_home, stderr, stdout, write_json
from fengping.clock import now
from fengping.delivery import Book
from fengping.reports import Report, Written
from fengping.reports.wording import plain
from fengping.services import sending
from fengping.services.report import Wanted, formats_of, make

HEADLINES = (
    "total", "total.folded", "total.mean", "total.peak", "negative", "negative.share", "live",
    "complaints", "complaints.share",
)  # fmt: skip


def report(
    context: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            help="double11, 618, holiday, daily, weekly, monthly, host, event, custom, or a TOML file."
        ),
    ],
    focus: Annotated[str, typer.Argument(metavar="[NAME]", help="The host, or the id of the event.")] = "",
    first: Annotated[str | None, typer.Option("--from", help="First day, e.g. 2020-10-20.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, included.")] = None,
    formats: Annotated[
        str | None, typer.Option("--format", help="html,pdf,docx,xlsx,md,json; several with commas.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; var/reports when not given.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="In place of the kind's own title.")] = None,
    generated_at: Annotated[
        str | None, typer.Option("--generated-at", help="Time printed under the title; none by default.")
    ] = None,
    query: Annotated[
        str, typer.Option("--query", help="Only what this query finds; query:NAME is a saved one.")
    ] = "",
    source: Annotated[list[str] | None, typer.Option("--source", help="Only this source; repeats.")] = None,
    year: Annotated[
        int | None, typer.Option("--year", min=2000, max=2999, help="Year of the edition or week.")
    ] = None,
    week: Annotated[str | None, typer.Option("--week", help="last-week, 45 or 2024-W45.")] = None,
    min_publishers: Annotated[
        int | None, typer.Option("--min-publishers", min=1, help="Publishers that make a case; 3 by default.")
    ] = None,
    official: Annotated[
        Path | None,
        typer.Option("--official", help="CSV of complaint desks' figures: source,first,last,what,value,url."),
    ] = None,
    background: Annotated[
        Path | None, typer.Option("--background", help="TOML of cited figures for the preface.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option("--previous", help="JSON of the edition to compare with.")
    ] = None,
    reference_docx: Annotated[
        Path | None, typer.Option("--reference-docx", help="A DOCX whose styles the DOCX takes.")
    ] = None,
    send: Annotated[
        list[str] | None,
        typer.Option("--send", help="Channel or recipient that gets it, marked as not reviewed; repeats."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a summary.")] = False,
) -> None:
    """Writes a report in the CCA's form; the same data and options give the same bytes."""
    home = open_home(context)
    wanted = Wanted(
        kind, first, last, title, generated_at, min_publishers, background, previous,
        focus, year, week, query, tuple(source or ()), official, outline_of(kind),
        reference_docx,
    )  # fmt: skip
    Book.load(home).check(send or (), "--send")
    made, written = make(home, wanted, formats_of(home, formats), now(), out=out)
    if as_json:
        write_json(_summary(made, written))
    else:
        _show(made, written)
    if send:
        count = sending.send(home, made, written, send, now())
        stderr.print(f"{count} handed to the outbox; fengping deliver log tells what became of it.")
    for error in written.missing.values():
        raise error


def outline_of(kind: str) -> Path | None:
    """The TOML file that stands in the place of a kind."""
    return Path(kind) if kind.endswith(".toml") else None


def _show(made: Report, written: Written) -> None:
    stdout.print(made.title, style="bold", highlight=False)
    for line in made.digest:
        stdout.print(f"  {plain(line)}", highlight=False)
    for name, path in written.paths.items():
        stdout.print(f"{name:>5}  {path}", highlight=False, soft_wrap=True)


def _summary(made: Report, written: Written) -> dict[str, Any]:
    values = {id: made.facts[id].value for id in HEADLINES if id in made.facts}
    return {
        "title": made.title,
        "window": {"from": made.window.first.isoformat(), "to": made.window.last.isoformat()},
        "paths": {name: str(path) for name, path in written.paths.items()},
        "missing": {name: str(error) for name, error in written.missing.items()},
        "figures": {
            id: round(float(value), 6) if isinstance(value, Decimal) else value
            for id, value in values.items()
        },
    }
