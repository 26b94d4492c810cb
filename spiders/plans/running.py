"""Running a plan: search after search, split where results were cut off, taken up where it stopped."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Column, Integer, String, Table, select

from fengping.clock import iso
from fengping.home import Home
from fengping.spiders.plans.searches import Search, Step, finest, searches, split
from fengping.spiders.run.records import CrawlResult, Outcome
from fengping.spiders.run.statuses import UNSETTLED, Flag, Status
from fengping.spiders.run.supervisor import crawl
from fengping.spiders.sources import Catalogue, Source
from fengping.state import Moment, State, metadata

plan_searches = Table(
    "plan_searches",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("keyword", String(128), primary_key=True),
    Column("since", Moment, primary_key=True),
    Column("until", Moment, primary_key=True),
    Column("documents", Integer, nullable=False),
    Column("cut_off", Boolean, nullable=False),
)
"""Searches that ended, over time that was past by then; they are not made again."""


class Ending(StrEnum):
    """Outcome of a search."""

    COMPLETE = "complete"
    EMPTY = "empty"
    """The selector of a page matched nothing: no results, or a page that looks otherwise now."""
    SPLIT = "split"
    """Results were cut off; shorter spans are searched instead."""
    CUT_OFF = "cut_off"
    """Results were cut off and the span cannot be split: posts are missing."""
    KNOWN = "known"
    """An earlier run of a plan made this search."""
    FAILED = "failed"
    LEFT = "left"
    """Not made, because the site blocked an earlier one."""


@dataclass(frozen=True, slots=True)
class Done:
    """A search and its end."""

    search: Search
    ending: Ending
    documents: int = 0
    reason: str = ""

    def to_record(self) -> dict[str, Any]:
        return {
            "source": self.search.source,
            "keyword": self.search.keyword,
            "since": iso(self.search.since),
            "until": iso(self.search.until),
            "ending": self.ending.value,
            "documents": self.documents,
            "reason": self.reason,
        }


def run_plan(
    home: Home,
    sources: Sequence[str],
    keywords: Sequence[str],
    since: datetime,
    until: datetime,
    *,
    step: Step,
    clock: Callable[[], datetime],
) -> Iterator[Done]:
    """Makes the searches of a plan one after the other and yields each end.

    What was searched to its end before is not searched again, so a plan that was stopped goes on where it
    was. Raises :class:`UsageError` for a source that does not exist or searches no keyword.
    """
    catalogue = Catalogue.load(home)
    chosen = {name: catalogue.get(name) for name in dict.fromkeys(sources)}
    queue = deque(searches(chosen, keywords, since, until, step))
    state = State.open(home)
    blocked: set[str] = set()
    # Sources whose selectors found something in this run, so that «nothing» may be believed.
    proven: set[str] = set()
    while queue:
        search = queue.popleft()
        if search.source in blocked:
            yield Done(search, Ending.LEFT, reason="the site blocked an earlier search")
            continue
        smaller = split(search, finest(chosen[search.source]))
        cut_off = _known(state, search)
        if cut_off is None:
            done, blocks = _make(home, search, chosen[search.source], splits=bool(smaller))
            if done.documents:
                proven.add(search.source)
            ended = done.ending in (Ending.COMPLETE, Ending.SPLIT) or (
                done.ending is Ending.EMPTY and search.source in proven
            )
            if ended and search.until <= clock():
                _keep(state, done)
            if blocks:
                blocked.add(search.source)
            cut_off = done.ending is Ending.SPLIT
            yield done
        else:
            yield Done(search, Ending.KNOWN)
        if cut_off:
            queue.extendleft(reversed(smaller))


def _make(home: Home, search: Search, source: Source, *, splits: bool) -> tuple[Done, bool]:
    """The end of a search, and whether the site refuses to go on."""
    (result,) = crawl(
        home, [search.source], since=search.since, until=search.until, keywords=[search.keyword]
    )
    if result.outcome is not Outcome.FINISHED:
        if source.json_paths is None and _found_nothing(result):
            return Done(search, Ending.EMPTY), False
        blocks = result.counts.get(Status.BLOCKED, 0) > 0
        return Done(search, Ending.FAILED, result.documents, result.reason), blocks
    truncated = bool(result.flags.get(Flag.TRUNCATED_LIST))
    # What was left over of a search that is split is met again in the shorter spans.
    if (left := _left_over(result)) and not (truncated and splits):
        # 403 alone may be the way of a site to say that one post is not for everybody.
        blocks = result.counts.get(Status.BLOCKED, 0) > result.flags.get(Flag.ANSWERED_403, 0)
        return Done(search, Ending.FAILED, result.documents, result.reason or left), blocks
    if not truncated:
        return Done(search, Ending.COMPLETE, result.documents), False
    if splits:
        return Done(search, Ending.SPLIT, result.documents), False
    reason = "results are cut off and this span cannot be split further"
    return Done(search, Ending.CUT_OFF, result.documents, reason), False


def _found_nothing(result: CrawlResult) -> bool:
    """True if the only fault is that a page's list matched nothing, as one without results does.

    JSON without results still has its list.
    """
    return set(result.counts) == {Status.SELECTOR_EMPTY}


def _left_over(result: CrawlResult) -> str:
    """The pages that a run met and did not get, for a later one to get; empty where there are none."""
    left = [f"{count} {status.value}" for status in sorted(UNSETTLED) if (count := result.counts.get(status))]
    if not left and (count := result.flags.get(Flag.LOST_LIST)):
        left = [f"{count} {Flag.LOST_LIST.value}"]
    return f"not every page could be had: {', '.join(left)}" if left else ""


def _known(state: State, search: Search) -> bool | None:
    """True if an ended search was cut off; ``None`` for one never made."""
    table = plan_searches.c
    query = select(table.cut_off).where(
        table.source == search.source,
        table.keyword == search.keyword,
        table.since == search.since,
        table.until == search.until,
    )
    with state.begin() as connection:
        found: bool | None = connection.scalar(query)
    return found


def _keep(state: State, done: Done) -> None:
    with state.begin() as connection:
        connection.execute(
            plan_searches.insert().values(
                source=done.search.source,
                keyword=done.search.keyword,
                since=done.search.since,
                until=done.search.until,
                documents=done.documents,
                cut_off=done.ending is Ending.SPLIT,
            )
        )
