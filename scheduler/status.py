"""State of a home at a glance: the last runs, the sources, and how far the index lags behind the journal."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import iso
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import Filter, Journal, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.scheduler import ledger
from fengping.spiders.health import Health, standings
from fengping.spiders.run.records import Runs
from fengping.state import State

LATE = timedelta(days=1)
"""Time after which a source that did not run is told."""


@dataclass(frozen=True)
class SourceStatus:
    """One enabled source: its health and its last run."""

    source: str
    state: str
    reason: str
    last_run: datetime | None
    outcome: str
    said: str
    """Reason of the last run's outcome."""


@dataclass(frozen=True)
class Status:
    """Facts that a person wants to know in the morning."""

    at: datetime
    jobs: tuple[ledger.Run, ...]
    sources: tuple[SourceStatus, ...]
    documents: int | None
    """In the store; ``None`` where it does not answer."""
    lag_bytes: int
    """Bytes of journal that the index has not read."""
    damaged_segments: int
    troubles: tuple[str, ...]
    """A sentence for each thing that wants a person; none where all is well."""

    def to_record(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "at": iso(self.at),
            "ok": not self.troubles,
            "troubles": self.troubles,
            "documents": self.documents,
            "index": {"lag_bytes": self.lag_bytes, "damaged_segments": self.damaged_segments},
            "jobs": [
                {
                    "job": run.job, "status": run.status, "started_at": iso(run.started_at),
                    "finished_at": iso(run.finished_at), "detail": run.detail,
                }
                for run in self.jobs
            ],
            "sources": [
                {
                    "source": one.source, "state": one.state, "reason": one.reason,
                    "last_run": iso(one.last_run), "outcome": one.outcome, "said": one.said,
                }
                for one in self.sources
            ],
        }  # fmt: skip


def status(home: Home, now: datetime) -> Status:
    """The state of *home* at *now*. Reads sizes and records, no content."""
    state = State.open(home)
    jobs = tuple(ledger.latest(state).values())
    sources = tuple(_sources(home, state, now))
    troubles = [f"The last {run.job} {run.status}: {run.detail}." for run in jobs if run.status not in _FINE]
    troubles += [f"{one.source} is {one.state}: {one.reason}." for one in sources if one.state != Health.OK]
    for one in sources:
        if one.last_run is None:
            troubles.append(f"{one.source} never ran.")
        elif now - one.last_run > LATE:
            troubles.append(f"{one.source} did not run since {iso(one.last_run)}.")
    damaged = Journal(home.journal).damaged()
    troubles += [f"{reason}." for reason in damaged.values()]
    documents, complaint = _documents(home)
    return Status(
        now, jobs, sources, documents, pipeline.pending(home), len(damaged), (*troubles, *complaint)
    )


_FINE = {"ok", "running"}


def _sources(home: Home, state: State, now: datetime) -> list[SourceStatus]:
    newest = Runs(state).newest()
    found = []
    for standing in standings(home, now):
        run = newest.get(standing.source)
        verdict = standing.verdict
        found.append(
            SourceStatus(
                standing.source, verdict.state.value, verdict.reason, run.started_at if run else None,
                run.outcome.value if run else "", run.reason if run else "",
            )
        )  # fmt: skip
    return found


def _documents(home: Home) -> tuple[int | None, list[str]]:
    try:
        with closing(open_store(home)) as store:
            return store.count(Filter()), []
    except FengpingError as error:
        return None, [str(error)]
