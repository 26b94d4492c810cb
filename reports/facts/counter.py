"""One store asked about one scope and window: every answer is a fact with its query and evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import islice
from types import MappingProxyType

from fengping.clock import day_of, day_start
from fengping.events.building.candidates import EDITED, is_signed, publisher
from fengping.events.knowing.reach import reach_of
from fengping.indexer import Filter, Interval, Sort, Store
from fengping.indexer.search import Hits, Keyword, Or
from fengping.models import Document, Polarity
from fengping.reports.chapters.topics import topic_name
from fengping.reports.facts.folding import FIRST, Copies, Days, Folding
from fengping.reports.facts.model import Slice, Volume, Window, course_of, share_of
from fengping.reports.facts.naming import LEAST, Forms, Hidden, Masks, folded
from fengping.reports.facts.quoting import reference
from fengping.reports.facts.series import Series
from fengping.reports.facts.unlisted import SELLER, SHOP, Party, unlisted
from fengping.reports.scope import ALL, NEGATIVE, Cut, Scope
from fengping.reports.wording import Fact, Query, Reference, clean

EVIDENCE = 3
"""Documents fetched for each figure."""

LONGEST_NAME = 40
"""Characters of a collected name that are printed."""

AUTHORS = ("author_id", "author")
"""Fields of which one tells who published a document, if it is not the site of edited media."""
TOLD_BY = 8, 40
"""Oldest documents that are looked at for their publishers, first so many, then so many."""
DRAWN = 500
"""Documents drawn at random that are looked at for their publishers where there are more."""
NAMING = (("negative_hosts", "hosts"), ("negative_brands", "brands"))
"""Fields of those accused and of those named."""
MOST_NAMES = 1_000
"""Accused of a window who are looked for in other documents too."""
READ_FOR_NAMES = 200
"""Negatives of a window, the earliest, that are read for those who stand in no registry."""
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
    least: int = LEAST
    """Independent publishers on whose word a host, a shop or a brand is named."""
    forms: Forms = field(default_factory=Forms)
    leads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Events, or groups of copies, that too few tell of, with those they are about: their documents name
    nobody."""
    hidden: Hidden = field(default_factory=Hidden)
    """Those who are masked somewhere in the report: whatever a document says of them, it names none of them
    whom too few accuse."""
    masks: Masks = field(default_factory=Masks, compare=False, repr=False)
    """Words in place of names, the same in the whole report."""
    _told: dict[tuple[str, str], bool] = field(default_factory=dict, init=False, compare=False, repr=False)
    _copies: Copies = field(default_factory=dict, init=False, compare=False, repr=False)

    def within(self, cut: Cut, day: date | None = None) -> Filter:
        """The scope in the window, or in one day of it, under *cut*."""
        judged = {"consumer": ("true",)} if self.scope.consumer else {}
        since, until = self.window.since, self.window.until
        if day is not None:
            since, until = day_start(day), day_start(_after(day))
        return Filter(
            text=self.scope.text,
            since=since,
            until=until,
            where={**self.scope.where, **judged, **cut.where},
            exclude=dict(cut.exclude),
        )

    @property
    def subjects(self) -> tuple[str, ...]:
        """Hosts that the report is about: they are named in it."""
        return self.scope.where.get("hosts", ())

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
            value, shown = found.total, self._references(found)
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
                return self._references(soon)
        return self._references(self._oldest(asked))

    def _references(self, found: Hits) -> tuple[Reference, ...]:
        return tuple(self.shown(document) for document in found.documents)

    def _oldest(self, asked: Filter) -> Hits:
        return self.store.search(asked, limit=EVIDENCE, sort=Sort.OLDEST)

    def told_by(self, asked: Filter, least: int, *, copies: bool = False) -> bool:
        """True if *least* sites, or accounts, tell *asked*, each in a text that is no copy of an earlier one;
        with *copies* in any text.

        Of many documents not all are looked at: those who are not found then do not count.
        """
        for limit in TOLD_BY:
            found = self.store.search(asked, limit=limit, sort=Sort.OLDEST)
            reach = reach_of(found.documents)
            if (reach.publishers if copies else reach.independent) >= least:
                return True
            if found.total <= limit:
                return False
        others = asked if copies else replace(asked, where={**asked.where, **FIRST})
        seen: set[tuple[str, str]] = set()
        for document in islice(self.store.scan(others), DRAWN):
            if is_signed(document):
                seen.add(publisher(document))
            if len(seen) >= least:
                return True
        return False

    def is_told(self, name: str, *, accused: bool) -> bool:
        """True if enough independent publishers accuse *name*, or name it, in the scope."""
        for fields in NAMING:
            key = (fields[not accused], name)
            if key not in self._told:
                cut = NEGATIVE if accused else ALL
                self._told[key] = self.told_by(self.within(cut.also(**{key[0]: (name,)})), self.least)
            if self._told[key]:
                return True
        return False

    def said(self, document: Document, text: str, *, free: AbstractSet[str] = frozenset()) -> str:
        """*text*, taken from *document*, as it may be printed: without the names of those who are neither
        *free* to be named nor told by enough. The report's subject is free, and a shop or brand that nobody
        accuses; nobody else is in documents of :attr:`leads`."""
        about = self.leads.get(document.event, self.leads.get(document.group))
        if about is not None:
            also = self.hidden.within(text)
            return self.forms.hide_everyone(text, document, about, self.masks, keep=self.subjects, also=also)
        free = {*free, *self.subjects}
        judged = document.judgement
        accused = {*judged.negative_hosts, *(judged.negative_brands or ()), *self.hidden.names}
        hidden = {
            name: word
            for name, word in self.forms.of(document).items()
            if name not in free
            and (word == SELLER or name in accused)
            and not self.is_told(name, accused=name in accused)
        }
        others = self.hidden_in(text, free, unlisted_in(document))
        return self.forms.hide(text, hidden, self.masks, document, keep=free, others=others)

    def hidden_in(
        self, text: str, free: AbstractSet[str], also: Mapping[str, Party] = MappingProxyType({})
    ) -> dict[str, Party]:
        """Forms of those of :attr:`hidden`, and of those *also* to be hidden, that stand in *text*, who are
        neither *free* to be named nor told by enough."""
        known = replace(self.hidden, forms={**also, **self.hidden.forms})
        return {
            form: party
            for form, party in known.within(text).items()
            if party[0] not in free and not self._is_told_of(form, party[0])
        }

    def _is_told_of(self, form: str, name: str) -> bool:
        """True if enough independent publishers accuse *name*, or, of one in no registry, are negative where
        they write *form*."""
        if name in self.forms.known:
            return self.is_told(name, accused=True)
        key = ("", form)
        if key not in self._told:
            asked = replace(self.within(NEGATIVE), text=self.scope.naming(form))
            self._told[key] = self.told_by(asked, self.least)
        return self._told[key]

    def accused_of(self, windows: Iterable[Window]) -> Hidden:
        """Those whom any document of the scope in *windows* accuses, and whom its earliest negatives name
        though they stand in no registry: those whom too few accuse are hidden where they are printed."""
        names: dict[str, str] = {}
        others: dict[str, Party] = {}
        for window in windows:
            asked = replace(self, window=window).within(NEGATIVE)
            for document in self.store.search(asked, limit=READ_FOR_NAMES, sort=Sort.OLDEST).documents:
                others |= unlisted_in(document)
            found = self.store.facets(asked, tuple(field for field, _ in NAMING), limit=MOST_NAMES)
            for (accused, _), word in zip(NAMING, (SELLER, SHOP), strict=True):
                names |= dict.fromkeys((name for name, _ in found.get(accused, ())), word)
        own = {name: word for name, word in names.items() if name not in self.forms.platforms}
        return Hidden(frozenset(own), {**others, **self.forms.certain(own)})

    def shown(self, document: Document) -> Reference:
        """*document* as evidence, its title as it may be printed."""
        return reference(document, partial(self.said, document))

    def by_day(self, asked: Filter) -> dict[date, int]:
        return {day_of(b.start): b.count for b in self.store.histogram(asked, Interval.DAY)}

    def is_signed(self, asked: Filter) -> bool:
        """True if of any document of *asked* the source tells who published it."""
        edited = Or(tuple(Keyword("channel", channel.value) for channel in sorted(EDITED)))
        return any(self.store.facets(asked, AUTHORS, limit=1).values()) or bool(
            self.store.terms(asked.holding(edited), "site", limit=1)
        )

    def empty_days(self, ran: Callable[[Window], bool] | None = None) -> int:
        """Days of the window without a document of the sources asked, within the scope or not, but for those
        on which a run of a source finished (*ran*), as far as that is known."""
        received = self.by_day(self.received)
        empty = (day for day in self.window.days if day not in received)
        return sum(not (ran and ran(Window(day_start(day), day_start(_after(day))))) for day in empty)

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
        days: Days | None = None,
        folded: Days | None = None,
    ) -> Volume:
        """Count, folded count and course of *cut*; *days* and *folded* days where a split has told them."""
        asked = self.within(cut)
        by_day = self.by_day(asked) if days is None else days
        count = self.count(id, label, asked, known=sum(by_day.values()))
        apart = Series.fill(self.window.days, self.folded(cut) if folded is None else folded)
        texts = Fact(
            f"{count.id}.folded", f"{label}（同文折叠）", apart.total, Query("distinct texts", asked)
        )
        course = course_of(count, self.window.days, by_day, Query("histogram", asked, "day"))
        return Volume(count, texts, course, apart)

    def folded(self, cut: Cut) -> Days:
        """Daily numbers of *cut* with reposts folded."""
        return self.folding.apart(cut, self.by_day(self.within(cut.also(**FIRST))))

    def folded_by(self, cut: Cut, field: str) -> Mapping[str, Days]:
        """The same for each value of *field*."""
        firsts = self.by_day_and(self.within(cut.also(**FIRST)), field)
        return self.folding.apart_by(cut, field, firsts)

    @property
    def folding(self) -> Folding:
        """The copies of the scope in the window."""
        return Folding(self.store, self.within(ALL), self._copies)

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


def tells_publisher(document: Document) -> bool:
    """True if the source tells who published *document*: not by the site of a hot list."""
    raw = document.raw
    return bool(raw.author_id or raw.author or (raw.channel in EDITED and raw.site))


def unlisted_in(document: Document) -> dict[str, Party]:
    """Forms of those in no registry whom *document* names, where it is negative."""
    if document.judgement.polarity is not Polarity.NEG:
        return {}
    return {folded(form): party for form, party in unlisted(document.raw.content).items()}


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
