"""Events of one affair: the same side and the same thing, told apart in wording or in time.

An event is one happening. What begins with a test of one product goes on in other words (a fine, a refund, a
question to a lawyer), and whoever signs a report has to know all of it: when it began, and what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from fengping.events.answers import parties as naming
from fengping.events.answers.matter import weight_shared
from fengping.events.answers.status import joined
from fengping.events.asking import Asked, Event, events_named, events_of
from fengping.events.building.candidates import title_of
from fengping.events.by_hand import linked, split_off
from fengping.home import Home
from fengping.models import Document

AROUND = timedelta(days=60)
"""Time before and after an event in which others of its affair are looked for: the span of one event."""
NEAR = timedelta(days=7)
WORD, WORDS = 6.5, 13.0
"""Rarity in nats of the words for a thing that make one affair: one such word where both titles have it
within :data:`NEAR`, two otherwise. Chosen by reading the pairs of events of one party of a real stream."""
_COMPARED = 300
"""Events of one name that are compared, those most told first."""
_READ = 8
"""Documents of an event whose text is compared."""

_NO_THING = re.compile(
    "市场?监[管督]?[理]?[部门局]*|监管|管理局|工商|税务|警方|公安|法院|两地|地方|多地|央视|律师|网友|专家|供应商?|经销商|代理商"
    "|创始人?|老板|丈夫|妻子|合伙人|徒弟|粉丝|掉粉|第三方|打假人?|[卖售造制]假|假[货冒]|所[售卖]|鉴定|官方|被?罚款?|立案|调查|通报"
    "|[假退]?一赔.?|赔付|复播|停播|停业|整改|退网|账号|封禁|被封|解封|起诉|道歉|致歉|多次|再次|同时|曾[经被]?|头部|喊话|事件|风波|争议|究竟"
    "|自己|中间人?|报道|评论|刷屏|纷争|互撕|互掐|纠纷|矛盾|公告|批评|塌房|虚假|涉嫌|宣传|质疑|品牌|售后|销[售量]|[商厂]家|顾客|客户"
    "|[女男]子|全网|视频|翻车|流量|没有|任何|内容|经营|出现|公开|没[收完]|疑似|[0-9一二三四五六七八九十百千万亿几多近]+[个天次年元倍岁月]+"
)
"""Words of any affair: authorities, roles, acts and numbers, by which no thing is known."""


_SPEAKER = re.compile(
    "(?m)^[^，。：:！？“”\\s]{2,5}?(?=称|质疑|怒?批|回?怼|喊话|[自再]?曝|手撕|建议|炮轰|谈|起底|点名)"
)
"""The one who speaks at the beginning of a title, and is no thing."""
_CAUSE = re.compile("因(?![此而为])([^，。；！？\\s]{2,24}?)(?=被|遭|受到|[，。；])")
_ANSWERING = re.compile("回应|致歉|道歉|否认|辟谣|声明")


class Affairs:
    """The events among which others of an affair are looked for: read once for several events."""

    def __init__(self, home: Home, since: datetime, until: datetime) -> None:
        """*since*, *until*: the period in which the events that are asked about lie."""
        self._home = home
        self._known = naming.known_names(home)
        self._asked = Asked(since=since - AROUND, until=until + AROUND)
        self._by_name: dict[str, list[Event]] = {}
        self._hosts = _all_names(self._known)
        self._apart = split_off(home)

    def kin(self, event: Event, documents: Sequence[Document]) -> list[Event]:
        """Other events of the affair of *event*, of which *documents* are read; in the order of their
        beginnings.

        They are against one of its side or of the agencies that speak for it, lie within :data:`AROUND`, and
        share the words for a thing: the titles of both, or the texts of this one and the title of the other.
        What was split by hand has none but those that persons linked.
        """
        side, known = _most_accused(event), self._known
        linked_by_hand = events_named(self._home, linked(self._home, event.id))
        if not side or event.first_at is None or event.last_at is None or event.id in self._apart:
            return linked_by_hand
        names = _side_names(side, known)
        others = {other.id: other for name in names for other in self._of(name)}
        own = [title_of(document) for document in documents[:_READ]]
        titles = _things("\n".join(dict.fromkeys([event.title, *own])), names, self._hosts)
        # An answer may tell of several matters; its title says which one is its own.
        told = [] if _ANSWERING.search(event.title) else documents[:_READ]
        texts = _things("\n".join(document.raw.content for document in told), names, self._hosts)
        found = []
        for other in others.values():
            if other.id in {event.id, *self._apart} or other.first_at is None or other.last_at is None:
                continue
            if set(names).isdisjoint(_most_accused(other)):
                continue
            gap = max(other.first_at - event.last_at, event.first_at - other.last_at)
            if gap > AROUND:
                continue
            title = _things(other.title, names, self._hosts)
            if (
                weight_shared(title, titles) >= (WORD if gap <= NEAR else WORDS)
                or weight_shared(title, texts) >= WORDS
            ):
                found.append(other)
        found += [one for one in linked_by_hand if one not in found]
        return sorted(found, key=lambda one: (one.first_at is None, one.first_at, one.id))

    def _of(self, name: str) -> list[Event]:
        """The events that speak of one called *name*."""
        if name not in self._by_name:
            asked = replace(self._asked, party=name)
            self._by_name[name] = events_of(self._home, asked, limit=_COMPARED)
        return self._by_name[name]


def kin_of(home: Home, event: Event, documents: Sequence[Document]) -> list[Event]:
    """The same for one event alone."""
    if event.first_at is None or event.last_at is None:
        return []
    return Affairs(home, event.first_at, event.last_at).kin(event, documents)


def has_other_cause(act: Document, told: Sequence[str], known: Mapping[str, tuple[str, ...]]) -> bool:
    """True if *act*, of an authority, says for what it was (因身着警服直播), and none of the texts *told* of
    an event tells of that thing."""
    hosts = _all_names(known)
    causes = [_things(cause, (), hosts) for cause in _CAUSE.findall(act.raw.content)]
    named = [cause for cause in causes if weight_shared(cause, cause) >= WORD]
    texts = "\n".join(told)
    return bool(named) and not any(weight_shared(cause, texts) for cause in named)


def of_affair(event: Event, kin: Sequence[Event]) -> Event:
    """*event* with the beginning, and with the history of the status, of all of its affair."""
    begun = [one.first_at for one in (event, *kin) if one.first_at]
    steps = joined([*event.steps, *(step for one in kin for step in one.steps)])
    status = steps[-1].status if steps else event.status
    return replace(event, first_at=min(begun, default=None), steps=steps, status=status)


def _most_accused(event: Event) -> tuple[str, ...]:
    """The one whom it accuses most, or speaks of most where it accuses nobody: of two hosts who sell like
    things in one season each has an affair of their own."""
    return (event.accused or event.parties)[:1]


def _side_names(side: Sequence[str], known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """All names of a side: those of the hosts in it with their agencies, and the hosts for whom an agency in
    it speaks."""
    hosts = [host for host, names in known.items() if not set(side).isdisjoint(names)]
    return tuple(dict.fromkeys((*side, *hosts, *naming.names_of([*side, *hosts], known))))


def _all_names(known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in known.values() for name in names))


def _things(text: str, names: Sequence[str], hosts: tuple[str, ...]) -> str:
    """*text* without anybody's name, the *hosts* with their agencies, and without the words of any affair."""
    text = _pattern(tuple(names)).sub(" ", _hosts(hosts).sub(" ", text))
    return _NO_THING.sub(" ", _SPEAKER.sub(" ", text))


@lru_cache(maxsize=4)
def _hosts(names: tuple[str, ...]) -> re.Pattern[str]:
    # A long name of a host is also said by its last two characters; of a brand these may be the thing.
    return _pattern((*names, *(name[-2:] for name in names if len(name) > 3)))


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    said = sorted({name for name in names if len(name) > 1}, key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, said)) or r"(?!)")
