"""``query``: save, list, show, remove, explain."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stdout, write_json, write_table

if TYPE_CHECKING:
    from fengping.services.queries import Understood

query = typer.Typer(no_args_is_help=True, help="Saved queries, used as query:NAME wherever a query is taken.")
app.add_typer(query, name="query")

Name = Annotated[str, typer.Argument(help="The query's name.")]
Text = Annotated[str, typer.Argument(metavar="QUERY", help="What to look for. See docs/queries.md.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of text.")]


@query.command()
def save(
    context: typer.Context,
    name: Name,
    text: Text,
    note: Annotated[str, typer.Option("--note", help="A remark for colleagues.")] = "",
) -> None:
    """Keeps a query under a name, in the place of an earlier one."""
    from fengping.clock import now
    from fengping.services import queries

    _print(queries.save(open_home(context), name, text, now(), note))


@query.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """All saved queries."""
    from fengping.clock import iso
    from fengping.services import queries

    found = queries.saved(open_home(context))
    if as_json:
        write_json([asdict(one) | {"saved_at": iso(one.saved_at)} for one in found])
    elif found:
        write_table(("name", "query", "note"), [(one.name, one.text, one.note) for one in found])
    else:
        stdout.print("No saved queries.")


@query.command()
def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """A saved query, as it was written and as it is understood today."""
    from fengping.clock import iso, now
    from fengping.services import queries

    home = open_home(context)
    found = queries.find(home, name)
    understood = queries.understand(home, found.text, now())
    if as_json:
        write_json(asdict(found) | {"saved_at": iso(found.saved_at)} | _words(understood))
        return
    stdout.print(found.text, markup=False, highlight=False, soft_wrap=True)
    if found.note:
        stdout.print(found.note, style="dim", markup=False, highlight=False, soft_wrap=True)
    _print(understood)


@query.command()
def remove(context: typer.Context, name: Name) -> None:
    """Removes a saved query that no other one needs."""
    from fengping.clock import now
    from fengping.services import queries

    queries.remove(open_home(context), name, now())


@query.command()
def explain(context: typer.Context, text: Text, as_json: AsJson = False) -> None:
    """How a query is understood, in words."""
    from fengping.clock import now
    from fengping.services import queries

    understood = queries.understand(open_home(context), text, now())
    if as_json:
        write_json(_words(understood))
    else:
        _print(understood)


def _words(understood: Understood) -> dict[str, str]:
    return {"written": understood.written, "zh": understood.chinese, "en": understood.english}


def _print(understood: Understood) -> None:
    for line in (understood.chinese, understood.english):
        stdout.print(line, markup=False, highlight=False, soft_wrap=True)
