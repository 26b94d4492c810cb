"""The service of one home: the loop under a lease, delivery and the watchman beside it."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from fengping.clock import day_of, now
from fengping.delivery import deliver_due
from fengping.delivery.secrets import masked
from fengping.delivery.sending import Workers
from fengping.errors import FengpingError, StoreDown
from fengping.home import Home
from fengping.scheduler import ledger, metrics, notices, plan, standstill, watchman
from fengping.scheduler.in_force import InForce
from fengping.scheduler.jobs import LANES, jobs_of
from fengping.scheduler.lease import BEAT, LEASE, Lease
from fengping.scheduler.loop import Loop
from fengping.scheduler.roles import Role, Scope, base, is_paused, roles_of
from fengping.scheduler.running import Children
from fengping.scheduler.standby import EVERY, Standby
from fengping.scheduler.systemd import on_signals, sd_notify
from fengping.scheduler.taking import Taking
from fengping.services.indexing import should_yield
from fengping.state import State
from fengping.state.lease import present

log = structlog.get_logger()

TICK = 1.0
DELIVER = 5.0
WATCH = 60.0
_KEEPS = 3600.0
"""Seconds for which one that left the lead to another, which did not take it, keeps it then."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A line of ``run --list``."""

    job: str
    times: str
    command: str
    next_at: datetime | None
    """``None`` while no service has been started on this home."""
    last: ledger.Run | None
    paused: bool = False


def planned(home: Home) -> list[Planned]:
    """Every job with its last and next run; starts nothing."""
    state = State.open(home)
    places, last = plan.places(state), ledger.latest(state)
    found = []
    jobs = jobs_of(home)
    # Of a job that each machine has, a line for each.
    names = [one for name in jobs for one in sorted(o for o in places if base(o) == name) or [name]]
    for name in names:
        job, place = jobs[base(name)], places.get(name)
        command = " ".join(job.command(place.due_at if place else job.times.after(now())))
        found.append(
            Planned(
                name,
                str(job.times),
                command,
                place.begin_at if place else None,
                last.get(name),
                is_paused(home, name),
            )
        )
    return found


def log_plainly() -> None:
    """Lines of the log as they are, but a fault's without the values of variables, and none with a secret."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
            lambda _logger, _name, line: masked(str(line)),
        ]
    )


def serve(
    home: Home,
    *,
    at_once: bool = False,
    metrics_port: int = 0,
    roles: frozenset[Role] = roles_of([]),
) -> None:
    """Runs until SIGTERM or SIGINT; where another process runs the schedule of this home, waits for its end.

    With *at_once* the collection starts immediately and not at its next round. Without the role of indexing
    there is nothing to wait for: it collects beside others. Raises :class:`ConfigError` for a file of the
    home that cannot be used; one that becomes so later holds as it was before.
    """
    state = State.open(home)
    files = InForce(home)
    home = files.take()  # one that cannot be used is told before anything is waited for
    scope, beside = Scope.of(home, roles), Scope.beside(home, roles)
    stop = threading.Event()
    # Under the lease, a machine that stands by collects nothing.
    shown = roles - {Role.COLLECT} if scope.leads and scope.collects else roles
    with _working(home, shown, metrics_port, stop), _collecting(home, state, beside, stop, at_once):
        if not scope.leads:
            _Service(files, state, None, stop, scope).work(at_once=at_once)
            return
        holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        mine = Lease(state, holder, time.monotonic)
        keeps_until = 0.0
        while not stop.is_set():
            waited = threading.Event()
            if _taken(files, mine, stop, waited):
                service = _Service(files, state, mine, stop, scope)
                service.keeps_until = keeps_until
                try:
                    with present(home, Role.COLLECT) if scope.collects else nullcontext():
                        service.work(at_once=at_once, taken_over=waited.is_set())
                except StoreDown as error:
                    log.error("the schedule could not begin", reason=str(error))
                if service.yielded:
                    # Comes back to it only where the other one did not take the lead.
                    keeps_until = time.monotonic() + _KEEPS


@contextmanager
def _collecting(
    home: Home, state: State, scope: Scope | None, stop: threading.Event, at_once: bool
) -> Iterator[None]:
    """Within, a thread collects by a plan of its own, where *scope* is one; its fault ends the service."""
    if scope is None:
        yield
        return
    files = InForce(home)
    files.take()
    service = _Service(files, state, None, stop, scope)
    with ThreadPoolExecutor(1, "collector") as pool:
        work = pool.submit(service.work, at_once=at_once)
        work.add_done_callback(lambda _: stop.set())
        try:
            yield
        finally:
            stop.set()
            work.result()


@contextmanager
def _working(home: Home, roles: Collection[Role], metrics_port: int, stop: threading.Event) -> Iterator[None]:
    """Within, signals set *stop*, others see these roles at work here, and systemd that the service is up."""
    with on_signals(stop.set, signal.SIGTERM, signal.SIGINT), ExitStack() as stack:
        for role in sorted(roles):
            stack.enter_context(present(home, role))
        if metrics_port:
            stack.callback(metrics.serve(home, metrics_port))
        sd_notify("READY=1")
        yield


def _taken(files: InForce, mine: Lease, stop: threading.Event, waited: threading.Event) -> bool:
    told, standby, taking, away = "", Standby(files), Taking(files.home), False
    while not stop.is_set():
        if told:
            waited.set()
            taking.keep_up(time.monotonic())
            with suppress(FengpingError):
                files.take()  # so that it goes on with what held last
            standby.keep_up(time.monotonic())
        standby.look(time.monotonic())
        try:
            holder = mine.take(now(), later=LEASE if standby.unlike else 0.0)
        except StoreDown as error:
            if not away:
                log.error("the state database is away; waiting for it", reason=str(error))
            away = True
            sd_notify("WATCHDOG=1", "STATUS=waiting for the state database")
            stop.wait(2)
            continue
        away = False
        if holder is None:
            standby.end()
            return True
        if holder.holder not in ("", told):
            told = holder.holder
            machine, pid, _ = told.rsplit(":", 2)
            log.warning(
                "another process runs the schedule; waiting for its end", machine=machine, process=pid
            )
        sd_notify("WATCHDOG=1", f"STATUS=waiting for the end of {told}")
        stop.wait(2)
    standby.end()
    return False


class _Service:
    """One term of the lease, or a collector's work without one."""

    def __init__(
        self, files: InForce, state: State, lease: Lease | None, stop: threading.Event, scope: Scope
    ) -> None:
        self.state, self.lease, self.stop, self.scope = state, lease, stop, scope
        self.over = threading.Event()
        self.keeps_until = 0.0
        """Moment from which on it leaves the lead to a machine that may index where it may not."""
        self.yielded = False
        self.sending: Workers = {}
        self.said: list[str] = []
        """Sentences of the last delivery that tried something: a secret that is missing says so each time."""
        self.children = Children()
        self.pool = ThreadPoolExecutor(sum(LANES.values()), "job")
        self.loop = Loop(files.home, self.children.run, self.pool, scope, files)

    def work(self, *, at_once: bool, taken_over: bool = False) -> None:
        self._guarded(lambda: standstill.tell(self.loop.home, self.state, now(), self.scope))
        if lost := ledger.mark_lost(self.state, now(), self.scope.rows(ledger.runs.c.job)):
            log.warning("runs lost with an earlier service", count=lost)
        if at_once:
            self.loop.at_once("collect", now())
        if taken_over:
            # Its run may have been broken off, and its next one may be minutes away.
            self.loop.at_once("watch", now())
        beside = []
        if self.lease is not None:
            beside = [
                threading.Thread(target=self._beat, args=(self.lease,), name="lease"),
                threading.Thread(target=self._every, args=(DELIVER, self._deliver), name="delivery"),
                threading.Thread(target=self._every, args=(WATCH, self._watch), name="watchman"),
            ]
        for thread in beside:
            thread.start()
        log.info("schedule started", home=str(self.loop.home.root))
        try:
            while not self.stop.is_set() and not self.over.is_set():
                self._guarded(lambda: self.loop.tick(now()))
                self._guarded(self._yield)
                sd_notify("WATCHDOG=1")
                self.stop.wait(TICK)
        finally:
            if self.stop.is_set():
                sd_notify("STOPPING=1")
            self.children.stop()
            self._guarded(lambda: self.loop.wait(now))
            self.over.set()
            self.pool.shutdown()
            for thread in beside:
                thread.join()
            for sender in self.sending.values():
                sender.join()
            if self.lease is not None:
                self._guarded(self.lease.release)
            log.info("schedule ended")

    def _yield(self) -> None:
        """Ends the term where it is for another machine to index, and that is at work again."""
        clock = time.monotonic()
        if self.lease is None or clock < self.keeps_until:
            return
        self.keeps_until = clock + EVERY
        if should_yield(self.loop.home):
            log.warning("the machine that indexed last is at work again; it is left the lead")
            self.yielded = True
            self.over.set()

    def _beat(self, lease: Lease) -> None:
        """Renews the lease, also while children end; a holder that cannot is one no longer."""
        good = time.monotonic()
        try:
            while not self.over.wait(BEAT):
                try:
                    if not lease.renew(now()):
                        log.error("another process has taken over the schedule")
                        break
                    good = time.monotonic()
                except FengpingError as error:
                    log.error("the lease could not be renewed", reason=str(error))
                    if time.monotonic() - good > LEASE - BEAT:
                        break
        finally:
            # Also by a fault of the program: who does not renew the lease must not go on under it.
            self.over.set()
            self.children.stop()

    def _every(self, seconds: float, work: Callable[[], None]) -> None:
        while True:
            try:
                self._guarded(work)
            except Exception as error:  # noqa: BLE001  what ends a thread would end it unseen, for ever
                self._guarded(partial(self._tell_fault, error))
            if self._ended(seconds):
                return

    def _tell_fault(self, error: Exception) -> None:
        """Logs and tells a fault of the program in a thread, which begins again with its next round."""
        thread, at = threading.current_thread().name, now()
        said = masked(f"{type(error).__name__}: {error}")
        log.error("a thread of the schedule failed and begins again", thread=thread, exc_info=error)
        key = f"fault {thread} {type(error).__name__} {day_of(at)}"
        notices.tell(self.loop.home, key, f"{thread}: a fault of the program; it begins again", [said], at)

    def _ended(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.over.is_set() or self.stop.wait(0.5):
                return True
        return False

    def _guarded(self, work: Callable[[], None]) -> None:
        """A fault of the disk or the database is told and tried again; it must not end the service."""
        try:
            work()
        except (FengpingError, OSError) as error:
            log.error("this round of the schedule failed", reason=str(error))

    def _deliver(self) -> None:
        counts = deliver_due(self.loop.home, now(), screen=sys.stdout, at_work=self.sending)
        sys.stdout.flush()
        for note in counts.notes:
            log.warning("delivery", note=note)
        if new := [said for said in counts.sentences if said not in self.said]:
            log.warning("messages were not taken", reasons=new, waiting=counts.waiting)
        if counts.accepted or counts.sentences:
            self.said = counts.sentences

    def _watch(self) -> None:
        watchman.round(self.loop.home, self.state, now(), self.loop.complaint)
