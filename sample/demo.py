"""``demo``: the whole chain on a sample site, each step the command that a user would type."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from fengping import sample
from fengping.analysis import HostRegistry
from fengping.analysis.hosts import append_host
from fengping.cli import runs
from fengping.cli.terminal import stderr, stdout
from fengping.clock import iso, now
from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.importing import Input
from fengping.sample.site import SampleSite, serving
from fengping.services import importing
from fengping.services.home import make_home
from fengping.services.hosts import load_registry
from fengping.spiders import CrawlResult

_INVENTED = ("檀小木", "阮阿满", "鹿十七", "梨花雨哥")
_SITES = {"feed": "沿江晚报", "list": "北埠日报", "desk": "样例投诉台", "square": "样例广场"}
WINDOW = ("--from", "2020-10-20", "--to", "2020-11-15")
ALERT_AT = "2020-11-12T09:00"
_FOLDER = Path(sample.__file__).parent


def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=0, help="Port of the sample site; 0: any free.")] = 0,
    serve: Annotated[
        bool, typer.Option("--serve", help="Only serve the site, so that links of the report lead there.")
    ] = False,
    here: Annotated[
        bool, typer.Option("--here", help="Only import its posts into this home, where it is empty.")
    ] = False,
) -> None:
    """Crawls a sample site on this machine, indexes, reports and alerts. Works offline."""
    if here:
        _here(Home.open(Path(context.obj)))
        return
    home = Home(Path(context.obj).absolute())
    port = _prepare(home, port)
    if serve:
        with _site(home, port) as base:
            stdout.print(f"The sample site is at {base} until Ctrl-C.", highlight=False)
            threading.Event().wait()
    with _site(home, port) as base:
        stderr.rule(f"sample site at {base}", style="dim")
        collected = json.loads(_step(home, "crawl", "--json", capture=True))
    _step(home, "index", "--quick")
    _step(home, "report", "double11", *WINDOW, "--format", "html,md,json")
    _step(home, "alerts", "check", "--at", ALERT_AT)
    _tell(home, collected)


@contextmanager
def _site(home: Home, port: int) -> Iterator[str]:
    try:
        with serving(SampleSite(), port) as base:
            yield base
    except OSError as error:
        raise UsageError(
            f"Port {port} is in use or cannot be had ({error.strerror}), and is this home's own: a page's "
            "address is its identity.",
            remedy=f"End what uses it, or make another home: fengping --home {home.root.name}-2 demo",
        ) from None


def _prepare(home: Home, port: int) -> int:
    """Makes the home where there is none and returns the site's port: always the same for one home."""
    kept = home.var / "demo-port"
    if home.config_file.exists() and not kept.exists():
        raise UsageError(
            f"{home.root} is a home of your own.", remedy="Name another folder: fengping --home demo demo"
        )
    if kept.exists():
        return int(kept.read_text(encoding="ascii"))
    port = _free_port(port)
    make_home(home)
    home.config_file.write_text((_FOLDER / "home.toml").read_text(encoding="utf-8"), encoding="utf-8")
    home.hosts.write_text((_FOLDER / "hosts.toml").read_text(encoding="utf-8"), encoding="utf-8")
    base = f"http://127.0.0.1:{port}"
    for source in sorted((_FOLDER / "sources").glob("*.toml")):
        text = source.read_text(encoding="utf-8").replace("{base}", base)
        (home.sources / source.name).write_text(text, encoding="utf-8")
    kept.write_text(str(port), encoding="ascii")
    return port


def _free_port(port: int) -> int:
    """*port*, or any that is free for 0; raises :class:`UsageError` for one that is in use."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"Port {port} cannot be had: {getattr(error, 'strerror', None) or error}.",
                remedy="Name another with --port, or none.",
            ) from None
        return int(tried.getsockname()[1])


def _step(home: Home, *arguments: str, capture: bool = False) -> str:
    """Runs one command of the chain in this terminal; its stdout is returned where *capture* asks."""
    stderr.print(f"\n$ fengping --home {home.root.name} {' '.join(arguments)}", style="bold", highlight=False)
    done = subprocess.run(
        [sys.executable, "-m", "fengping", "--home", str(home.root), *arguments],
        stdout=subprocess.PIPE if capture else None, check=False,
    )  # fmt: skip
    # A source that failed (no browser on this machine) is in the table; the chain goes on without it.
    if done.returncode and not (capture and done.stdout):
        raise Failed(f"fengping {arguments[0]} ended with {done.returncode}; the lines above say why.")
    return done.stdout.decode() if capture else ""


def _tell(home: Home, collected: list[dict[str, Any]]) -> None:
    stdout.print()
    runs.crawled([CrawlResult.from_record(record) for record in collected])
    [page] = sorted(home.reports.glob("double11*.html"))
    name = home.root.name
    stdout.print(f"report  {page}", highlight=False, soft_wrap=True)
    stdout.print(f"alert   {home.var / 'delivery' / 'messages.jsonl'}", highlight=False, soft_wrap=True)
    command = _command()
    stdout.print("\nTry next:")
    for line in (
        f"{command} --home {name} search '直播间 假货 -客服' --limit 5",
        f"{command} --home {name} trend 退款 --by day --split hosts --since 2020-11-08 --until 2020-11-12",
        f"{command} --home {name} alerts test --from 2020-10-20 --to 2020-11-15",
        f"{command} --home {name} serve            # the console, at http://127.0.0.1:8300/",
        f"{command} --home {name} demo --serve   # the sample site, so that the report's links lead there",
    ):
        stdout.print(f"  {line}", highlight=False, soft_wrap=True)


def _command() -> str:
    """The command as it is typed here: by its path where the shell does not find its name."""
    program = Path(sys.argv[0])
    by_path = program.name == "fengping" and not shutil.which("fengping")
    return os.path.relpath(program) if by_path else "fengping"


def _here(home: Home) -> None:
    """Imports the sample's posts, and its invented hosts, into a home that holds nothing."""
    if open_journal(home).pending({}):
        raise UsageError(
            f"{home.root.name} holds documents already.", remedy="Load the sample into an empty home."
        )
    hosts = home.hosts.read_text(encoding="utf-8") if home.hosts.exists() else "version = 1\n"
    known = {host.name for host in load_registry(home).hosts}
    wanted = HostRegistry.load([_FOLDER / "hosts.toml"]).hosts
    for host in wanted:
        if host.name in _INVENTED and host.name not in known:
            hosts = append_host(hosts, host)
    home.hosts.write_text(hosts, encoding="utf-8")
    file = home.var / "uploads" / "sample.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = (
        {
            "id": f"{series}-{post.number}", "title": post.title, "text": post.text, "author": post.author,
            "published_at": iso(post.at), "site": _SITES[series], "likes": post.likes,
        }
        for series, posts in SampleSite().posts.items()
        for post in posts
    )  # fmt: skip
    file.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
    planned = [importing.plan(Input(file), [])]
    importer = importing.take_in(home, planned, importing.terms_of(home, "sample", now()))
    stdout.print(
        f"{sum(importer.statuses.values())} invented posts are import {importer.number} of this home."
    )
    stdout.print(f"Taken back with: fengping import --undo {importer.number}", highlight=False)
