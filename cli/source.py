"""``source``: list, test, record. Other modules add commands to :data:`source`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, write_json, write_table

if TYPE_CHECKING:
    from fengping.models import RawDocument
    from fengping.spiders.source_dev.cases import Reading

source = typer.Typer(no_args_is_help=True, help="Sites, feeds and searches that are crawled.")
app.add_typer(source, name="source")

Name = Annotated[str, typer.Argument(help="A source of this home, or one that ships.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")]

_SHOWN = ("title", "text", "author", "site", "published_at", "likes", "comments", "reposts", "views")


@source.command("list")
def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """Shows every source: the home's own, those that ship, those that cannot be read; exit 1 for these."""
    from fengping.spiders.sources import Catalogue

    catalogue = Catalogue.load(open_home(context))
    active = set(catalogue.active())
    rows = [
        {
            "name": name,
            "title": found.title,
            "kind": found.kind.value,
            "channel": found.channel.value,
            "on": name in active,
            "from": "home" if name in catalogue.own else "shipped",
            "licence": found.licence,
        }
        for name, found in sorted(catalogue.all.items())
    ]
    if as_json:
        write_json(rows)
    else:
        columns = ("name", "title", "kind", "channel", "on", "from")
        write_table(columns, [["yes" if row[c] is True else row[c] or "" for c in columns] for row in rows])
    for name, error in catalogue.broken.items():
        stderr.print(f"{name}: {error}", style="red", highlight=False, soft_wrap=True)
    if catalogue.broken:
        raise typer.Exit(1)


@source.command("test")
def test_source(
    context: typer.Context,
    name: Name,
    case: Annotated[
        Path | None, typer.Option("--case", help="A recorded case to read again, without the network.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tries a source on one live page (or a recorded case) and shows each field with how it was found."""
    from fengping.clock import now
    from fengping.spiders.source_dev.cases import Case
    from fengping.spiders.source_dev.trial import try_source
    from fengping.spiders.sources import Catalogue

    home = open_home(context)
    wrong: list[str] = []
    if case is None:
        reading = try_source(home, name, now()).reading
    else:
        recorded = Case(case)
        reading = recorded.read(Catalogue.load(home).get(name))
        wrong = recorded.differences(reading)
    _show_reading(reading, as_json=as_json)
    for sentence in wrong:
        stderr.print(sentence, style="red", highlight=False, soft_wrap=True)
    if wrong or not reading.documents:
        raise typer.Exit(1)


@source.command("record")
def record_source(
    context: typer.Context,
    name: Name,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the case; cases/NAME of the home if none.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Saves one live list, its first page and what came out of them as a test case."""
    from fengping.clock import now
    from fengping.spiders.source_dev.trial import try_source

    home = open_home(context)
    folder = out or home.root / "cases" / name
    reading = try_source(home, name, now(), keep=folder).reading
    _show_reading(reading, as_json=as_json)
    stderr.print(f"Recorded in {folder}. Read it again with: source test {name} --case {folder}")
    if not reading.documents:
        raise typer.Exit(1)


def _show_reading(reading: Reading, *, as_json: bool) -> None:
    if as_json:
        write_json(
            {
                "documents": reading.records(),
                "methods": reading.methods,
                "counts": reading.counts,
                "signals": reading.signals,
            }
        )
        return
    for document in reading.documents[:3]:
        rows = [(field, *_field(document, reading, field)) for field in _SHOWN]
        write_table(("field", "value", "found by"), rows, title=document.url or document.title)
    stderr.print(f"{len(reading.documents)} documents. {reading.counts}", highlight=False)
    for signal in reading.signals:
        stderr.print(signal, style="yellow", highlight=False, soft_wrap=True)


def _field(document: RawDocument, reading: Reading, field: str) -> tuple[str, str]:
    """A field's value, shortened, and how it was found."""
    record = document.to_record()
    value: Any = record["engagement"].get(field) if field in record["engagement"] else record[field]
    if value in (None, ""):
        return "—", ""
    method = reading.methods.get(document.url, {}).get(field, "list")
    text = str(value).replace("\n", " ⏎ ")
    return (text if len(text) <= 160 else f"{text[:150]} … ({len(text)} characters)"), method
