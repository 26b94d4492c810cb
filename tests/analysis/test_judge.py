"""The judge: the parts of the analysis together, and its keywords."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.judges import load_anew

from devtools import evaluation
from devtools.evaluation import snownlp as snownlp_evaluation
from fengping.analysis import Judge
from fengping.analysis.hosts import REGISTRY
from fengping.analysis.judge import LISTS, lists_version
from fengping.analysis.polarity import SourceKind
from fengping.analysis.text import TOP, KeywordFinder
from fengping.config import AnalysisConfig, load_config
from fengping.models import Act, Polarity

HOSTS = '[[host]]\nname = "麦小舟"\naliases = ["舟舟"]\nagencies = [{name = "远帆传媒工作室"}]\n'
HOSTS += '[[brand]]\nname = "噗噜玛塔"\n'


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    file = tmp_path_factory.mktemp("registry") / "hosts.toml"
    file.write_text(HOSTS, encoding="utf-8")
    return Judge.load(AnalysisConfig(), [file])


def test_a_complaint_against_a_host(judge: Judge) -> None:
    from snownlp import SnowNLP  # which takes long to load, and every worker collects this file

    text = "在抖音麦小舟直播间买的面霜是假货，客服不给退货，太气人了！"
    (found,) = judge.judge([text])
    assert found.snownlp == SnowNLP(text).sentiments
    assert found.polarity is Polarity.NEG
    assert found.relevant
    assert (found.hosts, found.negative_hosts, found.platforms) == (("麦小舟",), ("麦小舟",), ("抖音",))
    assert {"C03", "C05"} <= set(found.issues)
    assert {"麦小舟", "面霜", "假货"} <= set(found.keywords)
    assert "polarity:neg" in {evidence.label for evidence in found.evidence}


def test_a_finding_has_the_words_that_tell_it(judge: Judge) -> None:
    text = "消协公布比较试验结果：抽检20批次儿童毛衣，6批次不合格"
    (found,) = judge.judge([text], kinds=[SourceKind.TITLE])
    spans = [text[e.start : e.end] for e in found.evidence if e.label == "polarity:neg"]
    assert found.polarity is Polarity.NEG and spans


def test_a_brand_of_the_registry_is_one_word(judge: Judge) -> None:
    (found,) = judge.judge(["噗噜玛塔直播间的盲盒是假货，一夜掉粉超百万"])
    assert {"噗噜玛塔", "掉粉"} <= set(found.keywords)


def test_a_text_in_another_language_has_hosts_and_no_polarity(judge: Judge) -> None:
    (found,) = judge.judge(["Li Jiaqi is back on the stream tonight and the lipstick that I bought was fake"])
    assert (found.polarity, found.negative, found.positive, found.consumer) == (None, None, None, None)
    assert found.hosts == ("李佳琦",)
    assert found.issues == found.negative_hosts == ()


def test_a_short_complaint_with_a_link_is_judged(judge: Judge) -> None:
    complaint = "麦小舟卖的包是假货，客服不退款"
    told = [
        complaint,
        complaint + " https://item.example.com/item.htm?abbucket=ab&id=12&ns=ab&skuId=34&spm=abc",
    ]
    assert [found.polarity for found in judge.judge(told)] == [Polarity.NEG, Polarity.NEG]


def test_a_headline_in_traditional_characters_is_settled_like_one_in_simplified_ones(judge: Judge) -> None:
    titles = [
        "直播間賣貨的主播不發貨還罵人", "直播间卖货的主播不发货还骂人",
        "抽檢20批次兒童毛衣，6批次不達標", "抽检20批次儿童毛衣，6批次不达标",
    ]  # fmt: skip
    found = judge.judge(titles, kinds=[SourceKind.TITLE] * 4)
    told = [(one.consumer, one.polarity) for one in found]
    assert told[::2] == told[1::2]
    assert found[0].consumer and found[2].polarity is Polarity.NEG


def test_invisible_characters_hide_nothing(judge: Judge) -> None:
    text = "在抖音麦小舟直播间买的面霜是假货，客服不给退货，太气人了！"
    hidden = "\ufeff在抖\u200b音麦\u200b\u2060小舟直\u00ad播间买的面霜是假\u200d货，"
    hidden += "客服不给\u200c退货，太气人了！\ufe0f"
    plain, found = judge.judge([text, hidden])
    assert found.negative_hosts == ("麦小舟",) and "C03" in found.issues
    assert replace(found, snownlp=plain.snownlp, evidence=plain.evidence) == plain
    assert [(e.label, e.rule) for e in found.evidence] == [(e.label, e.rule) for e in plain.evidence]
    for e, other in zip(found.evidence, plain.evidence, strict=True):
        quoted = hidden[e.start : e.end]
        assert quoted[0] + quoted[-1] == text[other.start] + text[other.end - 1]
    (host,) = (e for e in found.evidence if e.label == "host:麦小舟")
    assert hidden[host.start : host.end] == "麦\u200b\u2060小舟"


def test_the_kind_of_source_counts(judge: Judge) -> None:
    text = "#麦小舟直播间卖假货# 哈哈哈哈"
    topic, remark = judge.judge([text, text], kinds=[SourceKind.NEWS, SourceKind.REMARK])
    assert topic.negative != remark.negative
    with pytest.raises(ValueError, match="1 kinds for 2 texts"):
        judge.judge([text, text], kinds=[SourceKind.NEWS])


def test_evidence_quotes_the_text(judge: Judge) -> None:
    texts = [
        "麦小舟直播间买的面霜是假货",
        "ＭＡＣ口红是假的！！客服不退，气死了",
        "今天  下雨。\n\n快递太慢，差评",
    ]
    for text, found in zip(texts, judge.judge(texts), strict=True):
        assert found.polarity is Polarity.NEG
        told = [e for e in found.evidence if e.label == "polarity:neg"]
        assert told
        assert all(text[e.start : e.end] == e.rule for e in told)


def test_what_stays_negative_is_no_advertisement(judge: Judge) -> None:
    text = "双11优惠究竟便宜在哪\n满减凑单领券太复杂，预售价比现货更贵，优惠券套路多，网友吐槽"
    (found,) = judge.judge([text])
    assert found.polarity is Polarity.NEG
    assert found.issues == ("C06", "C07")
    assert found.act is not Act.PROMOTION


def test_who_complains_of_terms_states_no_rule(judge: Judge) -> None:
    text = "电热毯下错单，平台说双11当天不能退款，白等92小时，霸王条款，坑人。写出来给大家提个醒。"
    rule = "市场监管总局发布办法：平台不得以霸王条款限制双11当天退款，自2月1日起施行"
    told, stated = judge.judge([text, rule], kinds=[SourceKind.NEWS] * 2)
    assert told.polarity is Polarity.NEG and told.act is not Act.RULE
    assert stated.polarity is not Polarity.NEG


def test_a_bare_title_against_what_a_livestream_sells_concerns_consumers(judge: Judge) -> None:
    told = ["直播间里的蜂王浆陷阱", "直播间赌石被骗还以为是运气", "主播因低俗直播被封禁"]
    *goods, conduct = judge.judge(told, kinds=[SourceKind.TITLE] * 3)
    for one in goods:
        assert one.polarity is Polarity.NEG and one.consumer and "C02" in one.issues
    assert conduct.polarity is Polarity.NEG and not conduct.consumer


def test_praise_has_no_complaint_classes_and_no_accused(judge: Judge) -> None:
    (found,) = judge.judge(["麦小舟直播间的面霜很好用，物流快，包装也精美，非常喜欢，强烈推荐！"])
    assert found.polarity is Polarity.POS
    assert found.hosts == ("麦小舟",)
    assert found.negative_hosts == found.issues == ()


@given(st.lists(st.text(st.sampled_from("麦小舟直播间假货退款被罚好不，。！ \n👍\ud83d\u200b抖音Ａ"))))
def test_judgements_are_whole_and_independent(judge: Judge, texts: list[str]) -> None:
    found = judge.judge(texts)
    assert found == [judge.judge([text])[0] for text in texts]
    for text, one in zip(texts, found, strict=True):
        assert 0 <= one.snownlp <= 1
        assert 0 <= one.negative <= 1
        assert set(one.negative_hosts) <= set(one.hosts)
        assert not (one.issues and one.polarity is not Polarity.NEG)
        assert all(0 <= e.start < e.end <= len(text) for e in one.evidence)
        labels = {e.label for e in one.evidence}
        assert {f"host:{name}" for name in one.hosts} <= labels
        assert {f"issue:{code}" for code in one.issues} <= labels


@pytest.mark.parametrize(
    "unit",
    [
        "麦小舟直播间卖假货，不退货。\n",
        *(pytest.param(u, marks=pytest.mark.long) for u in ("麦小舟", "舟舟售假", "假货")),
    ],
)
def test_a_text_of_nothing_but_names_and_triggers(judge: Judge, unit: str) -> None:
    # Anything that compares each with each would run for hours here.
    (found,) = judge.judge([unit * (300_000 // len(unit))])
    assert found.hosts == (("麦小舟",) if "舟" in unit else ())


def test_days_must_match_the_texts(judge: Judge) -> None:
    with pytest.raises(ValueError, match="shorter"):
        judge.judge(["a", "b"], [date(2024, 1, 1)])


def test_the_version_names_every_part(judge: Judge) -> None:
    stock = Judge.load(AnalysisConfig())
    assert judge.version != stock.version == load_anew(AnalysisConfig()).version
    (found,) = judge.judge(["a"])
    assert found.model == judge.version
    for part in ("snownlp-", "polarity-", "hosts-", "issues-", "keywords-"):
        assert part in judge.version


@pytest.mark.parametrize("name", LISTS)
def test_another_version_judges_once_a_list_says_more(name: str, judge: Judge, tmp_path: Path) -> None:
    for one in LISTS:
        (tmp_path / one).write_bytes((REGISTRY / one).read_bytes())
    with (tmp_path / name).open("ab") as file:
        file.write("词".encode())
    assert lists_version(tmp_path) != lists_version()
    assert lists_version() in judge.version.split("+")


def test_every_file_of_the_registry_that_judges_is_in_the_version() -> None:
    # Those of which the reader tells a version; media.toml says who publishes, not what is judged.
    told = {
        "acts.npz",
        "brands.toml",
        "hosts.toml",
        "issues.toml",
        "keywords.toml",
        "roles.npz",
        "media.toml",
    }
    assert {file.name for file in REGISTRY.iterdir()} == {*LISTS, *told}


def test_paths_in_the_configuration_are_taken_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "fengping.toml").write_text(
        '[analysis]\nsnownlp_model = "my/s.marshal"\nhosts = ["more.toml"]\n', encoding="utf-8"
    )
    analysis = load_config(tmp_path / "fengping.toml").analysis
    assert analysis.snownlp_model == tmp_path / "my/s.marshal"
    assert analysis.snownlp_segmenter is None
    assert analysis.hosts == (tmp_path / "more.toml",)


class TestKeywords:
    def test_content_words_of_the_trade(self) -> None:
        found = KeywordFinder().find("直播间里的面霜太油，申请仅退款，平台支持了，仅退款真快")
        assert found[0] == "仅退款"
        assert {"直播间", "面霜", "平台"} <= set(found)

    def test_what_is_no_content(self) -> None:
        text = "[泪][泪] @某某某 我们 知道 这个 2024 https://example.com/直播间 的是 a，。！？👍 \ud83d\x00"
        assert KeywordFinder().find(text) == ()

    def test_names_stay_whole(self) -> None:
        text = "远帆传媒工作室回应"
        assert "远帆传媒工作室" not in KeywordFinder().find(text)
        assert "远帆传媒工作室" in KeywordFinder(["远帆传媒工作室"]).find(text)

    def test_no_more_than_the_top(self) -> None:
        text = "面霜 口红 粉底 眉笔 香水 耳机 手机 电脑 水杯 毛巾 牙刷 袜子 裤子 帽子 围巾 手套"
        assert len(KeywordFinder().find(text)) == TOP


@pytest.mark.long
@pytest.mark.data
def test_the_fast_snownlp_on_real_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    data_folder = Path(os.environ.get("FENGPING_DATA", "../shared/data"))
    if not data_folder.is_dir():
        pytest.skip("The measuring data does not exist.")
    monkeypatch.setattr(snownlp_evaluation, "SAMPLE", 300)
    (figures,) = evaluation.measure(["snownlp"], data_folder).values()
    assert [(figure.value, figure.n) for figure in figures] == [(1.0, 300)] * 2
