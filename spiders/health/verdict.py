"""The verdict on a source: ok, degraded, failing or silent, and the sentence that says why."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from fengping.clock import USUAL_DAYS, iso
from fengping.spiders.health.days import Day, ran
from fengping.spiders.run import causes
from fengping.spiders.run.statuses import Flag, Status

MIN_BASELINE = 7
"""Days with runs that a baseline needs; before that nothing is called unusual."""
WEEKDAYS = 3
"""Days of one weekday that a baseline of their own needs."""
NOT_YET = "it has not run yet"
OVERDUE_DAYS = 2
"""Days without a run at which a source is silent: one whole day was missed."""
DROUGHT = 0.001
"""Chance of so many empty days in a row, were they as usual, below which a source is silent."""
SIGMAS = 3.0
MAX_FAILED, MAX_BLOCKED = 0.1, 0.02
"""Shares of runs and of pages that may go wrong by accident, or the state would change with each."""
IN_A_ROW = 3
"""Runs in a row, up to the last, that decide: failed ones that it fails, others that it is well again."""
FEW = 5
"""Shares of fewer pages than that say nothing."""


class Health(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    """It brings documents, but some are missing or worse than usual."""
    FAILING = "failing"
    """It brings none, and says so: its runs fail, or the site blocks."""
    SILENT = "silent"
    """It brings none and does not say so: it did not run, or found nothing where there always was."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Mean, standard deviation and median of a count over ``days`` days with runs."""

    mean: float
    sigma: float
    days: int
    median: float = 0.0
    least: int = MIN_BASELINE
    """Days that make it known."""

    @property
    def known(self) -> bool:
        return self.days >= self.least

    def __str__(self) -> str:
        return f"{self.mean:.1f} ± {self.sigma:.1f}" if self.known else "not known yet"


@dataclass(frozen=True, slots=True)
class Verdict:
    state: Health
    reason: str = ""
    blocked: bool = False
    """True if it fails because the site refuses us (blocks, or its robots.txt)."""


def usual_of_weekday(days: Sequence[Day], day: date, before: date) -> Usual:
    """Documents on the same weekday as *day* in the weeks before *before*; on any day where few are known."""
    every = usual(days, before, lambda one: one.documents)
    same = [one for one in days if one.day.weekday() == day.weekday()]
    found = usual(same, before, lambda one: one.documents)
    if not every.known or found.days < WEEKDAYS:
        return every
    return replace(found, least=WEEKDAYS)


def usual(days: Sequence[Day], before: date, count: Callable[[Day], float]) -> Usual:
    """Return the values of *count* on the days with runs among the :data:`USUAL_DAYS` before *before*."""
    values = [count(day) for day in ran(days) if 0 < (before - day.day).days <= USUAL_DAYS]
    if not values:
        return Usual(0.0, 0.0, 0)
    mean = sum(values) / len(values)
    sigma = math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))
    return Usual(mean, sigma, len(values), statistics.median(values))


@dataclass(frozen=True, slots=True)
class Streak:
    """The last runs in a row that all failed, or all did not."""

    failed: bool
    count: int
    since: datetime
    """Start of the first of them."""
    counts: Mapping[str, int]
    """Their counts together, named as those of a day."""


def decide(days: Sequence[Day], today: date, streak: Streak | None = None) -> Verdict:
    """The verdict from a source's *days* up to *today*, oldest first; *today* may be half over.

    The newest day with a run is judged; how many documents it brought counts once it is over. With *streak*,
    :data:`IN_A_ROW` failed runs are a failure whatever went well before, and as many good ones end it.
    """
    if streak and streak.count >= IN_A_ROW and (active := ran(days)):
        if streak.failed and (today - active[-1].day).days < OVERDUE_DAYS:
            return _failing_since(streak, active[-1])
        if not streak.failed and active[-1].failed:
            brought = (Status.STORED.value, Status.UPDATED.value)
            whole = {name: n for name, n in active[-1].counts.items() if name in brought}
            well = Day(active[-1].day, {**streak.counts, **whole})
            days = [well if day is active[-1] else day for day in days]
    active = ran(days)
    if not active:
        return Verdict(Health.SILENT, NOT_YET)
    last = active[-1]
    if (today - last.day).days >= OVERDUE_DAYS:
        return Verdict(Health.SILENT, f"it has not run since {last.day}")
    return (
        _failing(last)
        or _drought(active, today)
        or _degraded(last, days)
        or _thin(active, today)
        or Verdict(Health.OK)
    )


def _failing_since(streak: Streak, last: Day) -> Verdict:
    seen = Day(last.day, streak.counts)
    reason = f"its last {streak.count} runs failed, since {iso(streak.since)}{_causes(seen)}"
    if seen.robots_denied and seen.robots_denied == seen.asked:
        reason += f", robots.txt denies all {seen.robots_denied} pages asked for"
    return Verdict(Health.FAILING, reason, blocked=bool(seen.blocked or seen.robots_denied))


def _failing(last: Day) -> Verdict | None:
    if last.blocked * 2 >= last.asked > 0:
        return Verdict(Health.FAILING, _blocked(last), blocked=True)
    if last.finished:
        return None
    if last.robots_denied and last.robots_denied == last.asked:
        reason = f"robots.txt denies all {last.robots_denied} pages asked for"
        return Verdict(Health.FAILING, reason, blocked=True)
    reason = f"all {last.failed} runs of {last.day} failed{_causes(last)}"
    return Verdict(Health.FAILING, reason, blocked=last.blocked > 0)


def _causes(day: Day) -> str:
    """Name the causes of a day's failed runs, the most frequent first; empty where its counts show none."""
    told = causes.causes(day.counts)
    return f": {', '.join(told)}" if told else ""


def _blocked(day: Day) -> str:
    most = causes.block(day.counts)
    return f"blocked on {day.blocked} of {day.asked} pages" + (f": {most}" if most else "")


def _broken(day: Day) -> str:
    most = causes.error(day.counts)
    return f"{day.broken} of {day.asked} pages ended in errors" + (f": {most}" if most else "")


def _drought(active: Sequence[Day], today: date) -> Verdict | None:
    """Whole days without a document, where that hardly happens by chance (Poisson)."""
    if active[-1].day == today and active[-1].documents:
        return None
    whole = [day for day in active if day.day < today]
    dry = 0
    while dry < len(whole) and not whole[-1 - dry].documents:
        dry += 1
    if not dry:
        return None
    before = whole[-dry].day
    normal = usual(active, before, lambda day: day.documents)
    # One day of a backfill lifts the mean of a source that brings one document a day, not its median.
    by_day = [usual_of_weekday(active, day.day, before) for day in whole[-dry:]]
    expected = sum(min(one.mean, one.median) for one in by_day)
    if not normal.known or math.exp(-expected) >= DROUGHT:
        return None
    return Verdict(Health.SILENT, f"no document on {dry} day(s) with runs, usual is {normal} a day")


def _degraded(last: Day, days: Sequence[Day]) -> Verdict | None:
    for wrong, reason in (
        (last.failed > MAX_FAILED * last.runs, f"{last.failed} of {last.runs} runs failed{_causes(last)}"),
        (last.blocked > MAX_BLOCKED * last.asked, _blocked(last)),
        (last.of(Status.SELECTOR_EMPTY) > 0, "the selector or path of a list matches nothing"),
        (
            # One that fails now and then is read by the next run; an address that is gone fails each.
            last.of(Flag.LOST_IN_RUN) >= max(last.runs, 2),
            f"in each run a list could not be read, or not to its end: {last.of(Flag.LOST_LIST)} "
            f"in {last.runs} runs",
        ),
        (
            _share(last.unfinished, last.asked + last.unfinished) >= 0.2,
            f"runs ended before {last.unfinished} pages that they met were fetched",
        ),
        (_share(last.robots_denied, last.asked) >= 0.5, f"robots.txt denies {last.robots_denied} pages"),
        (_share(last.broken, last.asked) >= 0.2, _broken(last)),
        (
            _more(days, last, lambda day: _share(day.empty, day.documents + day.empty), 0.2),
            f"{last.empty} pages without a body beside {last.documents} documents",
        ),
        (
            _more(days, last, lambda day: _share(day.undated, day.documents), 0.2),
            f"{last.undated} of {last.documents} documents without a date",
        ),
        (
            _more(days, last, lambda day: float(day.of(Flag.OLD_ONLY) > 0), 0.5),
            "its lists show old entries only",
        ),
        (
            _more(days, last, lambda day: float(day.of(Flag.TRUNCATED_LIST) > 0), 0.5),
            "lists were longer than max_pages, posts may be missing",
        ),
    ):
        if wrong:
            return Verdict(Health.DEGRADED, reason)
    return None


def _share(part: int, whole: int) -> float:
    """*part* of *whole*; 0 for a handful."""
    return part / whole if whole >= FEW else 0.0


def _more(days: Sequence[Day], last: Day, share: Callable[[Day], float], by: float) -> bool:
    """True if a share is at least *by* above the usual one. A source that never had dates has no fewer."""
    normal = usual(days, last.day, share)
    return normal.known and share(last) - normal.mean >= by


def _thin(active: Sequence[Day], today: date) -> Verdict | None:
    """Fewer documents on the last whole day than chance and weekends explain."""
    whole = [day for day in active if day.day < today]
    if not whole:
        return None
    normal = usual_of_weekday(active, whole[-1].day, whole[-1].day)
    # Counts scatter by the root of their mean at least, however even the weeks before were.
    least = normal.mean - SIGMAS * max(normal.sigma, math.sqrt(normal.mean))
    # A source that recovers brings today what it missed yesterday.
    brought = sum(day.documents for day in active if day.day >= whole[-1].day)
    if not normal.known or brought >= least:
        return None
    return Verdict(
        Health.DEGRADED, f"{whole[-1].documents} documents on {whole[-1].day}, usual is {normal} a day"
    )
