"""Days of a curve on which nothing was collected: hatched, because silence of a collector is no calm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fengping.clock import day_of
from fengping.errors import FengpingError
from fengping.services.report import coverage
from fengping.web.desk import Desk


def gaps(desk: Desk, days: Sequence[datetime], counts: Sequence[int]) -> list[int]:
    """Places of *days* without a run of any source and without a document.

    None where no source ran at all in the window: what is stored came another way, and nothing is known.
    """
    if not days:
        return []
    try:
        covered = coverage(desk.home, days[0], days[-1] + timedelta(days=1), desk.now())
    except FengpingError:
        return []
    missing = set(covered.missing_days) if covered else set()
    return [at for at, day in enumerate(days) if not counts[at] and day_of(day) in missing]
