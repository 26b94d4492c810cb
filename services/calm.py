"""The ground under the word calm: collecting that ran, an index that is up to date, rules that were checked.

A page without alarms looks alike where nothing happened and where nobody looked. It may say the first only
where nothing of these is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fengping.alerts import ledger
from fengping.clock import day_of, local
from fengping.events.building.opening import are_behind
from fengping.home import Home
from fengping.indexer.importing.runs import recorded_runs
from fengping.indexer.pipeline.cursor import pending
from fengping.spiders import Catalogue, Outcome, Runs
from fengping.state import State

ROUNDS = 3
"""Rounds of collecting, or of checking, that may be missed before it counts as stopped."""
LEAST = timedelta(hours=1)
_FAILED = (Outcome.FAILED, Outcome.KILLED)


class Lack(StrEnum):
    """One thing without which nothing may be called calm."""

    NO_SOURCE = "no_source"
    NEVER_COLLECTED = "never_collected"
    NOT_TODAY = "not_today"
    NOT_LATELY = "not_lately"
    NOT_INDEXED = "not_indexed"
    EVENTS_BEHIND = "events_behind"
    NO_RULE = "no_rule"
    NEVER_CHECKED = "never_checked"
    NOT_CHECKED = "not_checked"
    NOT_RUNNING = "not_running"


WORDS = {
    Lack.NO_SOURCE: "没有开来源，也没有新导入的文件。",
    Lack.NEVER_COLLECTED: "还没有采集过。",
    Lack.NOT_TODAY: "今天还没有采集；上次 {t}。",
    Lack.NOT_LATELY: "{t} 以后没有再采集。",
    Lack.NOT_INDEXED: "有采到的信息还没有入库。",
    Lack.EVENTS_BEHIND: "事件正在重建，新事件可能报得零散。",
    Lack.NO_RULE: "没有启用的规则。",
    Lack.NEVER_CHECKED: "规则还没有全部检查过。",
    Lack.NOT_CHECKED: "规则自 {t} 以后没有再检查。",
    Lack.NOT_RUNNING: "没有进程按时间表采集、入库、检查规则；上次检查是 {t}。",
}
"""A sentence for each; ``{t}`` is the last time."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The things that are missing, and when collecting and checking last did their work."""

    lacks: tuple[Lack, ...]
    collected_at: datetime | None
    """The end of the last crawl that did its work, or the last import."""
    checked_at: datetime | None
    """The check that the longest waiting rule had last."""

    def at(self, lack: Lack) -> datetime | None:
        """The last time of what *lack* says is missing."""
        checking = lack in (Lack.NOT_CHECKED, Lack.NOT_RUNNING)
        return self.checked_at if checking else self.collected_at

    @property
    def sentences(self) -> tuple[str, ...]:
        """The things that are missing, in Chinese."""
        times = {one: at for one in self.lacks if (at := self.at(one))}
        return tuple(
            WORDS[one].format(t=f"{local(times[one]):%Y-%m-%d %H:%M}" if one in times else "")
            for one in self.lacks
        )


def ground(home: Home, now: datetime, rules: Sequence[str], *, running: bool) -> Ground:
    """The ground at *now*, with the names of the enabled *rules*.

    *running*: a process runs the schedule, so that hours without a round are its plan.
    """
    state = State.open(home)
    with state.begin() as connection:
        checks = ledger.checked(connection)
    known = checks.keys() >= set(rules)
    checked = min((checks[name] for name in rules), default=None) if known else None
    collected, lacks = _collected(home, state, now, running)
    lack = _of_checking(now, home.config.schedule.index_every_minutes, bool(rules), checked)
    return Ground(_with_schedule((*lacks, *([lack] if lack else [])), running), collected, checked)


def while_checking(home: Home, now: datetime, *, running: bool) -> Ground:
    """The ground of a check that is going on: what :func:`ground` says right after it."""
    collected, lacks = _collected(home, State.open(home), now, running)
    return Ground(_with_schedule(lacks, running), collected, now)


def _with_schedule(found: tuple[Lack, ...], running: bool) -> tuple[Lack, ...]:
    # What came by hand and was checked by hand says nothing of what has come since.
    return found if found or running else (Lack.NOT_RUNNING,)


def _collected(
    home: Home, state: State, now: datetime, running: bool
) -> tuple[datetime | None, tuple[Lack, ...]]:
    imports = [run.at for run in recorded_runs(state) if run.undone_at is None]
    crawled = Runs(state).worked_at()
    last = max([*imports, *([crawled] if crawled else [])], default=None)
    lack = _of_collecting(home, state, now, last, running)
    behind = {Lack.NOT_INDEXED: bool(pending(home)), Lack.EVENTS_BEHIND: are_behind(home)}
    return last, (*([lack] if lack else []), *(one for one, there in behind.items() if there))


def _of_collecting(
    home: Home, state: State, now: datetime, last: datetime | None, running: bool
) -> Lack | None:
    if last is not None and now - last <= _patience(home.config.schedule.crawl_every_minutes):
        return None
    active = Catalogue.load(home).there
    if not active:
        return Lack.NO_SOURCE
    if last is None:
        return Lack.NEVER_COLLECTED
    if day_of(last) < day_of(now):
        return Lack.NOT_TODAY
    outcomes = Runs(state).outcomes(now)
    # Each source was last heard of as failing: what was collected this morning says nothing of now.
    failing = {outcomes[name] in _FAILED for name in active if name in outcomes} == {True}
    return Lack.NOT_LATELY if failing or not running else None


def _of_checking(now: datetime, minutes: int, any_rule: bool, last: datetime | None) -> Lack | None:
    if not any_rule:
        return Lack.NO_RULE
    if last is None:
        return Lack.NEVER_CHECKED
    return Lack.NOT_CHECKED if now - last > _patience(minutes) else None


def _patience(minutes: int) -> timedelta:
    return max(LEAST, ROUNDS * timedelta(minutes=minutes))
