"""Same story or not: reposts, cuts, comments on top, frames filled anew."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.analysis import same_story
from fengping.analysis.reposts.compare import normalise, rarity, rarity_of
from fengping.analysis.reposts.shingles_kernel import bucket

STORY = (
    "【消费者投诉】11月3日，市民阮女士在直播间“云朵甄选”花2999元购买了一条和田玉手链，收货后送检，鉴定机构出具的"
    "证书显示为石英岩。阮女士联系客服要求退一赔三，客服称主播口播有误，只同意退款。目前平台已介入调查。"
)


@pytest.mark.parametrize(
    "repost",
    [
        STORY,
        STORY + " via@晨报新媒体 http://t.cn/Az09xYb",
        "转发微博//@老街坊: " + STORY,
        "气死我了！大家注意！" + STORY + "[怒][怒]",
        STORY[:70] + "…",
        STORY.replace("，", ",").replace("。", "."),
        STORY.replace("鉴定", "鑑定").replace("购买", "購買").replace("联系", "聯繫").replace("证书", "證書"),
        "阮女士在直播间云朵甄选花2999元买了和田玉手链，送检后证书显示为石英岩，客服只同意退款，平台已介入",
        "#和田玉变石英岩# " + STORY,
    ],
)
def test_reposts_are_the_same_story(repost: str) -> None:
    assert same_story(STORY, repost)


FRAME = (
    "紧急扩散！{name}，{age}岁，昨天下午在{place}直播基地走失，身穿蓝色外套，家人非常着急，"
    "有消息请打{phone}，好人一生平安"
)


@pytest.mark.parametrize(
    "other",
    [
        FRAME.format(name="郑小满", age=17, place="平川县", phone="13900001111"),
        FRAME.format(name="陆一航", age=16, place="临海市", phone="13900002222"),
        "网红檀木子直播间售卖假冒羊绒围巾，被罚款30万元",
        "双11第一天就退了三单，心累",
        "",
    ],
)
def test_another_person_or_place_in_the_frame_is_another_story(other: str) -> None:
    story = FRAME.format(name="陆一航", age=16, place="清河县", phone="13800003333")
    assert not same_story(story, other)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            "税务部门通报：网络主播陈若谷偷逃税款被追缴并罚款",
            "税务部门通报：网络主播梁晓荷偷逃税款被追缴并罚款",
        ),
        ("平阳市市场监管局通报一起直播间销售假冒化妆品案", "临江市市场监管局通报一起直播间销售假冒化妆品案"),
    ],
)
def test_the_same_news_of_another_is_another_story(a: str, b: str) -> None:
    assert not same_story(a, b)


@pytest.mark.parametrize("text", ["转发微博", "哈哈哈哈", "😂😂😂", "http://t.cn/abc"])
def test_texts_without_a_story_normalise_to_next_to_nothing(text: str) -> None:
    assert len(normalise(text)) < 8


@given(st.text(max_size=120), st.text(max_size=120))
def test_symmetric_and_never_an_error(a: str, b: str) -> None:
    assert same_story(a, b) == same_story(b, a)


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=80))
def test_a_text_is_its_own_repost(text: str) -> None:
    assert same_story(text, text)


@given(st.text() | st.text(alphabet="甲萬a1B ，。é\u0301Σ＃#@[]/:：https１ﬁ"))
def test_the_short_way_of_normalising_ends_where_the_long_way_does(text: str) -> None:
    text = "样例的长句子" * 5 + text.replace("\n", "")
    beyond = "𠀀"  # two units; a text with such a character goes the long way
    assert normalise(text).tolist() == normalise(beyond + text).tolist()[2:]


@given(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), st.characters())
def test_two_characters_weigh_as_much_beside_the_kernel_as_in_it(first: str, second: str) -> None:
    assert rarity_of(first, second) == rarity()[bucket(ord(first), ord(second))]
