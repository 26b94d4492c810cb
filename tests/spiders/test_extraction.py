"""Invented pages in the shape of real sites: a folder of tests/pages is a page and what comes out of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.clock import iso
from fengping.errors import ConfigError
from fengping.spiders.extraction import NotAPage, Page, Selectors, decode, extract

PAGES = Path(__file__).parents[1] / "pages"
SEEN = datetime.fromisoformat("2020-11-12T09:00:00+08:00")


@cache
def case(name: str) -> tuple[Page, dict[str, Any]]:
    recorded = json.loads((PAGES / name / "expected.json").read_text(encoding="utf-8"))
    context = recorded["context"]
    page = extract(
        (PAGES / name / "page.html").read_bytes(),
        url=context.get("url", ""),
        encoding=context.get("encoding"),
        fetched_at=datetime.fromisoformat(context["fetched_at"]),
    )
    return page, recorded["expected"]


def cases() -> list[tuple[str, str]]:
    return [
        (folder.name, field)
        for folder in sorted(PAGES.iterdir())
        for field in json.loads((folder / "expected.json").read_text(encoding="utf-8"))["expected"]
    ]


@pytest.mark.parametrize(("name", "field"), cases())
def test_page(name: str, field: str) -> None:
    page, expected = case(name)
    if field in ("likes", "comments", "reposts", "views"):
        found = getattr(page.engagement, field)
    elif field == "published_at":
        found = iso(page.published_at)
    else:
        found = getattr(page, field)
    assert found == expected[field]


def test_every_field_found_names_its_method() -> None:
    for folder in PAGES.iterdir():
        page, _ = case(folder.name)
        for field in ("title", "text", "author", "site", "published_at", "next_url"):
            assert bool(getattr(page, field)) == (field in page.methods), (folder.name, field)


def test_a_precision_stands_exactly_where_a_time_does() -> None:
    for folder in PAGES.iterdir():
        page, _ = case(folder.name)
        assert (page.published_at is None) == (page.precision is None)


HTML = """<title>直播间围巾抽检结果公布_江州网</title><h1>直播间围巾抽检结果公布</h1>
<div class=meta>2020-11-11 20:00 来源：江州网 作者：田小野</div>
<div id=main><p>江州市市场监管局今日公布抽检结果，二十批次围巾中有六批次不合格。</p>
<p class=ad>点此领券，全场五折，名额有限，先到先得，还有主播亲选好物等你来抢。</p>
<p>不合格项目集中在纤维含量，涉及三家直播间。</p></div><b id=likes>1.2万</b><a id=more href=/p/2>2</a>"""


@pytest.mark.parametrize(
    "selectors",
    [
        Selectors(
            title=("h2", "h1"), text=("#main",), author=(".meta",), time=(".meta",), remove=(".ad",),
            likes=("#likes",), next_page=("#more::attr(href)",),
        ),
        Selectors(
            title=("//h2", "//h1/text()"), text=("//div[@id='main']",), author=("//div[@class='meta']",),
            time=("//div[@class='meta']",), remove=("//p[@class='ad']",), likes=("//b",),
            next_page=("//a/@href",),
        ),
    ],
    ids=["css", "xpath"],
)  # fmt: skip
def test_selectors_come_first(selectors: Selectors) -> None:
    page = extract(HTML, url="http://a.example/p/1", fetched_at=SEEN, selectors=selectors)
    assert page.title == "直播间围巾抽检结果公布"
    assert "领券" not in page.text
    assert page.text.count("\n") == 1
    assert iso(page.published_at) == "2020-11-11T20:00:00+08:00"
    assert page.author == "2020-11-11 20:00 来源：江州网 作者：田小野"
    assert page.engagement.likes == 12_000
    assert page.next_url == "http://a.example/p/2"
    selected = ("title", "text", "author", "published_at", "likes", "next_url")
    assert {page.methods[field] for field in selected} == {"selector"}


def test_a_selector_that_finds_nothing_gives_way_and_the_method_says_so() -> None:
    page = extract(HTML, fetched_at=SEEN, selectors=Selectors(title=(".gone",), text=("#gone",)))
    assert page.title == "直播间围巾抽检结果公布"
    assert page.methods["title"] == "h1"
    assert page.methods["text"] == "density"


@pytest.mark.parametrize("selector", ["div[", "//div[", "..", "//p/unknown()"])
def test_a_wrong_selector_is_named(selector: str) -> None:
    with pytest.raises(ConfigError, match=r"selector|XPath"):
        extract(HTML, fetched_at=SEEN, selectors=Selectors(title=(selector,)))


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.4 x", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04abc", b"\x1f\x8b\x08", bytes(range(9)) * 500],
    ids=["pdf", "png", "zip", "gzip", "bytes"],
)
def test_what_is_no_page_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPage, match=r"This is|no HTML"):
        extract(data, fetched_at=SEEN)


@pytest.mark.parametrize(
    "html",
    [
        b"", b" ", "", "<", "<!--", "<html", "<p", "</div>", b"\xff\xfe",
        "<frameset><frame src=a></frameset>",
        "plain text", '{"code": 0, "data": []}', "<title>", "<script>var a = {", "\ud800<p>\udfff</p>",
        '<script type="application/ld+json">{"@type": ["Article", null], "author": 3}</script>',
        '<script type="application/ld+json">[[[[' + "[" * 5000 + "</script>",
        "<script>window.a=" + '{"content":' * 3000 + "</script>",
        '<meta property="article:published_time" content="99999999999999"><p>x</p>',
        '<a href="http://[">下一页</a><link rel=canonical href="http://[bad">',
    ],
)  # fmt: skip
def test_broken_pages_come_back_empty_and_never_raise(html: bytes | str) -> None:
    page = extract(html, url="http://a.example/", fetched_at=SEEN)
    assert page.published_at is None
    assert len(page.text) < 20


@pytest.mark.parametrize(
    "opening", ["<div>", "<b>", "<font size=1><p>", "<ul><li>", "<table><tr><td>", "<i><p>"]
)
def test_deep_nesting_is_read_without_recursion(opening: str) -> None:
    sentence = "江州市消委会提醒消费者，直播下单前请保存录屏，以免口头承诺无法兑现。"
    page = extract(f"<title>深</title>{opening * 100_000}<p>{sentence}</p>", fetched_at=SEEN)
    assert page.text == sentence


def test_a_page_of_twenty_megabytes_is_read_whole() -> None:
    sentence = "第{}批次围巾抽检合格，直播间可以继续销售，消费者可以放心购买，售后由平台负责。"
    lines = [sentence.format(n) for n in range(20_000)]
    image = f'<img src="data:image/png;base64,{"iVBORw0KGgo" * 1_700_000}">'
    html = f"<h1>抽检结果全文</h1><div>{''.join(f'<p>{line}</p>' for line in lines)}{image}</div>"
    assert len(html.encode()) > 20_000_000
    assert extract(html, fetched_at=SEEN).text.split("\n") == lines


def test_a_time_after_the_page_was_fetched_is_refused() -> None:
    html = HTML.replace("2020-11-11 20:00", "2020-11-13 20:00")
    assert extract(html, fetched_at=SEEN).published_at is None


def test_published_beats_modified() -> None:
    metas = (
        '<meta property="article:modified_time" content="2020-11-11T22:00:00+08:00">'
        '<meta property="article:published_time" content="2020-11-11T08:00:00+08:00">'
    )
    html = metas + HTML.replace("2020-11-11 20:00", "更新时间：2020-11-11 22:00")
    assert iso(extract(html, fetched_at=SEEN).published_at) == "2020-11-11T08:00:00+08:00"


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{"@type":"Blog","title":"“假一赔十”的&quot;围巾&quot;"}</script>',
        "<title>“假一赔十”的&quot;围巾&quot;_江州网</title>",
        '<title>“假一赔十”的"围巾" - 消费 - 江州网</title>',
        "<meta property=og:title content='“假一赔十”的&amp;quot;&lt;em>围巾&lt;/em>&amp;quot;'>",
        '<title>江州网</title><h1>“假一赔十”的<em>"围巾"</em></h1><div class=logo><h1>江州网</h1></div>',
        '<meta property=og:title content="“假一赔十”的"围巾""><title>“假一赔十”的"围巾"|江州网</title>',
    ],
)
def test_titles_lose_tags_entities_and_the_name_of_the_site_but_no_quotes(head: str) -> None:
    html = f"{head}<p>记者走访发现，这类围巾的成本不到十五元，羊毛含量为零。</p>"
    assert extract(html, fetched_at=SEEN).title == '“假一赔十”的"围巾"'


def test_counts_in_json_ld_are_read() -> None:
    ld = {
        "@type": "VideoObject",
        "headline": "直播间围巾抽检结果公布",
        "commentCount": 96,
        "interactionStatistic": [
            {"interactionType": {"@type": "LikeAction"}, "userInteractionCount": "1.2万"},
            {"interactionType": "https://schema.org/WatchAction", "userInteractionCount": 30211},
            {"interactionType": "ShareAction"},
            "broken",
        ],
    }
    html = f'<script type="application/ld+json">{json.dumps(ld)}</script>{HTML}'
    found = extract(html, fetched_at=SEEN).engagement
    assert (found.likes, found.views, found.comments, found.reposts) == (12_000, 30_211, 96, None)


def test_the_next_article_and_the_next_list_page_are_no_next_page() -> None:
    html = '<a href="/n/12.html">下一篇</a><a href="/list/2.html">下一页</a>'
    assert extract(html, url="http://a.example/n/11.html", fetched_at=SEEN).next_url == ""


PIECES = st.sampled_from(
    [
        "<div>", "</div>", "<p>", "</p>", "<table><tr><td>", "</table>", "<br>", "<h1>", "</h1>",
        "<!--", "-->", "<a href=/2>下一页</a>", "<script>", "</script>", 'window.a={"title":"',
        '","content":"', '"}', "</title>", "<textarea>", "<title>", "<meta property=og:title content='",
        "'>", "江州市消委会通报投诉，", "请保存录屏。", "2020-11-11 20:00", "来源：", "作者：田小野",
        "责任编辑：王一", "相关阅读", "评论(7)", "3小时前", "&nbsp;", "&#x110000;", "\0", "\ud83d",
        "<svg>", "<style>", "<b", '"', ">", "<template>", "<select><option>",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=8), max_size=60).map("".join))
def test_any_heap_of_tags_is_read_without_error(html: str) -> None:
    page = extract(html, url="http://a.example/n/1.html", fetched_at=SEEN)
    assert page.published_at is None or page.published_at <= SEEN + timedelta(minutes=10)
    assert "<div>" not in page.text


@pytest.mark.parametrize("name", ["people", "netease", "tables", "comments", "discuz", "weibo_article"])
@pytest.mark.parametrize(("codec", "declared"), [("gb18030", "utf-8"), ("utf-8", "gb2312"), ("utf-16", None)])
def test_no_field_depends_on_the_encoding(name: str, codec: str, declared: str | None) -> None:
    page, _ = case(name)
    context = json.loads((PAGES / name / "expected.json").read_text(encoding="utf-8"))["context"]
    html = decode((PAGES / name / "page.html").read_bytes())[0]
    again = extract(
        html.encode(codec),
        url=context.get("url", ""),
        encoding=declared,
        fetched_at=datetime.fromisoformat(context["fetched_at"]),
    )
    assert replace(again, encoding=page.encoding) == page
