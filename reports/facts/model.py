"""Facts of a report: pure values, and the arithmetic that makes one from another.

Everything here is computed from counts alone, which are asked of a store by fixed queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime

from fengping.clock import day_of, days_between
from fengping.events import Status
from fengping.reports import numbers
from fengping.reports.facts.excerpts import UNTOLD
from fengping.reports.facts.series import Series
from fengping.reports.wording import Fact, Number, Query, Reference


@dataclass(frozen=True, slots=True)
class Window:
    """The monitored time, half-open ``[since, until)``, on whole Chinese days."""

    since: datetime
    until: datetime
    cut: datetime | None = None
    """The moment up to which its last day had come when it was asked for; ``None`` where that was over."""

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
    apart: Series
    """Daily counts with reposts folded."""

    @property
    def highest(self) -> tuple[date, ...]:
        """The highest day, or two that tie, copies counted, where the days differ."""
        series = self.course.series
        return series.notable_days if series.varies() else ()

    def grows(self, left: Set[date] = frozenset()) -> bool:
        """True if it runs higher in the second half by more than chance, copies counted or not; days *left*
        out count in neither half."""
        return self.course.series.grows(left) and self.apart.grows(left)


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
class Point:
    """A 槽点: words of complaints as they were written, and how many documents of a class hold them."""

    words: str
    count: Fact


@dataclass(frozen=True, slots=True)
class Topic:
    """A field of problems: a complaint class, or livestream selling, among negative documents."""

    code: str
    name: str
    volume: Volume
    share: Fact
    story: Story | None = None
    points: tuple[Point, ...] = ()
    """Most frequent first; each held by enough documents."""


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
    most: int = 0
    """Documents of the one with the most of them."""


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
    """Days on which no run of a source finished."""
    failed_days: tuple[date, ...] = ()
    """Those of them on which sources ran, and every run failed."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Documents drawn at random of which the judge says what a reader says, with the 95 % interval."""

    right: int
    n: int
    low: float
    high: float
    passed: int = 0
    """Documents that were drawn too, and passed over."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage as it was published."""

    reference: Reference
    where: str
    """Channel and site, e.g. ``微博`` or ``网站·某报``."""
    text: str


MENTIONED = "仅提及该主播，未判定指向"
"""Beside the status of a lead that does not accuse the host whom the report is on."""
HEADLINE = "仅有标题"
"""In place of 未证实 where nothing but titles came in: no charge is told that could be proved."""


@dataclass(frozen=True, slots=True)
class Told:
    """A step of what became of a charge: 已回应, 已否认 …, with the sentence that supports it."""

    status: str
    quote: Quote
    other: bool = False
    """True where it is of others whom the event is against, not of those whom its first charge accuses."""


@dataclass(frozen=True, slots=True)
class Case:
    """An event brought as a case, or as a lead (线索) where too few publishers tell it."""

    event: str
    title: str
    parties: tuple[str, ...]
    """The accused; empty where nobody is named."""
    about: tuple[str, ...]
    """Everyone whom it is about, named or not."""
    issues: tuple[str, ...]
    platforms: tuple[str, ...]
    documents: Fact
    publishers: Fact
    independent: Fact
    """Publishers with at least one text that is no copy; no value where no source tells who published."""
    engagement: Fact
    status: str
    opening: Quote
    sources: tuple[Quote, ...]
    """The first document of each publisher, oldest first, at most five."""
    claims: tuple[Quote, ...] = ()
    """Sentences with numbers, as quoted."""
    notes: tuple[str, ...] = ()
    """Ratios computed from figures in the quoted text."""
    lacking: str = ""
    """The remark on figures of its title that the first quotation's text does not give."""
    told: tuple[Told, ...] = ()
    accuses: bool = True
    """True where any document of the event accuses somebody, or no name is known of whom it tells."""
    partly: bool = False
    """True where not all documents of the event are read: ``independent`` and ``engagement`` are at least so
    many."""
    unsure: bool = False
    """True where texts of it are judged answers, and of none it is sure that the accused gives it."""
    unread: bool = False
    """True where more texts of it than were read may hold an answer."""
    aimed_at: tuple[str, ...] = ()
    """Those of the accused whom the first quotation accuses."""
    begun: str = ""
    """The day on which it began, or the time on the same day, where that was before its first quotation,
    which is the first negative of the window."""
    answered_before: str = ""
    """The day, or the time, of an answer that came before all else: no beginning."""
    bare: bool = False
    """True where nobody signed it and there is nothing but titles."""
    nobody_answers: bool = False
    """True of a single text that accuses nobody known."""
    kin: tuple[Quote, ...] = ()
    """Titles of the other events that the system holds of the same accused and the same thing; beginning,
    status and answers are those of all."""
    beside: str = ""
    """Printed behind the status: what became of others, or that the host asked about is only mentioned."""
    since: str = ""
    """The time of the first negative of the window, where the first quotation is of a later one."""
    masked: tuple[str, ...] = ()
    """Of a lead its events and the groups of their documents: these name nobody."""

    @property
    def verdict(self) -> str:
        """The status as it is printed."""
        return HEADLINE if self.bare and self.status == Status.UNPROVEN else self.status

    @property
    def standing(self) -> str:
        """:attr:`verdict` with what stands beside it."""
        return f"{self.verdict}（{self.beside}）" if self.beside else self.verdict

    @property
    def headed(self) -> str:
        """:attr:`standing` as it is printed within brackets, behind a title."""
        return f"{self.verdict}，{self.beside}" if self.beside else self.verdict

    @property
    def first(self) -> str:
        """The time of the first negative of the window."""
        return self.since or self.opening.reference.published

    @property
    def earlier(self) -> str:
        """The words for what came before the first negative of the window; empty where nothing did."""
        if self.begun:
            return f"该事件的信息始于{self.begun}"
        return f"此前已有判为回应的信息，见于{self.answered_before}" if self.answered_before else ""

    @property
    def is_quoted(self) -> bool:
        """False where a remark stands in place of the first quotation."""
        return self.opening.text not in UNTOLD

    @property
    def silence(self) -> str:
        """The sentence where nothing is told of those whom the first charge accuses; else empty."""
        if any(not told.other for told in self.told):
            return ""
        if self.told:
            return "归入该事件的信息中，未能确认首条负面信息所指一方的回应。"
        if self.unsure:
            return "系统内有信息判为回应，但未能确认出自被指一方并答复此事。"
        if self.bare or self.nobody_answers:
            return ""
        if self.unread:
            return "有关该事件、可能含有回应的信息较多，未全部核读；已核读的信息中未见被指一方的公开回应。"
        return f"归入该事件的信息中未见{'被指一方' if self.accuses else '相关方'}的公开回应。"

    @property
    def further(self) -> tuple[Quote, ...]:
        """Sources that say something besides the heading and the quotation."""
        said = (self.title, self.opening.text)
        return tuple(
            quote
            for quote in self.sources
            if quote.reference.id != self.opening.reference.id or quote.text not in said
        )


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
