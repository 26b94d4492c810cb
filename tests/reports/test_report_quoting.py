"""Reading answers, penalties and excerpts out of collected text: what counts and what must not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden.report_corpus import corpus

from fengping.models import Evidence
from fengping.reports.facts import quoting
from fengping.reports.wording import clean, compose, plain, web_link

HOST = ("林小禾",)


@pytest.mark.parametrize(
    "text",
    [
        "林小禾回应称，该批商品已全部下架。",
        "林小禾回应直播间货不对板",
        "对此，签约公司回应称“这是假的”。",
        "林小禾工作室发布声明，将全额退款。",
        "林小禾发布致歉信。",
        "11月12日，林小禾公开道歉。",
        "有网友投诉商品开胶。品牌方表示歉意，已办理退款。",
        "林小禾方面否认刷单。",
        "林小禾团队：已经联系消费者。随后公司澄清称系误会。",
    ],
)
def test_an_answer_is_found(text: str) -> None:
    assert quoting.answer_in(text, HOST)


@pytest.mark.parametrize(
    "text",
    [
        "截至发稿，林小禾未作出回应。",
        "林小禾至今没有道歉。",
        "网友要求林小禾公开道歉。",
        "林小禾欠消费者一个道歉！",
        "等待林小禾官方回应。",
        "林小禾什么时候发声明？",
        "林小禾拒绝回应记者提问。",
        "林小禾的客服迟迟不回复。",
        "林小禾今晚直播卖面霜。",
        "消费者致歉信样本下载",
    ],
)
def test_what_is_no_answer(text: str) -> None:
    assert quoting.answer_in(text, HOST) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("市场监管部门对其公司处以罚款50万元。", True),
        ("该公司被罚90万元。", True),
        ("当地市场监管局作出行政处罚决定，没收违法所得。", True),
        ("拟对该公司罚款50万元。", False),
        ("该主播或将面临处罚。", False),
        ("网友呼吁处罚林小禾。", False),
        ("最高可处罚款200万元。", False),
        ("免予行政处罚。", False),
        ("主播受罚喝下一杯水。", False),
    ],
)
def test_only_an_imposed_penalty_counts(text: str, found: bool) -> None:
    assert bool(quoting.penalty_in(text)) is found


def test_a_shared_name_alone_is_no_shared_matter() -> None:
    lead = "林小禾直播间运动鞋买完不让换引争议"
    assert quoting.same_matter(lead, "关于运动鞋买完不让换一事，林小禾团队致歉。", HOST)
    assert not quoting.same_matter(lead, "林小禾回应恋情传闻：只是朋友。", HOST)
    assert not quoting.same_matter(lead, "林小禾直播间回应消费者，主播带货平台商品。", HOST)


def test_the_excerpt_begins_where_the_complaint_is() -> None:
    document = corpus(30)[0]
    text = "开头说些别的。收到货以后发现开胶，不让退。" + "后面还有很多话。" * 40
    spans = (Evidence("issue:C05", len("标题\n") + text.index("不让退"), len("标题\n") + 25, "不让退"),)
    changed = replace(document, raw=replace(document.raw, title="标题", text=text)).with_judgement(
        evidence=spans
    )
    quoted = quoting.excerpt(changed)
    assert quoted.startswith("…收到货以后发现开胶")
    assert quoted.endswith("…")
    assert len(quoted) <= quoting.EXCERPT + 1


def test_ratios_need_one_unit_and_the_said_share() -> None:
    assert quoting.ratio_notes("共100人，其中30件有问题，占30%。") == ()
    assert quoting.ratio_notes("抽查3件，1件不合格，不合格率33.3%。") == (
        "原文称33.3%，按文中1件与3件计算为33.33%",
    )
    assert quoting.ratio_notes("优惠不足5%。") == ()


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    quoting.answer_in(text, HOST)
    quoting.penalty_in(text)
    quoting.ratio_notes(text)
    quoting.same_matter(text, text, HOST)
    shown = clean(text)
    assert clean(shown) == shown
    assert "\n" not in shown
    shown.encode()


def test_clean_takes_out_what_breaks_or_fakes_a_page() -> None:
    assert clean("a\x00b\ud800c\u202ed\n e\u2066") == "abcd e"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/1?b=2", True),
        ("http://a.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://a.example/ x", False),
        ('https://a.example/"onclick', False),
        ("", False),
    ],
)
def test_only_web_addresses_become_links(url: str, kept: bool) -> None:
    assert bool(web_link(url)) is kept


def test_composed_text_reads_as_written() -> None:
    assert plain(compose("在{a}与{b}。", a="甲", b=("乙", "丙"))) == "在甲与乙丙。"
