"""Facts of one report, each group asked of the store when a chapter first reads it: everything counted is
counted there, and of documents a handful a figure is fetched. Equal stores and questions give equal facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property, partial
from typing import TypeVar

from fengping import events
from fengping.events import Move
from fengping.events.building.opening import are_behind
from fengping.events.evidence.keeping import kept_states
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.corrections import Correction
from fengping.reports.chapters import TIERS
from fengping.reports.chapters.topics import CHANNELS
from fengping.reports.facts import shares
from fengping.reports.facts.agencies import agencies_in, with_agencies
from fengping.reports.facts.cases import Found, find_cases
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.earlier import counted, parts_of
from fengping.reports.facts.fields import fields_of, topics_of, unclassified_of
from fengping.reports.facts.folding import FIRST
from fengping.reports.facts.hosts import aimed_of, hosts_of, named_of, rest_of, spoken_of
from fengping.reports.facts.model import (
    Case,
    Coverage,
    Host,
    Rest,
    Slice,
    Topic,
    Volume,
    Window,
    Word,
    share_of,
)
from fengping.reports.facts.naming import forms_of
from fengping.reports.facts.origins import Corrections, corrections_of, versions_of
from fengping.reports.facts.previous import Previous
from fengping.reports.facts.question import Archived, Estimate, Question, Ran
from fengping.reports.facts.tellers import about_leads, about_scope
from fengping.reports.facts.words import Counted, count_words, words_of
from fengping.reports.scope import ALL, ANSWERS, COMPLAINT, LIVE, NEGATIVE, PROMOTION, Scope
from fengping.reports.wording import FLOOR, Fact

TOP_PLATFORMS = 12

T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """All that chapters may print; groups are asked once and kept."""

    store: Store
    question: Question
    home: Home | None = None
    """Keeper of the events; without one there are no cases."""
    coverage: Coverage | None = None
    corrected: Sequence[Correction] | None = None
    """Corrections in force, in their order."""
    previous: Previous | None = None
    """An earlier edition, read from its JSON."""
    prefix: str = ""
    archived: Archived | None = None
    """Finds the edition of an earlier window in the archive."""
    estimate: Estimate | None = None
    """The interval that negatives of a filter lie in, where enough rows are labelled."""
    labelled: bool = False
    """True where the home labelled some of the rows that :attr:`estimate` rests on."""
    ran: Ran | None = None
    """True of a window in which a source ran; asked of earlier ones where some ran in this."""
    beside: Executor | None = None
    """Asks the longest questions of the store while others are asked: see :meth:`begin`."""

    def begin(self, chapters: Sequence[str]) -> None:
        """Asks *beside* what takes long and *chapters* will read; and whether events are whole, before any is
        read."""
        _ = self.events_left
        if self.beside and "overview" in chapters:
            _ = self._counted_words
        if self.beside and "moves" in chapters:
            _ = self._moves

    def _asked(self, ask: Callable[[], T]) -> Callable[[], T]:
        return self.beside.submit(ask).result if self.beside else cache(ask)

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
    def _asker(self) -> Counter:
        forms, windows = forms_of(self.home), (self.window, *(window for _, window in self.question.before))
        ask = Counter(self.store, self.window, self.scope, self.prefix, self.min_publishers, forms)
        return replace(ask, hidden=ask.accused_of(windows))

    @cached_property
    def ask(self) -> Counter:
        named = {case.event for case in self.cases}
        own = about_scope(self.home, self.store, self.scope, named) if self.home else {}
        leads = own | about_leads(self.leads)
        return replace(self._asker, leads=leads, hidden=self.found.hidden)

    @cached_property
    def everything(self) -> Volume:
        return self.ask.volume("total", f"监测期内{self.scope.noun}", ALL)

    @cached_property
    def negative(self) -> Volume:
        return self.ask.volume("negative", "吐槽类信息", NEGATIVE)

    @cached_property
    def aimed(self) -> Fact | None:
        """Those of them that accuse the host whom the report is on."""
        return aimed_of(self.ask, "negative", "吐槽类信息", NEGATIVE)

    @cached_property
    def promoted(self) -> Volume:
        """Documents judged to promote goods: no complaints, and no praise by consumers."""
        return self.ask.volume("total.promotion", "判为推广的信息", PROMOTION)

    @cached_property
    def of_consumers(self) -> Fact | None:
        """Of a scope that asks for no judgement, the documents judged to concern consumers."""
        if self.scope.consumer:
            return None
        asked = self.ask.within(ALL.also(consumer=("true",)))
        return self.ask.count("total.consumer", "判为与消费维权有关的信息", asked)

    @cached_property
    def negative_share(self) -> Fact:
        return share_of("negative.share", "吐槽类占比", self.negative.count, self.everything.count)

    @cached_property
    def interval(self) -> tuple[Fact, Fact] | None:
        """Bounds of the scope's negatives at 95 %, from labelled rows; ``None`` where nothing is known."""
        enough = int(self.everything.count.value or 0) >= FLOOR
        found = self.estimate(self.ask.within(ALL)) if self.estimate and enough else None
        return None if found is None else shares.bounds_of(found, self.everything.count)

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
    def selected(self) -> Filter:
        """The query and the fixed values in the window, whatever was judged to concern consumers."""
        return replace(self.ask, scope=replace(self.scope, consumer=False)).within(ALL)

    @cached_property
    def unjudged(self) -> Fact | None:
        """Documents of the selection that nobody judged: other languages, pictures, videos.

        ``None`` where the scope asks for no judgement, and counts them.
        """
        if not self.scope.consumer:
            return None
        asked = replace(self.selected, exclude={"consumer": ("true", "false")})
        return self.ask.count("unjudged", "未判信息", asked)

    @cached_property
    def outside(self) -> Fact:
        return shares.outside_of(self.collected, self.everything.count, self.unjudged)

    @cached_property
    def undated(self) -> Fact:
        return self.ask.count("undated", "无发布时间的信息", Filter(undated=True))

    @cached_property
    def reposts_share(self) -> Fact:
        return shares.reposts_of(self.everything)

    @cached_property
    def signed(self) -> bool:
        """True if of any document of the scope it is known who published it."""
        return self.ask.is_signed(self.ask.within(ALL))

    @cached_property
    def copied(self) -> str:
        """Words for the copies among the scope's documents: reposts where it is known who published any."""
        return shares.copies_called(self.ask, self.reposts_share, signed=self.signed)

    @cached_property
    def polarities(self) -> tuple[Slice, ...]:
        """正面, 中性, 负面 in this order, each also where it is zero."""
        return shares.polarities_of(self.ask, self.scope.noun, self.everything.count)

    @cached_property
    def channels(self) -> tuple[Slice, ...]:
        return self.ask.slices("channel", "渠道", ALL, "channel", self.everything.count, CHANNELS)

    @cached_property
    def _counted_words(self) -> Callable[[], Counted]:
        return self._asked(partial(count_words, self.ask))

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return words_of(self.ask, self._counted_words())

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
        first = self.question.fields_first
        return fields_of(self.ask, self.negative.count, self.complaints, self.min_publishers, first)

    @cached_property
    def live_topics(self) -> tuple[Topic, ...]:
        """Complaint classes within livestream selling."""
        return topics_of(self.ask, COMPLAINT, "live.issue", self.complaints.count, self.min_publishers)

    @cached_property
    def unclassified(self) -> Fact:
        """Negatives that are in no field."""
        return unclassified_of(self.ask, self.fields, self.negative.count, self.complaints.count)

    @cached_property
    def _host_counts(self) -> tuple[tuple[str, int], ...]:
        return tuple(self.store.terms(self.ask.within(COMPLAINT), "negative_hosts"))

    @cached_property
    def named(self) -> Fact:
        """Complaints that name the seller they are directed at: the whole that host shares are of."""
        return named_of(self.ask, self._host_counts)

    @cached_property
    def hosts(self) -> tuple[Host, ...]:
        """Sellers that enough publishers complain of, most complained of first."""
        spoken = spoken_of(self.ask, self._host_counts, self.min_publishers)
        if not spoken:
            return ()
        return hosts_of(self.ask, spoken, self.named, [topic.code for topic in self.live_topics])

    @cached_property
    def rest(self) -> Rest | None:
        """Sellers not named, counted together."""
        return rest_of(self.ask, self._host_counts, self.hosts, self.named)

    @cached_property
    def on_platforms(self) -> Fact:
        """Complaints that name a platform: the whole that platform shares are of."""
        return shares.on_platforms_of(self.ask)

    @cached_property
    def platforms(self) -> tuple[Slice, ...]:
        return self.ask.slices(
            "platform", "平台", COMPLAINT, "platforms", self.on_platforms, {}, limit=TOP_PLATFORMS
        )

    @cached_property
    def found(self) -> Found:
        """Cases and leads, and how many more there are of each."""
        if not self.home:
            return Found(hidden=self._asker.hidden)
        return find_cases(self.home, self._asker, self.min_publishers)

    @property
    def cases(self) -> tuple[Case, ...]:
        return self.found.cases

    @property
    def leads(self) -> tuple[Case, ...]:
        return self.found.leads

    @cached_property
    def events_left(self) -> bool:
        """True while events lack documents that came in, for all are to be built anew."""
        return self.home is not None and are_behind(self.home)

    @cached_property
    def kept(self) -> Mapping[str, tuple[str, str]]:
        """Documents kept as evidence, with what was last found at their address, and since when."""
        return kept_states(self.home) if self.home else {}

    @cached_property
    def agencies(self) -> tuple[str, ...]:
        """Those of the hosts of the scope."""
        return agencies_in(self.ask, self.window)

    @cached_property
    def of_moves(self) -> Filter:
        """The selection, with what names an agency of its hosts."""
        return with_agencies(self.ask, self.selected, self.agencies)

    @cached_property
    def _moves(self) -> Callable[[], list[Move]]:
        return self._asked(partial(events.moves_of, self.store, self.of_moves))

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Rules, orders and punishments of authorities that the selection tells of."""
        return tuple(self._moves())

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
    def busiest(self) -> tuple[int, Fact]:
        """The ten accounts that wrote most negatives, or all there are, and the negatives they wrote."""
        return shares.busiest_of(self.ask, self.negative.count)

    @cached_property
    def corrections(self) -> Corrections | None:
        """Corrected documents of the window, with those that left the scope thereby, or came into it."""
        return None if self.corrected is None else corrections_of(self.ask, self.corrected)

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Versions that judged the scope's documents, each with its number where there are several."""
        return versions_of(self.ask)

    @cached_property
    def index(self) -> tuple[tuple[str, str], ...]:
        known = self.store.facts()
        return tuple((k, str(known[k])) for k in ("schema", "documents") if k in known)

    @cached_property
    def compared(self) -> tuple[Previous, ...]:
        """Earlier windows with the same counts as this one; an earlier edition's file comes first."""
        found = [self.previous] if self.previous else []
        for at, (name, window) in enumerate(self.question.before):
            ask = replace(self.ask, window=window, prefix=f"before{at + 1}.")
            present = parts_of(self.fields, self.hosts, self.platforms, self.channels)
            then = counted(name, ask, present, self.ran if self.coverage else None)
            # What the store no longer holds, an edition of those days may tell.
            kept = self.archived(name, window) if self.archived and not then.total.value else None
            found.append(kept or then)
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
        return self.ask.by_day(self.ask.received)

    @property
    def flagged_days(self) -> tuple[date, ...]:
        """Days that may not be read as calm: not collected, or empty with no one to say why."""
        if self.coverage is None:
            return self.silent_days
        return tuple(day for day in self.window.days if day in self.coverage.missing_days)
