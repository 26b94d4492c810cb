"""Traditional characters and emoji are read like what they stand for; the language of a text is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.analysis.polarity import PolarityModel
from fengping.analysis.text import language, spellings, traditional, written_alike


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("今天买了iPhone 15 Pro Max，真香", "zh"),
        ("這個產品退貨了", "zh"),
        ("OMG", "zh"),
        ("😂🤣", "zh"),
        ("", "zh"),
        ("Li Jiaqi", "zh"),
        ("This is the best product I have ever bought, thank you Austin Li", "en"),
        ("配信で買った商品が偽物だった", "ja"),
        ("주문한 상품이 가짜였어요", "ko"),
        ("Купил в прямом эфире подделку", "ru"),
        ("Mua hàng trên livestream bị lừa đảo rồi các bạn ơi", "vi"),
        ("Je suis très content de cette marque aujourd hui", "und"),
        (
            "灰兔铺子卖假货 https://item.example.com/detail.htm?abbucket=ab&id=12&ns=ab&skuId=34&spm=abc.xyz",
            "zh",
        ),
        ("差评！退货不给退 http://t.cn/A6abcd http://t.cn/A6efgh", "zh"),
        ("骗子店家[doge][doge][doge][doge]", "zh"),
        ("退钱 @grey_rabbit @shop.abc @buyer_one @buyer_two @some_one", "zh"),
        ("卖假货还不退款ヽ(ー_ー)ノ", "zh"),
        ("垃圾主播(・ω・)(・ω・)(・ω・)", "zh"),
        ("卖假货的骗子ーーーー", "zh"),
        ("商品が届かない https://example.com/abc", "ja"),
        ("I will never buy this again from that shop 假货 https://example.com/a", "en"),
        ("https://item.example.com/detail.htm?abbucket=ab&id=12&ns=ab&skuId=34", "und"),
    ],
)
def test_the_language_of_a_text(text: str, code: str) -> None:
    assert language(text) == code


@given(st.text())
def test_every_character_keeps_its_place(text: str) -> None:
    assert len(written_alike(text)) == len(text)
    assert written_alike(written_alike(text)) == written_alike(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("這個主播賣假貨，質量太差，氣死我了", "这个主播卖假货，质量太差，气死我了"),
        ("又买到假货了[怒]", "又买到假货了[😡]"),
    ],
)
def test_what_is_written_in_two_ways_is_judged_alike(one: str, other: str) -> None:
    verdicts = PolarityModel.load().predict([one, other])
    assert verdicts.negative[0] == verdicts.negative[1]
    assert verdicts.polarity[0] == verdicts.polarity[1]


def test_a_name_is_spelled_in_all_its_ways() -> None:
    assert spellings("小刘姐") == ("小刘姐", "小劉姐") == spellings("小刘姐", most=2)
    assert set(spellings("小劉姐")) == {"小刘姐", "小劉姐"}
    # 里 has two traditional forms, 台 one: each of them stands before what is half written so.
    assert spellings("台里后")[:3] == ("台里后", "臺裡後", "臺裏後")
    assert set(spellings("台里后")) == {a + b + c for a in "台臺" for b in "里裡裏" for c in "后後"}
    long = "里" * 40 + "后"
    assert len(spellings(long)) == len(set(spellings(long))) == 16 and spellings(long)[0] == long
    typed = "裡" * 10 + "里" * 10
    found = spellings(typed)
    assert typed in found and {one.translate(traditional()[1]) for one in found} == {"里" * 20}
    assert spellings("Timor") == ("Timor",)
