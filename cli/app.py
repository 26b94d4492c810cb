"""The application: every command by name, the global options, and the way errors leave it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from fengping import __version__
from fengping.cli.lazy import Group, Table, group
from fengping.cli.terminal import show_remarks
from fengping.errors import FengpingError
from fengping.progress import listening

COMMANDS: Table = {
    "init": "fengping.cli.init:init",
    "doctor": "fengping.cli.doctor:doctor",
    "demo": "fengping.sample.demo:demo",
    "source": Group(
        "Sites, feeds and searches that are crawled.",
        {
            "list": "fengping.cli.source.list_:list_sources",
            "test": "fengping.cli.source.test:test_source",
            "record": "fengping.cli.source.record:record_source",
            "health": "fengping.cli.source.health:health",
            "add": "fengping.cli.source.add:add",
            "login": "fengping.cli.source.login:login",
            "plan": "fengping.cli.source.plan:plan",
        },
    ),
    "crawl": "fengping.cli.crawl:crawl",
    "import": "fengping.cli.import_:import_",
    "history": "fengping.cli.history:history",
    "index": "fengping.cli.index:index",
    "reindex": "fengping.cli.reindex:reindex",
    "analyse": "fengping.cli.analyse:analyse",
    "extract": "fengping.cli.extract:extract",
    "search": "fengping.cli.search:search",
    "trend": "fengping.cli.trend:trend",
    "compare": "fengping.cli.compare:compare",
    "export": "fengping.cli.export:export",
    "hosts": Group(
        "The registry of hosts and how they are named.",
        {
            "list": "fengping.cli.hosts.list_:list_hosts",
            "show": "fengping.cli.hosts.show:show",
            "add": "fengping.cli.hosts.add:add",
            "audit": "fengping.cli.hosts.audit:audit",
            "discover": "fengping.cli.hosts.discover:discover",
        },
    ),
    "report": "fengping.cli.report:report",
    "alerts": Group(
        "Rules over negative documents about a host.",
        {
            "check": "fengping.cli.alerts.check:check",
            "test": "fengping.cli.alerts.test:test",
            "list": "fengping.cli.alerts.list_:list_firings",
            "ack": "fengping.cli.alerts.ack:ack",
        },
    ),
    "events": Group(
        "One happening across wordings, sources and days.",
        {
            "update": "fengping.cli.events.update:update",
            "list": "fengping.cli.events.list_:list_events",
            "show": "fengping.cli.events.show:show",
            "merge": "fengping.cli.events.merge:merge",
            "split": "fengping.cli.events.split:split",
            "watch": "fengping.cli.events.watch:watch",
            "moves": "fengping.cli.events.moves:moves",
        },
    ),
    "correct": "fengping.cli.correct:correct",
    "forget": "fengping.cli.forget:forget",
    "repair": "fengping.cli.repair:repair",
    "run": "fengping.cli.run:run",
    "train": "fengping.cli.train:train",
    "evaluate": "fengping.lab.cli.evaluate:evaluate",
    "bench": "fengping.lab.cli.bench:bench",
}
"""Every command with its function. A new one takes a file beside the others and a line here."""


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


app = group(
    "fengping",
    Group(
        "Collects, judges, counts and explains what is said about livestream selling (直播带货).", COMMANDS
    ),
)
app.callback()(_options)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. A :class:`FengpingError` becomes one sentence on stderr and its exit code."""
    try:
        with listening(show_remarks):
            app(args=arguments, standalone_mode=True)
    except FengpingError as error:
        sys.stderr.write(f"fengping: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output (head, a pager) has gone; Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
