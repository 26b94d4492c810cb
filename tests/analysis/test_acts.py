"""Acts: what a text does, told by its words and by what is judged of it."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.analysis import HostRegistry, Judge, Lexicon
from fengping.analysis.acts.model import ActModel, ActVerdict, Asked, Mood, cut
from fengping.config import AnalysisConfig
from fengping.models import Act, Polarity


@functools.cache
def model() -> ActModel:
    return ActModel.load()


@functools.cache
def lexicon() -> Lexicon:
    return Lexicon(HostRegistry.load(), model().words)


def act(text: str, negative: float, positive: float = 0.02, *, relevant: bool = False) -> ActVerdict:
    scan = lexicon().scan(text)
    return model().find([Asked(scan, Mood(negative, positive, relevant), model().places(scan))])[0]


@pytest.mark.parametrize(
    ("text", "negative", "said"),
    [
        ("样牌公司就产品质量问题致歉：将全额退款", 0.8, Act.RESPONSE),
        ("样店客服回应面包吃出异物", 0.8, Act.RESPONSE),
        ("样牌公司因虚假宣传被市场监管局罚款20万元", 0.95, Act.PENALTY),
        ("市场监管总局发布直播电商监督管理办法，自2月1日起施行", 0.02, Act.RULE),
        ("今晚8点样牌旗舰店直播间，全场5折起，下单抽免单红包", 0.02, Act.PROMOTION),
        ("央视曝光直播间假货骗局", 0.97, Act.REPORT),
        ("今天天气真好，和朋友去公园散步", 0.02, Act.OTHER),
    ],
)
def test_plain_cases(text: str, negative: float, said: Act) -> None:
    found = act(text, negative, relevant="直播" in text)
    assert found.act is said
    assert found.margin > 0


def test_who_knows_no_way_makes_no_rule() -> None:
    assert act("商家想办法拖，平台也没办法", 0.4).act is not Act.RULE


def test_the_span_that_says_so_stands_in_the_text() -> None:
    text = "样店客服回应面包吃出异物"
    [evidence] = act(text, 0.8).evidence()
    assert evidence.label == "act:response"
    assert text[evidence.start : evidence.end] == evidence.rule == "客服回应"


@given(st.text(alphabet="样店回应被罚。！\n #条例抢a", max_size=60), st.floats(0, 1), st.floats(0, 1))
def test_any_text_has_an_act_and_its_parts_do_not_overlap(
    text: str, negative: float, positive: float
) -> None:
    found = act(text, negative, positive)
    assert 0 <= found.start <= found.end <= len(text)
    zones = cut(lexicon().scan(text).folded)
    assert zones.lead.end <= zones.rest.start or not text
    for at in range(len(text)):
        assert zones.of(at) in {"t", "b", "h", ""}


def test_a_rule_is_never_negative_and_another_language_has_no_act() -> None:
    judge = Judge.load(AnalysisConfig())
    texts = [
        "市场监管总局开展直播带货乱象专项整治，严查虚假宣传、假冒伪劣",
        "网信办发布新规：严禁未成年人打赏主播",
        "The livestream host apologized for selling fake goods to many thousands of viewers last night",
    ]
    found = judge.judge(texts)
    assert all(not (j.act is Act.RULE and j.polarity is Polarity.NEG) for j in found)
    assert found[1].act is Act.RULE
    assert found[2].act is None


@given(
    st.lists(
        st.sampled_from(
            ["样店客服回应面包吃出异物", "#样牌# 今晚8点5折", "", "样牌公司被罚", "公园散步。回应"]
        ),
        max_size=6,
    )
)
def test_texts_beside_a_text_do_not_change_its_act(texts: list[str]) -> None:
    asked = [Asked(scan, Mood(0.8, 0.1, False), model().places(scan)) for scan in map(lexicon().scan, texts)]
    assert model().find(asked) == [model().find([one])[0] for one in asked]
