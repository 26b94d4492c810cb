"""Collection coverage of a report: sources that ran, their success, and days on which no run finished."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fengping.clock import USUAL_DAYS, day_of, days_between
from fengping.home import Home
from fengping.spiders.health.days import Day, history, ran, run_days
from fengping.spiders.health.verdict import Health, decide
from fengping.spiders.run.statuses import Flag
from fengping.spiders.sources import Catalogue
from fengping.state import State


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """One source in a window. ``state``: a :class:`Health`, or ``blocked`` where the site refuses us."""

    name: str
    title: str
    """Name in common use."""
    state: str
    runs: int
    documents: int
    """New documents and versions collected in the window."""
    note: str = ""
    """Losses in collection, in the report's language."""


@dataclass(frozen=True, slots=True)
class Covered:
    """The sources, by name, and the days of the window on which no run of theirs finished."""

    sources: tuple[SourceCoverage, ...]
    missing_days: tuple[date, ...]
    failed_days: tuple[date, ...]
    """Those of them on which they ran, and every run failed."""


def coverage(
    home: Home, since: datetime, until: datetime, now: datetime, *, sources: Collection[str] = ()
) -> Covered | None:
    """Return the collection coverage of ``[since, until)``, as far as *now* can tell.

    Counted are the sources that ran in the window and those that are enabled now; where any *sources* are
    given, those of them. ``None`` where none ran in the window at all: its documents came another way (an
    import), and nothing is known.
    """
    end = min(until, now + timedelta(microseconds=1))
    if since >= end:
        return None
    days = days_between(since, end)
    with State.open(home).begin() as connection:
        found = history(connection, days[0] - timedelta(days=2 * USUAL_DAYS), days[-1])
        runs = run_days(connection, days[-1], sources)
    if sources:
        found = {name: own for name, own in found.items() if name in sources}
    within = {name: [day for day in ran(own) if day.day >= days[0]] for name, own in found.items()}
    if not any(within.values()):
        return None
    catalogue = Catalogue.load(home)
    titles = {name: source.title for name, source in catalogue.all.items()}
    names = {name for name, own in within.items() if own} | set(catalogue.active())
    if sources:
        names &= set(sources)
    missing = tuple(day for day in days if not runs.get(day))
    # The last day is judged as one that is over, unless it is today.
    today = days[-1] if days[-1] == day_of(now) else days[-1] + timedelta(days=1)
    return Covered(
        tuple(
            _covered(name, titles.get(name, name), found.get(name, []), within.get(name, []), today)
            for name in sorted(names)
        ),
        missing,
        tuple(day for day in missing if day in runs),
    )


def _covered(name: str, title: str, days: list[Day], within: list[Day], today: date) -> SourceCoverage:
    verdict = decide(days, today)
    return SourceCoverage(
        name,
        title,
        "blocked" if verdict.blocked and verdict.state is Health.FAILING else verdict.state.value,
        sum(day.runs for day in within),
        sum(day.documents for day in within),
        _note(days, within),
    )


def _note(days: list[Day], within: list[Day]) -> str:
    if not within:
        return "监测期内未运行" if ran(days) else "尚未运行"
    said = {
        "次运行失败": sum(day.failed for day in within),
        "页被拦截": sum(day.blocked for day in within),
        "页为robots.txt所禁": sum(day.robots_denied for day in within),
        "页出错": sum(day.broken for day in within),
        "个列表页未能读全": sum(day.of(Flag.LOST_LIST) for day in within),
        "次列表与此前所采不相接": sum(day.of(Flag.NO_OVERLAP) for day in within),
        "页次列出而未及采集": sum(day.unfinished for day in within),
        "页无正文": sum(day.empty for day in within),
        "条无发布时间": sum(day.undated for day in within),
        "天列表超出可翻页数": sum(day.of(Flag.TRUNCATED_LIST) > 0 for day in within),
    }
    return "，".join(f"{count}{what}" for what, count in said.items() if count)
