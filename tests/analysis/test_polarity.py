"""Judgements of the shipped model on sentences written for the purpose; all names are invented."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devtools.training.lexicon import Senses, hashed, make_table, word_hash
from fengping.analysis.polarity import CODES, PolarityModel
from fengping.analysis.polarity.cue_kernel import SCALE, SENSE, VALENCE
from fengping.analysis.polarity.kernel import SENSES
from fengping.analysis.polarity.model import _parse, dump, encode
from fengping.analysis.polarity.score_kernel import features
from fengping.errors import ConfigError
from fengping.models import Polarity

NEG, NEU, POS = Polarity.NEG, Polarity.NEU, Polarity.POS

CASES = {
    "negation": [
        ("收到不是假货，是正品，很喜欢", {POS}),
        ("用了一周没有掉色，也没起球，不错", {POS}),
        ("一点异味都没有，孩子很喜欢", {POS}),
        ("并不好吃，也不新鲜", {NEG}),
        ("完全没有宣传的效果，别买", {NEG}),
        ("不值这个价，不会再来了", {NEG}),
    ],
    "degree": [
        ("非常非常难用，气死我了", {NEG}),
        ("质量太差了，简直是垃圾", {NEG}),
        ("特别好看，超级喜欢", {POS}),
        ("相当满意，十分推荐", {POS}),
        ("有点失望，味道太淡", {NEG}),
        ("真的太好吃了，强烈推荐", {POS}),
    ],
    "contrast": [
        ("包装简陋，但是东西真的好用，会回购", {POS}),
        ("物流有点慢，不过质量很好，满意", {POS}),
        ("宣传得很好，但是用两次就坏了", {NEG}),
        ("颜色很漂亮，可是尺寸完全不对，客服还不理人", {NEG}),
        ("便宜是便宜，就是质量太差，穿一次就破", {NEG}),
        ("前面都挺好，结果最后收到的是过期的", {NEG}),
    ],
    "question": [
        ("请问这款面霜敏感肌可以用吗？", {NEU}),
        ("有人用过这个牌子吗，怎么样？", {NEU}),
        ("这个直播间几点开播呀？", {NEU}),
        ("优惠券在哪里领？", {NEU}),
        ("会不会起球啊？有没有买过的", {NEU, NEG}),
        ("尾款什么时候付？", {NEU}),
    ],
    "complaint ending in a question": [
        ("在橙果优选买的手镯鉴定是假货，七天无理由呢？", {NEG}),
        ("收到的是高仿，主播当时说的假一赔十呢？", {NEG}),
        ("三个月了退款还没到账，平台到底管不管？", {NEG}),
        ("同一瓶面霜比专柜还贵，这叫全网最低价？", {NEG}),
        ("送来的橙子烂了一半，坏果包赔呢？", {NEG}),
        ("羽绒服里全是飞丝，客服怎么不说话了？", {NEG}),
    ],
    "fault without a word of feeling": [
        ("锅用了两次，涂层就粘在菜上了", {NEG}),
        ("充一晚上电，第二天中午就关机", {NEG}),
        ("衣服下水一次，袖子短了一截", {NEG}),
        ("箱子打开少了两件，发消息没人回", {NEG}),
        ("用了三年，电池还能撑一整天", {POS}),
        ("从二楼摔下去捡起来接着用，一点没裂", {POS}),
    ],
    "seller's promise": [
        ("本店所有商品假一赔十，支持七天无理由退货", {NEU, POS}),
        ("宝宝们放心拍，坏果包赔，顺丰包邮", {NEU, POS}),
        ("直播间下单保价十五天，不满意包退", {NEU, POS}),
        ("官方正品，支持验货，假一赔三", {NEU, POS}),
        ("主播承诺假一赔十，我收到是正品", {NEU, POS}),
        ("支持七天无理由退货，放心拍", {NEU, POS}),
    ],
    "idiom": [
        ("又剁手了，买到手软真开心", {POS, NEU}),
        ("今年双十一钱包翻车，但是快乐无价", {POS, NEU}),
        ("为了这件外套我愿意吃土，太好看了", {POS, NEU}),
        ("这款口红美哭我了，姐妹们快冲", {POS, NEU}),
        ("便宜到哭，直接囤一年的量", {POS, NEU}),
        ("好吃到停不下来，真香", {POS, NEU}),
    ],
    "quoted charge": [
        ("主播小橙否认卖假货", {NEG}),
        ("被指虚假宣传，橙果优选直播间回应", {NEG}),
        ("带货主播阿鹿回应“售卖过期食品”质疑", {NEG}),
        ("网红小橙就直播间辱骂粉丝道歉", {NEG}),
        ("橙果优选回应刷单造假：正在核实", {NEG}),
        ("主播称遭同行诬陷售假，已报警", {NEG}),
    ],
    "regulator's news": [
        ("主播阿鹿因虚假宣传被罚五十万元", {NEG}),
        ("橙果优选直播间售卖不合格童装被立案调查", {NEG}),
        ("市监局约谈三家直播电商平台", {NEG}),
        ("带货网红偷逃税被追缴并处罚款", {NEG}),
        ("直播间售卖假冒名酒，团伙七人被抓", {NEG}),
        ("抽检发现直播带货化妆品近三成不合格", {NEG}),
    ],
    "rules": [
        ("直播电商管理办法将于明年施行", {NEU}),
        ("市场监管总局就直播带货新规公开征求意见", {NEU}),
        ("直播带货新规明确平台责任", {NEU}),
        ("带货主播国家职业标准发布", {NEU}),
        ("一图看懂网络直播营销管理办法", {NEU}),
        ("平台发布主播行为规范", {NEU}),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> PolarityModel:
    return PolarityModel.load()


@pytest.mark.parametrize(
    ("text", "right"),
    [pytest.param(*case, id=f"{kind}: {case[0]}") for kind in CASES for case in CASES[kind]],
)
def test_sentences(model: PolarityModel, text: str, right: set[Polarity]) -> None:
    assert model.predict([text]).polarities()[0] in right


@pytest.mark.parametrize(
    ("text", "relevant"),
    [
        ("主播小橙直播间卖的羽绒服被曝充绒量不足", True),
        ("直播带货退货率居高不下", True),
        ("橙果优选直播间双11销售额破亿", True),
        ("带货主播将持证上岗", True),
        ("消费者在直播间买到假酒，商家拒绝退款", True),
        ("欧洲杯决赛今晚直播", False),
        ("游戏主播小橙直播打排位", False),
        ("今天天气真好，去公园走走", False),
        ("女子给游戏主播打赏十万元", False),
        ("某地发生四级地震", False),
        ("演员阿鹿新剧直播见面会", False),
        ("外卖送得很快，好吃", False),
    ],
)
def test_relevance(model: PolarityModel, text: str, relevant: bool) -> None:
    assert bool(model.predict([text]).relevant[0]) is relevant


def test_probabilities_add_up_and_the_likeliest_wins(model: PolarityModel) -> None:
    texts = [text for cases in CASES.values() for text, _ in cases]
    verdicts = model.predict(texts)
    table = np.stack([verdicts.negative, verdicts.neutral, verdicts.positive], axis=1)
    assert np.allclose(table.sum(axis=1), 1, atol=1e-5)
    assert [CODES[row.argmax()] for row in table] == verdicts.polarities()


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_is_judged_alone_as_in_a_batch(model: PolarityModel, texts: list[str]) -> None:
    together = model.predict(texts).negative
    alone = np.array([model.predict([text]).negative[0] for text in texts], np.float32)
    assert together.shape == (len(texts),)
    assert np.array_equal(together, alone)
    assert np.isfinite(together).all()


@pytest.mark.parametrize(
    "passed_on", ["转发微博//@甲：", "转发微博。 //@甲:", "Repost//@甲: ", "//@甲：转发//@乙："]
)
def test_what_is_passed_on_without_a_word_is_judged_as_itself(model: PolarityModel, passed_on: str) -> None:
    text = "在直播间买的扫地机，穿五天就开胶！客服一直不理人。"
    assert (model.logits([passed_on + text]) == model.logits([text])).all()
    spans = model.explain(passed_on + text)
    assert [span.feature for span in spans] == [span.feature for span in model.explain(text)]
    assert all((passed_on + text)[span.start : span.end] == span.feature for span in spans)
    assert (model.logits(["笑死//@甲：" + text]) != model.logits([text])).any()


@pytest.mark.parametrize("odd", ["", " ", "\ud83d", "\x00", "好" * 20_000, "http://", "//@", "#", "9" * 500])
def test_odd_texts_pass(model: PolarityModel, odd: str) -> None:
    assert 0 <= model.predict([odd]).negative[0] <= 1
    for span in model.explain(odd):
        assert odd[span.start : span.end] == span.feature


def test_spans_point_at_the_telling_words(model: PolarityModel) -> None:
    text = "今天在公园散步，晚上收到的快递是假货，客服还不理人"
    spans = model.explain(text)
    assert spans and all(text[s.start : s.end] == s.feature for s in spans)
    assert any("客服" in s.feature for s in spans)
    assert all(s.weight > 0 for s in spans)
    good = model.explain("物流很快，东西很好，非常满意，下次还来")
    assert good and all(s.weight < 0 for s in good)
    ordered = sorted(spans, key=lambda s: s.start)
    assert all(a.end <= b.start for a, b in itertools.pairwise(ordered))


def test_width_case_and_blanks_change_nothing(model: PolarityModel) -> None:
    plain = model.predict(["主播说GMV破10亿!假货"]).negative[0]
    assert model.predict(["主播说ｇｍｖ破２５亿！假货"]).negative[0] == plain


def test_a_text_has_the_weighted_mean_of_its_words_vectors() -> None:
    places = {word_hash("漏水"): 0, word_hash("杯子"): 1}
    vectors = np.zeros((2, SENSES), np.int8)
    vectors[0, 0] = vectors[1, 1] = 127
    senses = Senses(places, vectors, np.array([0.75, 0.25], np.float32))
    _, _, plain = features(*encode(["杯子漏水", "漏水", "漏水，漏水", "好"]), make_table({}, {}, {}, senses))
    found = plain[:, SENSE : SENSE + SENSES]
    assert np.allclose(found[:, :2], [[2.25, 0.75], [3, 0], [3, 0], [0, 0]])
    assert not found[:, 2:].any()


def valences(text: str, words: dict[str, int]) -> list[float]:
    """Of the valences' features: mean, best, worst, mean as negators turn it, after 但是, last clause."""
    no_senses = Senses({}, np.zeros((0, SENSES), np.int8), np.zeros(0, np.float32))
    cues = make_table(
        hashed({"negator": ["不"], "contrast": ["但是"]}),
        {},
        {word_hash(word): 16 * valence for word, valence in words.items()},
        no_senses,
    )
    _, _, plain = features(*encode([text]), cues)
    found = plain[0, VALENCE : VALENCE + 8] / SCALE
    return [round(float(found[i]), 3) for i in (1, 2, 3, 5, 6, 7)]


def test_valences_are_turned_by_negators_and_kept_apart_by_clause() -> None:
    words = {"好用": 2, "漏水": -3}
    assert valences("桌子", words) == [0, 0, 0, 0, 0, 0]
    assert valences("好用", words) == [2, 1, 0, 2, 0, 2]
    assert valences("不好用", words) == [2, 1, 0, -2, 0, -2]
    assert valences("漏水，桌子", words) == [-3, 0, -1.5, -3, 0, -3]
    mean = round(-1 / 2**0.5, 3)
    after = round(2 * float(np.tanh(-1.5)), 3)
    assert valences("好用但是漏水", words) == [mean, 1, -1.5, mean, after, mean]
    assert valences("好用，漏水", words) == [mean, 1, -1.5, mean, 0, -3]
    # A longer word that begins with a negator says it by itself.
    assert valences("不好用", {"不好用": -1, "好用": 2}) == [-1, 0, -0.5, -1, 0, -1]


def test_a_file_gives_back_every_table(model: PolarityModel) -> None:
    again = _parse(dump(model))
    assert all(map(np.array_equal, model.cues, again.cues))
    assert all(map(np.array_equal, model.phrases, again.phrases)) and model.phrases.out.any()
    assert dump(again) == dump(model)


def test_the_model_is_small(model: PolarityModel) -> None:
    from fengping.analysis.polarity.model import SHIPPED

    assert SHIPPED.stat().st_size < 8_000_000
    assert model.version.startswith("polarity-")


def test_a_missing_model_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read.*fengping train"):
        PolarityModel.load(tmp_path / "none.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a model at all" * 9])
def test_a_broken_model_is_told_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is not a polarity model"):
        PolarityModel.load(path)
