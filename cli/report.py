"""``report``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stdout, write_json

if TYPE_CHECKING:
    from fengping.home import Home
    from fengping.reports import Report, Written

HEADLINES = (
    "total", "total.folded", "total.mean", "total.peak", "negative", "negative.share", "live",
    "complaints", "complaints.share",
)  # fmt: skip


@app.command()
def report(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="double11, 618, weekly or custom.")],
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
    min_publishers: Annotated[
        int, typer.Option("--min-publishers", min=1, help="Independent publishers that make a case.")
    ] = 2,
    background: Annotated[
        Path | None, typer.Option("--background", help="TOML of cited figures for the preface.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option("--previous", help="JSON of the edition to compare with.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a summary.")] = False,
) -> None:
    """Writes a report in the CCA's form; the same data and options give the same bytes."""
    from fengping import reports
    from fengping.clock import now, parse_moment
    from fengping.indexer.search.backends.opening import open_store
    from fengping.reports.build import read_background
    from fengping.reports.render.json import read_previous
    from fengping.services.coverage import report_coverage

    home = open_home(context)
    wanted = reports.known_formats(formats.split(",") if formats else home.config.report.formats)
    found = reports.find_kind(kind)
    window = reports.window_of(found, first, last, now())
    store = open_store(home)
    try:
        made = reports.build(
            store,
            found,
            window,
            subject=home.config.report.subject,
            title=title or home.config.report.title,
            generated_at=parse_moment(generated_at) if generated_at else None,
            min_publishers=min_publishers,
            coverage=report_coverage(home, window.since, window.until),
            corrected=_corrected(home),
            background=read_background(background) if background else (),
            previous=read_previous(previous) if previous else None,
        )
    finally:
        store.close()
    written = reports.write(made, wanted, out or home.reports)
    _tell(made, written, as_json=as_json)
    for error in written.missing.values():
        raise error


def _corrected(home: Home) -> list[str]:
    """Ids of documents with a correction in force."""
    from fengping.indexer.corrections import everything
    from fengping.state import State

    with State.open(home).begin() as connection:
        return [made.document_id for made in everything(connection) if made.undone_at is None]


def _tell(made: Report, written: Written, *, as_json: bool) -> None:
    from fengping.reports.wording import plain

    if as_json:
        write_json(_summary(made, written))
        return
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
