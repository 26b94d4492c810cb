"""Processes that read pages for a crawl.

A crawl of many pages needs them after its reactor and threads have begun, when forking is no longer safe and
a process that loads everything anew costs a second. So :func:`prepare` forks one process beforehand, which
does nothing but wait: whenever the crawl sends it a socket, it forks a reader that serves there. It ends
with the crawl, and a crawl at a polite pace never asks it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import pickle
import signal
import socket
import struct
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, cast

_HEAD = struct.Struct("!I")
_JOB = struct.Struct("!II")
_BUFFER = 1 << 20
"""Bytes that a socket takes at once: a page goes over in one step."""
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
"""As malloc.h names them."""
_KEPT = 64 << 20
"""Bytes that a reader may hold unused."""

Job = Callable[..., Any]


class ReaderDied(Exception):
    """The process ended before it answered."""


class NotBegun(Exception):
    """The process ended before it came to the job, which may be done by another."""


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
    _keep_memory()
    with channel, channel.makefile("rb") as stream:
        while head := stream.read(_JOB.size):
            size, given = _JOB.unpack(head)
            job: Job = pickle.loads(stream.read(size))
            if given:
                job = partial(job, stream.read(given))
            try:
                answer = pickle.dumps((True, job()))
            except Exception as error:  # noqa: BLE001  the crawl raises it, and says on which page
                answer = pickle.dumps((False, error))
            channel.sendall(_HEAD.pack(len(answer)) + answer)


def _keep_memory() -> None:
    """A page takes a few megabytes and gives them back. Fetched anew from the system for the next one, and
    with the collector going through each half-read page several times, they cost a tenth of the reading.
    """
    gc.set_threshold(10_000, 20, 20)
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's
    if adjust is not None:
        adjust(_MMAP_THRESHOLD, _KEPT)
        adjust(_TRIM_THRESHOLD, _KEPT)


class Reader(asyncio.Protocol):
    """One such process, as the crawl sees it. It may be asked while it reads, and goes on to that job
    at once, whatever the crawl is at."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._pid = 0
        self._asked: deque[asyncio.Future[Any]] = deque()
        self._unread = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self.lives = True

    @classmethod
    async def start(cls, timeout: float = 60.0) -> Reader | None:
        """A new process, which dies of a job that takes longer than *timeout* seconds; ``None`` where none
        can be had, now or later."""
        global _control
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        loop = asyncio.get_running_loop()
        _, reader = await loop.create_connection(lambda: cls(timeout), sock=ours)
        try:
            with theirs:
                if _control is None:
                    raise ConnectionError
                socket.send_fds(_control, [b"+"], [theirs.fileno()])
            reader._pid = await reader.ask(os.getpid)
        except (OSError, ReaderDied, NotBegun):
            reader.close()
            _control = None
            return None
        return reader

    async def ask(self, job: Job, given: bytes = b"") -> Any:
        """Run *job* there and return its result; its exception is raised here. Bytes *given*, if any, are its
        first argument, and spared the pickling.

        Raises :class:`ReaderDied` where the process died of the job, ``TimeoutError`` where it took too long,
        :class:`NotBegun` where it died before.
        """
        if not self.lives:
            raise NotBegun
        frame = pickle.dumps(job)
        self._transport.write(b"".join((_JOB.pack(len(frame), len(given)), frame, given)))
        # The loop holds tasks by weak references: this one by its future, that by the transport.
        answer = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        if len(self._asked) == 1:
            self._begin()
        try:
            return await answer
        except asyncio.CancelledError:
            if self._asked and self._asked[0] is answer:
                self.kill()  # what it would answer now belongs to no one
            raise

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while len(self._unread) >= _HEAD.size:
            end = _HEAD.size + _HEAD.unpack_from(self._unread)[0]
            if len(self._unread) < end:
                return
            frame = bytes(self._unread[_HEAD.size : end])
            del self._unread[:end]
            self._end(frame)

    def _begin(self) -> None:
        """A job begins: the first of those asked."""
        self._timer = asyncio.get_running_loop().call_later(self._timeout, self._expire)

    def _end(self, frame: bytes) -> None:
        """The first job is answered."""
        answer = self._asked.popleft()
        if self._timer is not None:
            self._timer.cancel()
        if self._asked:
            self._begin()
        if answer.done():
            return
        try:
            done, value = pickle.loads(frame)
        except Exception as error:  # noqa: BLE001  an exception may be none that can be sent
            done, value = False, error
        if done:
            answer.set_result(value)
        else:
            answer.set_exception(value)

    def _expire(self) -> None:
        if self._asked and not self._asked[0].done():
            self._asked[0].set_exception(TimeoutError())
        self.kill()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lives = False
        if self._timer is not None:
            self._timer.cancel()
        for number, answer in enumerate(self._asked):
            if not answer.done():
                answer.set_exception(NotBegun() if number else ReaderDied())
        self._asked.clear()

    def kill(self) -> None:
        """Ends the process at once."""
        self.lives = False
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        self._transport.abort()

    def close(self) -> None:
        """The process ends, having nothing to do."""
        self.lives = False
        self._transport.close()
