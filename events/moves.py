"""Regulators' moves: what was ruled, ordered, taken up or punished, with date, title, party and laws."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from fengping.events.authorities import called_of, desks, heads, is_only_told, regulators_of, stated, strength
from fengping.events.authority_words import AUTHORITY, MAY_MOVE
from fengping.events.building.candidates import title_of
from fengping.events.deeds import (
    CASE,
    CAUGHT,
    OPENED,
    PENALTY,
    POLICE,
    UNDER_WAY,
    done,
    is_of_before,
    is_only_taken_up,
    is_settled,
    is_taken_up,
    is_under_way,
    is_unsettled,
)
from fengping.events.matching.places import names_in
from fengping.indexer import Filter, Store
from fengping.indexer.search import And, Keyword, Or, Term
from fengping.models import Act, Document, Polarity

LAWS = 8
GENERAL = frozenset({"公安部", "公安机关", "人民法院", "最高人民法院", "检察院"})
"""Authorities that mostly deal with other matters: something of the trade must be named too."""
_LAW = re.compile(
    r"《([^《》]{1,40}?(?:法|条例|规定|办法|意见|通知|公告|准则|规范|指引|指南|细则|规则|目录|要求|标准|征求意见稿\)?）?))》"
)
_RULE = re.compile(
    r"(?:发布|印发|出台|公布|制定|施行|实施|征求意见|公开征求|修订|联合下发|下发)[^。！？]{0,30}《"
    r"|《[^》]+》[^。]{0,20}(?:发布|印发|出台|公布|施行|实施|征求意见)"
    r"|(?:征求意见稿|行政指导会|专项整治|专项行动|提醒告诫|合规指引)"
)
_AUTHORITY = re.compile("|".join(MAY_MOVE))
_CALLED = re.compile(
    r"(?:相关|有关|监管|主管|职能)部门[^，。；！？]{0,8}(?:有必要|应(?!急|对|消费者)|需要|须|尽快|亟|要(?!求))"
)
"""A call for something that an authority should do, which is no move of one."""
_DONE_WORDS = (
    "一起", "查处", "行政处罚", "关停", "查封", "取缔", "行政拘留", "罚款",
    "破获", "抓获", "被抓", "刑拘", "刑事拘留", "逮捕", "执法",
    "判刑", "获刑", "被判",
)  # fmt: skip
_SELLS = re.compile("带货|售卖|售假|卖假|销售")
_ORDERS = re.compile("责令[^，。；！？]{0,10}?(?:停业|停产|暂停经营|整改|改正)")
"""In the title of an order, which none but an authority gives."""
_PLANS = re.compile(
    "将[^。！？]{0,40}(?:加强|加大|严厉打击|从严|严查|整治|压实)[^。！？]{0,30}(?:监管|执法|抽检|检查|打击|责任|行为|违法)"
)
"""Announced by an authority that answers: what it will do about a whole trade."""
_OF_CRITICS = re.compile(
    "(?:对|因|将)[^，。；！？]{0,6}(?:造谣|传谣|诽谤|网暴)[^，。；！？]{0,14}(?:立案|拘留|传唤|抓获|查处|处罚)"
    "|造谣者|遭[^，。；！？]{0,6}(?:造谣|诽谤|网暴)[^。！？]{0,12}(?:立案|报警|报案)"
)
_REPLIES = re.compile("回应|答复")
ONE_CASE = timedelta(days=7)
"""Time within which texts tell of one case that was opened."""
_DENIED = re.compile(r"拟|或将|可能|建议|呼吁|要求市监|希望|请求|最高可|网传")
_WORDS = (
    "规定", "办法", "意见", "通知", "条例", "指引", "征求意见", "整治", "指导会", "约谈",
    "处罚", "罚款", "被罚", "查处", "税务检查", "立案", "责令", "吊销", "没收", "通报", "下架",
    "抓获", "刑拘", "拘留", "逮捕", "批捕", "判处", "判刑", "获刑",
)  # fmt: skip


class Kind(StrEnum):
    """Move of an authority."""

    RULE = "rule"
    PENALTY = "penalty"
    """A fine, an order, a summons or a case opened; the title says which."""
    INQUIRY = "inquiry"
    """A matter taken up, and nothing more told."""
    ANSWER = "answer"
    """An answer to consumers or media that tells of nothing done."""


_KINDS = {Act.RULE: Kind.RULE, Act.PENALTY: Kind.PENALTY}
"""Moves by the act that a text was judged to be."""


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

    A case that one desk opened against a party is one move, however many texts tell of it.
    """
    words = where.holding(Or(tuple(Term(word) for word in _WORDS)))
    judged = replace(words, where={**where.where, "act": tuple(_KINDS)})
    unjudged = replace(words, exclude={**where.exclude, "act": tuple(Act)})
    # Most texts judged to tell a rule or a penalty know no authority: they are not read.
    named = (Keyword("regulators", name) for name, _ in store.terms(judged, "regulators"))
    authority = Or((*(Term(word) for word in (*MAY_MOVE, "责令")), *named))
    # What was judged neither is read where a step is told, and answers of authorities for what they announce.
    acting = Or(tuple(map(Term, MAY_MOVE)))
    done = And((Or(tuple(map(Term, _DONE_WORDS))), acting))
    others = replace(
        where.holding(Or((Term("介入"), Term("立案"), Term("消保委"), Term("消委会"), done))),
        exclude={**where.exclude, "act": tuple(_KINDS)},
    )
    spoken = Or((Term("将"), Term("回应"), Term("答复")))
    announced = replace(
        where.holding(And((spoken, acting))), where={**where.where, "act": (Act.RESPONSE.value,)}
    )
    found: dict[str, tuple[Move, Document]] = {}
    for document in chain(
        store.scan(judged.holding(authority)),
        *map(store.scan, (unjudged, others, announced)),
    ):
        if move := read_move(document):
            first, told = min(
                ((move, document), found.get(move.group, (move, document))),
                key=_order,
            )
            before = found[move.group][0].parties if move.group in found else ()
            parties = tuple(dict.fromkeys((*first.parties, *before, *move.parties)))
            found[move.group] = replace(first, parties=parties), told
    ordered = sorted(found.values(), key=_order)
    return list(_cases_once(ordered))


def taken_up(documents: Iterable[Document]) -> str:
    """The furthest that an authority went into the matter of *documents*: 监管已立案, what it states itself
    (警方已通报), 监管已查处, 监管已介入, 监管已回应, 警方已介绍情况; empty where none did anything."""
    steps: dict[str, str] = {}
    told: list[str] = []
    for document in documents:
        if is_against_critics(document):
            continue
        move = read_move(document)
        if move and move.kind is not Kind.RULE:
            opened = OPENED.search(document.raw.content)
            # What is being looked into is not settled yet.
            over = UNDER_WAY not in (done(document) or UNDER_WAY)
            answers = move.kind is Kind.ANSWER
            step = "回应" if answers else "立案" if opened else "查处" if over else "介入"
            police = CASE.search(document.raw.content) or POLICE.issuperset(move.authorities or ("",))
            steps.setdefault(step, "警方" if police else "监管")
        if document.judgement.polarity is Polarity.NEG and (word := stated(document)):
            told.append(word)
    best = min(told, key=strength, default="")
    moved = next((f"{steps[step]}已{step}" for step in ("立案", "查处", "介入", "回应") if step in steps), "")
    if best and "立案" not in steps and not (moved and is_only_told(best)):
        return best
    return moved


def is_against_critics(document: Document) -> bool:
    """True if what an authority did is told of those who slander the accused."""
    return _OF_CRITICS.search(document.raw.content) is not None


def read_move(document: Document) -> Move | None:
    """Move of an authority told by *document*, or ``None``.

    Where the text was judged by its act, that decides the kind; else its words do. Either way an authority
    has to have done it, and one that mostly deals with other matters to something of the trade.
    """
    raw, judged = document.raw, document.judgement
    if judged.act is not None:
        kind = _KINDS.get(judged.act) or _kind_of_other(document)
    else:
        kind = next(iter(_kinds(document)), None)
    if kind is None or not _is_authority_s(document) or _is_elsewhere(document):
        return None
    if kind is Kind.PENALTY and (is_settled(raw.content) or is_of_before(document)):
        return None
    if kind is Kind.PENALTY and (
        is_only_taken_up(document) or is_under_way(document) or is_unsettled(document)
    ):
        kind = Kind.INQUIRY
    authorities = regulators_of(document) or (("公安机关",) if CASE.search(raw.content) else ())
    return Move(
        raw.id, kind, raw.published_at, title_of(document), authorities,
        called_of(document, authorities),
        (*judged.hosts, *(judged.brands or ())), laws_in(raw.content), raw.url, document.group,
    )  # fmt: skip


def laws_in(text: str) -> tuple[str, ...]:
    """Laws, rules and notices that *text* names in brackets, none twice."""
    return tuple(dict.fromkeys(_LAW.findall(text)))[:LAWS]


def _kind_of_other(document: Document) -> Kind | None:
    """The kind of move that a text tells which was judged to be neither a rule nor a penalty."""
    if is_taken_up(document) or done(document):
        return Kind.PENALTY
    raw, judged = document.raw, document.judgement
    if not heads(raw.title):
        return None
    if _PLANS.search(raw.text):
        return Kind.RULE
    answers = judged.act is Act.RESPONSE and _REPLIES.search(raw.title) and AUTHORITY.search(raw.title)
    return Kind.ANSWER if answers and judged.consumer and not GENERAL.issuperset(judged.regulators) else None


def _is_authority_s(document: Document) -> bool:
    called = _CALLED.sub("", document.raw.content)
    named = desks().issuperset(document.judgement.regulators) and not _AUTHORITY.search(called)
    return not named or is_taken_up(document) or _ORDERS.search(document.raw.title) is not None


def _cases_once(ordered: Iterable[tuple[Move, Document]]) -> Iterator[Move]:
    """Moves without those that tell again of a penalty, or of a case that was opened and of none since, and
    without answers after any other move in their event."""
    opened: list[tuple[Move, str]] = []
    punished: list[tuple[Move, str]] = []
    told: set[str] = set()
    for move, document in ordered:
        content = document.raw.content
        if move.kind is Kind.PENALTY and (OPENED.search(content) or CAUGHT.search(content)):
            further = PENALTY.search(re.sub("立案(?:调查|侦查|查处)?|约谈", "", content))
            if not further and any(_is_one_case(move, document.event, *one) for one in opened):
                continue
            opened.append((move, document.event))
        elif move.kind is Kind.PENALTY:
            if any(_is_one_case(move, document.event, *one) and _covers(one[0], move) for one in punished):
                continue
            punished.append((move, document.event))
        elif move.kind is Kind.ANSWER and document.event in told:
            continue
        told |= {document.event} - {""}
        yield move


def _is_one_case(move: Move, event: str, before: Move, in_event: str) -> bool:
    same = bool(event and event == in_event) or not {*move.parties}.isdisjoint(before.parties)
    desks = not (move.authorities and before.authorities) or not {*move.authorities}.isdisjoint(
        before.authorities
    )
    near = move.at is not None and before.at is not None and move.at - before.at <= ONE_CASE
    return same and desks and near


def _covers(before: Move, move: Move) -> bool:
    """True if the authorities of *before* are of all places that those of *move* are of, as far as told."""
    places = names_in("".join(move.called))
    others = names_in("".join(before.called))
    return places <= others if places and others else before.called == move.called


def _is_elsewhere(document: Document) -> bool:
    """True for what police and courts do about matters other than the trade."""
    judged = document.judgement
    of_trade = judged.relevant or judged.hosts or judged.consumer or _SELLS.search(document.raw.content)
    return GENERAL.issuperset(judged.regulators) and not of_trade


def _kinds(document: Document) -> Iterator[Kind]:
    judged = document.judgement
    if not judged.regulators or judged.consumer is False:
        return
    lead = f"{document.raw.title}。{document.raw.text[:300]}"
    if _RULE.search(lead):
        yield Kind.RULE
    if PENALTY.search(lead) and not _DENIED.search(lead):
        yield Kind.PENALTY


def _order(told: tuple[Move, Document]) -> tuple[float, str]:
    move, _ = told
    return move.at.timestamp() if move.at else float("inf"), move.document
