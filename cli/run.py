"""``run``."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from fengping.cli.options import BeginAnew
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import iso
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.scheduler import ledger, service
from fengping.scheduler.in_force import open_watched
from fengping.scheduler.roles import Role, roles_of
from fengping.scheduler.status import run_record
from fengping.scheduler.taking import beside_console
from fengping.scheduler.watchman import beginning
from fengping.services.home import need_something
from fengping.state import State


def run(
    context: typer.Context,
    list_: Annotated[bool, typer.Option("--list", help="Show each job's last and next run.")] = False,
    log: Annotated[int, typer.Option("--log", min=0, help="Show that many last runs, newest first.")] = 0,
    now: Annotated[bool, typer.Option("--now", help="Collect at once, then by the schedule.")] = False,
    metrics_port: Annotated[
        int,
        typer.Option("--metrics-port", min=0, max=65535, help="Serve figures for Prometheus at this port."),
    ] = 0,
    role: Annotated[
        list[str] | None,
        typer.Option("--role", help="collect, index or serve, also several; collect and index if none."),
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Of the role serve.")] = 8300,
    host: Annotated[str, typer.Option("--host", help="Of the role serve.")] = "127.0.0.1",
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A further name of the console, for the role serve.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --list or --log: JSON to stdout.")] = False,
    begin_anew: BeginAnew = False,
) -> None:
    """Collects, indexes, alerts and reports by the schedule until it is stopped (Ctrl-C, SIGTERM).

    Where another process runs the schedule of this home, it waits for that one's end and takes over.
    """
    home = open_watched(context.obj)
    if log:
        runs = ledger.history(State.open(home), log)
        rows = [{"job": one.job, **run_record(one), "tail": one.tail} for one in runs]
        _write(rows, ("job", "status", "due_at", "started_at", "seconds", "detail"), as_json)
    elif list_:
        rows = [
            {"job": one.job, "times": one.times, "command": one.command, "next_at": iso(one.next_at)}
            | run_record(one.last)
            for one in service.planned(home)
        ]
        _write(rows, ("job", "times", "status", "started_at", "next_at", "detail"), as_json)
    else:
        _work(
            home, roles_of(role or []), now, metrics_port,
            lambda: _console(open_home(context), host, port, name or []),
        )  # fmt: skip


def _console(home: Home, host: str, port: int, names: list[str]) -> Callable[[], None]:
    from fengping.web import serving

    bound = serving.bind(home, host, port, names)
    remark(f"Console at {bound.url}.")
    if bound.said:
        remark(bound.said, style="yellow")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return bound.run


def _work(
    home: Home,
    roles: frozenset[Role],
    at_once: bool,
    metrics_port: int,
    console: Callable[[], Callable[[], None]],
) -> None:
    """The schedule of *roles*, with the console in a thread beside it where that is one of them."""
    service.log_plainly()
    if roles == {Role.SERVE}:
        serve = console()
        with beside_console(home):
            serve()
        return
    need_something(home)
    for sentence in beginning(home):
        remark(sentence, style="yellow")
    if Role.SERVE in roles:
        try:
            threading.Thread(target=console(), name="console", daemon=True).start()
        except ConfigError as error:  # collecting and alarms go on by what last held
            remark(f"There is no console until the next start: {error}")
    service.serve(home, at_once=at_once, metrics_port=metrics_port, roles=roles)


def _write(rows: list[dict[str, object]], columns: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        write_json(rows)
        return
    missing = {"next_at": "not planned: start fengping run", "started_at": "never", "status": "–"}
    write_table(
        columns, [["" if row[c] == "" else row[c] or missing.get(c, "") for c in columns] for row in rows]
    )
