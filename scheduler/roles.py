"""Roles of a machine in a deployment: which jobs its service runs, and under which names.

Collectors that share a frontier each have a plan of their own, so their jobs bear the machine
(``collect@3f9a1c``), also where the machine indexes or stands by. Everything else has one owner at a time,
whoever holds the lease of the schedule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import ColumnElement

from fengping.errors import UsageError, did_you_mean
from fengping.home import Home
from fengping.scheduler.jobs import Job, jobs_of
from fengping.services.sharing import is_shared

COLLECTING = "collect"
"""Lane of the jobs that collectors run."""


class Role(StrEnum):
    COLLECT = "collect"
    """Fetches, and appends to the journal; any number of machines."""
    INDEX = "index"
    """Indexes, judges rules, reports, delivers; one at a time, the others stand by."""
    SERVE = "serve"
    """Answers with console and API; any number."""


def roles_of(names: list[str]) -> frozenset[Role]:
    """Roles by their names, commas allowed; collecting and indexing where none is named."""
    wanted = [name.strip() for text in names for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in list(Role):
            raise UsageError(f"There is no role {name!r}.", remedy=did_you_mean(name, list(Role)))
    return frozenset(map(Role, wanted)) or frozenset({Role.COLLECT, Role.INDEX})


def base(name: str) -> str:
    """The name of a job without the machine that it bears."""
    return name.partition("@")[0]


def is_paused(home: Home, name: str) -> bool:
    """True if the configuration names the job, or it on every machine."""
    return not {name, base(name)}.isdisjoint(home.config.schedule.paused)


@dataclass(frozen=True)
class Scope:
    """The jobs of one service."""

    collects: bool = True
    leads: bool = True
    """True if it runs all that has one owner, under the lease."""
    suffix: str = ""
    """Appended to the names of its jobs."""

    @classmethod
    def of(cls, home: Home, roles: frozenset[Role]) -> Scope:
        """The scope of *roles* on this machine; without the collecting that :meth:`beside` has."""
        if Role.INDEX in roles:
            return cls(collects=Role.COLLECT in roles and cls.beside(home, roles) is None)
        return cls(leads=False, suffix=f"@{home.machine}")

    @classmethod
    def beside(cls, home: Home, roles: frozenset[Role]) -> Scope | None:
        """The collecting of a machine that also indexes, where each machine collects for itself.

        Without a shared frontier every machine would ask every site: whoever leads collects then.
        """
        if {Role.COLLECT, Role.INDEX} <= roles and home.config.crawl.frontier and is_shared(home):
            return cls(leads=False, suffix=f"@{home.machine}")
        return None

    def jobs(self, home: Home) -> dict[str, Job]:
        """The jobs of *home* that are in it."""
        found = {}
        for name, job in jobs_of(home).items():
            if self.collects if job.lane == COLLECTING else self.leads:
                found[name + self.suffix] = replace(job, name=name + self.suffix)
        return found

    def owns(self, name: str) -> bool:
        """True if a job of that name is or was one of its own."""
        return name.endswith(self.suffix) if self.suffix else "@" not in name

    def rows(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        """The same as a condition of a query."""
        return column.endswith(self.suffix) if self.suffix else ~column.contains("@")
