"""``edition draft``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import report_options as options
from fengping.cli.edition.printing import line, passed, record
from fengping.cli.terminal import open_home, progress_bars, remark, stdout, write_json
from fengping.clock import now
from fengping.progress import Record, Remark
from fengping.services.edition import FORMATS, missing, passed_over
from fengping.services.edition import draft as make
from fengping.services.report import Wanted, formats_of


def draft(
    context: typer.Context,
    kind: options.KindName,
    focus: options.Focus = "",
    first: options.First = None,
    last: options.Last = None,
    formats: options.Formats = None,
    title: options.Title = None,
    generated_at: options.GeneratedAt = None,
    query: options.QueryText = "",
    source: options.Sources = None,
    year: options.Year = None,
    week: options.Week = None,
    min_publishers: options.MinPublishers = None,
    official: options.Official = None,
    background: options.Background = None,
    previous: options.Previous = None,
    reference_docx: options.ReferenceDocx = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Makes a numbered draft; changes of earlier reviews of the same report hold in it."""
    home = open_home(context)
    wanted = Wanted(
        kind, first, last, title, generated_at, min_publishers, background, previous,
        focus, year, week, query, tuple(source or ()), official, options.outline_of(kind),
        reference_docx,
    )  # fmt: skip
    with progress_bars() as bars:

        def show(record: Record) -> None:
            if isinstance(record, Remark):
                remark(record.text)
            else:
                bars(record)

        made = make(home, wanted, now(), formats_of(home, formats) if formats else FORMATS, show=show)
    gone = passed_over(home, made.number)
    if as_json:
        write_json(record(made) | {"passed_over": passed(gone), "missing": list(missing(home, made.number))})
        return
    stdout.print(line(made), highlight=False, soft_wrap=True)
    for change in made.changes:
        stdout.print(f"  {change}", highlight=False)
    for one in gone:
        remark(f"This change finds nothing to change in {made.number}: {one}")
