"""The last word on polarity: rules, advertisements and findings of tests."""

from __future__ import annotations

import pytest

from fengping.analysis.settling import settled, wanting
from fengping.models import Act, Polarity


@pytest.mark.parametrize(
    "told",
    [
        "在三个直播间买了12件银镯9件是假货",
        "抽检20批次儿童毛衣，6批次不合格",
        "送检的8款面膜中3款不达标",
        "购买五双跑鞋，鉴定后四双为假冒",
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
    ],
)
def test_other_numbers_of_goods_are_not(told: str) -> None:
    assert not wanting(told)
    assert settled(Polarity.NEU, 0.15, Act.OTHER, told) is Polarity.NEU


def test_rules_are_neutral_and_so_are_advertisements_that_are_hardly_negative() -> None:
    assert settled(Polarity.NEG, 0.7, Act.RULE, "") is Polarity.NEU
    assert settled(Polarity.NEG, 0.9, Act.REPORT, "严厉打击借直播鉴宝行骗") is Polarity.NEU
    assert settled(Polarity.NEG, 0.9, Act.REPORT, "网友称被严厉打击的假鉴宝又来了") is Polarity.NEG
    assert settled(Polarity.NEG, 0.4, Act.PROMOTION, "") is Polarity.NEU
    assert settled(Polarity.NEG, 0.6, Act.PROMOTION, "") is Polarity.NEG
    assert settled(Polarity.NEU, 0.2, Act.RULE, "抽检20批次毛衣，6批次不合格") is Polarity.NEU
    assert settled(None, None, None, "抽检20批次毛衣，6批次不合格") is None
