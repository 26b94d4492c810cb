"""The loop of the schedule: at each tick it writes down what ended and begins what is due.

The time is an argument, and whoever runs a job is too: tests walk through weeks in a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from fengping.clock import iso
from fengping.errors import FengpingError
from fengping.events.building.opening import are_behind
from fengping.home import Home
from fengping.scheduler import ledger, notices, plan, standstill
from fengping.scheduler.in_force import InForce
from fengping.scheduler.jobs import EVENTS, INDEX, LANES, REPORT, Job
from fengping.scheduler.ledger import Outcome
from fengping.scheduler.plan import Place
from fengping.scheduler.roles import Scope, is_paused
from fengping.scheduler.taking import Taking
from fengping.state import State

log = structlog.get_logger()

REFRESH = timedelta(minutes=1)
"""Time after which a changed configuration holds."""

PATIENCE = timedelta(hours=1)
"""Time for which a report waits at most for events that are being brought up to date."""

EVERYTHING = Scope()

Run = Callable[[Home, Job, datetime, datetime], Outcome]


@dataclass(frozen=True)
class _Going:
    job: Job
    place: Place
    run: int
    began: datetime
    outcome: Future[Outcome]


class Loop:
    """The jobs of one home on their way."""

    def __init__(
        self,
        home: Home,
        run: Run,
        pool: Executor,
        scope: Scope = EVERYTHING,
        files: InForce | None = None,
    ) -> None:
        self.files = files or InForce(home)
        """The owner's files that hold; faults of those that do not."""
        self.home = self.files.home
        self.scope = scope
        self.complaint = ""
        """The reason why the last notice could not be told."""
        self._state = State.open(home)
        self._run, self._pool = run, pool
        self._jobs: dict[str, Job] = {}
        self._refreshed: datetime | None = None
        self._ticked: datetime | None = None
        self._shared = Taking(home)
        self._going: dict[str, _Going] = {}

    def tick(self, now: datetime) -> None:
        """Writes down what has ended, takes up a changed configuration, begins what is due."""
        if self._ticked is not None and now - self._ticked > standstill.SHORT:
            # A machine that was suspended, or a virtual one that was paused: the process itself lived on.
            self._tell_standstill(now)
        for going in [one for one in self._going.values() if one.outcome.done()]:
            self._end(going, now)
        if self._refreshed is None or abs(now - self._refreshed) >= REFRESH:
            self._refresh(now)
        known = plan.places(self._state)
        for name, job in self._jobs.items():
            place = None if is_paused(self.home, name) else known.get(name)
            if place is None or place.begin_at > now or name in self._going or not self._free(job.lane):
                continue
            if not (name.startswith(REPORT) and self._waits_for_events(place, now)):
                self._begin(job, place, now)
        self._ticked = now

    def _tell_standstill(self, now: datetime) -> None:
        try:
            standstill.tell(self.home, self._state, now, self.scope)
        except FengpingError as error:
            self.complaint = str(error)

    def at_once(self, lane: str, now: datetime) -> None:
        """Makes the jobs of a lane due."""
        self._refresh(now)
        plan.at_once(self._state, [name for name, job in self._jobs.items() if job.lane == lane], now)

    @property
    def idle(self) -> bool:
        """True where nothing is running."""
        return not self._going

    def wait(self, now: Callable[[], datetime]) -> None:
        """Waits for what runs and writes down how it ended."""
        for going in list(self._going.values()):
            going.outcome.exception()
            self._end(going, now())

    def _refresh(self, now: datetime) -> None:
        self._refreshed = now
        try:
            self._shared.round()
            home = self.files.take()
            jobs = self.scope.jobs(home)
        except FengpingError as error:
            if not self._jobs:
                raise
            log.error("the files of the home could not be read again", reason=str(error))
            return
        self.home, self._jobs, self.complaint = home, jobs, ""
        places = plan.settle_in(self._state, jobs, now, self.scope.owns)
        if moved := plan.bring_back(self._state, jobs, places, now):
            lines = [
                f"{name} stood at {iso(max(places[name].due_at, places[name].begin_at))} and is due at "
                f"{iso(place.begin_at)}."
                for name, place in moved.items()
            ]
            self._notice(f"clock {iso(now)}", "the clock was ahead: jobs are brought back", lines, now)

    def _free(self, lane: str) -> bool:
        return sum(going.job.lane == lane for going in self._going.values()) < LANES[lane]

    def _waits_for_events(self, place: Place, now: datetime) -> bool:
        """True while events are brought up to date, and a report of that *place* comes not late by it."""
        return EVENTS in self._going and now - place.begin_at < min(PATIENCE, self._grace / 2)

    def _begin(self, job: Job, place: Place, now: datetime) -> None:
        with self._state.begin() as connection:
            run = ledger.begin(connection, job.name, now, place.due_at)
            place = plan.tried(connection, job, place, now)
        future = self._pool.submit(self._run, self.home, job, place.due_at, now)
        self._going[job.name] = _Going(job, place, run, now, future)

    def _end(self, going: _Going, now: datetime) -> None:
        job, due = going.job, going.place.due_at
        error = going.outcome.exception()
        outcome = Outcome("failed", f"{type(error).__name__}: {error}") if error else going.outcome.result()
        late = going.began - due
        if job.each and late > self._grace:
            outcome = _noted(outcome, f"It was due at {iso(due)} and began {_span(late)} late.")
        with self._state.begin() as connection:
            ledger.finish(connection, going.run, now, outcome)
            if outcome.status == "stopped":
                # The moment stays due: the next process begins with it.
                plan.put_back(connection, job, going.place)
            else:
                plan.ended(connection, job, going.place, now, well=outcome.status == "ok")
        del self._going[job.name]
        log.info("job ended", job=job.name, status=outcome.status, detail=outcome.detail)
        if outcome.status == "hung" or (outcome.status == "ok" and job.each and late > self._grace):
            self._tell(going, outcome, now)
        if job.name == INDEX and EVENTS not in self._going and are_behind(self.home):
            known = plan.places(self._state).get(EVENTS)
            if known and not known.tries:  # one that failed keeps its pauses
                self.at_once(EVENTS, now)  # it left them, and rules wait for them

    def _tell(self, going: _Going, outcome: Outcome, now: datetime) -> None:
        what = "ended at its limit" if outcome.status == "hung" else "late"
        key = f"{outcome.status} {going.job.name} {iso(going.place.due_at)} {going.place.tries}"
        self._notice(key, f"{going.job.name}: {what}", [outcome.detail], now)

    def _notice(self, key: str, subject: str, lines: Sequence[str], now: datetime) -> None:
        try:
            notices.tell(self.home, key, subject, lines, now)
        except FengpingError as error:
            self.complaint = str(error)

    @property
    def _grace(self) -> timedelta:
        return timedelta(minutes=self.home.config.schedule.misfire_grace_minutes)


def _noted(outcome: Outcome, sentence: str) -> Outcome:
    return Outcome(outcome.status, f"{outcome.detail} {sentence}".strip(), outcome.counts, outcome.tail)


def _span(time: timedelta) -> str:
    hours, minutes = divmod(int(time.total_seconds()) // 60, 60)
    return f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h {minutes} min"
