"""Places of a curve in which nothing was collected: hatched, because silence of a collector is no calm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fengping.errors import FengpingError
from fengping.indexer import Interval, Store
from fengping.services.trends.gaps import empty_places, runs_until
from fengping.web.desk import Desk


def gaps(
    desk: Desk, store: Store, course: Sequence[datetime], counts: Sequence[int], by: Interval = Interval.DAY
) -> list[int] | None:
    """Places of *course*, the beginnings of intervals with *counts*, in which nothing was collected.

    ``None`` where the runs cannot be read: an interval without a document may be a gap or a calm.
    """
    if by in (Interval.HOUR, Interval.DAY) and all(counts):
        return []
    now = desk.now()
    try:
        runs = runs_until(desk.home, now)
    except FengpingError:
        return None
    return empty_places(store, runs, course, by, now)
