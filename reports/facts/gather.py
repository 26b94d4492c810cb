"""Facts of one report, each group asked of the store when a chapter first reads it.

Everything counted is counted by the store (count, histogram, terms); documents themselves are fetched
only as evidence, a handful a figure. The same store and question always give the same facts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import islice

from fengping import events
from fengping.analysis import HostRegistry
from fengping.clock import iso
from fengping.events import Move
from fengping.events.building.candidates import publisher
from fengping.events.evidence.keeping import kept_states
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.search.versions import judged_by
from fengping.reports.chapters.topics import CHANNELS, POLARITIES, TIERS, topic_name
from fengping.reports.facts.cases import find_cases
from fengping.reports.facts.counter import EVIDENCE, FIRST, Counter
from fengping.reports.facts.keyness import marking_words
from fengping.reports.facts.model import (
    Case,
    Coverage,
    Host,
    Previous,
    Rest,
    Slice,
    Story,
    Topic,
    Volume,
    Window,
    Word,
    derived,
    share_of,
)
from fengping.reports.facts.points import points_of
from fengping.reports.facts.quoting import reference
from fengping.reports.scope import ALL, ANSWERS, COMPLAINT, CONSUMER, LIVE, NEGATIVE, Cut, Scope
from fengping.reports.wording import FLOOR, Fact, Query

LIVE_FIELD = "live"
LIVE_NAME = "直播带货"
TOP_HOSTS = 20
TOP_PLATFORMS = 12
TOP_WORDS = 40
OPENED = 8
"""Fields whose 槽点 are counted."""
DRAWN = 5_000
"""Documents that are looked at for the versions that judged them."""
TOLD_BY = 40
"""Documents of a host that are looked at for their publishers before all are counted."""
STORY_LEAST = 3
"""Reposts from which a peak day is laid to one story."""


Estimate = Callable[[Filter], tuple[float, float] | None]
Archived = Callable[[str, Window], Previous | None]


@dataclass(frozen=True, slots=True)
class Question:
    """Arguments of a report, besides the store."""

    window: Window
    scope: Scope = CONSUMER
    min_publishers: int = 3
    """Publishers below which an event is a lead, not a case, and no person is named in prose."""
    fields_first: tuple[str, ...] = ()
    """Codes of fields that come first, in this order; the others by count."""
    before: tuple[tuple[str, Window], ...] = ()
    """Names and windows to compare with, counted in the same store."""


@dataclass(frozen=True)
class Facts:
    """All that chapters may print. Not frozen in depth: groups are asked once and kept."""

    store: Store
    question: Question
    home: Home | None = None
    """Keeper of the events; without one there are no cases."""
    coverage: Coverage | None = None
    corrected: Sequence[str] | None = None
    previous: Previous | None = None
    """An earlier edition, read from its JSON."""
    prefix: str = ""
    archived: Archived | None = None
    """Finds the edition of an earlier window in the archive."""
    estimate: Estimate | None = None
    """Gives the interval that negatives of a filter lie in, where enough rows are labelled."""

    @property
    def window(self) -> Window:
        return self.question.window

    @property
    def scope(self) -> Scope:
        return self.question.scope

    @property
    def min_publishers(self) -> int:
        return self.question.min_publishers

    @cached_property
    def ask(self) -> Counter:
        return Counter(self.store, self.window, self.scope, self.prefix)

    @cached_property
    def everything(self) -> Volume:
        return self.ask.volume("total", f"监测期内{self.scope.noun}", ALL)

    @cached_property
    def negative(self) -> Volume:
        return self.ask.volume("negative", "吐槽类信息", NEGATIVE)

    @cached_property
    def negative_share(self) -> Fact:
        return share_of("negative.share", "吐槽类占比", self.negative.count, self.everything.count)

    @cached_property
    def interval(self) -> tuple[Fact, Fact] | None:
        """Bounds of the scope's negatives at 95 %, from labelled rows; ``None`` where nothing is known."""
        enough = int(self.everything.count.value or 0) >= FLOOR
        found = self.estimate(self.ask.within(ALL)) if self.estimate and enough else None
        if found is None:
            return None
        query = Query("counted_interval(total), from randomly drawn rows that readers labelled")
        labels, whole = ("负面信息区间下限", "负面信息区间上限"), (self.everything.count,)
        low, high = (
            Fact(f"negative.{name}", label, round(value), query, basis=whole)
            for name, label, value in zip(("low", "high"), labels, found, strict=True)
        )
        return low, high

    @cached_property
    def answers(self) -> Fact:
        """Negatives left out of the count since they were judged answers."""
        return self.ask.count("negative.answers", "判为负面而属对指称的回应的信息", self.ask.within(ANSWERS))

    @cached_property
    def collected(self) -> Fact:
        """Everything dated in the window, whatever it is about."""
        window = Filter(since=self.window.since, until=self.window.until)
        return self.ask.count("collected", "监测期内收录的全部信息", window, evidence=False)

    @cached_property
    def unjudged(self) -> Fact:
        """Documents of the selection that nobody judged: other languages, pictures, videos."""
        asked = replace(Counter(self.store, self.window, replace(self.scope, consumer=False)).within(ALL))
        return (
            self.ask.count("unjudged", "未判信息", replace(asked, exclude={"consumer": ("true", "false")}))
            if self.scope.consumer
            else Fact("unjudged", "未判信息", 0, Query("no judgement is asked for"))
        )

    @cached_property
    def outside(self) -> Fact:
        parts = (self.collected, self.everything.count, self.unjudged)
        value = int(parts[0].value or 0) - int(parts[1].value or 0) - int(parts[2].value or 0)
        return derived("outside", "监测范围外信息", value, "collected − total − unjudged", *parts)

    @cached_property
    def undated(self) -> Fact:
        return self.ask.count("undated", "无发布时间的信息", Filter(undated=True))

    @cached_property
    def reposts_share(self) -> Fact:
        whole = self.everything
        reposts = derived(
            "total.reposts",
            "转载信息",
            int(whole.count.value or 0) - int(whole.folded.value or 0),
            "total − total.folded",
            whole.count,
            whole.folded,
        )
        return share_of("total.reposts.share", "转载占比", reposts, whole.count)

    @cached_property
    def polarities(self) -> tuple[Slice, ...]:
        """正面, 中性, 负面 in this order, each also where it is zero."""
        return self._polarities("total.polarity", self.scope.noun, ALL, self.everything.count)

    @cached_property
    def channels(self) -> tuple[Slice, ...]:
        return self.ask.slices("channel", "渠道", ALL, "channel", self.everything.count, CHANNELS)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        negative = self.ask.within(NEGATIVE)
        inside = dict(self.store.terms(negative, "keywords", limit=2000))
        if not inside:
            return ()
        background = dict(self.store.terms(self.ask.within(ALL), "keywords", limit=10_000))
        # Names below the floor stay unsaid; words of selling itself say nothing of what is complained of.
        unnamed = {name for name, _ in self._host_counts} - {host.name for host in self.hosts}
        unnamed |= _trade_words()
        found = []
        for word, z in marking_words(inside, background)[:TOP_WORDS]:
            if word in unnamed:
                continue
            query = Query("count", self.ask.within(NEGATIVE.also(keywords=(word,))))
            found.append(Word(word, Fact(f"word.{word}", f"高频词：{word}", inside[word], query), z))
        return tuple(found)

    @cached_property
    def live(self) -> Volume:
        return self.ask.volume("live", "直播带货相关信息", LIVE)

    @cached_property
    def complaints(self) -> Volume:
        """Negative livestream documents (直播带货类负面信息)."""
        return self.ask.volume("complaints", "直播带货类负面信息", COMPLAINT)

    @cached_property
    def fields(self) -> tuple[Topic, ...]:
        """Fields of chapter two: complaint classes over all negatives, and livestream selling as one."""
        found = list(self._topics(NEGATIVE, "issue", self.negative.count, opened=OPENED))
        if self.complaints.count.value:
            share = share_of(
                "complaints.share", "直播带货类占吐槽类", self.complaints.count, self.negative.count
            )
            story = self._story("complaints", COMPLAINT, self.complaints)
            points = points_of(self.ask, "complaints", COMPLAINT, "issue:")
            found.append(Topic(LIVE_FIELD, LIVE_NAME, self.complaints, share, story, points))
        first = {code: at for at, code in enumerate(self.question.fields_first)}
        found.sort(key=lambda t: (first.get(t.code, len(first)), -int(t.volume.count.value or 0), t.code))
        return tuple(found)

    @cached_property
    def live_topics(self) -> tuple[Topic, ...]:
        """Complaint classes within livestream selling."""
        return self._topics(COMPLAINT, "live.issue", self.complaints.count, opened=0)

    @cached_property
    def unclassified(self) -> Fact:
        """Negatives that are in no field."""
        codes = tuple(t.code for t in self.fields if t.code != LIVE_FIELD)
        classified = self.store.count(self.ask.within(NEGATIVE.also(issues=codes))) if codes else 0
        both = Cut({**COMPLAINT.where, "issues": codes}, COMPLAINT.exclude)
        also = self.store.count(self.ask.within(both)) if codes else 0
        total, live = int(self.negative.count.value or 0), int(self.complaints.count.value or 0)
        return derived(
            "negative.unclassified",
            "未归入任何领域的吐槽类信息",
            total - (classified + live - also),
            "negative − |issues ∈ C01…C14 ∪ relevant|",
            self.negative.count,
        )

    @cached_property
    def _host_counts(self) -> tuple[tuple[str, int], ...]:
        return tuple(self.store.terms(self.ask.within(COMPLAINT), "negative_hosts"))

    @cached_property
    def named(self) -> Fact:
        """Complaints that name the seller they are directed at: the whole that host shares are of."""
        names = tuple(name for name, _ in self._host_counts)
        asked = self.ask.within(COMPLAINT.also(negative_hosts=names))
        return self.ask.count("hosts", "指向具名主播的负面信息", asked, known=None if names else 0)

    @cached_property
    def hosts(self) -> tuple[Host, ...]:
        """Sellers that enough publishers complain of, most complained of first."""
        if not self._told_by_enough(self.ask.within(COMPLAINT)):
            return ()  # nor is any of them told by so many
        counts = [(name, n) for name, n in self._host_counts[: 3 * TOP_HOSTS] if n >= self.min_publishers]
        asked = {name: self.ask.within(COMPLAINT.also(negative_hosts=(name,))) for name, _ in counts}
        enough = (name for name, where in asked.items() if self._told_by_enough(where))
        spoken = list(islice(enough, TOP_HOSTS))
        if not spoken:
            return ()
        days = self.ask.by_day_and(self.ask.within(COMPLAINT), "negative_hosts")
        folded = dict(self.store.terms(self.ask.within(COMPLAINT.also(**FIRST)), "negative_hosts"))
        pairs = self.store.cross(self.ask.within(COMPLAINT), "negative_hosts", "issues", spoken)
        return tuple(self._host(name, days[name], folded.get(name, 0), pairs) for name in spoken)

    def _host(
        self, name: str, days: Mapping[date, int], folded: int, pairs: Mapping[tuple[str, str], int]
    ) -> Host:
        cut = COMPLAINT.also(negative_hosts=(name,))
        volume = self.ask.volume(f"host.{name}", name, cut, days=days, folded=folded)
        counts = {t.code: n for t in self.live_topics if (n := pairs.get((name, t.code), 0))}
        found = self.ask.sliced(f"host.{name}.issue", name, cut, "issues", volume.count, counts)
        share = share_of(f"host.{name}.share", f"{name}占具名负面信息", volume.count, self.named)
        return Host(name, volume, share, found)

    def _told_by_enough(self, asked: Filter) -> bool:
        """True if as many sites, or accounts, tell *asked* as the floor asks."""
        found = self.store.search(asked, limit=TOLD_BY)
        if len({publisher(document) for document in found.documents}) >= self.min_publishers:
            return True
        if found.total <= TOLD_BY:
            return False
        fields = ("author_id", "author", "site", "source")
        counted = self.store.facets(asked, fields, limit=self.min_publishers)
        return any(len(values) >= self.min_publishers for values in counted.values())

    @cached_property
    def rest(self) -> Rest | None:
        """Sellers not named, counted together, never computed: one document may name two."""
        shown = {host.name for host in self.hosts}
        names = tuple(name for name, _ in self._host_counts if name not in shown)
        if not names:
            return None
        id = f"host.other_{len(names)}"
        asked = self.ask.within(COMPLAINT.also(negative_hosts=names))
        count = self.ask.count(id, f"其余{len(names)}位主播", asked)
        return Rest(
            len(names), count, share_of(f"{id}.share", f"{count.label}占具名负面信息", count, self.named)
        )

    @cached_property
    def on_platforms(self) -> Fact:
        """Complaints that name a platform: the whole that platform shares are of."""
        names = tuple(name for name, _ in self.store.terms(self.ask.within(COMPLAINT), "platforms"))
        asked = self.ask.within(COMPLAINT.also(platforms=names))
        return self.ask.count("platforms", "提及平台的负面信息", asked, known=None if names else 0)

    @cached_property
    def platforms(self) -> tuple[Slice, ...]:
        return self.ask.slices(
            "platform", "平台", COMPLAINT, "platforms", self.on_platforms, {}, limit=TOP_PLATFORMS
        )

    @cached_property
    def _cases(self) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
        return find_cases(self.home, self.ask, self.min_publishers) if self.home else ((), ())

    @property
    def cases(self) -> tuple[Case, ...]:
        return self._cases[0]

    @property
    def leads(self) -> tuple[Case, ...]:
        return self._cases[1]

    @cached_property
    def kept(self) -> Mapping[str, tuple[str, str]]:
        """Documents kept as evidence, with what was last found at their address, and since when."""
        return kept_states(self.home) if self.home else {}

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Rules, orders and punishments of authorities in the window."""
        return tuple(events.moves_of(self.store, self.window.since, self.window.until))

    @cached_property
    def tiers(self) -> tuple[Slice, ...]:
        return self.ask.slices("tier", "发布级别", ALL, "tier", self.everything.count, TIERS, limit=10)

    @cached_property
    def regions(self) -> tuple[Slice, ...]:
        return self.ask.slices("region", "地区", NEGATIVE, "region", self.negative.count, {}, limit=10)

    @cached_property
    def sites(self) -> tuple[Slice, ...]:
        return self.ask.slices(
            "site", "站点", NEGATIVE.also(**FIRST), "site", self.negative.folded, {}, limit=10
        )

    @cached_property
    def busiest(self) -> Fact:
        """Negatives of the ten accounts that wrote most of them."""
        top = self.store.terms(self.ask.within(NEGATIVE), "author_id", limit=10)
        query = Query("terms", self.ask.within(NEGATIVE), "author_id")
        value = sum(n for _, n in top) if top else None
        return Fact(
            "negative.busiest", "发布最多的10个账号的吐槽类信息", value, query, basis=(self.negative.count,)
        )

    @cached_property
    def corrections(self) -> Fact | None:
        """Corrected documents of the window, the oldest first."""
        if self.corrected is None:
            return None
        inside = [
            document
            for document in self.store.get(sorted(set(self.corrected)))
            if document.raw.published_at
            and self.window.since <= document.raw.published_at < self.window.until
        ]
        inside.sort(key=lambda document: (str(iso(document.raw.published_at)), document.id))
        shown = tuple(reference(document) for document in inside[:EVIDENCE])
        query = Query("state database: documents with a correction in force, published in the window")
        return Fact("corrections", "经人工更正的信息", len(inside), query, documents=shown)

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Versions that judged the scope's documents, each with its number where there are several."""
        judged = judged_by(self.store, self.ask.within(ALL), most=DRAWN)
        whole, drawn = int(self.everything.count.value or 0), sum(n for _, n in judged)
        found = [(version, n) for version, n in judged if version]
        if whole > drawn:
            return tuple(f"{version}（随机抽取的{drawn}条中{n}条）" for version, n in found)
        if len(found) < 2:
            return tuple(version for version, _ in found)
        return tuple(f"{version}（{n}条）" for version, n in found)

    @cached_property
    def index(self) -> tuple[tuple[str, str], ...]:
        known = self.store.facts()
        return tuple((k, str(known[k])) for k in ("schema", "documents") if k in known)

    @cached_property
    def compared(self) -> tuple[Previous, ...]:
        """Earlier windows with the same counts as this one; an earlier edition's file comes first."""
        found = [self.previous] if self.previous else []
        for at, (name, window) in enumerate(self.question.before):
            question = replace(self.question, window=window, before=())
            then = Facts(self.store, question, prefix=f"before{at + 1}.")
            counted = _previous(name, then)
            # What the store no longer holds, an edition of those days may tell.
            kept = self.archived(name, window) if self.archived and not counted.total.value else None
            found.append(kept or counted)
        return tuple(found)

    @property
    def silent_days(self) -> tuple[date, ...]:
        """Days without a single document of the sources asked, within the scope or not, in time order."""
        return tuple(day for day in self.bare_days if day not in self._received)

    @property
    def bare_days(self) -> tuple[date, ...]:
        """Days without a document of the scope, in time order; others may have come in."""
        series = self.everything.course.series
        return tuple(d for d, n in zip(series.days, series.counts, strict=True) if n == 0)

    @cached_property
    def _received(self) -> dict[date, int]:
        sources = {key: names for key, names in self.question.scope.where.items() if key == "source"}
        window = self.question.window
        return self.ask.by_day(Filter(since=window.since, until=window.until, where=sources))

    @property
    def flagged_days(self) -> tuple[date, ...]:
        """Days that may not be read as calm: not collected, or empty with no one to say why."""
        if self.coverage is None:
            return self.silent_days
        return tuple(day for day in self.window.days if day in self.coverage.missing_days)

    def _polarities(self, id: str, label: str, cut: Cut, whole: Fact) -> tuple[Slice, ...]:
        found = {s.key: s for s in self.ask.slices(id, label, cut, "polarity", whole, POLARITIES)}
        for key, name in POLARITIES.items():
            if key not in found:
                asked = self.ask.within(cut.also(polarity=(key,)))
                count = self.ask.count(f"{id}.{key}", f"{label}：{name}", asked, known=0)
                share = share_of(f"{count.id}.share", f"{count.label}占比", count, whole)
                found[key] = Slice(key, name, count, share)
        return tuple(found[key] for key in POLARITIES)

    def _topics(self, cut: Cut, id: str, whole: Fact, *, opened: int) -> tuple[Topic, ...]:
        days = self.ask.by_day_and(self.ask.within(cut), "issues")
        folded = dict(self.store.terms(self.ask.within(cut.also(**FIRST)), "issues"))
        found: list[Topic] = []
        for code in sorted(days, key=lambda c: (-sum(days[c].values()), c)):
            own, name, own_id = cut.also(issues=(code,)), topic_name(code), f"{id}.{code}"
            volume = self.ask.volume(own_id, name, own, days=days[code], folded=folded.get(code, 0))
            share = share_of(f"{own_id}.share", f"{name}占比", volume.count, whole)
            if len(found) >= opened:
                found.append(Topic(code, name, volume, share))
                continue
            story, points = (
                self._story(own_id, own, volume),
                points_of(self.ask, own_id, own, f"issue:{code}"),
            )
            found.append(Topic(code, name, volume, share, story, points))
        return tuple(found)

    def _story(self, id: str, cut: Cut, volume: Volume) -> Story | None:
        """The largest repost group of the peak day, where it is no accident."""
        days = volume.course.series.notable_days
        if len(days) != 1:
            return None
        largest = self.store.terms(self.ask.within(cut, days[0]), "group", limit=1)
        if not largest or largest[0][1] < STORY_LEAST:
            return None
        group, n = largest[0]
        asked = self.ask.within(cut.also(group=(group,)), days[0])
        if not self._told_by_enough(asked):
            return None
        count = self.ask.count(f"{id}.peak.story", f"峰值日最大同文组（{group[:8]}）", asked, known=n)
        return Story(count.documents[0], count)


@functools.cache
def _trade_words() -> frozenset[str]:
    """Words that any text on livestream selling holds."""
    selling = HostRegistry.load().groups["selling"]
    return frozenset((*selling, "直播", "直播带货", "平台", "网络", "网友"))


def _previous(name: str, then: Facts) -> Previous:
    """The counts of another window by the ids that they have in this one."""
    ask, parts = then.ask, {}
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
                f"{then.prefix}{id}.{key}", f"{name}：{shown}", n, Query("count", asked)
            )
    live = ask.count("complaints", f"{name}直播带货类负面信息", ask.within(COMPLAINT), evidence=False)
    words = then.window.words()
    return Previous(
        name,
        ask.count("total", f"{name}（{words}）信息", ask.within(ALL)),
        ask.count("negative", f"{name}（{words}）吐槽类信息", ask.within(NEGATIVE)),
        len(then.window.days),
        {**parts, "complaints": live},
    )
