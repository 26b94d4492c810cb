"""Facts of a report: pure values, and the arithmetic that makes one from another.

Everything here is computed from counts alone. ``collect.py`` fills it from a store by fixed queries;
tests fill it by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fengping.clock import day_of, days_between
from fengping.reports import numbers
from fengping.reports.facts.series import Series
from fengping.reports.wording import Fact, Number, Query, Reference


@dataclass(frozen=True, slots=True)
class Window:
    """The monitored time, half-open ``[since, until)``, on whole Chinese days."""

    since: datetime
    until: datetime

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(days_between(self.since, self.until))

    @property
    def first(self) -> date:
        return day_of(self.since)

    @property
    def last(self) -> date:
        return self.days[-1]

    def words(self) -> str:
        return numbers.span(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Course:
    """Daily distribution of a count."""

    series: Series
    by_day: Fact
    mean: Fact
    peak: Fact
    """The highest day; its value is ``None`` where all days are zero."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A count of documents, raw and with reposts folded into their first."""

    count: Fact
    folded: Fact
    course: Course


@dataclass(frozen=True, slots=True)
class Slice:
    """One value of a field, with its share of a whole."""

    key: str
    name: str
    count: Fact
    share: Fact


@dataclass(frozen=True, slots=True)
class Story:
    """The largest repost group of a peak day."""

    lead: Reference
    count: Fact


@dataclass(frozen=True, slots=True)
class Word:
    """A word that negative posts use more than the rest; ``z`` is its log-odds in standard errors."""

    text: str
    count: Fact
    z: float


@dataclass(frozen=True, slots=True)
class Topic:
    """One complaint class among the negative livestream documents."""

    code: str
    name: str
    volume: Volume
    share: Fact
    story: Story | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """One seller among the negative livestream documents that name whom they are directed at."""

    name: str
    volume: Volume
    share: Fact
    issues: tuple[Slice, ...] = ()
    """Per complaint class, in the order of the report's topics; shares are of this host's count."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The hosts that are not named one by one."""

    hosts: int
    count: Fact
    share: Fact


@dataclass(frozen=True, slots=True)
class SourceState:
    """State of one source during the window. ``state``: ok, degraded, failing, blocked, silent."""

    name: str
    state: str
    runs: int | None = None
    documents: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Collection record of the window; the health work supplies it."""

    sources: tuple[SourceState, ...] = ()
    missing_days: tuple[date, ...] = ()
    """Days on which no source ran."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage as it was published."""

    reference: Reference
    where: str
    """Channel and site, e.g. ``微博`` or ``网站·某报``."""
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """A repost group brought as a case, or as a lead (线索) where too few sources carry it."""

    group: str
    hosts: tuple[str, ...]
    issues: tuple[str, ...]
    platforms: tuple[str, ...]
    documents: Fact
    publishers: Fact
    engagement: Fact
    opening: Quote
    sources: tuple[Quote, ...]
    """The first document of each publisher, oldest first, at most five."""
    notes: tuple[str, ...] = ()
    """Ratios computed from figures in the quoted text."""
    response: Quote | None = None
    penalty: Quote | None = None

    @property
    def status(self) -> str:
        if self.penalty:
            return "已处罚"
        return "已回应" if self.response else "未证实"


@dataclass(frozen=True, slots=True)
class Previous:
    """The figures of the edition before, for the one comparison the CCA makes."""

    name: str
    total: Fact
    negative: Fact


@dataclass(frozen=True, slots=True)
class Facts:
    """All that one report prints."""

    window: Window
    everything: Volume
    negative: Volume
    negative_share: Fact
    polarities: tuple[Slice, ...]
    channels: tuple[Slice, ...]
    words: tuple[Word, ...]
    live: Volume
    live_share: Fact
    live_polarities: tuple[Slice, ...]
    live_days: Mapping[str, Series]
    """Polarity → daily counts of livestream documents."""
    complaints: Volume
    """Negative livestream documents (直播带货类负面信息)."""
    complaints_share: Fact
    """Of all negative documents."""
    topics: tuple[Topic, ...]
    unclassified: Fact
    named: Fact
    """Complaints that name the seller they are directed at: the whole that host shares are of."""
    hosts: tuple[Host, ...]
    rest: Rest | None
    """Hosts beyond those that the sentence names."""
    table_rest: Rest | None
    """Hosts beyond those in the table."""
    on_platforms: Fact
    """Complaints that name a platform: the whole that platform shares are of."""
    platforms: tuple[Slice, ...]
    cases: tuple[Case, ...]
    leads: tuple[Case, ...]
    undated: Fact
    reposts_share: Fact
    min_publishers: int
    previous: Previous | None = None
    coverage: Coverage | None = None
    corrections: Fact | None = None
    models: tuple[str, ...] = ()
    unjudged: Fact | None = None
    """Documents mostly in another language; ``None`` where there are none."""
    store: tuple[tuple[str, str], ...] = ()

    @property
    def silent_days(self) -> tuple[date, ...]:
        """Days without a single document, in time order."""
        series = self.everything.course.series
        return tuple(d for d, n in zip(series.days, series.counts, strict=True) if n == 0)

    @property
    def flagged_days(self) -> tuple[date, ...]:
        """Days that may not be read as calm: not collected, or empty with no one to say why."""
        if self.coverage is None:
            return self.silent_days
        return tuple(day for day in self.window.days if day in self.coverage.missing_days)


def derived(
    id: str,
    label: str,
    value: Number | None,
    formula: str,
    *basis: Fact,
    unit: str = "条",
    n: int | None = None,
) -> Fact:
    """A fact computed from others; *formula* says how in their ids."""
    return Fact(id, label, value, Query(formula), unit, n, basis)


def share_of(id: str, label: str, part: Fact, whole: Fact) -> Fact:
    """``part ÷ whole``; no value where either is missing or the whole is empty."""
    known = part.value is not None and whole.value
    ratio = round(float(part.value or 0) / float(whole.value or 1), 6) if known else None
    n = None if whole.value is None else int(whole.value)
    return derived(id, label, ratio, f"{part.id} ÷ {whole.id}", part, whole, unit="比例", n=n)


def course_of(count: Fact, days: Sequence[date], by_day: Mapping[date, int], query: Query) -> Course:
    """The daily series of *count* with its mean over all *days* and its highest day."""
    series = Series.fill(days, by_day)
    daily = Fact(f"{count.id}.by_day", f"{count.label}逐日", series.total, query, basis=(count,))
    mean = derived(
        f"{count.id}.mean",
        f"{count.label}日均",
        numbers.mean(int(count.value or 0), len(days)),
        f"{count.id} ÷ {len(days)}天",
        count,
        unit="条/日",
    )
    peak = derived(
        f"{count.id}.peak",
        f"{count.label}单日最高",
        series.top or None,
        f"max({daily.id})",
        daily,
    )
    return Course(series, daily, mean, peak)
