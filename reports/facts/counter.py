"""One store asked about one window: every answer comes back as a fact with its query and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fengping.clock import day_of, day_start
from fengping.indexer import Filter, Interval, Sort, Store
from fengping.reports.facts.model import Slice, Volume, Window, course_of, share_of
from fengping.reports.facts.quoting import reference
from fengping.reports.wording import Fact, Query, Reference

EVIDENCE = 3
"""Documents fetched for each figure."""

FIRST = {"first_in_group": ("true",)}


class Counter:
    """Asks one store about one window and hands back facts."""

    def __init__(self, store: Store, window: Window) -> None:
        self.store = store
        self.window = window

    def within(self, where: Mapping[str, tuple[str, ...]], day: date | None = None) -> Filter:
        """The window (or one day of it) under *where*."""
        if day is None:
            return Filter(since=self.window.since, until=self.window.until, where=dict(where))
        next_day = date.fromordinal(day.toordinal() + 1)
        return Filter(since=day_start(day), until=day_start(next_day), where=dict(where))

    def count(self, id: str, label: str, asked: Filter, known: int | None = None) -> Fact:
        """A count with its first documents; *known* where another query has counted it already."""
        value = self.store.count(asked) if known is None else known
        return Fact(id, label, value, Query("count", asked), documents=self.evidence(asked) if value else ())

    def evidence(self, asked: Filter) -> tuple[Reference, ...]:
        found = self.store.search(asked, limit=EVIDENCE, sort=Sort.OLDEST)
        return tuple(reference(document) for document in found.documents)

    def by_day(self, asked: Filter) -> dict[date, int]:
        return {day_of(b.start): b.count for b in self.store.histogram(asked, Interval.DAY)}

    def by_day_and(self, asked: Filter, field: str) -> dict[str, dict[date, int]]:
        """Daily counts for each value of *field*."""
        found: dict[str, dict[date, int]] = {}
        for bucket in self.store.histogram(asked, Interval.DAY, split=field):
            found.setdefault(bucket.split or "", {})[day_of(bucket.start)] = bucket.count
        return found

    def volume(self, id: str, label: str, where: Mapping[str, tuple[str, ...]]) -> Volume:
        asked = self.within(where)
        count = self.count(id, label, asked)
        return self._volume(count, self.by_day(asked), where, None)

    def part(
        self, id: str, label: str, where: Mapping[str, tuple[str, ...]], days: Mapping[date, int], folded: int
    ) -> Volume:
        """A volume whose counts came out of a split; only its evidence is asked for."""
        count = self.count(id, label, self.within(where), known=sum(days.values()))
        return self._volume(count, days, where, folded)

    def _volume(
        self, count: Fact, days: Mapping[date, int], where: Mapping[str, tuple[str, ...]], folded: int | None
    ) -> Volume:
        asked, first = self.within(where), self.within(dict(where) | FIRST)
        if folded is None:
            folded = self.store.count(first)
        only_first = Fact(f"{count.id}.folded", f"{count.label}（转载折叠）", folded, Query("count", first))
        course = course_of(count, self.window.days, days, Query("histogram", asked, "day"))
        return Volume(count, only_first, course)

    def slices(
        self,
        id: str,
        label: str,
        where: Mapping[str, tuple[str, ...]],
        field: str,
        whole: Fact,
        names: Mapping[str, str],
        *,
        limit: int = 1000,
    ) -> tuple[Slice, ...]:
        """Values of *field* with their shares of *whole*, largest first."""
        found = []
        for key, n in self.store.terms(self.within(where), field, limit=limit):
            name = names.get(key, key)
            asked = self.within(dict(where) | {field: (key,)})
            count = self.count(f"{id}.{key}", f"{label}：{name}", asked, known=n)
            found.append(
                Slice(key, name, count, share_of(f"{id}.{key}.share", f"{count.label}占比", count, whole))
            )
        return tuple(found)
