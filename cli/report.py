"""``report``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from fengping.cli import report_options as options
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


@options.asks_for_report
def report(
    context: typer.Context,
    wanted: Wanted,
    formats: options.Formats = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; var/reports when not given.")] = None,
    send: Annotated[
        list[str] | None,
        typer.Option("--send", help="Channel or recipient that gets it, marked as not reviewed; repeats."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a summary.")] = False,
) -> None:
    """Writes a report in the CCA's form; the same data and options give the same bytes."""
    home = open_home(context)
    Book.load(home).check(send or (), "--send")
    made, written = make(home, wanted, formats_of(home, wanted, formats, sent=bool(send)), now(), out=out)
    if as_json:
        write_json(_summary(made, written))
    else:
        _show(made, written)
    if send:
        count = sending.send(home, made, written, send, now())
        stderr.print(f"{count} handed to the outbox; fengping deliver log tells what became of it.")
    for error in written.missing.values():
        raise error


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
