"""Jobs as a person handles them: begun now, paused, let go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fengping.errors import Failed, UsageError, did_you_mean
from fengping.home import Home
from fengping.scheduler import ledger, plan
from fengping.scheduler.jobs import Job, jobs_of
from fengping.scheduler.ledger import Outcome
from fengping.scheduler.roles import base, is_paused
from fengping.scheduler.running import Children
from fengping.scheduler.troubles import Look
from fengping.services.sharing import handed_on
from fengping.state import State
from fengping.toml_edit import set_key


def find(home: Home, name: str) -> Job:
    """The job of that name; raises :class:`UsageError` with the nearest."""
    jobs = jobs_of(home)
    if base(name) not in jobs:
        raise UsageError(f"There is no job {name!r}.", remedy=did_you_mean(name, jobs))
    return jobs[base(name)]


def is_scheduled(home: Home, now: datetime) -> bool:
    """True while a service runs this home's schedule."""
    return Look(home, State.open(home), now).alive


def make_due(home: Home, name: str, now: datetime) -> None:
    """Lets the running service begin a job at its next tick; raises :class:`UsageError` for a paused one."""
    find(home, name)
    if is_paused(home, name):
        raise UsageError(
            f"The job {name!r} is paused: the service that runs the schedule does not begin it.",
            remedy="Let it go on first: take it out of schedule.paused.",
        )
    state = State.open(home)
    plan.at_once(state, [one for one in plan.places(state) if name in (one, base(one))], now)


def run(home: Home, name: str, clock: Callable[[], datetime]) -> Outcome:
    """Runs a job here to its end, for a home whose schedule nobody runs; it stands in the ledger like others.

    Raises :class:`Failed` with what it said where it does not end well.
    """
    job, state, now = find(home, name), State.open(home), clock()
    with state.begin() as connection:
        number = ledger.begin(connection, name, now, now)
    outcome = Children().run(home, job, now, now)
    with state.begin() as connection:
        ledger.finish(connection, number, max(now, clock()), outcome)
    if outcome.status != "ok":
        raise Failed(f"{name} ended as {outcome.status}: {outcome.detail}")
    return outcome


def pause(home: Home, name: str, *, on: bool) -> Home:
    """Keeps a job from being begun, or lets it go on, in the home's file; the home as it is now."""
    find(home, name)
    with handed_on(home):
        # As the file has it: a console whose file names another engine goes on with what last held.
        others = [one for one in Home.open(home.root).config.schedule.paused if one != name]
        set_key(home.config_file, "paused", [*others, name] if on else others, "schedule")
    return Home.open(home.root)
