"""Complaint classes C01–C14: triggers, and the texts that only look like complaints."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devtools.training.complaints import INVENTED, READINGS, Lesson, learn, prepare
from fengping.analysis import HostRegistry, IssueRules, Lexicon
from fengping.analysis.complaints import SIGHT, codes

RULES = IssueRules.load()
LEXICON = Lexicon(HostRegistry.load(), RULES.words)


def issues(text: str) -> tuple[str, ...]:
    return codes(RULES.find(LEXICON.scan(text)))


# Three for each class, as the taxonomy gives them: they read like the class and are none.
COUNTER_EXAMPLES = {
    "C01": ("平台要求商家不得刷单炒信", "刷了一晚上直播间", "退货率高是因为女装尺码不准，主播没刷单"),
    "C02": ("这款真的全网最低，已对比三家", "别信宣传，但我用着还行", "广告法规定不能用最好"),
    "C03": ("主播承诺假一赔十，我收到是正品", "我在做打假博主的视频笔记", "这剧里的道具是假货"),
    "C04": ("色差有一点但能接受，满意", "抽检合格率98%", "我皮肤本来就过敏，和产品无关"),
    "C05": ("客服秒回，已退款，点赞", "支持七天无理由退货，放心拍", "我自己改主意不想退了"),
    "C06": ("双11真降价了，比平时便宜100", "主播主动补了差价", "哪里贵了这个梗太好笑"),
    "C07": ("今年规则简单多了，直接立减", "尾款付完啦开心", "教你看懂满减规则(攻略)"),
    "C08": ("疫情所致延迟，已说明", "快递小哥辛苦了", "隔天就到，物流神速"),
    "C09": ("官方企业微信客服帮我处理了售后", "拍补运费链接是正常操作", "提醒大家别私下转账"),
    "C10": ("他砍价的样子好搞笑，喜欢", "主播提醒不要刷礼物", "吐槽电影尺度低俗"),
    "C11": ("已取得食品经营许可证 编号…", "药监局科普：保健食品不是药", "查验资质后才上架"),
    "C12": ("推送挺准，正好要买", "已开启隐私保护面单", "讲解什么是大数据杀熟"),
    "C13": ("平台先行赔付，两天解决", "品控负责人访谈", "他道歉很诚恳且全额退了"),
    "C14": ("主播拿到最低价给粉丝福利", "反垄断法修订解读", "两位主播和解合播"),
}


@pytest.mark.parametrize("text", [text for texts in COUNTER_EXAMPLES.values() for text in texts])
def test_what_only_looks_like_a_complaint_is_none(text: str) -> None:
    assert issues(text) == ()


def test_every_class_has_its_counter_examples() -> None:
    assert list(COUNTER_EXAMPLES) == list(RULES.names)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("直播间在线人数是刷单刷出来的", ("C01",)),
        ("主播夸大功效，面膜根本没用", ("C02",)),
        ("号称纯羊毛，到手实为化纤", ("C02",)),
        ("直播间卖假货，专柜不认", ("C03",)),
        ("衣服开胶又掉色，质量太差", ("C04",)),
        ("申请退款被拒，客服不理", ("C05",)),
        ("主播承诺是正品，收到是假货", ("C03",)),
        ("无锡假酒案：三百箱流向直播间", ("C03",)),
        ("刚付款就降价，商家拒绝保价", ("C06",)),
        ("不付尾款不能退货，霸王条款", ("C05", "C07")),
        ("一个月了还不发货，假单号", ("C08",)),
        ("主播让我私下交易，聊天记录作凭证", ("C09",)),
        ("主播在直播间辱骂粉丝", ("C10",)),
        ("直播间卖野生动物制品，无证经营", ("C11",)),
        ("买完就收到骚扰短信，个人信息泄露", ("C12",)),
        ("出了事主播甩锅，平台不作为", ("C13",)),
        ("大主播签底价协议搞价格垄断", ("C14",)),
        ("卖假货还不退款", ("C03", "C05")),
        ("酒店房间里发现针孔摄像头", ("C12",)),
        ("主播假冒央企卖货", ("C02",)),
        ("主播带货卖惨", ("C10",)),
        ("今天下雨", ()),
        ("打电话催单半天没人接，米饭是凉的", ()),
    ],
)
def test_triggers(text: str, found: tuple[str, ...]) -> None:
    assert issues(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("这家饭店爆仓了", ()),
        ("直播间下单三周，快递爆仓一直没动", ("C08",)),
        ("不是假货，专柜验过", ()),
        ("会不会是假货", ()),
        ("办法规定不得销售三无产品", ()),
        ("商家销售三无产品被罚，依办法规定处理", ("C03",)),
        ("卖家承诺不卖假货，结果卖的是假货", ("C03",)),
        ("放假货车限行", ()),
        ("洗发水味道非常刺鼻", ("C04",)),
        ("市监局从店铺没收假酒三百瓶", ("C03",)),
        ("商家无故砍单", ("C06", "C08")),
        ("店家无耻售假", ("C03",)),
        ("商家没有刷单，也没卖假货", ()),
        ("衣服掉色起球，客服说没办法", ("C04", "C05")),
        ("买的衣服掉色起球，店家想办法拖", ("C04",)),
        ("买的衣服很不满意，掉色起球", ("C04", "C05")),
        ("不喜欢，掉色起球，质量太差", ("C04",)),
        ("衣服很满意，掉色也不要紧", ()),
        ("两位主播互撕，粉丝围观", ()),
        ("两家直播间为螃蟹的价格发生争端", ("C06",)),
        ("主播对同行卖的月饼退一赔三", ()),
        ("主播装孝子套路老年人买药", ("C02",)),
        ("优惠券全是套路", ("C07",)),
        ("直播间店员说挂链盲盒做工差", ("C04",)),
        ("盲盒隐藏款概率从不公开", ("C07",)),
        ("发芽的土豆真的有毒吗？", ()),
        ("直播间卖的木薯有毒", ("C11",)),
        ("主播建议不要妖魔化食品添加剂", ()),
        ("直播间卖的字画一眼假", ("C03",)),
        ("主播青禾启动退一赔三，售后客服登记核实", ()),
        ("市监局督促直播间对粉条退赔", ()),
        ("主播说好退一赔三，售后却没人管，拒绝退款", ("C05",)),
        ("主播带货三年不报个税，税务局追缴税款并加收滞纳金", ()),
        ("大量网友在直播间刷差评，主播关了评论", ()),
        ("直播套路一：演员假装抢货，店家说下单要快", ()),
        ("卖得比去年少，来的都是贵宾", ()),
        ("白菜蘸甲醛保鲜，商家被查", ("C11",)),
    ],
)
def test_context_and_exclusions(text: str, found: tuple[str, ...]) -> None:
    assert issues(text) == found


def test_parts_of_a_trigger_stand_close_to_each_other() -> None:
    assert codes(RULES.read(LEXICON.scan("宣称一年见效，实为三年")).hits) == ("C02",)
    far = "宣称一年见效，后来又说了很多很多很多很多很多很多很多话，实为三年"
    assert RULES.read(LEXICON.scan(far)).hits == []
    for stop in "。！？!?\n；;":
        assert RULES.read(LEXICON.scan(f"宣称一年见效{stop}实为三年")).hits == []


def test_a_hit_shows_its_span_and_trigger() -> None:
    text = "收到的包宣称头层牛皮，实为人造革"
    hit = next(h for h in RULES.find(LEXICON.scan(text)) if h.trigger == "宣称…实为")
    assert text[hit.start : hit.end] == "宣称头层牛皮，实为"
    assert hit.evidence().label == "issue:C02"
    assert hit.evidence().rule == "宣称…实为"


def test_every_trigger_and_context_word_can_be_found() -> None:
    """A word that folds to nothing, or that its own exclusion always hides, would never fire."""
    for rules in RULES.file.classes:
        for trigger in rules.triggers:
            assert trigger not in rules.excluded
            assert all(part.strip() for part in trigger.split("…")), trigger


@given(
    st.lists(
        st.sampled_from(["假货", "直播间", "不退款", "没", "。", "，", "宣称", "实为", "ab", "#"]),
        max_size=14,
    )
)
def test_hits_are_spans_of_the_text_and_the_same_twice(parts: list[str]) -> None:
    text = "".join(parts)
    hits = RULES.find(LEXICON.scan(text))
    for hit in hits:
        assert 0 <= hit.start < hit.end <= len(text)
        if "…" not in hit.trigger and "+" not in hit.trigger:
            assert text[hit.start : hit.end] == hit.trigger
    assert hits == RULES.find(LEXICON.scan(text))
    assert len({(h.code, h.trigger) for h in hits}) == len(hits)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("主播阿桑直播间十二元二十斤的橘子到手只有三个", "C02"),
        ("花四十万请网红阿桑直播带货只卖出六单", "C13"),
        ("阿桑直播间的燕麦片吃出虫子，检出农药", "C11"),
        ("老人在私域直播间被忽悠买了专家推荐的养生神药", "C02"),
    ],
)
def test_concepts_add_a_class_and_show_where_they_stand(text: str, found: str) -> None:
    scan = LEXICON.scan(text)
    hits = [h for h in RULES.find(scan) if h.code == found]
    assert hits
    assert all(0 <= h.start < h.end <= len(text) for h in hits)


def test_a_word_inside_a_longer_one_of_other_meaning_is_no_concept() -> None:
    assert "fake" in RULES.concepts.find(LEXICON.scan("主播卖的是假的"))
    assert "fake" not in RULES.concepts.find(LEXICON.scan("主播说假一赔十"))


def test_a_weak_trigger_counts_only_where_the_whole_text_is_more_like_its_class() -> None:
    weights = RULES.concepts.weights
    assert weights.keep < weights.keep_weak < min(weights.add)


def test_concepts_add_what_no_trigger_says() -> None:
    text = "商家付了三十万出场费，一晚上卖出六单，商家欲哭无泪"
    scan = LEXICON.scan(text)
    assert codes(RULES.read(scan).hits) == ()
    hits = RULES.find(scan)
    assert codes(hits) == ("C13",)
    assert [text[h.start : h.end] for h in hits] == [h.trigger for h in hits]


def test_only_the_beginning_is_weighed() -> None:
    complaint = "商家付了三十万出场费，一晚上卖出六单，商家欲哭无泪"
    assert issues(complaint) == ("C13",)
    assert issues("今天下雨。" * (SIGHT // 5) + complaint) == ()
    assert "C03" in issues("今天下雨。" * (SIGHT // 5) + "直播间卖假货")


def test_words_of_a_rule_or_a_promise_add_nothing() -> None:
    assert issues("办法规定，主播不得花钱请网红带货后只卖出六单") == ()


def test_weights_fit_the_concepts() -> None:
    weights, file = RULES.concepts.weights, RULES.concepts.file
    assert weights.codes == tuple(RULES.names)
    assert len(weights.bias) == len(weights.codes)
    assert all(len(row) == len(weights.codes) for row in weights.weight.values())
    known = set(file.concept) | set(file.pattern) | set(file.union)
    assert all(set(pair) <= known | {"host"} for pair in file.pairs)
    assert all(set(of) <= set(file.concept) for of in file.union.values())


def test_what_the_weights_are_learnt_from_names_nobody_and_holds_no_text() -> None:
    for line in INVENTED.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            classes, text = line.split("\t")
            assert classes == "-" or set(classes.split(",")) <= set(RULES.names), line
            assert LEXICON.scan(text).hosts == (), line
    for line in READINGS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            key, classes, *fresh = line.split("\t")
            assert len(key) == 16
            assert fresh in ([], ["fresh"])
            assert classes == "-" or set(classes.split(",")) <= set(RULES.names)


def test_learning_trusts_a_trigger_only_as_far_as_it_carries() -> None:
    alone = Lesson("主播辱骂观众", frozenset({"C10"}), 1.0)
    shared = [Lesson(f"直播间{goods}是假货", frozenset({"C03"}), 1.0) for goods in ("鞋", "酒", "包", "表")]
    cases = prepare([alone, *shared], RULES)
    assert cases[0].triggered == frozenset()
    assert all(case.triggered == {"C03"} for case in cases[1:])
    weights = learn(cases, tuple(RULES.names)).concepts
    assert weights.weight["C03.found"][weights.codes.index("C03")] > 0
    assert set(weights.trusted) == set(RULES.names)


def test_a_class_added_to_the_list_counts_by_its_triggers_alone() -> None:
    added = RULES.file.classes[0].model_copy(
        update={"code": "C99", "name": "样例", "triggers": ("样例大问题",)}
    )
    file = RULES.file.model_copy(update={"classes": (*RULES.file.classes, added)})
    rules = IssueRules(file, RULES.concepts)
    lexicon = Lexicon(HostRegistry.load(), rules.words)
    assert "C99" in codes(rules.find(lexicon.scan("直播间买的东西有样例大问题，客服不退款")))
