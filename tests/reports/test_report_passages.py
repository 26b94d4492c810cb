"""The passage of a text that carries its charge, and words beside a mask that would undo it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.golden.report_corpus import corpus

from fengping.models import Document, Evidence
from fengping.reports.facts import blurring, excerpts, naming, quoting, unlisted


def charged(title: str, text: str, word: str = "") -> Document:
    """A document of that title and text, whose fault is told by *word* of either."""
    made = corpus(1)[0]
    made = replace(made, raw=replace(made.raw, title=title, text=text))
    at = made.raw.content.find(word) if word else -1
    return made.with_judgement(evidence=(Evidence("issue:C11", at, at + len(word), word),) if word else ())


def test_the_sentence_that_shares_most_with_the_title_is_quoted() -> None:
    text = "记者来到云溪茶饮。店内苍蝇乱飞。店长说，业绩比食品安全更重要。"
    made = charged("店长称业绩比食品安全更重要", text, "苍蝇")
    assert quoting.excerpt(made) == "…店长说，业绩比食品安全更重要。"


def test_a_passage_does_not_stop_before_what_speaks_for_the_accused() -> None:
    long = (
        "有网友投诉称，这场直播让游客在馆外等了三个小时，"
        + "天气炎热，老人孩子都在排队等候，" * 5
        + "怨声载道。"
    )
    text = f"{long}工作人员说：“没有闭馆，正常开放。直播两个小时，不存在等三个小时的情况。”网友还在议论。"
    made = charged("直播让游客等三小时被投诉", text, "投诉")
    shown = quoting.excerpt(made)
    assert shown.startswith(long[:10]) and shown.endswith("不存在等三个小时的情况。”…")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("曾带货售出4万单的“云多裕”原切牛肉卷为拼接牛肉卷", ["云多裕"]),
        ("直播间售卖的“香港月饼”引发风波", []),
        ("主播说“太好了”大家快买", []),
    ],
)
def test_a_brand_in_quotation_marks_before_what_is_sold_is_a_party(text: str, names: list[str]) -> None:
    assert [name for name, (_, kind) in unlisted.unlisted(text).items() if kind == unlisted.SHOP] == names


def test_a_title_alone_is_not_quoted_as_its_own_proof() -> None:
    assert quoting.excerpt(charged("直播间卖假砚台", "", "假")) == excerpts.BARE


def test_a_text_that_tells_nothing_of_the_title_is_not_quoted_for_it() -> None:
    made = charged("林小禾疑删除补贴宣传", "我们经常卖十七个小时，熬的人都知道。", "宣传")
    assert quoting.excerpt(made) == excerpts.APART


def test_a_sentence_behind_dots_keeps_what_it_goes_on_with() -> None:
    made = charged("直播间演戏围猎老人", "宝贝九十九元送……剧情直播“围猎”老人", "围猎")
    assert quoting.excerpt(made).startswith("宝贝九十九元送")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("拥有1888.5万粉丝的〔某主播甲〕", "拥有〔上千万〕粉丝的〔某主播甲〕"),
        ("〔某主播甲〕，粉丝量292万", "〔某主播甲〕，粉丝量〔上百万〕"),
        ("〔某商家甲〕武汉江盛路店有苍蝇", "〔某商家甲〕某店有苍蝇"),
        ("〔某商家甲〕后厨苍蝇飞店员漠视", "〔某商家甲〕后厨苍蝇飞店员漠视"),
        ("〔某商家甲〕多家门店关门", "〔某商家甲〕多家门店关门"),
        ("〔某商家甲〕京东旗舰店", "〔某商家甲〕京东旗舰店"),
    ],
)
def test_followers_and_branches_beside_a_mask_are_blurred(text: str, shown: str) -> None:
    assert blurring.blurred(text) == shown


@pytest.mark.parametrize("short", ["（以下简称“〔某商家甲〕”）", "（下称〔某商家甲〕）", "（〔某商家甲〕）"])
def test_a_mask_is_not_its_own_short_form(short: str) -> None:
    assert blurring.glossed_once(f"〔某商家甲〕{short}卖假货") == "〔某商家甲〕卖假货"


def test_letters_of_masks_go_on() -> None:
    masks = naming.Masks()
    given = [masks.of(f"p{n}", unlisted.SELLER) for n in range(143)]
    assert given[9:12] == ["〔某主播癸〕", "〔某主播子〕", "〔某主播丑〕"]
    assert given[22] == "〔某主播甲子〕" and len(set(given)) == 143


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("发现网络主播贾一川（网名：云公子，粉丝量92万）偷税", {"贾一川", "云公子"}),
        ("网红厦门小禾偷税被查", {"厦门小禾"}),
        ("网红卖惨带货被抓", set()),
        ("两名网红带货翻车", set()),
    ],
)
def test_a_person_is_found_by_the_name_on_the_net(text: str, names: set[str]) -> None:
    assert set(unlisted.unlisted(text)) == names


def test_a_sort_of_goods_and_its_place_name_no_product() -> None:
    assert unlisted.is_sort("香港月饼") and not unlisted.is_sort("晨露面霜")
