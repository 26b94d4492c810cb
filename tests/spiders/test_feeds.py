"""Feeds and sitemaps as sites write them: unescaped, cut, with names of other vocabularies in the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.spiders.extraction import Unreadable
from fengping.spiders.kinds.rss import SitemapList, parse_feed

BASE = "https://news.example/feed.xml"


def rss(items: str, of: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="gb2312"?><rss version="2.0"{of}><channel><title>样例台</title>'
        f"{items}</channel></rss>"
    )


def only(text: str) -> tuple[str, dict[str, object]]:
    ((link, values),) = parse_feed(text, BASE).entries
    return link, dict(values)


MEDIA = ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def test_an_unescaped_ampersand_leads_to_the_page_it_names() -> None:
    link, values = only(
        rss("<item><title>甲&乙</title><link>https://news.example/a?id=1&page=2&copy=3</link></item>")
    )
    assert link == "https://news.example/a?id=1&page=2&copy=3"
    assert values["title"] == "甲&乙"


def test_a_title_of_a_picture_is_not_the_title() -> None:
    picture = "<media:group><media:title>配图</media:title></media:group><media:title>配图</media:title>"
    for item in (f"{picture}<title>正题</title>", f"<title>正题</title>{picture}"):
        assert only(rss(f"<item>{item}<link>/1</link></item>", MEDIA))[1]["title"] == "正题"


def test_links_are_relative_to_the_base_that_the_feed_names() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example/x/"><title>台</title>'
        '<entry xml:base="2020/"><title>题</title><link href="1.html"/><id>urn:1</id></entry></feed>'
    )
    assert only(atom)[0] == "https://other.example/x/2020/1.html"
    assert only(rss("<item><title>题</title><link>/1.html</link></item>"))[0] == "https://news.example/1.html"


def test_what_an_entry_says_of_itself_is_read() -> None:
    item = (
        "<item><title><![CDATA[买完 <b>不让换</b>]]></title><dc:creator>样例记者</dc:creator>"
        "<pubDate>2020年11月11日 20:00</pubDate><description>短</description>"
        '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        "<![CDATA[<p>全文在此</p>]]></content:encoded>"
        '<source url="https://first.example/">样例日报</source>'
        '<guid isPermaLink="true">https://news.example/9.html</guid></item>'
    )
    link, values = only(rss(item, MEDIA))
    assert link == "https://news.example/9.html"
    assert values == {
        "title": "买完 <b>不让换</b>", "text": "<p>全文在此</p>", "author": "样例记者",
        "published_at": "2020年11月11日 20:00", "site": "样例日报", "id": "https://news.example/9.html",
    }  # fmt: skip


def test_a_feed_cut_off_keeps_the_entries_before_the_cut() -> None:
    whole = rss("<item><title>一</title><link>/1</link></item><item><title>二</title><link>/2</link></item>")
    entries = parse_feed(whole[: whole.index("二")], BASE).entries
    assert entries[0][0] == "https://news.example/1"


def test_no_entity_is_expanded_or_fetched() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "啊啊啊啊"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<rss version="2.0"><channel><item><title>&b;&f;</title><link>/1</link></item></channel></rss>'
    )
    assert "啊" not in str(only(bomb)[1]["title"]) and "root" not in str(only(bomb))


def test_a_sitemap_names_pages_and_what_its_news_extension_says() -> None:
    news = (
        '<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        "<loc>https://news.example/1.html</loc><news:news><news:publication_date>2020-11-11</news:publication_date>"
        "<news:title>题</news:title></news:news></url></urlset>"
    )
    assert only(news) == ("https://news.example/1.html", {"title": "题", "published_at": "2020-11-11"})
    with pytest.raises(SitemapList) as raised:
        parse_feed(
            "<sitemapindex><sitemap><loc>https://news.example/a.xml</loc></sitemap></sitemapindex>", BASE
        )
    assert raised.value.listed == ("https://news.example/a.xml",)


PIECES = [
    "<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "</link>", "&",
    "&#0;", "&#x110000;", "<![CDATA[", "]]>", "<!--", "-->", "<entry>", "xml:base='http://['", "<urlset>",
    "<feed xmlns='http://www.w3.org/2005/Atom'>", "<link href='http://[/'/>", "<loc>", "甲", "\0", "\ud800",
    "<a:b>", "<source>", "<author>", "<content type='html'>",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=60))
def test_anything_is_a_feed_or_refused(text: str) -> None:
    try:
        feed = parse_feed(text, BASE)
    except Unreadable:
        return
    for link, values in feed.entries:
        assert isinstance(link, str) and all(isinstance(value, str) for value in values.values())
