"""Shares of a scope: of each polarity, of reposts, of those who write most; bounds of its negatives."""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from dataclasses import dataclass

from fengping.events.knowing.reach import ENGAGED, counted_once, listed_key
from fengping.reports.chapters.topics import CHANNELS, POLARITIES
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.model import Slice, Volume, derived, share_of
from fengping.reports.scope import ALL, COMPLAINT, NEGATIVE
from fengping.reports.wording import Fact, Query

SUMMED = 20_000
"""Documents whose engagement is summed; of more none is, since a sum of some tells nothing of all."""
MEASURES = {"likes": "点赞", "comments": "评论", "reposts": "转发"}
DISCUSSED = "讨论（评论）量"
"""The name of comments where they are all that entries of a list show: what a list calls 讨论量."""
BUSIEST = 10
"""Accounts whose negatives are counted together."""


def polarities_of(ask: Counter, noun: str, whole: Fact) -> tuple[Slice, ...]:
    """正面, 中性, 负面 in this order, each also where it is zero."""
    id = "total.polarity"
    found = {s.key: s for s in ask.slices(id, noun, ALL, "polarity", whole, POLARITIES)}
    for key, name in POLARITIES.items():
        if key not in found:
            asked = ask.within(ALL.also(polarity=(key,)))
            count = ask.count(f"{id}.{key}", f"{noun}：{name}", asked, known=0)
            share = share_of(f"{count.id}.share", f"{count.label}占比", count, whole)
            found[key] = Slice(key, name, count, share)
    return tuple(found[key] for key in POLARITIES)


def reposts_of(whole: Volume) -> Fact:
    """Share of documents that repeat an earlier one."""
    value = int(whole.count.value or 0) - int(whole.folded.value or 0)
    reposts = derived("total.reposts", "同文信息", value, "total − total.folded", whole.count, whole.folded)
    return share_of("total.reposts.share", "同文占比", reposts, whole.count)


def copies_called(ask: Counter, reposts: Fact, *, signed: bool) -> str:
    """The word for documents with the text of an earlier one: reposts where it is known who published any of
    them, or, where there are none, any document of the scope."""
    if reposts.value:
        signed = ask.is_signed(ask.within(ALL.also(first_in_group=("false",))))
    return "转载" if signed else "同文重复收录"


def outside_of(collected: Fact, whole: Fact, unjudged: Fact | None) -> Fact:
    """Everything collected that is neither of the scope, which holds *whole*, nor without a judgement."""
    parts = [whole, *([unjudged] if unjudged else [])]
    value = int(collected.value or 0) - sum(int(part.value or 0) for part in parts)
    formula = " − ".join(part.id for part in (collected, *parts))
    return derived("outside", "监测范围外信息", value, formula, collected, *parts)


def on_platforms_of(ask: Counter) -> Fact:
    """Complaints that name any platform."""
    names = tuple(name for name, _ in ask.store.terms(ask.within(COMPLAINT), "platforms"))
    asked = ask.within(COMPLAINT.also(platforms=names))
    return ask.count("platforms", "提及平台的负面信息", asked, known=None if names else 0)


def busiest_of(ask: Counter, negatives: Fact) -> tuple[int, Fact]:
    """The accounts that wrote most negatives, or all where they are fewer, and how many these are of."""
    asked = ask.within(NEGATIVE)
    top = ask.store.terms(asked, "author_id", limit=BUSIEST)
    query = Query("terms", asked, "author_id")
    value = sum(n for _, n in top) if top else None
    label = f"发布最多的{BUSIEST}个账号的吐槽类信息" if len(top) == BUSIEST else "载明账号的吐槽类信息"
    return len(top), Fact("negative.busiest", label, value, query, basis=(negatives,))


@dataclass(frozen=True, slots=True)
class Engagement:
    """点赞, 评论 and 转发 of negatives together, where the platform showed any of them."""

    told: Fact
    """Documents with any of these counts."""
    total: Fact
    measures: tuple[str, ...]
    """Names of the counts that are shown anywhere: 点赞, 评论, 转发."""
    once: bool
    """True where entries of a list are counted once, however often they were taken in."""
    listed: bool
    """True where all are entries of a list, which rounds their counts."""
    channels: tuple[tuple[str, Fact], ...]
    """Of each channel, the largest first."""


def engagement_of(ask: Counter, negatives: Fact) -> Engagement | None:
    """The engagement of *negatives*; ``None`` where there are too many to be summed."""
    if int(negatives.value or 0) > SUMMED:
        return None
    asked = ask.within(NEGATIVE)
    counted, told = defaultdict[str, list[tuple[str, int]]](list), 0
    present: set[str] = set()
    names = ("channel", "title", "group", "event", "site", "author_id", "author", *ENGAGED)
    for channel, title, group, event, site, author_id, author, *shown in ask.store.columns(asked, names):
        counts = [n for n in shown if n is not None]
        told += bool(counts)
        present |= {name for name, n in zip(ENGAGED, shown, strict=True) if n is not None}
        entry = listed_key(title, group, event, site, author_id, author)
        counted[channel].append((entry, sum(counts)))
    sums = Tally({channel: counted_once(counts) for channel, counts in counted.items()})
    # In words: these counts grow by the hour, and are no change of what was drafted.
    words = Query("count", asked).words()
    measures = [name for name in ENGAGED if name in present]
    listed = measures == ["comments"] and all(entry for counts in counted.values() for entry, _ in counts)
    named_so = (DISCUSSED,) if listed else tuple(MEASURES[name] for name in measures)
    id, what = "negative.engagement", f"吐槽类信息的{'、'.join(named_so)}合计"
    entries = [entry for counts in counted.values() for entry, _ in counts if entry]
    known = Fact(f"{id}.told", "载明互动量的吐槽类信息", told, Query(f"{words} with {' or '.join(ENGAGED)}"))

    def total(key: str, label: str, value: int) -> Fact:
        return Fact(key, label, value, Query(f"sum of {' + '.join(measures)}, {words}"), "次", basis=(known,))

    named = [(channel, CHANNELS.get(channel, channel), n) for channel, n in sums.most_common() if n]
    parts = [(name, total(f"{id}.{channel}", f"{what}：{name}", n)) for channel, name, n in named]
    once = len(set(entries)) < len(entries)
    return Engagement(known, total(id, what, sums.total()), named_so, once, listed, tuple(parts))


def bounds_of(found: tuple[float, float], whole: Fact) -> tuple[Fact, Fact]:
    """The ends of an interval that the negatives of *whole* lie in."""
    query = Query("counted_interval(total), from randomly drawn rows that readers labelled")
    low, high = (
        Fact(f"negative.{name}", f"负面信息区间{end}", round(value), query, basis=(whole,))
        for name, end, value in zip(("low", "high"), ("下限", "上限"), found, strict=True)
    )
    return low, high
