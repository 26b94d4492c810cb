"""The last word on polarity: rules, advertisements and findings of tests."""

from __future__ import annotations

import pytest

from fengping.analysis.settling import charges_goods, concerns_consumers, settled, wanting
from fengping.models import Act, Polarity


@pytest.mark.parametrize(
    "told",
    [
        "在三个直播间买了12件银镯9件是假货",
        "抽检20批次儿童毛衣，6批次不合格",
        "送检的8款面膜中3款不达标",
        "购买五双跑鞋，鉴定后四双为假冒",
        "抽检12款玩具，3款没有标签，不合格",
        "抽检30批次月饼，10批次不合格",
        "抽检30批次，30批次均未超标；又抽检20批次，6批次不合格",
    ],
)
def test_a_finding_that_goods_are_false_or_fail_is_wanting(told: str) -> None:
    assert wanting(told)
    assert settled(Polarity.NEU, 0.15, Act.OTHER, told) is Polarity.NEG


@pytest.mark.parametrize(
    "told",
    [
        "抽检20批次全部合格",
        "直播间买3件送1件",
        "12件商品9件包邮",
        "假货有12件。下一批9件已发出",
        "买5件打8折，不合格包退",
        "送检的8款面膜，8款均未超标，网友：可以放心用了",
        "共抽检30批次，30批次均未超标",
        "抽检50批次月饼，0批次不合格",
        "抽查20家门店，20家均未发现不合格食品",
        "送检5款面膜，5款均不含超标成分",
        "抽检12批次，12批次无一超标",
        "买了3件，3件都不是假货",
        "抽检10批次羽绒服，无一批次不合格",
        "买了5件没有1件是假的",
        "买3瓶送1瓶，假货退一赔十",
        "买3瓶拍1瓶，假货包退",
    ],
)
def test_other_numbers_of_goods_are_not(told: str) -> None:
    assert not wanting(told)
    assert settled(Polarity.NEU, 0.15, Act.OTHER, told) is Polarity.NEU


def test_rules_are_neutral_and_so_are_advertisements_that_are_hardly_negative() -> None:
    assert settled(Polarity.NEG, 0.7, Act.RULE, "") is Polarity.NEU
    assert settled(Polarity.NEG, 0.9, Act.REPORT, "严厉打击借直播鉴宝行骗") is Polarity.NEU
    assert settled(Polarity.NEG, 0.9, Act.REPORT, "网友称被严厉打击的假鉴宝又来了") is Polarity.NEG
    assert settled(Polarity.NEG, 0.9, Act.REPORT, "重拳打击直播售假！麦小舟公司被罚80万元") is Polarity.NEG
    assert settled(Polarity.NEG, 0.4, Act.PROMOTION, "") is Polarity.NEU
    assert settled(Polarity.NEG, 0.6, Act.PROMOTION, "") is Polarity.NEG
    assert settled(Polarity.NEU, 0.2, Act.RULE, "抽检20批次毛衣，6批次不合格") is Polarity.NEU
    assert settled(None, None, None, "抽检20批次毛衣，6批次不合格") is None


@pytest.mark.parametrize(
    "told",
    [
        "林小禾直播",
        "林小禾直播质疑票数",
        "台风直播",
        "商务部直播开幕式",
        "主播喊破了嗓子",
        "2026元旦晚会直播",
        "2026元宵晚会主播表演",
    ],
)
def test_that_somebody_goes_live_is_no_matter_of_consumers(told: str) -> None:
    assert concerns_consumers(True, 0.9, told, seller=False) is False
    assert concerns_consumers(True, 0.9, told, seller=True) is True


@pytest.mark.parametrize(
    "told", ["林小禾直播卖月饼", "主播带的货是假的", "一碗面68元", "退一赔三", "买家维权"]
)
def test_a_headline_with_trade_in_it_may_be_one(told: str) -> None:
    assert concerns_consumers(True, 0.4, told, seller=False) is True
    assert concerns_consumers(False, 0.4, told, seller=False) is True
    assert concerns_consumers(False, 0.2, told, seller=True) is False
    assert concerns_consumers(None, 0.9, told, seller=True) is None


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("林小禾 麦小舟", [(0, 3), (4, 7)]),
        ("警方通报林小禾事件", [(4, 7)]),
        ("#林小禾、麦小舟#", [(1, 4), (5, 8)]),
    ],
)
def test_a_title_of_names_alone_is_neutral(told: str, names: list[tuple[int, int]]) -> None:
    assert settled(Polarity.NEG, 0.7, Act.REPORT, told, names) is Polarity.NEU


def test_a_comment_or_an_emoji_beside_a_name_says_something() -> None:
    assert settled(Polarity.NEG, 0.7, Act.OTHER, "林小禾", [(0, 3)], headed=False) is Polarity.NEG
    assert settled(Polarity.NEG, 0.7, Act.OTHER, "林小禾🤮👎", [(0, 3)]) is Polarity.NEG


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("警方通报林小禾售假事件", [(4, 7)]),
        ("林小禾道歉", [(0, 3)]),
        ("警方通报", []),
    ],
)
def test_one_that_tells_of_a_wrong_or_names_nobody_is_not(told: str, names: list[tuple[int, int]]) -> None:
    assert settled(Polarity.NEG, 0.7, Act.REPORT, told, names) is Polarity.NEG


@pytest.mark.parametrize(
    ("told", "polarity"),
    [
        ("林小禾账号解封\n5月2日，主页上的封禁标志已经消失", Polarity.NEU),
        ("林小禾恢复直播", Polarity.NEU),
        ("林小禾直播解封引质疑", Polarity.NEG),
        ("林小禾解封后又卖假货", Polarity.NEG),
        ("林小禾恢复直播\n评论区仍在追问退款", Polarity.NEG),
    ],
)
def test_a_ban_lifted_is_neutral_unless_somebody_minds(told: str, polarity: Polarity) -> None:
    assert settled(Polarity.NEG, 0.7, Act.REPORT, told) is polarity


@pytest.mark.parametrize(
    "told",
    [
        "林小禾掉出618带货前10",
        "林小禾60秒广告报价80万",
        "林小禾半个月掉粉30万",
        "年销千万的店铺倒在年底",
    ],
)
def test_how_a_seller_fares_is_no_matter_of_consumers(told: str) -> None:
    assert concerns_consumers(True, 0.9, told, seller=True) is False
    assert concerns_consumers(True, 0.9, told + "\n多名消费者要求退款", seller=True) is True


def test_a_charge_against_goods_is_a_matter_of_consumers_and_one_of_conduct_is_none() -> None:
    told = "直播间里的蜂王浆陷阱"
    assert charges_goods(Act.REPORT, ("C02", "C10"), told)
    assert not charges_goods(Act.REPORT, ("C01", "C10", "C13", "C14"), told)
    assert not charges_goods(Act.REPORT, (), told)
    assert not charges_goods(Act.RESPONSE, ("C02",), told)
    # How a seller fares in business stays out, unless buyers are spoken of.
    assert not charges_goods(Act.REPORT, ("C02",), "卖粽子的主播3天掉粉20万")
    assert charges_goods(Act.REPORT, ("C02",), "卖粽子的主播3天掉粉20万，有顾客要退款")
