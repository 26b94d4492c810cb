"""The application object, its global options, and how errors leave it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from fengping import __version__, notices
from fengping.errors import FengpingError

app = typer.Typer(
    name="fengping",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Collects, judges, counts and explains what is said about livestream selling (直播带货).",
)

COMMAND_MODULES = (
    "init", "demo", "source", "source_health", "source_login", "source_plan", "crawl", "import_",
    "history", "index", "analyse", "extract", "search", "hosts", "report", "alerts", "correct",
    "forget", "repair", "run", "train", "evaluate",
)  # fmt: skip


@app.callback()
def _options(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option("--home", help="Folder with fengping.toml and var/.", envvar="FENGPING_HOME")
    ] = Path(),
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"fengping {__version__}")
        raise typer.Exit
    context.obj = home


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. A :class:`FengpingError` becomes one sentence on stderr and its exit code."""
    for name in COMMAND_MODULES:
        importlib.import_module(f"fengping.cli.{name}")
    if sys.stderr.isatty():  # whoever reads a log does not wait
        notices.heard[:] = [lambda sentence: sys.stderr.write(f"{sentence}\n")]
    try:
        app(args=arguments, standalone_mode=True)
    except FengpingError as error:
        sys.stderr.write(f"fengping: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output (head, a pager) has gone; Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
