"""Troubles of a home as sentences, and the checks that find them: one registered function each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import structlog

from fengping.config import ScheduleConfig
from fengping.errors import FengpingError, told
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.pipeline.cursor import damaged, pending
from fengping.scheduler import ledger, plan
from fengping.scheduler.lease import Held, held
from fengping.spiders import CrawlResult, Runs
from fengping.spiders.health import Standing, standings
from fengping.state import State

log = structlog.get_logger()

DEAD = timedelta(minutes=1)
"""Time without a sign of life after which a service counts as dead."""
AHEAD = timedelta(minutes=10)
"""Time by which what is written down may be ahead of the clock: machines differ a little."""


@dataclass(frozen=True)
class Trouble:
    """One thing that wants a person."""

    key: str
    sentence: str
    grave: bool = False
    """True if the machine or the schedule itself fails: then the heartbeat says so as well."""
    urgent: bool = False
    """True if its notice is critical all the same, for another would not get through."""


@dataclass(frozen=True)
class Look:
    """The home at one moment, read once for all checks."""

    home: Home
    state: State
    now: datetime
    within: bool = False
    """True in a process that serves, in whose environment the secrets stand and whose log is kept."""

    @cached_property
    def jobs(self) -> dict[str, ledger.Run]:
        """The last run of each job."""
        return ledger.latest(self.state)

    @cached_property
    def ended(self) -> dict[str, ledger.Run]:
        """The last run of each job that is over: what failed is so until a later one has gone well."""
        return ledger.latest(self.state, ended=True)

    @cached_property
    def places(self) -> dict[str, plan.Place]:
        return plan.places(self.state)

    @cached_property
    def lease(self) -> Held | None:
        return held(self.state)

    @property
    def alive(self) -> bool:
        """True if the process that runs the schedule has lately shown a sign of life."""
        if self.lease is None:
            return False
        age = self.now - self.lease.at if self.lease.age is None else self.lease.age
        return abs(age) <= DEAD

    @cached_property
    def sources(self) -> list[Standing]:
        """Every enabled source with its health."""
        return standings(self.home, self.now)

    @cached_property
    def crawls(self) -> dict[str, CrawlResult]:
        """The last run of each source, but for those of a clock that was ahead."""
        return Runs(self.state).newest(self.now + AHEAD)

    @cached_property
    def lag(self) -> int:
        """Bytes of journal that the index has not read."""
        return pending(self.home)

    @property
    def unit(self) -> str:
        """Unit of the lag: bytes of files, records of a topic."""
        return open_journal(self.home).unit

    @cached_property
    def damaged(self) -> dict[str, str]:
        """Reason why a segment or topic of the journal cannot be read, by its name."""
        return damaged(self.home)

    @cached_property
    def disk_free(self) -> float:
        """Share of the disk that is free, of what others than root may use: as ``df`` counts it."""
        usage = shutil.disk_usage(self.home.root)
        return usage.free / max(1, usage.used + usage.free)

    @property
    def config(self) -> ScheduleConfig:
        return self.home.config.schedule


Check = Callable[[Look], Iterator[Trouble]]
CHECKS: list[Check] = []


def register(check: Check) -> Check:
    """Adds a check."""
    CHECKS.append(check)
    return check


def found(look: Look, checks: Iterable[Check] = CHECKS) -> list[Trouble]:
    """Every trouble there is, of *checks* or of all; one that cannot be made is a trouble itself."""
    all_: list[Trouble] = []
    for check in checks:
        try:
            all_ += check(look)
        except FengpingError as error:
            all_.append(Trouble(f"check {check.__name__}", str(error)))
        except OSError as error:
            all_.append(Trouble(f"check {check.__name__}", f"{told(error)}."))
        except Exception as error:  # the other checks and the heartbeat must not end with it
            if look.within:
                log.error("a check failed", check=check.__name__, exc_info=error)
            # Its words may hold anything, a secret too.
            said = f"A fault of the program: {type(error).__name__}."
            all_.append(Trouble(f"check {check.__name__}", said))
    return all_
