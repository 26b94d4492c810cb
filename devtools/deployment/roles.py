"""Machines' processes as a fleet starts them, each of which ends with its parent.

``python -m devtools.deployment.roles ROLE HOME SIZE BEGAN``: a collector of so many documents, an
indexer, or an owner of the schedule; without arguments it forks for each that is asked for. What goes wrong
is said once and tried again; SIGTERM ends a process after the work that it does.
"""

from __future__ import annotations

import os
import platform
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from devtools.deployment.fleet import NOW, documents, figures, index, watch
from devtools.deployment.processes import fork_for_lines
from fengping.clock import now
from fengping.errors import FengpingError, HomeBusy
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import RawDocument
from fengping.scheduler.lease import BEAT, LEASE, Lease
from fengping.services import crawling
from fengping.spiders import Status
from fengping.spiders.cluster import Frontier, SharedMemory
from fengping.spiders.seen import seen_of
from fengping.state import State

SOURCE = "fleet"
_LEASE = 5.0
_PAUSE = 0.2
_ROUND = 1.0

_ENDS = threading.Event()

Work = Callable[[], object]


def frontier_of(home: Home, *, works: bool = True) -> Frontier:
    """The requests that the fleet shares: numbers of documents."""
    return Frontier(home.config.crawl.frontier, home, SOURCE, _LEASE, works=works)


def collect(home: Home, posts: Sequence[RawDocument]) -> None:
    """Appends what waits in the frontier, which counts as seen, for all machines, once the journal has it."""
    crawling.send_spool(home)
    frontier = frontier_of(home)
    memory = SharedMemory(State.open(home), SOURCE, frontier)
    with open_journal(home).writer() as writer:
        while frontier.is_busy() and not _ENDS.is_set():
            if (data := frontier.lease()) is None:
                frontier.beat()
                time.sleep(_PAUSE)
                continue
            met, post = data.decode(), posts[int(data)]
            frontier.leased(met, data)
            if post.id not in memory.get([post.id]):
                writer.append(post)
                writer.sync()
                memory.mark(seen_of(post, None, Status.STORED, ()))
                memory.save()
            frontier.closed(met)
            frontier.beat()


class Owner:
    """One process's part in the lease of the schedule: its holder keeps events, alarms and a report."""

    def __init__(self, home: Home, began: float) -> None:
        self._home, self._began = home, began
        holder = f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._lease = Lease(State.open(home), holder, time.monotonic)

    def work(self) -> None:
        """Works while it holds the lease; returns at once where another does."""
        if self._lease.take(now()) is not None:
            return
        try:
            with self._renewed() as over:
                while not (over.is_set() or _ENDS.is_set()):
                    # A job that fails ends no term: the next round does it again.
                    _tried(self._watch)
                    _tried(self._report)
                    over.wait(_ROUND)
        finally:
            self._lease.release()

    def _watch(self) -> None:
        # Alarms of one key are told apart by their moments.
        watch(self._home, _moment(self._began))

    def _report(self) -> None:
        figures(self._home, self._home.var / "scheduled")

    @contextmanager
    def _renewed(self) -> Iterator[threading.Event]:
        """Within, the lease is renewed; what it gives is set once that fails for long, or another has it."""
        over = threading.Event()

        def beat() -> None:
            good = time.monotonic()
            while not over.wait(BEAT):
                try:
                    if not self._lease.renew(now()):
                        over.set()
                    good = time.monotonic()
                except FengpingError:
                    if time.monotonic() - good > LEASE - BEAT:
                        over.set()

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield over
        finally:
            over.set()
            thread.join()


def _moment(began: float) -> datetime:
    """The fleet's time, which goes on from :data:`NOW`."""
    return NOW + timedelta(seconds=time.time() - began)


def main(arguments: Sequence[str]) -> None:
    role, root, size, began = arguments
    # An exception of a handler is lost in a destructor or a callback of C, and its print is a fault.
    signal.signal(signal.SIGTERM, lambda number, frame: _ENDS.set())
    home, posts = Home.open(Path(root)), documents(int(size))
    found: list[Owner] = []

    def own() -> None:
        if not found:
            found.append(Owner(home, float(began)))
        found[0].work()

    works: dict[str, Work] = {
        "collector": lambda: collect(home, posts),
        # Of what is judged anew later, events know that they had not seen it so.
        "indexer": lambda: index(home, _moment(float(began))),
        "owner": own,
    }
    _again(works[role])


def _again(work: Work) -> None:
    parent = os.getppid()
    while os.getppid() == parent and not _ENDS.is_set():
        _tried(work)
        time.sleep(_PAUSE)


_SAID: set[str] = set()


def _tried(work: Work) -> None:
    """Does *work*; a sentence on what keeps it from that is said once."""
    try:
        work()
    except HomeBusy:
        return
    except FengpingError as error:
        if str(error) not in _SAID:
            _SAID.add(str(error))
            sys.stderr.write(f"{error}\n")


if __name__ == "__main__":
    wanted = sys.argv[1:] or fork_for_lines()
    if wanted:
        main(wanted)
