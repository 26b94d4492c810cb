"""Moves of authorities: read from texts, one for each repost group, with the laws named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.making import document

from fengping.events.moves import Kind, laws_in, moves_of, read_move
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
    assert [move.document for move in moves_of(store, None, None)] == [earlier.id, later.id]
    assert [m.document for m in moves_of(store, START + timedelta(days=2), None)] == [later.id]
