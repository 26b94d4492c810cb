"""Later visits of what was stored: what they keep of the first, and what is not visited at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from tests.site.homes import CONFIG, ends, journaled, list_source, make_home
from tests.site.server import Reply, Site, article, feed, list_page, serve

from fengping.home import Home
from fengping.models import Precision
from fengping.spiders import crawl
from fengping.spiders.seen import seen_urls
from fengping.state import State

pytestmark = pytest.mark.slow

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
SAID = 'published_at = "em"\nauthor = "b"\nsite = "i"'
"""Selectors of what only the list says."""


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def a_list_that_says(site: Site, path: str, when: str = "2020-11-11 20:00") -> None:
    """A list whose entry bears time, author and site."""
    entry = f'<li><a href="{path}">样例店铺的售后</a><em>{when}</em><b>林小禾</b><i>样例日报</i></li>'
    site.pages["/list.html"] = Reply(f'<ul class="news">{entry}</ul>')


def another_list(site: Site) -> None:
    """A list that names nothing of what was named before."""
    site.pages["/other.html"] = Reply(article("样例平台的公告", "与此无关"))
    site.pages["/list.html"] = Reply(list_page({"/other.html": "样例平台的公告"}))


def stated(home: Home) -> list[dict[str, str]]:
    """Fields that the state keeps beside the addresses that are to be visited again."""
    with State.open(home).begin() as connection:
        return [json.loads(text) for text in connection.scalars(select(seen_urls.c.stated)) if text]


def test_half_of_an_article_does_not_replace_the_whole(site: Site, tmp_path: Path) -> None:
    more = '<a class="more" href="/a2.html">下一页</a>'
    second = article("样例店铺的售后", "第二页，平台已回应")
    site.pages["/list.html"] = Reply(list_page({"/a.html": "样例店铺的售后"}))
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一页", extra=more))
    site.pages["/a2.html"] = Reply(second)
    detail = '[selectors.detail]\nnext_page = "a.more::attr(href)"\ntext = "div.content"'
    text = list_source(site.url("/list.html"), more=detail)
    home = make_home(tmp_path / "home", news=text)
    assert ends(crawl(home, at=NOW)[0]) == {"listed": 1, "stored": 1, "continued": 1}
    site.pages["/a2.html"] = Reply("away", 503)
    (broken,) = crawl(home, at=NOW + timedelta(hours=25))
    assert ends(broken) == {"listed": 1, "http_error": 2}
    assert any("the earlier version stays" in said for said in broken.signals)
    site.pages["/a2.html"] = Reply(second.replace("平台已回应", "平台已道歉"))
    assert ends(crawl(home, at=NOW + timedelta(hours=26))[0])["updated"] == 1
    versions = [document.text for document in journaled(home)]
    assert ["平台已回应" in text for text in versions] == [True, False]
    assert all("第一页" in text and "第二页" in text for text in versions)


def test_an_article_whose_next_page_is_gone_for_good_is_as_it_was(site: Site, tmp_path: Path) -> None:
    more = '<a class="more" href="/a2.html">下一页</a>'
    site.pages["/list.html"] = Reply(list_page({"/a.html": "样例店铺的售后"}))
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一页", extra=more))
    detail = '[selectors.detail]\nnext_page = "a.more::attr(href)"\ntext = "div.content"'
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html"), more=detail))
    assert ends(crawl(home, at=NOW)[0]) == {"listed": 1, "stored": 1, "gone": 1}
    (again,) = crawl(home, at=NOW + timedelta(hours=25))
    assert ends(again) == {"listed": 1, "unchanged": 1, "gone": 1} and again.settled


def test_a_page_that_leads_elsewhere_for_a_time_is_not_given_up(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(list_page({"/a.html": "样例店铺的售后"}))
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一稿"))
    site.pages["/notice.html"] = Reply(article("样例网升级改版", "本站正在升级，请稍后再来"))
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    crawl(home, at=NOW)
    site.pages["/a.html"] = Reply("", 302, headers={"Location": site.url("/notice.html")})
    (astray,) = crawl(home, at=NOW + timedelta(hours=25))
    assert ends(astray) == {"listed": 1, "gone": 1} and astray.settled
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第二稿，平台已回应"))
    assert ends(crawl(home, at=NOW + timedelta(hours=26))[0])["updated"] == 1
    assert ["样例网升级改版" in document.title for document in journaled(home)] == [False, False]


def test_a_visit_that_fails_is_made_again(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(list_page({"/a.html": "样例店铺的售后"}))
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一稿"))
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    crawl(home, at=NOW)
    site.pages["/a.html"] = Reply("away", 503)
    (failed,) = crawl(home, at=NOW + timedelta(hours=25))
    (soon,) = crawl(home, at=NOW + timedelta(hours=25, minutes=10))
    assert (ends(failed)["http_error"], ends(soon)["known"]) == (1, 1)
    assert failed.settled, "its own schedule makes the visit again"
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第二稿，平台已回应"))
    (later,) = crawl(home, at=NOW + timedelta(hours=26))
    assert ends(later)["updated"] == 1
    assert ends(crawl(home, at=NOW + timedelta(hours=60))[0]) == {"listed": 1, "known": 1}


@pytest.mark.parametrize("later", ["", "2020-11-11"], ids=["no time", "a day"])
def test_a_later_version_keeps_what_only_the_list_said(site: Site, tmp_path: Path, later: str) -> None:
    a_list_that_says(site, "/a.html")
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一稿", when=""))
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html"), more=SAID))
    crawl(home, at=NOW)
    another_list(site)
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第二稿，平台已回应", when=later))
    (result,) = crawl(home, at=NOW + timedelta(hours=25))
    assert ends(result) == {"listed": 1, "stored": 1, "updated": 1}
    first, second = (document for document in journaled(home) if document.url == site.url("/a.html"))
    assert "第一稿" in first.text and "第二稿" in second.text
    for version in (first, second):
        assert version.published_at == datetime(2020, 11, 11, 12, tzinfo=UTC)
        assert version.precision is Precision.MINUTE
        assert (version.author, version.site) == ("林小禾", "样例日报")
    # Its last visit is over: nothing is needed any more.
    assert [one["title"] for one in stated(home)] == ["样例平台的公告"]


def test_what_the_page_says_later_goes_before_what_the_list_said(site: Site, tmp_path: Path) -> None:
    a_list_that_says(site, "/a.html", "2020-11-11")
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一稿", when=""))
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html"), more=SAID))
    crawl(home, at=NOW)
    another_list(site)
    site.pages["/a.html"] = Reply(article("样例店铺的另一题目", "第二稿", when="2020-11-11 21:30:00"))
    crawl(home, at=NOW + timedelta(hours=25))
    _, second = (document for document in journaled(home) if document.url == site.url("/a.html"))
    assert second.title == "样例店铺的另一题目"
    assert second.published_at == datetime(2020, 11, 11, 13, 30, tzinfo=UTC)
    assert second.precision is Precision.SECOND and second.author == "林小禾"


def test_a_backfill_knows_the_time_of_what_is_due(site: Site, tmp_path: Path) -> None:
    site.pages["/feed.xml"] = Reply(feed({site.url("/a.html"): "样例店铺的售后"}))
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一稿", when=""))
    home = make_home(tmp_path / "home", news=f'kind = "rss"\nurls = ["{site.url("/feed.xml")}"]\n')
    crawl(home, at=NOW)
    site.pages["/feed.xml"] = Reply(feed({}))
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第二稿", when=""))
    (result,) = crawl(home, at=NOW + timedelta(hours=25), since=NOW, until=NOW + timedelta(days=1))
    assert ends(result)["out_of_range"] == 1
    assert len(journaled(home)) == 1


def test_an_author_is_the_same_though_only_the_list_told_the_id(site: Site, tmp_path: Path) -> None:
    entry = '<li data-by="u77"><a href="/a.html">样例店铺不退款</a><b>青禾</b></li>'
    site.pages["/list.html"] = Reply(f'<ul class="news">{entry}</ul>')
    site.pages["/a.html"] = Reply(article("样例店铺不退款", "第一稿"))
    more = 'author = "b"\nauthor_id = "./@data-by"'
    source = list_source(site.url("/list.html"), 'document = "post"\nchannel = "forum"', more)
    home = make_home(tmp_path / "home", CONFIG + "mask_nicknames = true\n", forum=source)
    crawl(home, at=NOW)
    another_list(site)
    site.pages["/a.html"] = Reply(article("样例店铺不退款", "第二稿"))
    crawl(home, at=NOW + timedelta(hours=25))
    first, second = (document for document in journaled(home) if document.url == site.url("/a.html"))
    assert first.text != second.text
    assert first.author_id == second.author_id != "" and first.author == second.author == "青**"


@pytest.mark.parametrize(("document", "kept"), [("post", False), ("news", True)])
def test_names_that_are_to_be_masked_later_stand_beside_no_address(
    site: Site, tmp_path: Path, document: str, kept: bool
) -> None:
    a_list_that_says(site, "/a.html")
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一稿", when=""))
    source = list_source(site.url("/list.html"), f'document = "{document}"', SAID)
    home = make_home(tmp_path / "home", CONFIG + "[retention]\nnicknames = 30\n", news=source)
    crawl(home, at=NOW)
    assert [one.author for one in journaled(home)] == ["林小禾"]
    (one,) = stated(home)
    assert ("author" in one) is kept and one["site"] == "样例日报"


@pytest.mark.parametrize("earlier", [False, True], ids=["now", "as earlier versions left it"])
def test_a_comment_that_is_due_is_not_fetched(site: Site, tmp_path: Path, earlier: bool) -> None:
    comment = '<div class="c"><b>读者甲</b><p>说得对</p></div>'
    on_page = '[comments]\nitems = "div.c"\n[comments.selectors]\ntext = "p"\nauthor = "b"\n'
    site.pages["/list.html"] = Reply(list_page({"/a.html": "带评论的一页"}))
    site.pages["/a.html"] = Reply(article("带评论的一页", "正文"))
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html"), more=on_page))
    crawl(home, at=NOW)
    another_list(site)
    site.pages["/a.html"] = Reply(article("带评论的一页", "正文", extra=comment))
    crawl(home, at=NOW + timedelta(hours=25))
    (found,) = (document for document in journaled(home) if document.parent_id)
    if earlier:
        with State.open(home).begin() as connection:
            row = update(seen_urls).where(seen_urls.c.key == found.id)
            connection.execute(row.values(url=site.url("/a.html")))
    # The comment is due now, its document is not any more.
    (result,) = crawl(home, at=NOW + timedelta(hours=50))
    assert site.asked("/a.html") == 2
    assert ends(result) == {"listed": 1, "unchanged": 1}
    with State.open(home).begin() as connection:
        kept = connection.execute(select(seen_urls).where(seen_urls.c.key == found.id)).one()
    assert (kept.status, kept.url) == ("stored", "")
