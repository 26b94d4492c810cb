"""A time in which no process ran the schedule: what was not collected then may be gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from fengping.clock import iso
from fengping.home import Home
from fengping.scheduler import ledger, notices, plan
from fengping.scheduler.roles import Scope, is_paused
from fengping.scheduler.watchman import over_
from fengping.state import State

SHORT = timedelta(minutes=30)
"""Time without a job that is no gap: rounds lie minutes apart, and a restart takes some."""
_MOST = 9_999
"""Rounds of a job that are counted."""


def tell(home: Home, state: State, now: datetime, scope: Scope) -> None:
    """Tells the operator, once, of the time since the last job began or ended, where jobs were due in it.

    Called by a process that begins to run the jobs of *scope*, or goes on after it was suspended, before it
    writes anything down; what it finds is a trouble that is over. Raises what :func:`notices.tell` does.
    """
    runs = ledger.runs.c
    with state.begin() as connection:
        last = connection.execute(
            select(func.max(runs.started_at), func.max(runs.finished_at)).where(scope.rows(runs.job))
        ).one()
    since = max((at for at in last if at is not None), default=now)
    missed = _missed(home, state, now, scope)
    if now - since <= SHORT or not missed:
        return
    sentence = f"The schedule stood still; rounds that were due: {', '.join(missed)}."
    lines = [
        f"{iso(since)} – {iso(now)}",
        "What the sources show of that time is collected late; what they no longer show is missing.",
    ]
    notices.tell(home, f"still{scope.suffix} {iso(since)}", sentence, lines, now)
    with state.begin() as connection:
        values = {"key": f"still{scope.suffix}", "since": since, "seen_at": now, "sentence": sentence}
        connection.execute(insert(over_).values(values))


def _missed(home: Home, state: State, now: datetime, scope: Scope) -> list[str]:
    """Each job that is overdue, with the number of its rounds since."""
    places, found = plan.places(state), []
    for name, job in scope.jobs(home).items():
        count, at = 0, places[name].due_at if name in places and not is_paused(home, name) else None
        while at is not None and at <= now and count < _MOST:
            count, at = count + 1, job.times.after(at)
        if count:
            found.append(f"{name} {count:,}")
    return found
