"""Turning points of an event: by the rule of its status, with findings of others beside it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.events.test_latest import post
from tests.events.test_outcomes import ACCUSES, judged, steps

from fengping import events
from fengping.events import Status
from fengping.events.knowing import Turn
from fengping.home import Home
from fengping.indexer import open_store_url
from fengping.models import Act, Document

FAKE: dict[str, Any] = {**ACCUSES, "issues": ("C03",)}


def turns(home: Home, *documents: Document) -> tuple[Turn, ...]:
    """The turning points of the event that *documents* make."""
    found = judged(home, *documents)
    store = open_store_url("memory:")
    store.put(documents)
    return events.event(home, store, found.id).knowledge.turns


def whats(home: Home, *documents: Document) -> list[str]:
    return [turn.what for turn in turns(home, *documents)]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("檀木子疑删除羽绒服宣传", "近日，檀木子在直播中称，卖羽绒服真的很累。"),
        ("檀木子店长称业绩比羽绒服质量重要", "檀木子店长说，业绩比羽绒服质量重要。"),
    ],
)
def test_what_is_no_answer_to_the_status_is_none_among_the_nodes(home: Home, title: str, text: str) -> None:
    told = turns(home, post(1, title, text, act=Act.REPORT, **ACCUSES))
    assert [turn.what for turn in told] == ["首次出现负面信息"]


def test_an_answer_after_a_penalty_is_a_node_though_it_changes_no_status(home: Home) -> None:
    fined = post(1, "檀木子羽绒服虚标被市场监管局罚款20万元", "", act=Act.PENALTY, **ACCUSES)
    sorry = post(2, "檀木子回应羽绒服虚标被罚", "檀木子回应称羽绒服虚标已整改。", 5, act=Act.RESPONSE)
    assert whats(home, fined, sorry)[-2:] == ["已处罚", "已回应"]


@pytest.mark.parametrize(("named", "told"), [("315晚会", False), ("地方市场监管局", True)])
def test_a_television_show_is_no_authority_among_the_nodes(home: Home, named: str, told: bool) -> None:
    charge = post(1, "315曾点名檀木子酸辣粉", "檀木子酸辣粉加了木薯粉。", **ACCUSES)
    assert ("监管部门首次被提及" in whats(home, charge.with_judgement(regulators=(named,)))) is told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("云朵官方客服回复记者，确认檀木子直播间所售卖的手机为官方正品。", True),
        ("云朵官方客服回复记者，无法确认檀木子直播间所售卖的手机为官方正品。", False),
        ("云朵官方表示，檀木子直播间所售卖的手机并非官方正品。", False),
        ("檀木子称所售卖的手机为官方正品。", False),
    ],
)
def test_a_maker_who_calls_the_goods_genuine_is_a_node(home: Home, said: str, told: bool) -> None:
    charge = post(1, "檀木子直播间手机被质疑", f"网友质疑檀木子直播间销售的手机。{said}", **FAKE)
    assert ("品牌方已确认为正品" in whats(home, charge)) is told


def test_a_refused_refund_is_no_answer_where_another_one_is_given(home: Home) -> None:
    refusal = post(
        1, "网友曝申请退货檀木子羽绒服遭拒",
        "网友质疑檀木子羽绒服虚假宣传。对此，檀木子客服表示，羽绒服不支持7天无理由退换货。", **ACCUSES,
    )  # fmt: skip
    assert steps(judged(home, refusal)) == [(Status.ANSWERED, refusal.id)]


def test_the_better_answer_stands_in_place_of_a_refused_refund(home: Home) -> None:
    refusal = post(
        1, "网友曝申请退货檀木子羽绒服遭拒",
        "网友质疑檀木子羽绒服虚假宣传。对此，檀木子客服表示，羽绒服不支持7天无理由退换货。", **ACCUSES,
    )  # fmt: skip
    better = post(2, "檀木子回应羽绒服虚假宣传", "檀木子回应称羽绒服宣传页已送检。", 4, act=Act.RESPONSE)
    assert steps(judged(home, refusal, better)) == [(Status.ANSWERED, better.id)]


def test_what_the_accused_say_in_the_text_that_accuses_is_an_answer(home: Home) -> None:
    said = "檀木子被爆羽绒服虚假宣传，随后自己开播称遭人敲诈。"
    charge = post(1, "网红檀木子涉嫌虚假宣传", said, act=Act.REPORT, **ACCUSES)
    assert steps(judged(home, charge)) == [(Status.ANSWERED, charge.id)]


def test_who_is_sued_has_not_answered(home: Home) -> None:
    charge = post(
        1, "檀木子及云朵传媒被起诉", "檀木子、云朵传媒新增一则开庭公告。", act=Act.REPORT, **ACCUSES
    )
    assert steps(judged(home, charge)) == []
