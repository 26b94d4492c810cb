"""``hosts add``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, stdout
from fengping.services.hosts import add_host


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name figures are counted under.")],
    alias: Annotated[list[str] | None, typer.Option("--alias", help="Counts wherever it stands.")] = None,
    misspelling: Annotated[list[str] | None, typer.Option("--misspelling")] = None,
    ambiguous: Annotated[
        list[str] | None,
        typer.Option("--ambiguous", help="ALIAS=WORD,WORD: counts only near one of the words; @selling too."),
    ] = None,
    handle: Annotated[list[str] | None, typer.Option("--handle", help="Counts only after @.")] = None,
    near: Annotated[
        list[str] | None, typer.Option("--context", help="Words that speak for this host.")
    ] = None,
    excluded: Annotated[
        list[str] | None,
        typer.Option("--not", help="Longer words that hold an alias and mean something else."),
    ] = None,
    unless: Annotated[
        list[str] | None,
        typer.Option("--unless", help="Words beside which it is another bearer of the name."),
    ] = None,
    platform: Annotated[list[str] | None, typer.Option("--platform")] = None,
    account: Annotated[bool, typer.Option("--account", help="A room account, not a person.")] = False,
) -> None:
    """Adds a host, or names to a known one, to hosts.toml of this home."""
    table = {
        "name": name, "kind": "account" if account else "person", "aliases": alias,
        "misspellings": misspelling, "handles": handle, "platforms": platform, "context": near,
        "not": excluded, "unless": unless,
    }  # fmt: skip
    known = add_host(open_home(context), table, ambiguous or [])
    done = "Added names to" if known else "Added"
    stdout.print(f"{done} {name}. Stored documents learn it with: fengping reindex", highlight=False)
