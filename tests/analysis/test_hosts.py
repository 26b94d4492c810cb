"""The registry of hosts and what is found by it: aliases, context, other bearers of a name, dates."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.analysis import HostRegistry, Lexicon
from fengping.analysis.hosts import REGISTRY, append_host, silent
from fengping.analysis.hosts.audit import audit
from fengping.analysis.hosts.discover import discover
from fengping.analysis.text import WordFinder, fold
from fengping.errors import ConfigError

LEXICON = Lexicon.load()


def hosts(text: str, day: date | None = None) -> list[str]:
    return list(LEXICON.scan(text, day).hosts)


def lexicon_of(tmp_path: Path, toml: str) -> Lexicon:
    path = tmp_path / "hosts.toml"
    path.write_text(toml, encoding="utf-8")
    return Lexicon.load([path])


def test_the_registry_ships_with_the_hosts_of_the_field() -> None:
    registry = HostRegistry.load()
    assert len(registry.hosts) >= 85
    assert {"李佳琦", "薇娅", "辛巴", "疯狂小杨哥", "广东夫妇", "驴嫂平荣", "章小蕙"} <= set(registry.by_name)


def test_no_sure_name_means_two_hosts() -> None:
    owners = Counter(name for host in HostRegistry.load().hosts for name in set(map(fold, host.sure())))
    # Both brothers together.
    assert {name for name, count in owners.items() if count > 1} == {"大小杨哥"}


def test_a_group_of_the_home_adds_to_the_one_that_ships(tmp_path: Path) -> None:
    lexicon = lexicon_of(tmp_path, '[groups]\nselling = ["晒单"]\n')
    assert lexicon.scan("佳琦今晚直播带货").hosts == lexicon.scan("佳琦晒单了").hosts == ("李佳琦",)


def test_the_version_changes_with_what_the_files_say(tmp_path: Path) -> None:
    own = tmp_path / "hosts.toml"
    own.write_text('[[host]]\nname = "甲乙丙"\n', encoding="utf-8")
    assert HostRegistry.load().version == HostRegistry.load().version
    assert HostRegistry.load([own]).version != HostRegistry.load().version


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("李佳琦直播间上新", ["李佳琦"]),
        ("李佳奇的直播什么时候开始", ["李佳琦"]),
        ("LI JIAQI sold lipsticks", ["李佳琦"]),
        ("Ｖｉｙａ 今晚的直播间", ["薇娅"]),
        ("大家好我是viya", []),
        ("Viya sold out in her live room", ["薇娅"]),
        ("Simba the lion king", []),
        ("疯狂小杨哥和大杨哥", ["疯狂小杨哥", "疯狂大杨哥"]),
        ("大小杨哥同框", ["疯狂小杨哥", "疯狂大杨哥"]),
        ("小杨说三只羊要整改", ["疯狂小杨哥"]),
        ("隔壁小杨今天请客", []),
        ("宇辉今天在与辉同行讲书", ["董宇辉"]),
        ("我同学宇辉结婚了", []),
        ("佳琦今晚直播带货", ["李佳琦"]),
        ("王佳琦今晚直播带货", []),
        ("@文庆 发文", []),
    ],
)
def test_aliases(text: str, found: list[str]) -> None:
    assert hosts(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "李嘉琦演的小品，直播里看的",
        "狮子王里的辛巴说他要回荣耀石，直播看了三遍",
        "我家猫咪辛巴今天绝育，主播推荐的猫粮它不吃",
        "这箱雪梨水果店直播间下单，汁多润肺",
        "冰糖雪梨直播间卖得真好",
        "雪梨歌剧院直播，悉尼的夜景",
        "小米新手机直播带货",
        "香菇直播间下单两斤",
        "张三丰练散打，主播解说",
        "水库里的鱼直播带货",
        "詹姆斯和大蓝图计划主播",
        "李湘江边直播带货",
        "律师刘涛说，主播带货也要担责",
        "刘涛副教授说，主播带货也要担责",
        "某报记者 刘涛：直播带货退货难",
        "消费者小英（化名）在网红直播间买鞋，小英说退不了",
        "雪琴和李雪琴都上台了",
        "大学生张同学在网红店排队",
        "邻居黄薇今天请客",
        "直播间买的大蓝莓烂了一半",
        "今晚晚一点带货，大家等我",
        "网红白冰糖吃着发苦",
        "主播说仓里空了，库里还有货，带货继续",
        "东方甄选的商品林林总总",
        "快手直播间这件外套只要818元",
    ],
)
def test_other_bearers_of_a_name_are_no_hosts(text: str) -> None:
    assert hosts(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("徐小米直播间的小米粥", ["徐小米"]),
        ("香菇来了预售", ["香菇来了"]),
        ("网红雪梨偷逃税被罚", ["雪梨"]),
        ("朱宸慧回应", ["雪梨"]),
        ("辛巴快手直播卖燕窝，像狮子王一样", ["辛巴"]),
        ("刘涛新剧杀青", []),
        ("刘涛直播间卖酒", ["刘涛"]),
    ],
)
def test_context_decides(text: str, found: list[str]) -> None:
    assert hosts(text) == found


def test_context_counts_only_near_in_a_long_text() -> None:
    far = "宇辉" + "的一位老朋友来信，" * 60 + "与辉同行"
    assert hosts(far) == []
    assert hosts("宇辉" + far[-100:]) == ["董宇辉"]


def test_an_alias_with_dates_counts_only_on_its_days(tmp_path: Path) -> None:
    lexicon = lexicon_of(
        tmp_path,
        '[[host]]\nname = "甲乙丙"\n'
        'dated = [{ alias = "一号主播", from = 2021-01-01, to = 2021-12-31 }]\n'
        '[[host]]\nname = "丁戊己"\ndated = [{ alias = "一号主播", from = 2022-01-01 }]\n',
    )
    assert lexicon.scan("一号主播来了", date(2021, 12, 31)).hosts == ("甲乙丙",)
    assert lexicon.scan("一号主播来了", date(2022, 1, 1)).hosts == ("丁戊己",)
    assert lexicon.scan("一号主播来了").hosts == ()


def test_a_handle_counts_only_behind_at(tmp_path: Path) -> None:
    lexicon = lexicon_of(tmp_path, '[[host]]\nname = "甲乙丙"\nhandles = ["清晨的灯"]\n')
    assert lexicon.scan("@清晨的灯 开播").hosts == ("甲乙丙",)
    assert lexicon.scan("清晨的灯亮了").hosts == ()


def test_a_home_adds_names_to_a_known_host(tmp_path: Path) -> None:
    lexicon = lexicon_of(tmp_path, '[[host]]\nname = "罗永浩"\naliases = ["某罗姓主播"]\n')
    assert lexicon.scan("某罗姓主播发文").hosts == ("罗永浩",)
    assert lexicon.scan("罗勇浩发文").hosts == ("罗永浩",)


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('[[host]]\nname = "甲"\nalias = ["乙"]\n', "unknown key 'host.0.alias'. Did you mean 'aliases'?"),
        ('[[host]]\naliases = ["乙"]\n', "the key 'host.0.name' is missing."),
        ('[[host]]\nname = "甲"\naliases = [" "]\n', "an empty word would match everywhere"),
        ('[[host]]\nname = "甲"\n[host.ambiguous]\n"乙" = []\n', "needs words that must stand near it"),
        ('[[host]]\nname = "甲"\n[host.ambiguous]\n"乙" = ["@sell"]\n', "Did you mean 'selling'?"),
        ("[[host]\n", "is not valid TOML"),
    ],
)
def test_a_bad_registry_is_told_in_one_sentence(tmp_path: Path, toml: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        lexicon_of(tmp_path, toml)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_registry_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        HostRegistry.load([tmp_path / "none.toml"])


def test_an_unknown_host_comes_with_a_suggestion() -> None:
    registry = HostRegistry.load()
    assert registry.find("小杨哥").name == "疯狂小杨哥"
    with pytest.raises(ConfigError, match="Did you mean 罗永浩"):
        registry.find("罗永好")
    with pytest.raises(ConfigError, match="hosts list"):
        registry.find("没有这个人")


def test_an_appended_host_reads_back(tmp_path: Path) -> None:
    first = lexicon_of(
        tmp_path,
        '[[host]]\nname = "甲\\"乙"\nkind = "account"\naliases = ["甲\\\\乙"]\n'
        'not = ["大甲"]\nunless = ["丙"]\n'
        '[host.ambiguous]\n"乙" = ["直播间", "@selling"]\n',
    ).registry.hosts[-1]
    path = tmp_path / "again.toml"
    path.write_text(append_host("# mine\n", first), encoding="utf-8")
    assert HostRegistry.load([path]).hosts[-1] == first
    assert path.read_text(encoding="utf-8").startswith("# mine\n")


WORDS = [
    "李佳琦",
    "小杨哥",
    "大",
    "直播间",
    "viya",
    "Ａ",
    "İ",
    "雪梨",
    "#",
    "。",
    "@",
    "罗",
    "永浩",
    " ",
    "x",
    "狮子王",
    "辛巴",
]


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=30).map("".join))
def test_mentions_are_spans_of_the_text_in_order(text: str) -> None:
    scan = LEXICON.scan(text)
    assert len(scan.folded) == len(text)
    places = [(m.start, m.end) for m in scan.mentions]
    assert places == sorted(places)
    for mention in scan.mentions:
        assert text[mention.start : mention.end] == mention.alias
    for evidence in scan.evidence():
        assert text[evidence.start : evidence.end] == evidence.rule
        assert evidence.label.split(":")[0] in {"brand", "host", "platform", "regulator"}
    assert LEXICON.scan(text) == scan


@given(st.text(max_size=40))
def test_folding_moves_nothing_and_is_done_once(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


def test_an_audit_counts_and_gives_reasons() -> None:
    texts = [
        ("雪梨真甜", None),
        ("网红雪梨直播间", None),
        ("雪梨罐头", None),
        ("李佳琦开播", date(2020, 11, 1)),
    ]
    found = {a.alias: a for a in audit(texts, LEXICON)}
    assert (found["雪梨"].hits, found["雪梨"].counted, found["雪梨"].refused) == (2, 1, {"no context": 1})
    assert found["雪梨"].samples == ["✗ 雪梨真甜", "网红雪梨直播间"]
    assert found["李佳琦"].counted == 1
    assert "薇娅" in set(silent(found.values(), LEXICON))


def test_discovery_finds_names_that_rise_and_leaves_known_ones() -> None:
    old = [("网红“晨星小铺”直播间开播", date(2020, 1, 5))] * 3
    new = [(f"主播“青禾阿满”直播间卖出{n}万单", date(2020, 11, n)) for n in range(1, 6)]
    known = [("李佳琦直播间预告", date(2020, 11, 9))] * 9
    found = discover([*old, *new, *known], LEXICON, since=date(2020, 11, 1), at_least=3)
    assert [c.name for c in found] == ["青禾阿满", "晨星小铺"]
    first = found[0]
    assert (first.documents, first.recent, first.first_seen) == (5, 5, date(2020, 11, 1))
    assert first.samples[0] == "主播“青禾阿满”直播间卖出1万单"
    assert found[1].recent == 0
    assert discover(new[:2], LEXICON, at_least=3) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("主播明明知道是假货还在卖", []),
        ("主播静静地等了半天", []),
        ("818上快手买手机，退款难", []),
        ("@818 在快手开播", ["辛巴"]),
        ("游客在快手上传视频，少林寺方丈回应", []),
        ("快手方丈回应", ["方丈"]),
    ],
)
def test_a_number_or_a_common_word_is_a_host_only_where_it_is_called_one(text: str, found: list[str]) -> None:
    assert hosts(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("市场监管局局长麦小舟介绍", []),
        ("消费者麦小舟（化名）投诉", []),
        ("麦小舟玉女士投诉商家", []),
        ("周雨桐投诉商家", []),
        ("雨桐直播间卖假货", ["雨桐"]),
        ("麦小舟直播间卖假货", ["麦小舟"]),
        ("麦小舟律师发声明", ["麦小舟"]),
        ("律师：麦小舟直播间涉虚假宣传", ["麦小舟"]),
        ("麦小舟和先生道歉", ["麦小舟"]),
        ("麦小舟让女士们抢空", ["麦小舟"]),
    ],
)
def test_a_sure_name_may_be_borne_by_others(tmp_path: Path, text: str, found: list[str]) -> None:
    sellers = '[[host]]\nname = "麦小舟"\n[[host]]\nname = "雨桐"\n'
    assert list(lexicon_of(tmp_path, sellers).scan(text).hosts) == found


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("薇婭、羅永浩同臺直播", ("薇娅", "罗永浩")),
        ("董宇輝在與輝同行直播間帶貨", ("董宇辉",)),
        ("Ｖｉｙａ直播間帶貨", ("薇娅",)),
        ("李佳琦直播间的旺旺雪饼", ("李佳琦",)),
        ("东方甄选主播明明说过不涨价", ("明明",)),
        ("东方甄选主播说过不涨价，明明是假的", ()),
    ],
)
def test_traditional_characters_and_adverbs(text: str, hosts: tuple[str, ...]) -> None:
    scan = LEXICON.scan(text)
    assert scan.hosts == hosts
    assert len(scan.folded) == len(text)
    assert all(text[m.start : m.end] == m.alias for m in scan.mentions)


def test_every_traditional_character_has_one_simplified_one() -> None:
    text = (REGISTRY / "traditional.toml").read_text(encoding="utf-8").partition("pairs = ")[2]
    pairs = text.strip().strip('"').split()
    written = [pair[0] for pair in pairs]
    assert all(len(pair) == 2 for pair in pairs)
    assert len(set(written)) == len(written)
    assert set(written).isdisjoint(pair[1] for pair in pairs)


@given(st.text() | st.text(alphabet="甲萬ABＡ１ΣÉİß"))
def test_the_short_way_of_folding_ends_where_the_long_way_does(text: str) -> None:
    text = "样例的长句子" * 5 + text + "甲"
    beyond = "𠀀"  # a text with such a character goes the long way
    assert fold(text) + beyond == fold(text + beyond)
    assert len(fold(text)) == len(text)


_LETTERS = st.text(alphabet="甲乙ab\0𠀀", min_size=1, max_size=4)


@given(st.lists(_LETTERS, unique=True), st.lists(_LETTERS | st.just("\ud800")).map("".join))
def test_every_word_is_found_wherever_it_stands(words: list[str], text: str) -> None:
    places = [
        (start + len(word), start, number)
        for start in range(len(text))
        for number, word in enumerate(words)
        if text.startswith(word, start)
    ]
    assert WordFinder(words).find(text) == sorted(places)
