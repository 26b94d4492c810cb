"""The jobs, by name: which commands each runs, and when.

APScheduler's job store keeps the reference ``fengping.scheduler.jobs:run_job`` and two texts, so this
path and these names are data.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from fengping.clock import SHANGHAI, now
from fengping.config import ScheduleConfig
from fengping.errors import ConfigError
from fengping.home import Home
from fengping.scheduler import ledger
from fengping.state import State

COLLECT = "collect"
WEEKLY = "weekly-report"

# A step runs although an earlier one failed: one source that is down must not hold back the others'
# documents from the index, nor an alarm from its reader.
STEPS: dict[str, tuple[tuple[str, ...], ...]] = {
    COLLECT: (("crawl",), ("index",), ("alerts", "check"), ("source", "health", "--notify")),
    WEEKLY: (("report", "weekly"),),
}

_children: set[subprocess.Popen[str]] = set()
_stopping = threading.Event()


@dataclass(frozen=True, slots=True)
class Outcome:
    status: str
    detail: str


def triggers(config: ScheduleConfig) -> dict[str, BaseTrigger]:
    """Return the trigger of each job, on Chinese clocks. Raises :class:`ConfigError` for an invalid time."""
    return {
        COLLECT: IntervalTrigger(minutes=config.crawl_every_minutes, timezone=SHANGHAI),
        WEEKLY: _weekly(config.weekly_report),
    }


def _weekly(text: str) -> CronTrigger:
    day, _, clock = text.strip().partition(" ")
    hour, _, minute = clock.partition(":")
    try:
        return CronTrigger(day_of_week=day, hour=int(hour), minute=int(minute), timezone=SHANGHAI)
    except ValueError:
        raise ConfigError(
            f"schedule.weekly_report: {text!r} is not a time of the week.", remedy='Write "mon 08:00".'
        ) from None


def run_job(root: str, job: str) -> None:
    """Runs one job of the home at *root* and writes the outcome into its ledger. Top level: APScheduler
    stores its path."""
    home = Home.open(Path(root))
    state = State.open(home)
    run = ledger.begin(state, job, now())
    outcome = Outcome("failed", "The job broke off.")
    try:
        outcome = _run_steps(home, job)
    finally:
        ledger.finish(state, run, now(), outcome.status, outcome.detail)


def _run_steps(home: Home, job: str) -> Outcome:
    failures: list[str] = []
    for step in STEPS[job]:
        if _stopping.is_set():
            return Outcome("stopped", "; ".join([*failures, f"stopped before: {' '.join(step)}"]))
        code, said = _run_command(home, step)
        if _stopping.is_set():
            return Outcome("stopped", f"stopped during: {' '.join(step)}")
        if code:
            failures.append(f"{' '.join(step)}: exit {code}, {said}")
    return Outcome("failed", "; ".join(failures)) if failures else Outcome("ok", "")


def _run_command(home: Home, step: tuple[str, ...]) -> tuple[int, str]:
    """Exit code and last line of stderr. The whole output is appended to ``var/log/schedule.log``."""
    command = [sys.executable, "-m", "fengping", "--home", str(home.root), *step]
    log = home.var / "log" / "schedule.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{now():%Y-%m-%dT%H:%M:%SZ} {' '.join(step)}\n")
        file.flush()
        with subprocess.Popen(
            command, stdout=file, stderr=subprocess.PIPE, text=True, errors="replace"
        ) as child:
            _children.add(child)
            said = child.communicate()[1]
            _children.discard(child)
        file.write(said)
    lines = said.strip().splitlines()
    return child.returncode, lines[-1] if lines else ""


def stop_children() -> None:
    """Asks running commands to end; they hold cursors and journals, and end cleanly on SIGTERM."""
    _stopping.set()
    for child in list(_children):
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
