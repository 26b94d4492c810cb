"""The fixed queries: from a store to :class:`~fengping.reports.facts.model.Facts`.

Everything counted is counted by the store (count, histogram, terms); documents themselves are fetched
only as evidence, a handful a figure. The same store and request always give the same facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fengping.clock import iso
from fengping.indexer import Filter, Store
from fengping.indexer.search.versions import judged_by
from fengping.reports.chapters.parties import NAMED
from fengping.reports.chapters.topics import CHANNELS, POLARITIES, topic_name
from fengping.reports.facts.cases import CaseFinder
from fengping.reports.facts.counter import EVIDENCE, FIRST, Counter
from fengping.reports.facts.keyness import marking_words
from fengping.reports.facts.model import (
    Coverage,
    Facts,
    Host,
    Previous,
    Rest,
    Slice,
    Story,
    Topic,
    Volume,
    Window,
    Word,
    share_of,
)
from fengping.reports.facts.quoting import reference
from fengping.reports.facts.series import Series
from fengping.reports.wording import Fact, Query

TOP_HOSTS = 20
TOP_PLATFORMS = 12
TOP_WORDS = 40
TOPIC_WORDS = 5
STORY_LEAST = 3
"""Reposts from which a peak day is laid to one story."""

NEGATIVE = {"polarity": ("neg",)}
LIVE = {"relevant": ("true",)}
COMPLAINT = NEGATIVE | LIVE


@dataclass(frozen=True, slots=True)
class Question:
    """Arguments of :func:`collect` besides the store."""

    window: Window
    min_publishers: int = 2
    """Independent publishers below which a repost group is a lead, not a case."""
    previous: Window | None = None
    """The window before, to be counted in the same store."""
    previous_name: str = ""


def collect(
    store: Store,
    question: Question,
    *,
    coverage: Coverage | None = None,
    corrected: Sequence[str] | None = None,
    previous: Previous | None = None,
) -> Facts:
    """All facts of one report.

    *coverage* and *corrected* (ids of documents whose judgement an analyst corrected) come from the
    state database, *previous* from an earlier edition's JSON; without it ``question.previous`` is
    counted here.
    """
    window = question.window
    ask = Counter(store, window)
    everything = ask.volume("total", "监测期内信息", {})
    negative = ask.volume("negative", "吐槽类信息", NEGATIVE)
    live = ask.volume("live", "直播带货相关信息", LIVE)
    complaints = ask.volume("complaints", "直播带货类负面信息", COMPLAINT)
    topics = _topics(ask, complaints)
    named, hosts, names = _hosts(ask, topics)
    on_platforms, platforms = _platforms(ask)
    finder = CaseFinder(ask.store, window, question.min_publishers, tuple(h.name for h in hosts))
    cases, leads = finder.find(ask.within(COMPLAINT)) if hosts else ((), ())
    if previous is None and question.previous is not None:
        previous = _previous(store, question.previous, question.previous_name)
    reposts = _reposts(everything)
    return Facts(
        window=window,
        everything=everything,
        negative=negative,
        negative_share=share_of("negative.share", "吐槽类占比", negative.count, everything.count),
        polarities=_polarities(ask, "total.polarity", "全部信息", {}, everything.count),
        channels=ask.slices("channel", "渠道", {}, "channel", everything.count, CHANNELS),
        words=_words(ask),
        live=live,
        live_share=share_of("live.share", "直播带货相关信息占比", live.count, everything.count),
        live_polarities=_polarities(ask, "live.polarity", "直播带货相关信息", LIVE, live.count),
        live_days={
            polarity: Series.fill(window.days, days)
            for polarity, days in sorted(ask.by_day_and(ask.within(LIVE), "polarity").items())
        },
        complaints=complaints,
        complaints_share=share_of("complaints.share", "直播带货类占吐槽类", complaints.count, negative.count),
        topics=topics,
        unclassified=_unclassified(ask, topics, complaints),
        named=named,
        hosts=hosts,
        rest=_rest(ask, names[NAMED:], named),
        table_rest=_rest(ask, names[TOP_HOSTS:], named),
        on_platforms=on_platforms,
        platforms=platforms,
        cases=cases,
        leads=leads,
        undated=ask.count("undated", "无发布时间的信息", Filter(undated=True)),
        reposts_share=share_of("total.reposts.share", "转载占比", reposts, everything.count),
        min_publishers=question.min_publishers,
        previous=previous,
        coverage=coverage,
        corrections=None if corrected is None else _corrections(ask, corrected),
        models=_models(store, ask),
        unjudged=_unjudged(ask),
        store=_store(store),
    )


def _unclassified(ask: Counter, topics: Sequence[Topic], complaints: Volume) -> Fact:
    """Complaints that no class holds."""
    codes = tuple(topic.code for topic in topics)
    classified = ask.store.count(ask.within(COMPLAINT | {"issues": codes})) if codes else 0
    return Fact(
        "complaints.unclassified",
        "未归入任何问题类别",
        int(complaints.count.value or 0) - classified,
        Query("complaints − count(issues ∈ C01…C14)"),
        basis=(complaints.count,),
    )


def _reposts(everything: Volume) -> Fact:
    """Documents that repeat an earlier one."""
    return Fact(
        "total.reposts",
        "转载信息",
        int(everything.count.value or 0) - int(everything.folded.value or 0),
        Query("total − total.folded"),
        basis=(everything.count, everything.folded),
    )


def _corrections(ask: Counter, corrected: Sequence[str]) -> Fact:
    """Corrected documents of the window, the oldest first."""
    inside = [
        document
        for document in ask.store.get(sorted(set(corrected)))
        if document.raw.published_at and ask.window.since <= document.raw.published_at < ask.window.until
    ]
    inside.sort(key=lambda document: (str(iso(document.raw.published_at)), document.id))
    shown = tuple(reference(document) for document in inside[:EVIDENCE])
    query = Query("state database: documents with a correction in force, published in the window")
    return Fact("corrections", "经人工更正的信息", len(inside), query, documents=shown)


def _polarities(
    ask: Counter, id: str, label: str, where: Mapping[str, tuple[str, ...]], whole: Fact
) -> tuple[Slice, ...]:
    """正面, 中性, 负面 in this order, each also where it is zero."""
    found = {s.key: s for s in ask.slices(id, label, where, "polarity", whole, POLARITIES)}
    for key, name in POLARITIES.items():
        if key not in found:
            asked = ask.within(dict(where) | {"polarity": (key,)})
            count = ask.count(f"{id}.{key}", f"{label}：{name}", asked, known=0)
            found[key] = Slice(
                key, name, count, share_of(f"{id}.{key}.share", f"{count.label}占比", count, whole)
            )
    return tuple(found[key] for key in POLARITIES)


def _topics(ask: Counter, complaints: Volume) -> tuple[Topic, ...]:
    days = ask.by_day_and(ask.within(COMPLAINT), "issues")
    folded = dict(ask.store.terms(ask.within(COMPLAINT | FIRST), "issues"))
    background = dict(ask.store.terms(ask.within(COMPLAINT), "keywords", limit=5000)) if days else {}
    topics = []
    for code, by_day in sorted(days.items(), key=lambda item: (-sum(item[1].values()), item[0])):
        where = COMPLAINT | {"issues": (code,)}
        volume = ask.part(f"issue.{code}", topic_name(code), where, by_day, folded.get(code, 0))
        share = share_of(
            f"issue.{code}.share", f"{topic_name(code)}占直播带货类负面信息", volume.count, complaints.count
        )
        inside = dict(ask.store.terms(ask.within(where), "keywords", limit=1000))
        words = tuple(word for word, _ in marking_words(inside, background)[:TOPIC_WORDS])
        story = _story(ask, f"issue.{code}", where, volume)
        topics.append(Topic(code, topic_name(code), volume, share, story, words))
    return tuple(topics)


def _story(ask: Counter, id: str, where: Mapping[str, tuple[str, ...]], volume: Volume) -> Story | None:
    """The largest repost group of the peak day, where it is more than a chance of the day."""
    days = volume.course.series.top_days
    if len(days) != 1:
        return None
    largest = ask.store.terms(ask.within(where, days[0]), "group", limit=1)
    if not largest or largest[0][1] < STORY_LEAST:
        return None
    group, n = largest[0]
    asked = ask.within(dict(where) | {"group": (group,)}, days[0])
    count = ask.count(f"{id}.peak.story", f"峰值日最大同文组（{group[:8]}）", asked, known=n)
    return Story(count.documents[0], count)


def _hosts(ask: Counter, topics: Sequence[Topic]) -> tuple[Fact, tuple[Host, ...], tuple[str, ...]]:
    """Return the terms for sellers, the leading sellers, and the names of all, most complained of first."""
    found = ask.store.terms(ask.within(COMPLAINT), "negative_hosts")
    names = tuple(name for name, _ in found)
    asked = ask.within(COMPLAINT | {"negative_hosts": names})
    named = ask.count("hosts", "指向具名主播的负面信息", asked, known=None if names else 0)
    if not names:
        return replace(named, value=None), (), ()
    days = ask.by_day_and(ask.within(COMPLAINT), "negative_hosts")
    folded = dict(ask.store.terms(ask.within(COMPLAINT | FIRST), "negative_hosts"))
    codes = {topic.code: topic.name for topic in topics}
    hosts = []
    for name in names[:TOP_HOSTS]:
        where = COMPLAINT | {"negative_hosts": (name,)}
        volume = ask.part(f"host.{name}", name, where, days[name], folded.get(name, 0))
        found_cells = ask.slices(f"host.{name}.issue", name, where, "issues", volume.count, codes)
        cells = {s.key: s for s in found_cells}
        share = share_of(f"host.{name}.share", f"{name}占具名负面信息", volume.count, named)
        hosts.append(Host(name, volume, share, tuple(cells[t.code] for t in topics if t.code in cells)))
    return named, tuple(hosts), names


def _rest(ask: Counter, names: tuple[str, ...], named: Fact) -> Rest | None:
    """Counted, never computed as 100 minus the others: one document may name two hosts."""
    if not names:
        return None
    id = f"host.other_{len(names)}"
    count = ask.count(id, f"其余{len(names)}位主播", ask.within(COMPLAINT | {"negative_hosts": names}))
    return Rest(len(names), count, share_of(f"{id}.share", f"{count.label}占具名负面信息", count, named))


def _platforms(ask: Counter) -> tuple[Fact, tuple[Slice, ...]]:
    names = tuple(name for name, _ in ask.store.terms(ask.within(COMPLAINT), "platforms"))
    asked = ask.within(COMPLAINT | {"platforms": names})
    whole = ask.count("platforms", "提及平台的负面信息", asked, known=None if names else 0)
    if not names:
        return replace(whole, value=None), ()
    return whole, ask.slices("platform", "平台", COMPLAINT, "platforms", whole, {}, limit=TOP_PLATFORMS)


def _words(ask: Counter) -> tuple[Word, ...]:
    negative = ask.within(NEGATIVE)
    inside = dict(ask.store.terms(negative, "keywords", limit=2000))
    if not inside:
        return ()
    background = dict(ask.store.terms(ask.within({}), "keywords", limit=10_000))
    found = []
    for word, z in marking_words(inside, background)[:TOP_WORDS]:
        asked = ask.within(NEGATIVE | {"keywords": (word,)})
        found.append(
            Word(word, Fact(f"word.{word}", f"高频词：{word}", inside[word], Query("count", asked)), z)
        )
    return tuple(found)


def _previous(store: Store, window: Window, name: str) -> Previous:
    ask = Counter(store, window)
    return Previous(
        name,
        ask.count("previous.total", f"上期（{window.words()}）信息", ask.within({})),
        ask.count("previous.negative", f"上期（{window.words()}）吐槽类信息", ask.within(NEGATIVE)),
    )


def _unjudged(ask: Counter) -> Fact | None:
    asked = replace(ask.within({}), exclude={"polarity": tuple(POLARITIES)})
    count = ask.count("total.unjudged", "未判定情感的信息", asked)
    return count if count.value else None


def _models(store: Store, ask: Counter) -> tuple[str, ...]:
    """Versions that judged the window's documents, each with its number where there are several."""
    found = [(version, count) for version, count in judged_by(store, ask.within({})) if version]
    if len(found) < 2:
        return tuple(version for version, _ in found)
    return tuple(f"{version}（{count}条）" for version, count in found)


def _store(store: Store) -> tuple[tuple[str, str], ...]:
    facts = store.facts()
    return tuple(
        (key, str(facts[key])) for key in ("backend", "version", "schema", "documents") if key in facts
    )
