"""One store asked about one scope and window: every answer is a fact with its query and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from fengping.clock import day_of, day_start
from fengping.events.building.candidates import publisher
from fengping.indexer import Filter, Interval, Sort, Store
from fengping.indexer.search.protocol import Hits
from fengping.reports.chapters.topics import topic_name
from fengping.reports.facts.model import Slice, Volume, Window, course_of, share_of
from fengping.reports.facts.quoting import reference
from fengping.reports.scope import Cut, Scope
from fengping.reports.wording import Fact, Query, Reference, clean

EVIDENCE = 3
"""Documents fetched for each figure."""

LONGEST_NAME = 40
"""Characters of a collected name that are printed."""

FIRST = {"first_in_group": ("true",)}
TOLD_BY = 40
"""Documents that are looked at for their publishers before all are counted."""
MANY, PART = 1_000, 32
"""Documents from which the oldest are looked for in so small a part of the window first."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Asks one store about one scope and window and hands back facts."""

    store: Store
    window: Window
    scope: Scope
    prefix: str = ""
    """Put before the ids of facts, so that those of another window differ."""

    def within(self, cut: Cut, day: date | None = None) -> Filter:
        """The scope in the window, or in one day of it, under *cut*."""
        judged = {"consumer": ("true",)} if self.scope.consumer else {}
        since, until = self.window.since, self.window.until
        if day is not None:
            since, until = day_start(day), day_start(date.fromordinal(day.toordinal() + 1))
        return Filter(
            text=self.scope.text,
            since=since,
            until=until,
            where={**self.scope.where, **judged, **cut.where},
            exclude=dict(cut.exclude),
        )

    @property
    def received(self) -> Filter:
        """All documents of the window and the sources asked, within the scope or not."""
        sources = {key: names for key, names in self.scope.where.items() if key == "source"}
        return Filter(since=self.window.since, until=self.window.until, where=sources)

    def count(
        self, id: str, label: str, asked: Filter, known: int | None = None, *, evidence: bool = True
    ) -> Fact:
        """A count with its first documents; *known* where another query has counted it already."""
        shown: tuple[Reference, ...] = ()
        if not evidence:
            value = self.store.count(asked) if known is None else known
        elif known is None:
            found = self._oldest(asked)
            value, shown = found.total, _references(found)
        else:
            value, shown = known, self.evidence(asked, known)
        return Fact(self.prefix + id, label, value, Query("count", asked), documents=shown)

    def evidence(self, asked: Filter, count: int) -> tuple[Reference, ...]:
        """The oldest documents of *asked*, which are *count* in all."""
        if not count:
            return ()
        if count >= MANY and asked.since and asked.until:
            # Of many the oldest are soon found, and the others need not be looked at.
            soon = self._oldest(replace(asked, until=asked.since + (asked.until - asked.since) / PART))
            if soon.total >= EVIDENCE:
                return _references(soon)
        return _references(self._oldest(asked))

    def _oldest(self, asked: Filter) -> Hits:
        return self.store.search(asked, limit=EVIDENCE, sort=Sort.OLDEST)

    def told_by(self, asked: Filter, least: int) -> bool:
        """True if *least* sites, or accounts, tell *asked*."""
        found = self.store.search(asked, limit=TOLD_BY)
        if len({publisher(document) for document in found.documents}) >= least:
            return True
        if found.total <= TOLD_BY:
            return False
        counted = self.store.facets(asked, ("author_id", "author", "site", "source"), limit=least)
        return any(len(values) >= least for values in counted.values())

    def by_day(self, asked: Filter) -> dict[date, int]:
        return {day_of(b.start): b.count for b in self.store.histogram(asked, Interval.DAY)}

    def by_day_and(self, asked: Filter, field: str) -> dict[str, dict[date, int]]:
        """Daily counts for each value of *field*."""
        found: dict[str, dict[date, int]] = {}
        for bucket in self.store.histogram(asked, Interval.DAY, split=field):
            found.setdefault(bucket.split or "", {})[day_of(bucket.start)] = bucket.count
        return found

    def volume(
        self,
        id: str,
        label: str,
        cut: Cut,
        *,
        days: Mapping[date, int] | None = None,
        folded: int | None = None,
    ) -> Volume:
        """Count, folded count and course of *cut*; *days* and *folded* where a split has told them."""
        asked, first = self.within(cut), self.within(cut.also(**FIRST))
        by_day = self.by_day(asked) if days is None else days
        count = self.count(id, label, asked, known=sum(by_day.values()))
        alone = self.store.count(first) if folded is None else folded
        only_first = Fact(f"{count.id}.folded", f"{label}（转载折叠）", alone, Query("count", first))
        course = course_of(count, self.window.days, by_day, Query("histogram", asked, "day"))
        return Volume(count, only_first, course)

    def slices(
        self,
        id: str,
        label: str,
        cut: Cut,
        field: str,
        whole: Fact,
        names: Mapping[str, str],
        *,
        limit: int = 1000,
        evidence: bool = True,
    ) -> tuple[Slice, ...]:
        """Values of *field* with their shares of *whole*, largest first."""
        counts = dict(self.store.terms(self.within(cut), field, limit=limit))
        return self.sliced(id, label, cut, field, whole, counts, names, evidence=evidence)

    def sliced(
        self,
        id: str,
        label: str,
        cut: Cut,
        field: str,
        whole: Fact,
        counts: Mapping[str, int],
        names: Mapping[str, str] | None = None,
        *,
        evidence: bool = False,
    ) -> tuple[Slice, ...]:
        """The same of counts that are known, in their order; codes of classes go by their names."""
        found, names = [], names if names is not None else {code: topic_name(code) for code in counts}
        for key, n in counts.items():
            name = clean(names.get(key, key))[:LONGEST_NAME]
            asked = self.within(cut.also(**{field: (key,)}))
            count = self.count(
                f"{id}.{clean(key)[:LONGEST_NAME]}", f"{label}：{name}", asked, known=n, evidence=evidence
            )
            found.append(
                Slice(key, name, count, share_of(f"{count.id}.share", f"{count.label}占比", count, whole))
            )
        return tuple(found)


def _references(found: Hits) -> tuple[Reference, ...]:
    return tuple(reference(document) for document in found.documents)
