"""Entries that a run met and could not fetch are asked for by the next ones, wherever the list has gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from tests.site.homes import add_source, ends, journaled, list_source, make_home
from tests.site.server import Reply, Site, article, list_page, serve

from fengping.spiders import crawl

pytestmark = pytest.mark.slow

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LIMIT = "[limits]\nmax_requests = {}"


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def pages(site: Site, *names: str) -> str:
    """Articles of these names, and the list of them."""
    for name in names:
        site.pages[f"/{name}.html"] = Reply(article(f"样例店铺{name}的售后", f"退款拖了{name}天"))
    return list_page({f"/{name}.html": f"样例店铺{name}的售后" for name in names})


def test_what_a_limit_left_is_fetched_though_the_list_has_moved_on(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(pages(site, *"abcdef"))
    source = list_source(site.url("/list.html"), more="[limits]\nmax_requests = 4")
    home = make_home(tmp_path / "home", news=source)
    (first,) = crawl(home, at=NOW)
    left = ends(first)["unfinished"]
    assert left and not first.settled
    site.pages["/list.html"] = Reply(pages(site, "g"))
    for n in range(1, 9):
        crawl(home, at=NOW + n * timedelta(minutes=10))
    titles = {document.title for document in journaled(home)}
    assert titles == {f"样例店铺{name}的售后" for name in "abcdefg"}


def test_an_outage_loses_nothing_and_keeps_what_only_the_list_said(site: Site, tmp_path: Path) -> None:
    entry = '<li><a href="/a.html">样例店铺的售后</a><em>2020-11-11 20:00</em></li>'
    site.pages["/list.html"] = Reply(f'<ul class="news">{entry}</ul>')
    site.pages["/a.html"] = Reply("away", 503)
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html"), more='published_at = "em"'))
    (away,) = crawl(home, at=NOW)
    assert ends(away) == {"listed": 1, "http_error": 1} and not away.settled
    site.pages["/list.html"] = Reply(pages(site, "b"))
    (again,) = crawl(home, at=NOW + timedelta(minutes=10))
    assert ends(again) == {"listed": 1, "stored": 1, "http_error": 1}
    assert again.settled, "its own schedule tries it again"
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "退款拖了三天", when=""))
    (soon,) = crawl(home, at=NOW + timedelta(minutes=20))
    assert ends(soon) == {"listed": 1, "known": 1}
    (later,) = crawl(home, at=NOW + timedelta(hours=2))
    assert ends(later)["stored"] == 1
    (late,) = (document for document in journaled(home) if document.url == site.url("/a.html"))
    assert late.published_at == datetime(2020, 11, 11, 12, tzinfo=UTC)
    assert ends(crawl(home, at=NOW + timedelta(hours=3))[0]) == {"listed": 1, "known": 1}


def test_what_stays_away_is_given_up_and_told(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(pages(site, "a"))
    site.pages["/a.html"] = Reply("away", 503)
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    crawl(home, at=NOW)
    site.pages["/list.html"] = Reply(pages(site, "b"))
    (last,) = crawl(home, at=NOW + 8 * DAY)
    assert any("/a.html could not be had for 7 days and is asked for only" in said for said in last.signals)
    asked = site.asked("/a.html")
    crawl(home, at=NOW + 20 * DAY)
    assert site.asked("/a.html") == asked


def test_pages_that_a_site_refuses_to_all_keep_no_list_from_being_read(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(pages(site, *"abc"))
    for name in "abc":
        site.pages[f"/{name}.html"] = Reply("no", 403)
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    (first,) = crawl(home, at=NOW)
    assert ends(first) == {"listed": 1, "blocked": 3} and "blocks us" in first.reason
    site.pages["/list.html"] = Reply(pages(site, "g"))
    (second,) = crawl(home, at=NOW + timedelta(minutes=10))
    assert ends(second) == {"listed": 1, "blocked": 2, "stored": 1}


def test_a_list_that_still_shows_it_has_it_tried_by_each_run(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(pages(site, "a"))
    site.pages["/a.html"] = Reply("away", 503)
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    for n in range(3):
        (result,) = crawl(home, at=NOW + n * timedelta(minutes=10))
        assert ends(result) == {"listed": 1, "http_error": 1}


def test_what_is_owed_comes_before_what_is_new_on_the_same_list(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(pages(site, "a", "z"))
    for name in "az":
        site.pages[f"/{name}.html"] = Reply("away", 503)
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html"), more=LIMIT.format(10)))
    crawl(home, at=NOW)
    new = [f"n{n}" for n in range(40)]
    site.pages["/list.html"] = Reply(pages(site, *new[:20], "a", "z", *new[20:]))
    crawl(home, at=NOW + timedelta(minutes=10))
    assert {"样例店铺a的售后", "样例店铺z的售后"} <= {document.title for document in journaled(home)}


@pytest.mark.long
def test_lists_that_take_all_of_a_run_leave_half_to_what_is_owed(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(pages(site, "a"))
    site.pages["/a.html"] = Reply("away", 503)
    text = list_source(site.url("/list.html"), "[pagination]\nmax_pages = 30", LIMIT.format(10))
    home = make_home(tmp_path / "home", news=text)
    crawl(home, at=NOW)
    paths = ["/list.html", *(f"/list{n}.html" for n in range(20))]
    for n, (path, following) in enumerate(pairwise(paths)):
        pages(site, f"n{n}")
        site.pages[path] = Reply(list_page({f"/n{n}.html": f"样例店铺n{n}的售后"}, following), wait=0.3)
    pages(site, "a")
    (result,) = crawl(home, at=NOW + timedelta(minutes=10))
    assert "limit of requests" in result.reason
    assert "样例店铺a的售后" in {document.title for document in journaled(home)}


def test_lists_are_read_before_what_is_owed_though_other_lists_show_it(site: Site, tmp_path: Path) -> None:
    lists = [f"/list{n}.html" for n in range(12)]
    for n, path in enumerate(lists):
        names = [f"l{n}e{m}" for m in range(3)]
        site.pages[path] = Reply(pages(site, *names))
        for name in names:
            site.pages[f"/{name}.html"] = Reply("away", 503, wait=0.6)
    addresses = '", "'.join(map(site.url, lists))
    home = make_home(tmp_path / "home", news=list_source(addresses, more="[limits]\nmax_seconds = 6"))
    for n in range(2):
        (result,) = crawl(home, at=NOW + n * timedelta(minutes=10))
        assert "limit of time" in result.reason and ends(result)["listed"] == 12


def test_lists_that_wait_let_what_is_owed_go_ahead_once_half_of_the_run_is_used(
    site: Site, tmp_path: Path
) -> None:
    site.pages["/list0.html"] = Reply(pages(site, "a"))
    site.pages["/a.html"] = Reply("away", 503)
    home = make_home(tmp_path / "home", news=list_source(site.url("/list0.html"), more=LIMIT.format(10)))
    crawl(home, at=NOW)
    lists = [f"/list{n}.html" for n in range(20)]
    for path in lists:
        site.pages[path] = Reply(pages(site, "a"), wait=0.2)
    addresses = '", "'.join(map(site.url, lists))
    add_source(home.root, "news", list_source(addresses, more=LIMIT.format(10)))
    (result,) = crawl(home, at=NOW + timedelta(minutes=10))
    assert "limit of requests" in result.reason
    assert [document.title for document in journaled(home)] == ["样例店铺a的售后"]


def test_further_lists_are_read_after_a_run_that_refused_pages_ended(site: Site, tmp_path: Path) -> None:
    paths = ["/list.html", "/list2.html", "/list3.html"]
    for n, path in enumerate(paths):
        links = {f"/p{n}e{m}.html": f"样例店铺{n}{m}的售后" for m in range(10)}
        site.pages[path] = Reply(list_page(links, (*paths, "")[n + 1]), wait=0.4 if n else 0)
        site.pages |= {link: Reply("no", 403) for link in links}
    home = make_home(
        tmp_path / "home", news=list_source(site.url("/list.html"), "[pagination]\nmax_pages = 3")
    )
    (first,) = crawl(home, at=NOW)
    assert "blocks us" in first.reason
    (second,) = crawl(home, at=NOW + timedelta(minutes=10))
    assert "blocks us" in second.reason and ends(second)["listed"] == 3
    for n in range(3):
        pages(site, *(f"p{n}e{m}" for m in range(10)))
    (third,) = crawl(home, at=NOW + timedelta(minutes=20))
    assert ends(third) == {"listed": 3, "stored": 30}


def test_pages_that_one_list_has_refused_take_no_turn_of_another_list(site: Site, tmp_path: Path) -> None:
    lists = ["/list.html", "/list2.html"]
    site.pages["/list.html"] = Reply(pages(site, "a", "b", "c", "d", "e"))
    site.pages |= {f"/{name}.html": Reply("no", 403) for name in "abcde"}
    site.pages["/list2.html"] = Reply(pages(site, "z"), wait=0.5)
    home = make_home(tmp_path / "home", news=list_source('", "'.join(map(site.url, lists))))
    (first,) = crawl(home, at=NOW)
    assert "blocks us" in first.reason
    pages(site, "n", "f", "g")
    site.pages["/f.html"] = Reply("away", 503)
    shown = {f"/{name}.html": f"样例店铺{name}的售后" for name in "nabcdefg"}
    site.pages["/list.html"] = Reply(list_page(shown))
    site.pages["/list2.html"] = Reply(pages(site, "u", "v", "z"), wait=0.5)
    for n in range(1, 4):
        crawl(home, at=NOW + n * timedelta(minutes=10))
        titles = {document.title for document in journaled(home)}
        assert titles == {f"样例店铺{name}的售后" for name in "nguvz"}
    assert all(site.asked(f"/{name}.html") for name in "abcde"), "they are tried, after the others"


def test_lists_leave_half_of_a_run_to_pages_after_one_that_the_site_refused(
    site: Site, tmp_path: Path
) -> None:
    lists = [f"/list{n}.html" for n in range(20)]
    site.pages[lists[0]] = Reply(pages(site, *"abc"))
    site.pages |= {f"/{name}.html": Reply("no", 403) for name in "abc"}
    home = make_home(tmp_path / "home", news=list_source(site.url(lists[0]), more=LIMIT.format(10)))
    (first,) = crawl(home, at=NOW)
    assert "blocks us" in first.reason
    for n, path in enumerate(lists):
        site.pages[path] = Reply(pages(site, f"n{n}"), wait=0.2)
    add_source(home.root, "news", list_source('", "'.join(map(site.url, lists)), more=LIMIT.format(10)))
    (second,) = crawl(home, at=NOW + timedelta(minutes=10))
    assert "limit of requests" in second.reason
    assert {document.title for document in journaled(home)} >= {f"样例店铺n{n}的售后" for n in range(3)}


SAID = 'published_at = "em"\nauthor = "b"\nlikes = "i"'


def test_what_the_list_still_shows_of_an_entry_is_not_lost(site: Site, tmp_path: Path) -> None:
    shown = "<em>2020-11-11 20:00</em><b>样例用户</b><i>1234</i>"
    entry = f'<li><a href="/a.html">样例店铺的售后</a>{shown}</li>'
    site.pages["/list.html"] = Reply(f'<ul class="news">{entry}</ul>')
    site.pages["/a.html"] = Reply("away", 503)
    top = 'document = "post"\nchannel = "forum"\n[pagination]\nmax_pages = 2'
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html"), top, SAID))
    crawl(home, at=NOW)
    pages(site, "b")
    site.pages["/list.html"] = Reply(list_page({"/b.html": "样例店铺b的售后"}, "/more.html"))
    # Others have come since.
    site.pages["/more.html"] = Reply(f'<ul class="news">{entry}</ul>')
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "退款拖了三天", when=""))
    crawl(home, at=NOW + timedelta(hours=2))
    (late,) = (document for document in journaled(home) if document.url == site.url("/a.html"))
    assert (late.engagement.likes, bool(late.author)) == (1234, True)


def test_what_a_list_said_is_kept_where_the_address_leads_to_another(site: Site, tmp_path: Path) -> None:
    entry = '<li><a href="/a.html">样例店铺的售后</a><em>2020-11-11 20:00</em></li>'
    site.pages["/list.html"] = Reply(f'<ul class="news">{entry}</ul>')
    site.pages["/a.html"] = Reply("away", 503)
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html"), more='published_at = "em"'))
    crawl(home, at=NOW)
    site.pages["/list.html"] = Reply(pages(site, "b"))
    site.pages["/a.html"] = Reply("", 302, {"Location": "/moved.html"})
    site.pages["/moved.html"] = Reply(article("样例店铺的售后", "退款拖了三天", when=""))
    crawl(home, at=NOW + timedelta(hours=2))
    (late,) = (document for document in journaled(home) if document.url == site.url("/moved.html"))
    assert late.published_at == datetime(2020, 11, 11, 12, tzinfo=UTC)
