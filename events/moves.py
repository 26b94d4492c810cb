"""Regulators' moves: what was ruled, ordered, taken up or punished, with date, title, party and laws."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fengping.analysis.hosts import load_names
from fengping.analysis.reading import LIMITS
from fengping.events.building.candidates import title_of
from fengping.indexer import Filter, Store
from fengping.models import Act, Document
from fengping.reading import Party, Reading, Signal

LAWS = 8
GENERAL = frozenset({"公安部", "公安机关", "人民法院", "最高人民法院", "检察院"})
"""Authorities that mostly deal with other matters: something of the trade must be named too."""
ONE_CASE = timedelta(days=7)
"""Time within which texts tell of one case."""
_LAW = re.compile(
    r"《([^《》]{1,40}?(?:法|条例|规定|办法|意见|通知|公告|准则|规范|指引|指南|细则|规则|目录|要求|标准|征求意见稿\)?）?))》"
)


class Kind(StrEnum):
    """Move of an authority."""

    PENALTY = "penalty"
    """A fine, an order, a ban, an arrest or a judgment; the title says which."""
    RULE = "rule"
    """A rule or a warning to a trade."""
    INQUIRY = "inquiry"
    """A matter taken up: an investigation or a summons."""
    ANSWER = "answer"
    """A finding that nothing was wrong."""


_FORMS = {
    "order": Kind.PENALTY, "fine": Kind.PENALTY, "ban": Kind.PENALTY, "detain": Kind.PENALTY,
    "prosecute": Kind.PENALTY, "judge": Kind.PENALTY, "rule": Kind.RULE, "warn": Kind.RULE,
    "investigate": Kind.INQUIRY, "summon": Kind.INQUIRY, "clear": Kind.ANSWER,
}  # fmt: skip
"""Kind of move by the form of an official act."""
_ACTS = {Act.RULE: Kind.RULE, Act.PENALTY: Kind.PENALTY}
"""The same by the act of a text without a reading."""


@dataclass(frozen=True, slots=True)
class Move:
    """One document on what an authority did."""

    document: str
    kind: Kind
    at: datetime | None
    title: str
    authorities: tuple[str, ...]
    """By their names in the registry; no desk that only takes complaints."""
    called: tuple[str, ...]
    """The same as the text calls them."""
    parties: tuple[str, ...]
    laws: tuple[str, ...]
    """Laws, rules and notices named, without their brackets."""
    url: str
    group: str


def moves_of(store: Store, where: Filter) -> list[Move]:
    """The moves that documents of *where* tell of, in time order, one for each repost group.

    What one authority did to one party within a week is one move, however many texts tell of it.
    """
    read = replace(where, where={**where.where, "signals": ("official",)})
    unread = replace(
        where,
        where={**where.where, "act": tuple(_ACTS)},
        exclude={**where.exclude, "signals": ("official",)},
    )
    found = [
        (move, document.event)
        for part in (read, unread)
        for document in store.scan(part)
        if (move := read_move(document))
    ]
    first: dict[str, tuple[Move, str]] = {}
    for move, event in sorted(found, key=_in_time):
        before = first.setdefault(move.group, (move, event))[0]
        parties = tuple(dict.fromkeys((*before.parties, *move.parties)))
        first[move.group] = replace(before, parties=parties), first[move.group][1]
    return list(_once(first.values()))


def read_move(document: Document) -> Move | None:
    """Move of an authority told by *document*, or ``None``: the gravest of its official acts."""
    raw, judged, reading = document.raw, document.judgement, document.judgement.reading
    named, called, parties = regulators_of(document), list[str](), list[str]()
    kind = None if reading or not named else _ACTS.get(judged.act or Act.OTHER)
    for signal in _official(reading) if reading else ():
        actor, target = _party(reading, signal.actor), _party(reading, signal.target)
        if actor.kind != "authority" if actor else not named:
            continue
        found = _FORMS[signal.form]
        kind = found if kind is None else min(kind, found, key=[*Kind].index)
        called += [raw.content[slice(*actor.mentions[0])]] if actor else []
        parties += [target.name] if target else []
    of_trade = judged.consumer or judged.relevant or judged.hosts
    if kind is None or (GENERAL.issuperset(named) and not of_trade):
        return None
    return Move(
        raw.id, kind, raw.published_at, title_of(document), named, tuple(dict.fromkeys(called)) or named,
        tuple(dict.fromkeys(parties)) or (*judged.hosts, *(judged.brands or ())), laws_in(raw.content),
        raw.url, document.group,
    )  # fmt: skip


@functools.cache
def desks() -> frozenset[str]:
    """Names of the registry of regulators that take complaints and do nothing themselves."""
    return frozenset(one.name for one in load_names("regulators.toml").name if one.desk)


def regulators_of(document: Document) -> tuple[str, ...]:
    """Authorities that *document* names, without desks for complaints and television shows."""
    return tuple(name for name in document.judgement.regulators if name not in desks())


def laws_in(text: str) -> tuple[str, ...]:
    """Laws, rules and notices that *text* names in brackets, none twice."""
    return tuple(dict.fromkeys(_LAW.findall(text)))[:LAWS]


def _official(reading: Reading) -> Iterator[Signal]:
    limit = LIMITS["official"].search
    return (one for one in reading.signals if one.form in _FORMS and one.probability >= limit)


def _party(reading: Reading | None, number: int | None) -> Party | None:
    return None if reading is None or number is None else reading.parties[number]


def _in_time(told: tuple[Move, str]) -> tuple[float, str]:
    move, _ = told
    return move.at.timestamp() if move.at else float("inf"), move.document


def _once(told: Iterable[tuple[Move, str]]) -> Iterator[Move]:
    """Moves without those that tell again what an authority did: in one event, or of one party."""
    kept: list[tuple[Move, str]] = []
    for move, event in told:
        if move.kind is Kind.RULE or not any(_tells_again(move, event, *one) for one in kept):
            kept.append((move, event))
            yield move


def _tells_again(move: Move, event: str, before: Move, in_event: str) -> bool:
    same = bool(event and event == in_event) or not {*move.parties}.isdisjoint(before.parties)
    ours, theirs = {*move.called}, {*before.called}
    near = move.at is not None and before.at is not None and move.at - before.at <= ONE_CASE
    return move.kind is before.kind and same and near and not (ours and theirs and ours.isdisjoint(theirs))
