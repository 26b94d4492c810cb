"""A process that has the program imported and forks for each command: a fork costs a fiftieth of the imports.

``python -m tests.forked`` reads from its standard input, a socket, one message a command: arguments,
environment and folder, with the files that take its two outputs and a socket for the answer, which is
the process's number and, when it has ended, its exit code. :mod:`tests.commands` is the other end.

Forks share the hash seed and the judge of the same registries, and end without taking the interpreter
apart, which would copy what they share. Where that, the imports or the interpreter's start matter, a test
starts ``python -m fengping`` itself.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import selectors
import socket
import sys
import threading
from datetime import datetime
from importlib import import_module
from typing import NoReturn

from tests.commands import CLOCK
from tests.judges import load_once
from tests.states import migrate_at_once, prepare

from fengping import clock
from fengping.analysis import Judge
from fengping.cli.app import COMMANDS
from fengping.cli.lazy import Table, load
from fengping.indexer.pipeline import warm
from fengping.state import comparison, engine

LARGEST = 1 << 20
"""Bytes of a message, of which Linux takes fewer."""

NEEDED = (
    "aiohttp", "fengping.analysis.compiling", "fengping.analysis.judge", "fengping.spiders.health", "httpx2",
    "rjieba",
)  # fmt: skip
"""Imported by commands while they are at work."""


def load_program(table: Table) -> None:
    """Imports all that commands of the product import."""
    for name, entry in table.items():
        if not isinstance(entry, str):
            load_program(entry.commands)
        elif entry.startswith("fengping.cli."):
            load(name, entry)


def unload_command_line() -> None:
    """Leaves the files of the command line to each command, which opens its terminal as it finds it."""
    for name in [name for name in sys.modules if name.startswith("fengping.cli")]:
        del sys.modules[name]


def serve(requests: socket.socket) -> None:
    """Forks until the other end is closed, which ends the process. Returns in each fork alone."""
    selector = selectors.DefaultSelector()
    selector.register(requests, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is not requests:
                pid, answer = key.data
                selector.unregister(key.fd)
                os.close(key.fd)
                answer.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
                answer.close()
                continue
            message, files, _, _ = socket.recv_fds(requests, LARGEST, 3)
            if not message:
                sys.exit()
            answer = socket.socket(fileno=files.pop())
            pid = os.fork()
            if not pid:
                _forget(selector)
                _become(message, files)
                return
            for file in files:
                os.close(file)
            answer.send(str(pid).encode())
            selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, answer))


def _forget(selector: selectors.BaseSelector) -> None:
    """Closes what belongs to the server: its socket, and the other commands it waits for."""
    for key in [*selector.get_map().values()]:
        if key.data:
            os.close(key.fd)
            key.data[1].close()
        else:
            key.fileobj.close()  # type: ignore[union-attr]
    selector.close()


def _become(message: bytes, files: list[int]) -> None:
    asked = json.loads(message)
    for number, file in enumerate([os.open(os.devnull, os.O_RDONLY), *files]):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["environment"])
    if CLOCK in os.environ:
        moment = datetime.fromisoformat(os.environ[CLOCK])
        clock.now = lambda: moment  # the files of the command line are imported anew, and take this one
    os.chdir(asked["folder"])
    sys.path[0] = asked["folder"]
    sys.argv = ["fengping", *asked["arguments"]]


def run_program() -> NoReturn:
    """Runs the command to its end, and ends with its exit code."""
    code = 0
    try:
        runpy.run_module("fengping", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        code = end.code or 0
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    load_program(COMMANDS)
    for name in NEEDED:
        import_module(name)
    warm.ensure()
    Judge.load = load_once  # type: ignore[method-assign,assignment]
    engine.migrate = migrate_at_once
    prepare()
    comparison.expected()
    warm.load()
    unload_command_line()
    gc.collect()
    gc.freeze()
    serve(socket.socket(fileno=os.dup(0)))
    run_program()
