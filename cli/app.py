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
from fengping.errors import FengpingError, foreign, install, way_out
from fengping.garbage import spare_command
from fengping.progress import listening
from fengping.visible import visible

COMMANDS: Table = {
    "init": "fengping.cli.init:init",
    "doctor": "fengping.cli.doctor:doctor",
    "serve": "fengping.cli.serve:serve",
    "account": Group(
        "Accounts of the console, for where it listens beyond this machine.",
        {
            "add": "fengping.cli.account.add:add",
            "list": "fengping.cli.account.list_:list_accounts",
            "remove": "fengping.cli.account.remove:remove",
        },
    ),
    "token": Group(
        "Tokens of programs that write over the API.",
        {
            "add": "fengping.cli.token.add:add",
            "list": "fengping.cli.token.list_:list_tokens",
            "remove": "fengping.cli.token.remove:remove",
        },
    ),
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
    "rejudge": "fengping.cli.rejudge:rejudge",
    "analyse": "fengping.cli.analyse:analyse",
    "extract": "fengping.cli.extract:extract",
    "search": "fengping.cli.search:search",
    "trend": "fengping.cli.trend:trend",
    "compare": "fengping.cli.compare:compare",
    "crosstab": "fengping.cli.crosstab:crosstab",
    "words": "fengping.cli.words:words",
    "peaks": "fengping.cli.peaks:peaks",
    "export": "fengping.cli.export:export",
    "query": Group(
        "Saved queries, used as query:NAME wherever a query is taken.",
        {
            "save": "fengping.cli.query.save:save",
            "list": "fengping.cli.query.list_:list_queries",
            "show": "fengping.cli.query.show:show",
            "remove": "fengping.cli.query.remove:remove",
            "rename": "fengping.cli.query.rename:rename",
            "explain": "fengping.cli.query.explain:explain",
        },
    ),
    "hosts": Group(
        "The registry of hosts and how they are named.",
        {
            "list": "fengping.cli.hosts.list_:list_hosts",
            "changes": "fengping.cli.hosts.changes:changes",
            "show": "fengping.cli.hosts.show:show",
            "add": "fengping.cli.hosts.add:add",
            "audit": "fengping.cli.hosts.audit:audit",
            "discover": "fengping.cli.hosts.discover:discover",
        },
    ),
    "report": "fengping.cli.report:report",
    "edition": Group(
        "Editions of reports: draft, review, sign, send.",
        {
            "draft": "fengping.cli.edition.draft:draft",
            "list": "fengping.cli.edition.list_:list_editions",
            "show": "fengping.cli.edition.show:show",
            "edit": "fengping.cli.edition.edit:edit",
            "review": "fengping.cli.edition.review:review",
            "sign": "fengping.cli.edition.sign:sign",
            "send": "fengping.cli.edition.send:send",
            "diff": "fengping.cli.edition.diff:diff",
            "export": "fengping.cli.edition.export:export",
        },
    ),
    "watch": "fengping.cli.watch:watch",
    "alerts": Group(
        "Rules over documents: what fires, to whom it was told, what was silenced.",
        {
            "check": "fengping.cli.alerts.check:check",
            "test": "fengping.cli.alerts.test:test",
            "list": "fengping.cli.alerts.list_:list_firings",
            "show": "fengping.cli.alerts.show:show",
            "ack": "fengping.cli.alerts.ack:ack",
            "quality": "fengping.cli.alerts.quality:quality",
            "silence": "fengping.cli.alerts.silence:silence",
            "explain": "fengping.cli.alerts.explain:explain",
            "rename": "fengping.cli.alerts.rename:rename",
        },
    ),
    "deliver": Group(
        "Messages on their way out: tests, attempts, dead letters.",
        {
            "test": "fengping.cli.deliver.test:test",
            "add": "fengping.cli.deliver.add:add",
            "log": "fengping.cli.deliver.log:log",
            "retry": "fengping.cli.deliver.retry:retry",
            "now": "fengping.cli.deliver.now_:send_now",
            "canary": "fengping.cli.deliver.canary:canary",
            "rename": "fengping.cli.deliver.rename:rename",
        },
    ),
    "affairs": Group(
        "One happening across wordings, sources and days.",
        {
            "update": "fengping.cli.affairs.update:update",
            "list": "fengping.cli.affairs.list_:list_events",
            "export": "fengping.cli.affairs.export:export",
            "show": "fengping.cli.affairs.show:show",
            "timeline": "fengping.cli.affairs.timeline:timeline",
            "merge": "fengping.cli.affairs.merge:merge",
            "split": "fengping.cli.affairs.split:split",
            "set": "fengping.cli.affairs.set_:set_",
            "step": "fengping.cli.affairs.step:step",
            "move": "fengping.cli.affairs.move:move",
            "link": "fengping.cli.affairs.link:link",
            "decisions": "fengping.cli.affairs.decisions:decisions",
            "undo": "fengping.cli.affairs.undo:undo",
            "watch": "fengping.cli.affairs.watch:watch",
            "moves": "fengping.cli.affairs.moves:moves",
        },
    ),
    "evidence": Group(
        "What documents of a case looked like, kept so that anybody can check it.",
        {
            "keep": "fengping.cli.evidence.keep:keep",
            "verify": "fengping.cli.evidence.verify:verify",
            "export": "fengping.cli.evidence.export:export",
            "look": "fengping.cli.evidence.look:look",
            "stamp": "fengping.cli.evidence.stamp:stamp",
            "key": "fengping.cli.evidence.key:key",
            "release": "fengping.cli.evidence.release:release",
        },
    ),
    "correct": "fengping.cli.correct:correct",
    "tag": "fengping.cli.tag:tag",
    "forget": "fengping.cli.forget:forget",
    "status": "fengping.cli.status:status",
    "repair": "fengping.cli.repair:repair",
    "backup": "fengping.cli.backup:backup",
    "restore": "fengping.cli.restore:restore",
    "retain": "fengping.cli.retain:retain",
    "run": "fengping.cli.run:run",
    "jobs": Group("Jobs of the schedule, by hand.", {"run": "fengping.cli.jobs.run:run"}),
    "share": "fengping.cli.share:share",
    "mcp": "fengping.cli.mcp:mcp",
    "train": "fengping.cli.train:train",
}
"""Every command with its function. A new one takes a file beside the others and a line here."""


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fengping {__version__}")
        raise typer.Exit


def _options(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option("--home", help="Folder with fengping.toml and var/.", envvar="FENGPING_HOME")
    ] = Path(),
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Print the version.")
    ] = False,
) -> None:
    context.obj = home


app = group(
    "fengping",
    Group(
        "Collects, judges, counts and explains what is said about livestream selling (直播带货).", COMMANDS
    ),
)
app.callback()(_options)

_EXTRAS = {"mcp": "mcp", "mcp_types": "mcp"}
"""Packages that a command needs and only an extra of ours installs."""

_OWNER_ALONE = 0o077
"""Mode of new files: posts and secrets of a home are read by nobody else on the machine."""


def main(arguments: Sequence[str] | None = None, app: typer.Typer = app) -> None:
    """Entry point. A :class:`FengpingError` becomes one sentence on stderr and its exit code."""
    os.umask(_OWNER_ALONE)
    spare_command()
    try:
        with listening(show_remarks):
            app(args=arguments, standalone_mode=True)
    except FengpingError as error:
        sys.stderr.write(f"fengping: {visible(str(error))}\n")
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRAS:
            raise
        sys.stderr.write(
            f"fengping: This command needs the Python package {package}, which is not installed. "
            f"{install(_EXTRAS[package])}\n"
        )
        sys.exit(2)
    except BrokenPipeError:
        # The reader of our output (head, a pager) has gone; Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        sys.stderr.write(f"fengping: {visible(_sentence(error))}\n")
        sys.exit(1)


def _sentence(error: OSError) -> str:
    """A disk that is full, a folder that may only be read: which file, and what to do."""
    named = error.filename2 or error.filename or "A file of the home"
    what = f"{named} cannot be read or written: {error.strerror or error}."
    whose = foreign(Path(str(named)), error)
    done = way_out(error, Path(str(named)))
    if whose:
        return f"{what} {whose}: {done}, and run again; nothing is lost."
    return f"{what} {done} and run again; nothing is lost." if done else what
