"""``init``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.terminal import remark, stderr, stdout, write_table
from fengping.home import Home
from fengping.services import readiness, sharing
from fengping.services.home import choose_sources, make_home, public_sources


def init(
    context: typer.Context,
    sources: Annotated[
        str | None,
        typer.Option(
            "--sources", help="public (those that ship and need no login), none, or names with commas."
        ),
    ] = None,
    join: Annotated[
        str,
        typer.Option("--join", help="Make it a machine of the deployment whose PostgreSQL state is there."),
    ] = "",
) -> None:
    """Makes a home: configuration, an alert rule for every host, folders. Overwrites nothing.

    At a terminal it asks which of the public sources to crawl; elsewhere it takes none without --sources.
    """
    home = Home(Path(context.obj).absolute())
    if join:
        _join(home, join)
        return
    fresh = not home.config_file.exists()
    if sources is None:
        sources = _ask() if fresh and sys.stdin.isatty() and stderr.is_terminal else "none"
    made = make_home(home, choose_sources(sources))
    for path in made.written:
        stdout.print(f"wrote {path.relative_to(home.root)}", highlight=False)
    if not made.written:
        stdout.print("This home was made before; nothing was changed.")
    if made.sources:
        stdout.print(f"{len(made.sources)} sources are enabled, in crawl.sources of fengping.toml.")
        stdout.print("Next: fengping crawl · fengping index · fengping run")
    else:
        stdout.print("Next: fengping source list · fengping crawl · fengping import FILE --source NAME")
    for sentence in readiness.lacking(Home.open(home.root)).values():
        remark(sentence, style="yellow")


def _join(home: Home, url: str) -> None:
    taken = sharing.join(home, url)
    make_home(Home.open(home.root))
    stdout.print(f"took {len(taken.changed)} files of the deployment, identity and salt with them.")
    stdout.print("Next: fengping doctor · fengping run --role collect (or index, serve)")


def _ask() -> str:
    rows = [(name, source.title, source.kind.value) for name, source in sorted(public_sources().items())]
    write_table(("name", "title", "kind"), rows, title="Public sources that ship")
    return str(typer.prompt("Which to crawl? public (all), none, or names with commas", "public", err=True))
