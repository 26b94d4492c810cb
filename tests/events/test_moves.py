"""Moves of authorities: read from texts, one for each repost group, with the laws named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.making import document

from fengping.events.moves import Kind, laws_in, moves_of, read_move
from fengping.indexer import Filter
from fengping.indexer.search.backends.memory import MemoryStore
from fengping.models import Act, Polarity

START = datetime(2020, 11, 5, 2, tzinfo=UTC)
RULED = "市场监管总局发布《关于加强网络直播营销活动监管的指导意见》，自即日起施行"


@pytest.mark.parametrize(
    ("text", "regulators", "act", "kind"),
    [
        (RULED, ("国家市场监督管理总局",), None, Kind.RULE),
        ("市监局对林小禾直播间虚假宣传处以罚款20万元", ("地方市场监管局",), None, Kind.PENALTY),
        ("网友呼吁市监局罚款20万", ("地方市场监管局",), None, None),
        ("林小禾直播间虚假宣传被罚款20万元", (), None, None),
        ("林小禾直播间虚假宣传被罚款20万元", (), Act.PENALTY, None),
        ("林小禾直播间虚假宣传被罚款20万元", ("地方市场监管局",), Act.PENALTY, Kind.PENALTY),
        (RULED, ("国家市场监督管理总局",), Act.REPORT, None),
    ],
)
def test_a_move_is_an_authority_s_doing(
    text: str, regulators: tuple[str, ...], act: Act | None, kind: Kind | None
) -> None:
    move = read_move(document(1, START, text, polarity=Polarity.NEU, regulators=regulators, act=act))
    assert (move.kind if move else None) is kind


@pytest.mark.parametrize(
    ("text", "regulators", "act", "judged", "kind"),
    [
        # Police and courts mostly deal with other matters, however a text was judged by its act.
        ("歌手林某被警方立案第二天直播", ("公安部",), Act.PENALTY, {}, None),
        ("法院判决一起聊天诈骗案，各处罚金", ("人民法院",), Act.PENALTY, {}, None),
        ("男子诈骗亲友打赏主播，被判十一年", (), Act.PENALTY, {}, None),
        ("警方立案侦查带货假酒案", ("公安部",), Act.PENALTY, {"consumer": True}, Kind.PENALTY),
        ("警方对林小禾立案", ("公安部",), Act.PENALTY, {"hosts": ("林小禾",)}, Kind.PENALTY),
        # Who calls for a rule has made none.
        ("教师开直播，相关部门有必要明确底线，完善规制办法", (), Act.RULE, {"consumer": True}, None),
        ("监管部门应尽快出台办法", (), Act.RULE, {"consumer": True}, None),
        ("监管部门要求平台即日起施行新规", (), Act.RULE, {"consumer": True}, Kind.RULE),
        (
            "处罚决定送达后，林小禾公司已全额缴纳罚没款",
            ("地方市场监管局",),
            Act.PENALTY,
            {"consumer": True},
            None,
        ),
        ("有关部门已约谈该直播间", (), Act.PENALTY, {"consumer": True}, Kind.PENALTY),
    ],
)
def test_what_other_matters_and_mere_calls_bring_is_none(
    text: str, regulators: tuple[str, ...], act: Act, judged: dict[str, Any], kind: Kind | None
) -> None:
    values = {"consumer": False, "relevant": False, "act": act, "regulators": regulators} | judged
    move = read_move(document(1, START, text, **values))
    assert (move.kind if move else None) is kind


def test_laws_are_named_without_brackets() -> None:
    assert laws_in(f"{RULED}。依据《电子商务法》与《广告法》，书名《围城》不算") == (
        "关于加强网络直播营销活动监管的指导意见",
        "电子商务法",
        "广告法",
    )


def test_moves_of_a_window_in_time_order() -> None:
    store = MemoryStore("memory:")
    regulators = ("国家市场监督管理总局",)
    later, earlier = (
        document(n, START + timedelta(days=days), RULED + str(n), regulators=regulators)
        for n, days in ((1, 3), (2, 1))
    )
    store.put([later, earlier])
    assert [move.document for move in moves_of(store, Filter())] == [earlier.id, later.id]
    assert [m.document for m in moves_of(store, Filter(since=START + timedelta(days=2)))] == [later.id]


def test_a_move_of_an_authority_that_only_its_judgement_names_is_found() -> None:
    store = MemoryStore("memory:")
    told = document(1, START, "国家邮政局印发通知", regulators=("国家邮政局",), act=Act.RULE, consumer=True)
    nobody = document(2, START, "直播间有新规定：先到先得", act=Act.RULE, consumer=True)
    store.put([told, nobody])
    assert [move.document for move in moves_of(store, Filter())] == [told.id]
