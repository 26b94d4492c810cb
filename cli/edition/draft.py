"""``edition draft``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import report_options as options
from fengping.cli.edition.printing import line, passed, record
from fengping.cli.terminal import open_home, progress_bars, remark, stdout, write_json
from fengping.clock import now
from fengping.progress import Record, Remark
from fengping.services.edition import draft as make
from fengping.services.edition import missing, passed_over
from fengping.services.report import Wanted, formats_of


@options.asks_for_report
def draft(
    context: typer.Context,
    wanted: Wanted,
    formats: options.Formats = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Makes a numbered draft; changes of earlier reviews of the same report hold in it."""
    home = open_home(context)
    asked = formats_of(home, wanted, formats) if formats else ()
    with progress_bars() as bars:

        def show(record: Record) -> None:
            if isinstance(record, Remark):
                remark(record.text)
            else:
                bars(record)

        made = make(home, wanted, now(), asked, show=show)
    gone = passed_over(home, made.number)
    if as_json:
        write_json(record(made) | {"passed_over": passed(gone), "missing": list(missing(home, made.number))})
        return
    stdout.print(line(made), highlight=False, soft_wrap=True)
    for change in made.changes:
        stdout.print(f"  {change}", highlight=False)
    for one in gone:
        remark(f"This change finds nothing to change in {made.number}: {one}")
