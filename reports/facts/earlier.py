"""Counts of an earlier window by the ids that they have in this one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date

from fengping.reports.chapters.topics import CHANNELS, topic_name
from fengping.reports.facts.chance import spread_of, spread_of_shares
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.fields import LIVE_FIELD
from fengping.reports.facts.model import Host, Slice, Topic, Window
from fengping.reports.facts.previous import Previous
from fengping.reports.facts.series import Series
from fengping.reports.scope import ALL, COMPLAINT, NEGATIVE
from fengping.reports.wording import Fact, Query

PARTS = {
    "issue": (NEGATIVE, "issues"),
    "host": (COMPLAINT, "negative_hosts"),
    "platform": (COMPLAINT, "platforms"),
    "channel": (ALL, "channel"),
}
"""Parts that are compared, by the beginning of their ids: documents that are counted, and by which field."""


def parts_of(
    fields: Iterable[Topic], hosts: Iterable[Host], platforms: Iterable[Slice], channels: Iterable[Slice]
) -> tuple[str, ...]:
    """Ids of a window's parts that others are compared with."""
    return (
        *(f"issue.{field.code}" for field in fields if field.code != LIVE_FIELD),
        *(f"host.{host.name}" for host in hosts),
        *(f"platform.{part.key}" for part in platforms),
        *(f"channel.{part.key}" for part in channels),
    )


def part_name(id: str) -> str:
    """The name of a part by its id, as it is printed."""
    prefix, key = id.split(".", 1)
    return topic_name(key) if prefix == "issue" else CHANNELS.get(key, key)


def part_of(ask: Counter, id: str, label: str, count: int) -> Fact:
    """The count of a part as *id* names it (``issue.C02``), in the window of *ask*."""
    prefix, key = id.split(".", 1)
    cut, field = PARTS[prefix]
    return Fact(ask.prefix + id, label, count, Query("count", ask.within(cut.also(**{field: (key,)}))))


def counted(
    name: str, ask: Counter, present: Collection[str] = (), ran: Callable[[Window], bool] | None = None
) -> Previous:
    """Total, negatives, and the parts that are compared, of the window of *ask*, which is called *name*.

    Parts that are *present* in another window stand at 0 where this one has none; *ran* tells of a window
    whether a source ran in it, where that is known.
    """
    found: dict[str, Mapping[date, int]] = {id: {} for id in present}
    for id, (cut, field) in PARTS.items():
        found |= {f"{id}.{key}": days for key, days in ask.by_day_and(ask.within(cut), field).items() if key}
    parts = {
        id: part_of(ask, id, f"{name}：{part_name(id)}", sum(days.values())) for id, days in found.items()
    }
    found["complaints"] = ask.by_day(ask.within(COMPLAINT))
    live = ask.count(
        "complaints",
        f"{name}直播带货类负面信息",
        ask.within(COMPLAINT),
        sum(found["complaints"].values()),
        evidence=False,
    )
    words = ask.window.words()
    every, negative = (Series.fill(ask.window.days, ask.by_day(ask.within(cut))) for cut in (ALL, NEGATIVE))
    return Previous(
        name,
        ask.count("total", f"{name}（{words}）信息", ask.within(ALL), every.total),
        ask.count("negative", f"{name}（{words}）吐槽类信息", ask.within(NEGATIVE), negative.total),
        len(ask.window.days),
        ask.count("collected", f"{name}（{words}）采集到的信息", ask.received, evidence=False),
        (sum(ask.folded(NEGATIVE).values()), sum(ask.folded(ALL).values())),
        spread_of(every.counts),
        spread_of_shares(negative.counts, every.counts),
        {**parts, "complaints": live},
        {id: spread_of(Series.fill(ask.window.days, days).counts) for id, days in found.items()},
        late=bool(ran and not ran(ask.window)),
        empty=ask.empty_days(ran),
    )
