"""Excerpts, clean lines and links out of collected text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden.report_corpus import corpus

from fengping.models import Channel, Document, Evidence
from fengping.reports.chapters import digest
from fengping.reports.facts import quoting
from fengping.reports.wording import clean, compose, plain, web_link


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("买家等了两个小时，工作人员说：300元一张的券不能用，也退不了", "买家等了两个小时…"),
        ("买家在店里等了两个小时以后才被告知还要另付3000元", "买家在店里等了两个小时以后才被告知还要另付…"),
        ("售出一百多件。销售额共六十七点六五万，非法获利八万多", "售出一百多件。销售额共六十七点六五万…"),
        ("等了两个多小时才终于有人承认这批货是〔某主播甲〕卖的", "等了两个多小时才终于有人承认这批货是…"),
    ],
)
def test_a_passage_is_cut_where_it_pauses_and_never_within_a_number_or_a_mask(text: str, shown: str) -> None:
    assert quoting.shorten(text, 24) == shown


@given(st.text(max_size=100))
def test_a_cut_passage_keeps_to_its_length(text: str) -> None:
    assert len(quoting.shorten(text, 26)) <= 26


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
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


def test_a_place_is_named_by_its_site_else_by_its_address() -> None:
    def where(**raw: object) -> str:
        document = corpus(30)[0]
        return quoting.where_published(replace(document, raw=replace(document.raw, **raw)))

    assert where(channel=Channel.NEWS, site="样例报") == "网站·样例报"
    assert where(channel=Channel.NEWS, site="", url="https://www.news.example.cn/a") == "网站·news.example.cn"
    assert where(channel=Channel.NEWS, site="", url="") == "网站"
    assert where(channel=Channel.WEIBO, site="", url="https://weibo.example.cn/a") == "微博"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("网站·样例报", "归入该事件的负面信息最早见于网站·样例报，11-01"),
        ("微博", "归入该事件的负面信息最早见于微博，11-01"),
        ("网站", "归入该事件的负面信息最早见于11-01"),
    ],
)
def test_the_digest_names_no_place_that_is_none(where: str, said: str) -> None:
    assert plain(digest.first_seen(where, "11-01")) == said


def negative_at(text: str, word: str) -> Document:
    """A document of that text, whose negative word is *word*."""
    made = corpus(1)[0]
    made = replace(made, raw=replace(made.raw, title="标题", text=text))
    at = len("标题\n") + text.index(word)
    return made.with_judgement(evidence=(Evidence("polarity:neg", at, at + len(word), word),))


def test_the_blank_behind_an_account_ends_no_sentence() -> None:
    told = negative_at("近日，不少消费者向@云溪新闻 反映，网购宠物货不对板。", "货不对板")
    assert quoting.excerpt(told).startswith("近日，不少消费者向@云溪新闻 反映")


def test_a_quotation_is_not_cut_at_its_end_mark() -> None:
    told = negative_at("“妈妈天天看直播。”近日，黄女士向记者反映货不对板。", "货不对板")
    assert quoting.excerpt(told) == "…近日，黄女士向记者反映货不对板。"
    text = "林小禾回复称：“嗯，我准备好了。这件事不管结果怎么样，都有贡献。”网友议论。"
    made = negative_at(text, "准备")
    whole = quoting.in_context(made, "林小禾回复称：“嗯，我准备好了。")
    assert whole == text.removesuffix("网友议论。")
