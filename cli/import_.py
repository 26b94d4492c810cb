"""``import``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table as Shown

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, progress_bars, remark, stderr, write_json, write_table
from fengping.clock import iso, now
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer.importing import Import, Importer, Input
from fengping.indexer.importing.runs import ImportRun
from fengping.models import Channel, Kind
from fengping.services import importing
from fengping.services.importing import Table
from fengping.services.undoing import imports, undo_imports


def import_(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="JSON, CSV, XLSX, SQLite, RSS, WARC (also .gz), HTML files or folders."),
    ] = None,
    source: Annotated[str, typer.Option("--source", help="Name of the source the documents get.")] = "",
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Column of a field; COLUMN+COLUMN joins two, FIELD= leaves it out.",
        ),
    ] = None,
    channel: Annotated[Channel | None, typer.Option(help="Channel of all rows; else guessed.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Kind of all rows; else guessed.")] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of the files; else guessed.")] = "",
    undo: Annotated[
        list[int] | None,
        typer.Option(
            "--undo", metavar="N", help="Take import N back (may be repeated); its rows may come again."
        ),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show the imports and their numbers.")] = False,
    bring_back: Annotated[
        bool, typer.Option("--bring-back", help="Take rows that were forgotten, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Take the guessed columns without asking.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where any row was refused.")] = False,
    as_json: AsJson = False,
) -> None:
    """Takes other people's files into the journal; a file imported again adds nothing.

    Rows that cannot be read are set aside with the reason and the others imported: exit 0. Where all were
    refused, or any with --strict: exit 1.
    """
    home = open_home(context)
    if list_:
        _list(imports(home), as_json)
        return
    if undo:
        _undo(home, undo, yes, as_json)
        return
    if not files or not source:
        missing = "files" if not files else "--source"
        raise UsageError(f"Missing {missing}.", remedy="Write: fengping import FILE --source NAME")
    planned = [importing.plan(Input(file, encoding), maps or []) for file in files]
    tables = [table for one in planned for table in one.tables.values()]
    _show(tables)
    for sentence in importing.taken_as(planned):
        remark(sentence)
    terms = importing.terms_of(home, source, now(), channel, kind)
    doubts = importing.doubts(home, planned, terms)
    for sentence in doubts:
        remark(sentence, style="yellow")
    if tables and not yes and sys.stdin.isatty() and stderr.is_terminal:
        typer.confirm("Import so?", default=True, abort=True, err=True)
    begin = monotonic()
    try:
        with progress_bars() as show:
            importer = importing.take_in(home, planned, terms, show=show, bring_back=bring_back)
    except KeyboardInterrupt:
        remark("Stopped: what was taken in stays. Import the files again for the rest; nothing is doubled.")
        raise typer.Exit(130) from None
    became = [*importing.fell_together(importer), *importing.unchanged(home, importer, planned, terms)]
    for sentence in became:
        remark(sentence, style="yellow")
    _tell(importer, terms, monotonic() - begin, as_json, [*doubts, *became])
    refused = importer.statuses["refused"]
    if refused and (strict or refused == importer.statuses.total()):
        raise typer.Exit(1)


def _undo(home: Home, numbers: Sequence[int], yes: bool, as_json: bool) -> None:
    if not yes:
        if as_json:
            raise UsageError("--json cannot ask for confirmation.", remedy="Add --yes.")
        typer.confirm(f"Take import {', '.join(map(str, numbers))} back?", abort=True, err=True)
    rows = []
    for done in undo_imports(home, numbers, now()):
        if as_json:
            write_json(done.to_record())
        rows.append((done.number, done.documents, done.restored))
        if done.kept and not as_json:
            remark(f"{done.kept:,} rows stay: a later import of this source brought them too.")
        for sentence in done.later:
            remark(sentence, style="yellow")
    if not as_json:
        write_table(("of import", "documents gone", "earlier versions back"), rows)
        if any(restored for *_, restored in rows):
            remark("fengping index brings the earlier versions back into searches.")


def _list(runs: Sequence[ImportRun], as_json: bool) -> None:
    if as_json:
        write_json({"imports": [run.to_record() for run in runs]})
        return
    rows = [
        (
            run.number,
            run.source,
            iso(run.at),
            ", ".join(run.files),
            iso(run.undone_at) if run.undone_at else "",
        )
        for run in runs
    ]
    write_table(("import", "source", "at", "files", "undone"), rows)


def _show(tables: Sequence[Table]) -> None:
    """Show on stderr the columns chosen for the fields, each with a value."""
    shown = Shown("file", "field", "column", "for instance", title="Columns", title_justify="left")
    for table in tables:
        name = table.name
        for field, names in table.columns.of.items():
            values = (table.columns.value(row, field) for row in table.sample)
            example = next(filter(None, values), "").replace("\n", " ")
            shown.add_row(name, field, " + ".join(names), escape(example[:24]))
            name = ""
    if tables:
        stderr.print(shown)


def _tell(importer: Importer, terms: Import, seconds: float, as_json: bool, doubts: Sequence[str]) -> None:
    statuses = {name: count for name, count in importer.statuses.items() if count}
    rows = sum(statuses.values())
    if as_json:
        told = {
            "number": importer.number,
            "rows": rows,
            "statuses": statuses,
            "undated": importer.undated,
            "together": importer.together,
            "doubts": list(doubts),
            "remarks": dict(terms.remarks.counts),
            "side_file": str(importer.side_file) if statuses.get("refused") else None,
            "elapsed": round(seconds, 3),
        }
        write_json(told)
    else:
        lines = [*statuses.items(), ("rows read", rows)]
        if importer.undated:
            lines.append(("of them without a date", importer.undated))
        write_table(("status", "count"), lines, title=f"{terms.source}, {seconds:.1f} s")
    if statuses.get("forgotten"):
        remark(f"{statuses['forgotten']:,} rows were forgotten and stay out; --bring-back takes them.")
    if not as_json:
        remark(f"Taken back with: fengping import --undo {importer.number}")
    for field, count in terms.remarks.counts.items():
        remark(f"{count:,} × {field} left out, for instance {terms.remarks.samples[field]!r}.")
    if statuses.get("refused"):
        remark(f"{statuses['refused']:,} rows stand in {importer.side_file} with the reason.")
