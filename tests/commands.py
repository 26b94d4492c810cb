"""The command line as a user runs it: a process of its own."""

from __future__ import annotations

import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fengping.home import Home

ROOT = Path(__file__).parent.parent
AT_START = ("PYTHON", "NUMBA_", "LANG", "LC_", "LD_")
"""Beginnings of what an interpreter and its libraries read from the environment when they start."""
CLOCK = "TESTS_CLOCK"
"""Variable with the moment, in ISO form, that a command takes for the present one."""


@dataclass(frozen=True)
class Program:
    """The running :mod:`tests.forked` and our end of its socket, at whose close it ends."""

    process: subprocess.Popen[bytes]
    requests: socket.socket


def fengping(home: Home, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs one command on a home to its end; *environment* is added to this process's own."""
    command = ["--home", str(home.root), *arguments]
    wanted = os.environ | environment
    started = _at_start(os.environ)
    if _at_start(wanted) != started:
        return subprocess.run(
            [sys.executable, "-m", "fengping", *command],
            capture_output=True, text=True, check=False, env=wanted,
        )  # fmt: skip
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = _run(_program(started), command, wanted, out.fileno(), err.fileno())
        said = [_text(file.fileno()) for file in (out, err)]
    return subprocess.CompletedProcess(command, code, *said)


def _at_start(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(item for item in environment.items() if item[0].startswith(AT_START)))


@functools.cache
def _program(_started: tuple[tuple[str, str], ...]) -> Program:
    requests, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"], stdin=its.fileno(), stdout=subprocess.DEVNULL, cwd=ROOT
        )
    return Program(process, requests)


def _run(program: Program, arguments: list[str], environment: Mapping[str, str], *files: int) -> int:
    """The exit code of a command, which is killed where the wait for it is broken off."""
    asked = {"arguments": arguments, "environment": dict(environment), "folder": str(Path.cwd())}
    answer, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with answer:
        with its:
            socket.send_fds(program.requests, [json.dumps(asked).encode()], [*files, its.fileno()])
        pid = _number(answer)
        try:
            return _number(answer)
        except BaseException:
            os.kill(pid, signal.SIGKILL)
            raise


def _number(answer: socket.socket) -> int:
    said = answer.recv(20)
    assert said, "tests.forked has ended; see what it wrote to stderr"
    return int(said)


def _text(file: int) -> str:
    with open(file, encoding="utf-8", closefd=False) as lines:
        lines.seek(0)
        return lines.read()
