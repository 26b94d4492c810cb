"""A schedule walked through by hand: the clock is a number, jobs end as a test says."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import Any

from fengping.home import Home
from fengping.scheduler.jobs import Job
from fengping.scheduler.ledger import Outcome
from fengping.scheduler.loop import Loop


class AtOnce(Executor):
    """Runs in place."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except OSError as error:
            future.set_exception(error)
        return future


class Walk:
    """A loop with everything that it ran."""

    def __init__(self, home: Home, outcome: Callable[[str, datetime], Outcome] | None = None) -> None:
        self.ran: list[tuple[str, datetime, datetime, tuple[str, ...]]] = []
        """Job, due moment, start, command."""
        self._outcome = outcome or (lambda job, at: Outcome("ok"))
        self.loop = Loop(home, self._run, AtOnce())

    def _run(self, home: Home, job: Job, due: datetime, at: datetime) -> Outcome:
        self.ran.append((job.name, due, at, job.command(due)))
        return self._outcome(job.name, at)

    def to(self, begin: datetime, end: datetime, step: timedelta = timedelta(minutes=1)) -> None:
        """Ticks from *begin* until *end*."""
        while begin < end:
            self.loop.tick(begin)
            begin += step

    def of(self, job: str) -> list[tuple[datetime, datetime]]:
        """Due moment and start of each run of a job."""
        return [(due, at) for name, due, at, _ in self.ran if name == job]
