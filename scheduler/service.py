"""The APScheduler service of one home."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

import structlog
from apscheduler.events import EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler

from fengping.clock import SHANGHAI, now
from fengping.home import Home
from fengping.locks import sole_process
from fengping.scheduler import jobs, ledger
from fengping.state import State

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Planned:
    """A line of ``run --list``."""

    job: str
    commands: str
    next_at: datetime | None
    """``None`` while no service has been started on this home."""
    last: ledger.Run | None


def serve(home: Home, *, at_once: bool = False) -> None:
    """Runs until SIGTERM or SIGINT. Raises :class:`HomeBusy` where another process serves this home.

    With *at_once* the collection starts immediately and not after its first interval.
    """
    stop_first = "Stop it first, or look at it with: fengping run --list"
    with sole_process(home.var / "schedule.lock", "runs the schedule of this home", stop_first):
        state = State.open(home)
        if lost := ledger.mark_lost(state, now()):
            log.warning("runs lost with an earlier service", count=lost)
        scheduler = BlockingScheduler(jobstores={"default": _job_store(state)}, timezone=SHANGHAI)
        scheduler.add_listener(_note_missed, EVENT_JOB_MISSED)
        _plan(scheduler, home, at_once=at_once)
        with _stopped_by_signals(scheduler):
            log.info("schedule started", home=str(home.root))
            scheduler.start()
        log.info("schedule ended")


def planned(home: Home) -> list[Planned]:
    """Every job with its last and next run; reads the job store, starts nothing."""
    state = State.open(home)
    # The store is read without a running scheduler: even a paused one may take up a run that is due.
    store = _job_store(state)
    store.start(BackgroundScheduler(timezone=SHANGHAI), "default")
    due = {job.id: job.next_run_time for job in store.get_all_jobs()}
    last = ledger.latest(state)
    return [
        Planned(name, " → ".join(" ".join(step) for step in steps), due.get(name), last.get(name))
        for name, steps in jobs.STEPS.items()
    ]


def _job_store(state: State) -> SQLAlchemyJobStore:
    return SQLAlchemyJobStore(engine=state.engine, tablename="apscheduler_jobs")


def _plan(scheduler: BaseScheduler, home: Home, *, at_once: bool) -> None:
    """Adds the jobs, or keeps what the job store remembers of them: a restart must not skip a due run."""
    grace = home.config.schedule.misfire_grace_minutes * 60
    stored = {item.job: item.next_at for item in planned(home)}
    for name, trigger in jobs.triggers(home.config.schedule).items():
        options: dict[str, object] = {}
        if at_once and name == jobs.COLLECT:
            options["next_run_time"] = now()
        elif planned_at := stored[name]:
            # A changed interval takes effect from now on; an overdue run is made up for at once.
            options["next_run_time"] = min(planned_at, trigger.get_next_fire_time(None, now()))
        scheduler.add_job(
            "fengping.scheduler.jobs:run_job",
            trigger,
            args=[str(home.root), name],
            id=name,
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=grace,
            **options,
        )


def _note_missed(event: JobExecutionEvent) -> None:
    log.error("a run came too late to be made up for", job=event.job_id, due=str(event.scheduled_run_time))


@contextmanager
def _stopped_by_signals(scheduler: BlockingScheduler) -> Iterator[None]:
    def stop(number: int, _frame: FrameType | None) -> None:
        log.info("ending", signal=signal.Signals(number).name)
        jobs.stop_children()
        # wait=False: shutdown(wait=True) inside a signal handler would wait for threads that this
        # one holds up. The executor's threads are joined at interpreter exit.
        scheduler.shutdown(wait=False)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
