"""Coverage of the collection, in the form a report prints."""

from __future__ import annotations

from datetime import datetime

from fengping.clock import now
from fengping.home import Home
from fengping.reports.facts.model import Coverage, SourceState
from fengping.spiders.health import coverage


def report_coverage(home: Home, since: datetime, until: datetime) -> Coverage | None:
    """The coverage of ``[since, until)``; ``None`` (本期未统计) where no source ran in it."""
    covered = coverage(home, since, until, now())
    if covered is None:
        return None
    states = (SourceState(s.title, s.state, s.runs, s.documents, s.note) for s in covered.sources)
    return Coverage(tuple(states), covered.missing_days)
