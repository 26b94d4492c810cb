"""Counts of an earlier window by the ids that they have in this one."""

from __future__ import annotations

from fengping.reports.chapters.topics import CHANNELS, topic_name
from fengping.reports.facts.chance import spread_of, spread_of_shares
from fengping.reports.facts.counter import FIRST, Counter
from fengping.reports.facts.model import Previous
from fengping.reports.facts.series import Series
from fengping.reports.scope import ALL, COMPLAINT, NEGATIVE, Cut
from fengping.reports.wording import Fact, Query


def counted(name: str, ask: Counter) -> Previous:
    """Total, negatives, and the parts that are compared, of the window of *ask*, which is called *name*."""
    parts = {}
    for cut, field, id in (
        (NEGATIVE, "issues", "issue"),
        (COMPLAINT, "negative_hosts", "host"),
        (COMPLAINT, "platforms", "platform"),
        (ALL, "channel", "channel"),
    ):
        for key, n in ask.store.terms(ask.within(cut), field, limit=50):
            shown = topic_name(key) if field == "issues" else CHANNELS.get(key, key)
            asked = ask.within(Cut({**cut.where, field: (key,)}, cut.exclude))
            parts[f"{id}.{key}"] = Fact(
                f"{ask.prefix}{id}.{key}", f"{name}：{shown}", n, Query("count", asked)
            )
    live = ask.count("complaints", f"{name}直播带货类负面信息", ask.within(COMPLAINT), evidence=False)
    words = ask.window.words()
    every, negative = (Series.fill(ask.window.days, ask.by_day(ask.within(cut))) for cut in (ALL, NEGATIVE))
    return Previous(
        name,
        ask.count("total", f"{name}（{words}）信息", ask.within(ALL), every.total),
        ask.count("negative", f"{name}（{words}）吐槽类信息", ask.within(NEGATIVE), negative.total),
        len(ask.window.days),
        ask.count("collected", f"{name}（{words}）采集到的信息", ask.received, evidence=False),
        (ask.store.count(ask.within(NEGATIVE.also(**FIRST))), ask.store.count(ask.within(ALL.also(**FIRST)))),
        spread_of(every.counts),
        spread_of_shares(negative.counts, every.counts),
        {**parts, "complaints": live},
    )
