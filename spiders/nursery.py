"""Processes that read pages for a crawl.

A crawl of many pages needs them after its reactor and threads have begun, when forking is no longer safe and
a process that loads everything anew costs a second. So :func:`prepare` forks one process beforehand, which
does nothing but wait: whenever the crawl sends it a socket, it forks a reader that serves there. It ends
with the crawl, and a crawl at a polite pace never asks it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import pickle
import signal
import socket
import struct
from collections.abc import Callable
from typing import Any, NoReturn

_HEAD = struct.Struct("!I")
_BUFFER = 1 << 20
"""Bytes that a socket takes at once: a page goes over in one step."""

Job = Callable[[], Any]


class ReaderDied(Exception):
    """The process ended before it answered."""


_control: socket.socket | None = None


def prepare() -> None:
    """Forks the process that readers come from. To be called before this process has threads."""
    global _control
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        _wait(theirs)
    theirs.close()
    _control = ours


def is_prepared() -> bool:
    return _control is not None


def _wait(control: socket.socket) -> NoReturn:
    """The life of the first process. It keeps nothing open that is the crawl's: neither locks nor files."""
    kept = control.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    gc.freeze()  # the collector need not go through what every reader inherits
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in (signal.SIGINT, signal.SIGTERM):  # the crawl ends in order, and this process with it
        signal.signal(name, signal.SIG_IGN)
    while True:
        message, passed, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            control.close()
            with contextlib.suppress(OSError):
                _serve(socket.socket(fileno=passed[0]))
            os._exit(0)
        os.close(passed[0])


def _serve(channel: socket.socket) -> None:
    """Answers jobs until the crawl closes its end: what a job returns, or the exception it raises."""
    with channel, channel.makefile("rb") as stream:
        channel.sendall(_HEAD.pack(os.getpid()))
        while head := stream.read(_HEAD.size):
            job: Job = pickle.loads(stream.read(*_HEAD.unpack(head)))
            try:
                answer = pickle.dumps((True, job()))
            except Exception as error:  # noqa: BLE001  the crawl raises it, and says on which page
                answer = pickle.dumps((False, error))
            channel.sendall(_HEAD.pack(len(answer)) + answer)


class Reader:
    """One such process, as the crawl sees it."""

    def __init__(self, pid: int, stream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._pid = pid
        self._stream = stream
        self._writer = writer

    @classmethod
    async def start(cls) -> Reader | None:
        """A new process; ``None`` where none can be had, now or later."""
        global _control
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        stream, writer = await asyncio.open_connection(sock=ours)
        try:
            with theirs:
                if _control is None:
                    raise ConnectionError
                socket.send_fds(_control, [b"+"], [theirs.fileno()])
            pid = _HEAD.unpack(await stream.readexactly(_HEAD.size))[0]
        except (OSError, EOFError):
            writer.close()
            _control = None
            return None
        return cls(pid, stream, writer)

    async def ask(self, job: Job) -> Any:
        """What *job* returns there; its exception is raised here. Raises :class:`ReaderDied`."""
        frame = pickle.dumps(job)
        try:
            self._writer.writelines((_HEAD.pack(len(frame)), frame))
            await self._writer.drain()
            size = _HEAD.unpack(await self._stream.readexactly(_HEAD.size))[0]
            done, value = pickle.loads(await self._stream.readexactly(size))
        except (OSError, EOFError) as error:
            raise ReaderDied from error
        if not done:
            raise value
        return value

    def kill(self) -> None:
        """Ends the process at once."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._writer.close()

    def close(self) -> None:
        """The process ends, having nothing to do."""
        self._writer.close()
