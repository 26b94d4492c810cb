"""Moves of authorities: out of official signals, one for each repost group and case, with the laws named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.making import document
from tests.readings import Said, as_read

from fengping.events import moves_of
from fengping.events.moves import Kind, laws_in, read_move
from fengping.indexer import Filter, open_store_url
from fengping.models import Act, Document, Polarity

START = datetime(2020, 11, 5, 2, tzinfo=UTC)
BUREAU = "湖湾市市监局"
NOTHING_SOLD = {"consumer": False, "relevant": False, "regulators": ("公安机关",)}
REGISTERED = ("地方市场监管局",)


def told(number: int, text: str, *said: Said, hours: float = 0, **changes: Any) -> Document:
    values = {"polarity": Polarity.NEU, "regulators": REGISTERED} | changes
    made = document(number, START + timedelta(hours=hours), text, **values)
    return as_read(made, *said, authorities=(BUREAU, "湖湾警方"))


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("fine", Kind.PENALTY), ("order", Kind.PENALTY), ("detain", Kind.PENALTY), ("judge", Kind.PENALTY),
        ("rule", Kind.RULE), ("warn", Kind.RULE), ("investigate", Kind.INQUIRY), ("summon", Kind.INQUIRY),
        ("clear", Kind.ANSWER),
    ],
)  # fmt: skip
def test_the_form_of_an_official_act_is_the_kind_of_move(form: str, kind: Kind) -> None:
    move = read_move(told(1, f"{BUREAU}就林小禾直播间一事有了动作", Said("official", form, BUREAU, "林小禾")))
    assert move and (move.kind, move.called, move.parties) == (kind, (BUREAU,), ("林小禾",))
    assert move.authorities == REGISTERED


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        (Said("official", "fine", "某某平台", "林小禾"), {}),
        (Said("official", "fine", "", "林小禾"), {"regulators": ()}),
        (Said("official", "fine", "", "林小禾"), {"regulators": ("315晚会",)}),
        (Said("official", "fine", BUREAU, "林小禾", 0.2), {}),
        (Said("demand", "", "", "林小禾"), {}),
        (Said("official", "detain", "湖湾警方", "林小禾"), NOTHING_SOLD),
    ],
    ids=["a platform's", "nobody's", "a television show's", "unsure", "a call for one", "no trade"],
)
def test_what_is_no_authority_s_act_on_the_trade_is_none(said: Said, changes: dict[str, Any]) -> None:
    text = f"某某平台、{BUREAU}、湖湾警方和林小禾"
    assert read_move(told(1, text, said, **changes)) is None


@pytest.mark.parametrize(
    ("act", "regulators", "kind"),
    [
        (Act.PENALTY, REGISTERED, Kind.PENALTY),
        (Act.RULE, REGISTERED, Kind.RULE),
        (Act.PENALTY, (), None),
        (Act.REPORT, REGISTERED, None),
        (None, REGISTERED, None),
    ],
)
def test_a_text_without_a_reading_goes_by_its_act(
    act: Act | None, regulators: tuple[str, ...], kind: Kind | None
) -> None:
    text = "市监局对林小禾直播间虚假宣传处以罚款20万元"
    move = read_move(document(1, START, text, regulators=regulators, act=act))
    assert (move.kind if move else None) is kind


def test_the_gravest_of_several_acts_is_the_move() -> None:
    said = Said("official", "investigate", BUREAU, "林小禾"), Said("official", "fine", BUREAU, "林小禾")
    move = read_move(told(1, f"{BUREAU}立案调查后对林小禾罚款", *said))
    assert move and move.kind is Kind.PENALTY


def test_what_one_authority_did_to_one_party_in_a_week_is_one_move() -> None:
    opened, fined = (
        Said("official", "investigate", BUREAU, "林小禾"),
        Said("official", "fine", BUREAU, "林小禾"),
    )
    first = told(1, f"{BUREAU}对林小禾立案调查", opened)
    again = told(2, f"记者获悉，{BUREAU}已对林小禾立案调查", opened, hours=4)
    later = told(3, f"{BUREAU}再对林小禾立案调查", opened, hours=24 * 30)
    penalty = told(4, f"{BUREAU}对林小禾罚款20万元", fined, hours=30)
    other = told(5, f"{BUREAU}对周小满立案调查", Said("official", "investigate", BUREAU, "周小满"), hours=5)
    copy = replace(told(6, f"{BUREAU}对林小禾罚款20万元。", fined, hours=31), group=penalty.id)
    store = open_store_url("memory:")
    store.put([first, again, later, penalty, other, copy])
    found = [move.document for move in moves_of(store, Filter())]
    assert found == [one.id for one in (first, other, penalty, later)]
    assert moves_of(store, Filter(since=again.raw.published_at))[0].document == again.id


def test_laws_are_named_once() -> None:
    text = "依据《反不正当竞争法》和《广告法》，并按《反不正当竞争法》处罚；《沿江晚报》报道"
    assert laws_in(text) == ("反不正当竞争法", "广告法")
