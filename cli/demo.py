"""``demo``: the whole chain on a sample site, each step the command that a user would type."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fengping.cli.app import app
from fengping.cli.common import stderr, stdout

WINDOW = ("--from", "2020-10-20", "--to", "2020-11-15")
ALERT_AT = "2020-11-12T09:00"


@app.command()
def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", min=0, help="Port of the sample site; 0: any free.")] = 0,
) -> None:
    """Crawls a sample site on this machine, indexes, reports and alerts. Works offline."""
    from fengping.home import Home
    from fengping.sample.site import SampleSite, serving

    home = Home(Path(context.obj).absolute())
    port = _prepare(home, port)
    with serving(SampleSite(), port) as base:
        stderr.rule(f"sample site at {base}", style="dim")
        collected = json.loads(_step(home, "crawl", "--json", capture=True))
    _step(home, "index")
    _step(home, "report", "double11", *WINDOW, "--format", "html,md,json")
    _step(home, "alerts", "check", "--at", ALERT_AT)
    _tell(home, collected)


def _prepare(home: Any, port: int) -> int:
    """Makes the home where there is none and returns the site's port: always the same for one home,
    since a page's address is its identity."""
    from fengping import sample
    from fengping.cli.init import make_home
    from fengping.errors import UsageError

    folder = Path(sample.__file__).parent
    kept = home.var / "demo-port"
    if home.config_file.exists() and not kept.exists():
        raise UsageError(
            f"{home.root} is a home of your own.", remedy="Name another folder: fengping --home demo demo"
        )
    if kept.exists():
        return int(kept.read_text(encoding="ascii"))
    make_home(home)
    home.config_file.write_text((folder / "home.toml").read_text(encoding="utf-8"), encoding="utf-8")
    home.hosts.write_text((folder / "hosts.toml").read_text(encoding="utf-8"), encoding="utf-8")
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    for source in sorted((folder / "sources").glob("*.toml")):
        text = source.read_text(encoding="utf-8").replace("{base}", base)
        (home.sources / source.name).write_text(text, encoding="utf-8")
    kept.write_text(str(port), encoding="ascii")
    return port


def _step(home: Any, *arguments: str, capture: bool = False) -> str:
    """Runs one command of the chain in this terminal; its stdout is returned where *capture* asks."""
    from fengping.errors import Failed

    stderr.print(f"\n$ fengping --home {home.root.name} {' '.join(arguments)}", style="bold", highlight=False)
    done = subprocess.run(
        [sys.executable, "-m", "fengping", "--home", str(home.root), *arguments],
        stdout=subprocess.PIPE if capture else None, check=False,
    )  # fmt: skip
    # A source that failed (no browser on this machine) is in the table; the chain goes on without it.
    if done.returncode and not (capture and done.stdout):
        raise Failed(f"fengping {arguments[0]} ended with {done.returncode}; the lines above say why.")
    return done.stdout.decode() if capture else ""


def _tell(home: Any, collected: list[dict[str, Any]]) -> None:
    from fengping.cli.crawl import show_results
    from fengping.spiders.run.records import CrawlResult

    stdout.print()
    show_results([CrawlResult.from_record(record) for record in collected])
    [page] = sorted(home.reports.glob("double11*.html"))
    name = home.root.name
    stdout.print(f"report  {page}", highlight=False, soft_wrap=True)
    stdout.print(f"alert   {home.var / 'alerts' / 'alerts.jsonl'}", highlight=False, soft_wrap=True)
    stdout.print("\nTry next:")
    for line in (
        f"fengping --home {name} search '直播间 假货 -客服' --limit 5",
        f"fengping --home {name} trend 退款 --by day --split hosts --since 2020-11-08 --until 2020-11-12",
        f"fengping --home {name} alerts test --from 2020-10-20 --to 2020-11-15",
    ):
        stdout.print(f"  {line}", highlight=False, soft_wrap=True)
