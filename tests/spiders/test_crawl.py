"""Crawls of a loopback site through the public door: what is kept, what is counted, what comes next time."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select
from tests.commands import fengping
from tests.site.homes import CONFIG, add_source, ends, journaled, list_source, make_home
from tests.site.server import Handler, Reply, Site, article, feed, list_page, serve

from fengping.errors import UsageError
from fengping.models import Kind, Precision
from fengping.spiders import CrawlResult, Flag, Outcome, Status, crawl
from fengping.spiders.run import Progress, crawl_runs, source_health, source_lock
from fengping.spiders.seen import engagement_readings
from fengping.state import State

pytestmark = pytest.mark.slow

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)

CRAWL_BY_HAND = """
import sys
from fengping.spiders.run.context import Job
from fengping.spiders.run.worker import work
work(Job(sys.argv[1], "good"), lambda message: None)
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def only(results: list[CrawlResult]) -> CrawlResult:
    assert len(results) == 1
    return results[0]


def fill_with_articles(site: Site, count: int, prefix: str = "/a") -> dict[str, str]:
    """Articles on the site; their links."""
    links = {f"{prefix}{n}.html": f"样例直播间第{n}场的售后" for n in range(count)}
    for path, title in links.items():
        site.pages[path] = Reply(article(title, "买完不让换"))
    return links


# -- ends ----------------------------------------------------------------------------------------------


def a_troubled_site(site: Site) -> None:
    """A list that leads to one page of every fate."""
    links = {
        "/good.html": "样例主播致歉",
        "/good.html?utm_source=app": "样例主播致歉",
        "/gbk.html": "样例店铺发货",
        "/undated.html": "样例商品没有日期",
        "/private/secret.html": "机器人不得入内",
        "/gone.html": "不在了",
        "/broken.html": "服务器出错",
        "/walled.html": "拒绝访问",
        "/captcha.html": "验证码",
        "/empty.html": "空",
        "/paper.pdf": "文件",
        "/large.html": "很长",
        "/bomb.html": "压缩",
        "/slow.html": "很慢",
        "https://elsewhere.example/x.html": "别处",
        "/away.html": "跳到别处",
        "/moved.html": "跳到已有的一页",
        "/refresh.html": "自动跳转的一页",
    }
    site.pages |= {
        "/robots.txt": Reply("User-agent: *\nDisallow: /private/\n"),
        "/list.html": Reply(list_page(links)),
        "/good.html": Reply(article("样例主播致歉", "称将逐一退款")),
        "/good.html?utm_source=app": Reply(article("样例主播致歉", "称将逐一退款")),
        # The page says UTF-8 and is GB18030.
        "/gbk.html": Reply(article("样例店铺发货", "迟迟不发货，鎏金色缺货").encode("gb18030")),
        "/undated.html": Reply(article("样例商品没有日期", "没有日期的一页", when="")),
        "/broken.html": Reply("error", 500),
        "/walled.html": Reply("no", 403),
        "/captcha.html": Reply("<html><head><title>安全验证</title></head><body>请完成验证</body></html>"),
        "/empty.html": Reply("<html><body><script>render()</script></body></html>"),
        "/paper.pdf": Reply(b"%PDF-1.7 binary", headers={"Content-Type": "application/pdf"}),
        "/large.html": Reply(b"<p>" + b"x" * 300_000),
        "/bomb.html": Reply(gzip.compress(b"<p>" + b"x" * 3_000_000), headers={"Content-Encoding": "gzip"}),
        "/slow.html": Reply("late", wait=10),
        "/away.html": Reply(status=302, headers={"Location": "https://elsewhere.example/"}),
        "/moved.html": Reply(status=301, headers={"Location": "/good.html"}),
        "/refresh.html": Reply(
            '<html><head><meta http-equiv="refresh" content="0; url=/good.html"></head></html>'
        ),
    }


def test_every_url_ends_in_exactly_one_counted_status(site: Site, tmp_path: Path) -> None:
    a_troubled_site(site)
    limits = "limits = { max_bytes = 200_000, timeout = 0.5 }"
    home = make_home(tmp_path / "home", troubled=list_source(site.url("/list.html"), limits))
    result = only(crawl(home, at=NOW))
    assert ends(result) == {
        "listed": 1, "stored": 3, "duplicate": 3, "robots_denied": 1, "gone": 1, "http_error": 1,
        "blocked": 2, "empty_body": 1, "parse_error": 1, "too_large": 2, "timeout": 1, "offsite": 2,
    }  # fmt: skip
    assert result.urls == 19
    assert result.flags[Flag.NO_DATE] == 1
    assert result.outcome is Outcome.FINISHED and not result.settled
    documents = {document.title: document for document in journaled(home)}
    assert set(documents) == {"样例主播致歉", "样例店铺发货", "样例商品没有日期"}
    assert "鎏金色缺货" in documents["样例店铺发货"].text
    assert documents["样例商品没有日期"].published_at is None
    good = documents["样例主播致歉"]
    assert good.published_at == datetime(2020, 11, 11, 12, tzinfo=UTC)
    assert good.precision is Precision.SECOND and good.kind is Kind.NEWS and good.source == "troubled"
    with State.open(home).begin() as connection:
        rows = connection.execute(select(source_health)).all()
        run = connection.execute(select(crawl_runs)).one()
    counted = {row.status: row.count for row in rows}
    assert sum(counted.get(status.value, 0) for status in Status) == 19
    assert counted["no_date"] == 1 and counted["run_finished"] == 1 and run.documents == 3


def test_what_failed_is_tried_again_and_what_was_not_kept_is_left_alone(site: Site, tmp_path: Path) -> None:
    a_troubled_site(site)
    limits = "limits = { max_bytes = 200_000, timeout = 0.5 }"
    home = make_home(tmp_path / "home", troubled=list_source(site.url("/list.html"), limits))
    crawl(home, at=NOW)
    site.pages["/broken.html"] = Reply(article("样例平台恢复", "服务器恢复正常"))
    site.requests.clear()
    again = only(crawl(home, at=NOW + timedelta(hours=1)))
    assert ends(again) == {
        "listed": 1, "known": 5, "stored": 1, "duplicate": 1, "robots_denied": 1, "blocked": 2,
        "skipped": 5, "timeout": 1, "offsite": 2,
    }  # fmt: skip
    assert not {"/gone.html", "/empty.html", "/large.html", "/good.html"} & set(site.requests)
    assert len(journaled(home)) == 4


def test_a_site_that_is_not_there_is_told_in_plain_words(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", gone=list_source("http://127.0.0.1:9/list.html"))
    reason = only(crawl(home)).reason
    assert "Cannot connect to host 127.0.0.1:9 [" in reason and "ssl" not in reason


def test_a_site_that_refuses_again_and_again_is_left_alone(site: Site, tmp_path: Path) -> None:
    links = fill_with_articles(site, 12)
    site.pages |= {path: Reply("slow down", 429) for path in links}
    site.pages["/list.html"] = Reply(list_page(links))
    home = make_home(tmp_path / "home", walled=list_source(site.url("/list.html")))
    result = only(crawl(home))
    assert result.outcome is Outcome.FAILED and "blocks us" in result.reason
    counts = ends(result)
    assert counts["blocked"] + counts["unfinished"] == 12 and counts["unfinished"] > 3


def test_a_selector_that_matches_nothing_is_told(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply("<html><body><p>neu gestaltet</p></body></html>")
    home = make_home(tmp_path / "home", changed=list_source(site.url("/list.html")))
    result = only(crawl(home))
    assert ends(result) == {"selector_empty": 1}
    assert result.outcome is Outcome.FAILED
    assert result.signals == (
        f"changed: selectors.items 'ul.news > li' matched nothing on {site.url('/list.html')}",
    )


def test_fields_that_match_nothing_are_told(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 3)))
    more = 'author = "span.author"\n[selectors.detail]\nsite = ".source"'
    home = make_home(tmp_path / "home", partial=list_source(site.url("/list.html"), more=more))
    result = only(crawl(home))
    assert ends(result)["stored"] == 3
    assert result.flags[Flag.FIELD_EMPTY] == 4
    told = " ".join(result.signals)
    assert "selectors.item.author ['span.author'] matched nothing" in told
    assert "selectors.detail.site ['.source'] matched nothing" in told


def test_fewer_entries_than_expected_fail_the_run(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 2)))
    few = list_source(site.url("/list.html"), "expect = { min_items = 3 }")
    many = list_source(site.url("/list.html"), "expect = { max_items = 1 }")
    below, above = crawl(make_home(tmp_path / "home", few=few, many=many))
    assert below.outcome is Outcome.FAILED and below.reason == "2 entries met, at least 3 expected"
    assert below.documents == 2
    assert above.outcome is Outcome.FINISHED and above.flags[Flag.ABOVE_EXPECTED] == 1


def test_a_list_left_where_nothing_is_new_is_no_failure(site: Site, tmp_path: Path) -> None:
    links = list(fill_with_articles(site, 4).items())
    site.pages["/list.html"] = Reply(list_page(dict(links[:2]), "/more.html"))
    site.pages["/more.html"] = Reply(list_page(dict(links[2:])))
    source = list_source(site.url("/list.html"), "expect = { min_items = 4 }\npagination = { max_pages = 3 }")
    home = make_home(tmp_path / "home", paged=source)
    assert only(crawl(home)).outcome is Outcome.FINISHED
    again = only(crawl(home))
    assert (again.outcome, ends(again)["known"]) == (Outcome.FINISHED, 2)


# -- the next time -------------------------------------------------------------------------------------


def conditional(body: str, etag: str) -> object:
    def reply(handler: Handler) -> Reply:
        if handler.headers.get("If-None-Match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(body, headers={"ETag": etag})

    return reply


def test_nothing_new_costs_one_request(site: Site, tmp_path: Path) -> None:
    links = fill_with_articles(site, 4)
    site.pages["/list.html"] = conditional(list_page(links), '"v1"')  # type: ignore[assignment]
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    assert only(crawl(home)).settled
    site.requests.clear()
    again = only(crawl(home))
    assert ends(again) == {"not_modified": 1}
    assert again.outcome is Outcome.FINISHED
    assert set(site.requests) == {"/robots.txt", "/list.html"}
    assert len(journaled(home)) == 4


def test_a_list_that_hides_a_failure_is_read_again(site: Site, tmp_path: Path) -> None:
    links = fill_with_articles(site, 2)
    good, site.pages["/a1.html"] = site.pages["/a1.html"], Reply("error", 500)
    site.pages["/list.html"] = conditional(list_page(links), '"v1"')  # type: ignore[assignment]
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    assert not only(crawl(home)).settled
    site.pages["/a1.html"] = good
    assert ends(only(crawl(home))) == {"listed": 1, "known": 1, "stored": 1}


def test_pages_are_turned_until_nothing_is_new(site: Site, tmp_path: Path) -> None:
    for number in range(1, 6):
        links = fill_with_articles(site, 3, f"/p{number}-")
        following = f"/list{number + 1}.html" if number < 5 else ""
        site.pages[f"/list{number}.html"] = Reply(list_page(links, following))
    top = "pagination = { max_pages = 4 }"
    home = make_home(tmp_path / "home", news=list_source(site.url("/list1.html"), top))
    first = only(crawl(home))
    assert ends(first) == {"listed": 4, "stored": 12}
    assert first.flags[Flag.TRUNCATED_LIST] == 1
    site.requests.clear()
    assert ends(only(crawl(home))) == {"listed": 1, "known": 3}
    assert "/list2.html" not in site.requests


def test_one_of_two_lists_that_is_gone_is_counted(site: Site, tmp_path: Path) -> None:
    site.pages["/list1.html"] = Reply(list_page(fill_with_articles(site, 3)))
    urls = f'{site.url("/list1.html")}", "{site.url("/moved.html")}'
    result = only(crawl(make_home(tmp_path / "home", news=list_source(urls))))
    assert (result.outcome, ends(result)) == (Outcome.FINISHED, {"listed": 1, "gone": 1, "stored": 3})
    assert result.flags[Flag.LOST_LIST] == 1


def test_a_next_page_without_entries_is_not_the_lists_end(site: Site, tmp_path: Path) -> None:
    site.pages["/list1.html"] = Reply(list_page(fill_with_articles(site, 3), "/list2.html"))
    site.pages["/list2.html"] = Reply("<html><body><p>页面升级中</p></body></html>")
    top = "pagination = { max_pages = 4 }"
    home = make_home(tmp_path / "home", news=list_source(site.url("/list1.html"), top))
    first = only(crawl(home))
    assert ends(first) == {"listed": 1, "parse_error": 1, "stored": 3}
    assert first.flags[Flag.LOST_LIST] == 1 and not first.settled
    site.pages["/list2.html"] = Reply(list_page(fill_with_articles(site, 3, "/b")))
    # What stood there is fetched though the first page shows nothing new.
    assert ends(only(crawl(home))) == {"listed": 2, "known": 3, "stored": 3}


def test_a_numbered_page_behind_the_last_is_the_lists_end(site: Site, tmp_path: Path) -> None:
    site.pages["/list1.html"] = Reply(list_page(fill_with_articles(site, 3)))
    top = "pagination = { max_pages = 4 }"
    home = make_home(tmp_path / "home", news=list_source(site.url("/list{page}.html"), top))
    result = only(crawl(home))
    assert ends(result) == {"listed": 1, "gone": 1, "stored": 3}
    assert not result.flags.get(Flag.LOST_LIST) and result.settled


def test_a_changed_page_makes_a_new_version(site: Site, tmp_path: Path) -> None:
    links = {"/same.html": "不变", "/changed.html": "改稿", "/tagged.html": "带标签"}
    site.pages |= {
        "/list.html": Reply(list_page(links)),
        "/same.html": Reply(article("不变的一页", "没有改动")),
        "/changed.html": Reply(article("改稿的一页", "第一稿")),
        "/tagged.html": conditional(article("带标签的一页", "没有改动"), '"t"'),  # type: ignore[dict-item]
    }
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    crawl(home, at=NOW)
    assert ends(only(crawl(home, at=NOW + timedelta(hours=23)))) == {"listed": 1, "known": 3}
    site.pages["/changed.html"] = Reply(article("改稿的一页", "第二稿，增加了平台回应"))
    later = only(crawl(home, at=NOW + timedelta(hours=25)))
    assert ends(later) == {"listed": 1, "unchanged": 1, "updated": 1, "not_modified": 1}
    versions = [document.text for document in journaled(home) if document.title == "改稿的一页"]
    assert len(versions) == 2 and "第一稿" in versions[0] and "第二稿" in versions[1]
    assert ends(only(crawl(home, at=NOW + timedelta(hours=60)))) == {"listed": 1, "known": 3}


def test_a_due_page_is_visited_though_no_list_names_it(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 2)))
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    crawl(home, at=NOW)
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 1, "/b")))
    later = only(crawl(home, at=NOW + timedelta(hours=25)))
    assert ends(later) == {"listed": 1, "stored": 1, "unchanged": 2}


# -- kinds ---------------------------------------------------------------------------------------------

POSTS = """
kind = "json"
urls = ["{url}"]
channel = "weibo"
platform = "样例平台"
detail = false
pagination = {{ max_pages = 5 }}
[json]
items = "data.list"
next = "data.next"
url = "https://posts.example/p/{{id}}"
[json.fields]
id = "id"
text = "text"
author = "user.name"
author_id = "user.id"
published_at = "created_at"
likes = "likes"
views = "views"
"""


def posts(*ids: int, likes: object = 5, following: str = "") -> Reply:
    listed = [
        {
            "id": n, "text": f"<p>第{n}条：主播承诺的赠品没有<br/>收到</p>", "likes": likes, "views": "1.2万",
            "created_at": "Wed Nov 11 20:00:00 +0800 2020", "user": {"id": 70000 + n, "name": f"用户{n}"},
        }
        for n in ids
    ]  # fmt: skip
    body = json.dumps({"data": {"list": listed, "next": following}}, ensure_ascii=False)
    return Reply(f"callback({body});", headers={"Content-Type": "application/javascript; charset=utf-8"})


def test_a_json_source_with_a_cursor(site: Site, tmp_path: Path) -> None:
    site.pages |= {"/api?c=": posts(1, 2, following="x2"), "/api?c=x2": posts(3, following="0")}
    home = make_home(tmp_path / "home", posts=POSTS.format(url=site.url("/api?c={cursor}")))
    result = only(crawl(home, at=NOW))
    assert ends(result) == {"listed": 2, "stored": 3}
    first = journaled(home)[0]
    assert first.text == "第1条：主播承诺的赠品没有\n收到"
    assert first.kind is Kind.POST and first.url == "https://posts.example/p/1"
    assert (first.engagement.likes, first.engagement.views) == (5, 12_000)
    assert first.published_at == datetime(2020, 11, 11, 12, tzinfo=UTC)
    assert len(first.author_id) == 32 and "70001" not in first.author_id


def test_posts_may_have_a_fuller_form_of_their_own(site: Site, tmp_path: Path) -> None:
    site.pages |= {
        "/api": posts(1, 2, 3),
        "/full?id=1": Reply('{"data": {"longText": "第1条的全文", "likes": 50}}'),
        "/full?id=2": Reply('{"data": {}}'),
        "/full?id=3": Reply("gone", 404),
    }
    extra = f'''detail_url = "{site.url("/full?id={id}")}"
[json.detail]
text = "data.longText"
likes = "data.likes"
'''
    source = POSTS.format(url=site.url("/api")).replace("detail = false", "").replace("next =", "#")
    home = make_home(tmp_path / "home", posts=source.replace("[json.fields]", extra + "[json.fields]"))
    result = only(crawl(home, at=NOW))
    assert ends(result) == {"listed": 1, "stored": 1, "empty_body": 1, "gone": 1}
    assert any("json.detail.text 'data.longText' matched nothing" in told for told in result.signals)
    document = journaled(home)[0]
    assert document.text == "第1条的全文" and document.author == "用户1"
    assert (document.engagement.likes, document.engagement.views) == (50, 12_000)


def test_a_source_may_ask_by_post(site: Site, tmp_path: Path) -> None:
    asked: list[bytes] = []

    def answer(handler: Handler) -> Reply:
        asked.append(handler.rfile.read(int(handler.headers["Content-Length"])))
        return posts(*range(len(asked) * 2 - 1, len(asked) * 2 + 1)) if len(asked) < 3 else posts()

    site.pages["/api"] = answer
    source = POSTS.format(url=site.url("/api")).replace("next =", "#")
    home = make_home(tmp_path / "home", posts='body = "p={page}&n=2"\n' + source)
    assert ends(only(crawl(home, at=NOW))) == {"listed": 3, "stored": 4}
    assert asked == [b"p=1&n=2", b"p=2&n=2", b"p=3&n=2"]


def test_a_body_is_filled_as_an_address_is(site: Site, tmp_path: Path) -> None:
    asked: list[tuple[str | None, str]] = []

    def answer(handler: Handler) -> Reply:
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        asked.append((handler.headers["Content-Type"], body))
        return posts(*([len(asked)] if len(asked) < 4 else []))

    site.pages["/api"] = answer
    body = """body = '{"q": "{keyword}", "from": "{since:%Y-%m-%d %H}", "to": {until:%s}, "page": {page}}'"""
    source = POSTS.format(url=site.url("/api")).replace("next =", "#")
    words = """keywords = ['退"款', "{page}"]"""
    home = make_home(tmp_path / "home", posts=f"{body}\n{words}\n{source}")
    result = only(crawl(home, at=NOW, since=NOW - timedelta(days=1), until=NOW))
    assert ends(result) == {"listed": 5, "stored": 3}
    assert {kind for kind, _ in asked} == {"application/json"}
    said = [json.loads(text) for _, text in asked]
    assert {(one["q"], one["from"], one["to"]) for one in said} == {
        ('退"款', "2020-11-11 12", int(NOW.timestamp())), ("{page}", "2020-11-11 12", int(NOW.timestamp())),
    }  # fmt: skip
    assert {1, 2} <= {one["page"] for one in said}


def test_a_form_is_sent_as_one(site: Site, tmp_path: Path) -> None:
    asked: list[tuple[str | None, bytes]] = []

    def answer(handler: Handler) -> Reply:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        asked.append((handler.headers["Content-Type"], body))
        return posts(1)

    site.pages["/api"] = answer
    source = POSTS.format(url=site.url("/api")).replace("next =", "#")
    form = 'body = "q={keyword:gbk}&day={date:%Y%m%d}"\nkeywords = ["直播"]\n'
    home = make_home(tmp_path / "home", posts=form + source)
    crawl(home, at=NOW)
    assert asked == [("application/x-www-form-urlencoded", b"q=%D6%B1%B2%A5&day=20201112")]


def test_lists_are_asked_for_with_the_cookies_of_a_first_visit(site: Site, tmp_path: Path) -> None:
    def listed(handler: Handler) -> Reply:
        return posts(1) if "visitor=7" in handler.headers.get("Cookie", "") else Reply("", 403)

    site.pages |= {"/": Reply("<html>", headers={"Set-Cookie": "visitor=7"}), "/api": listed}
    source = POSTS.format(url=site.url("/api")).replace("next =", "#")
    first = f'cookies = true\ncookies_from = "{site.url("/")}"\n'
    home = make_home(tmp_path / "home", posts=first + source)
    assert ends(only(crawl(home, at=NOW))) == {"listed": 1, "stored": 1}
    # The visit itself is no list: where it fails, that is told, and the list is asked for all the same.
    site.pages["/"] = Reply("User-agent: *", 404)
    site.pages["/robots.txt"] = Reply("User-agent: *\nDisallow: /$\n")
    result = only(crawl(home, at=NOW))
    assert ends(result) == {"blocked": 1}
    assert any("cookies_from" in told and "robots_denied" in told for told in result.signals)


def test_what_leads_to_a_login_is_blocked(site: Site, tmp_path: Path) -> None:
    to_login = {"Location": site.url("/signin?next=%2Flist", host="localhost")}
    site.pages |= {
        "/list": Reply(status=302, headers=to_login),
        "/api": Reply(status=302, headers={"Location": "/website-login/error?code=300012"}),
        "/empty": Reply(""),
        "/website-login/error?code=300012": Reply("<html><body>" + "请稍后再试。" * 200),
    }
    home = make_home(
        tmp_path / "home",
        elsewhere=list_source(site.url("/list")),
        here=POSTS.format(url=site.url("/api")).replace("next =", "#"),
        silent=POSTS.format(url=site.url("/empty")).replace("next =", "#"),
    )
    results = crawl(home, at=NOW)
    assert [ends(result) for result in results] == [{"blocked": 1}] * 3
    elsewhere, here, silent = (result.signals[0] for result in results)
    assert "is not among the source's allowed_domains" in elsewhere
    assert "shows a login page" in here and "shows nothing at all" in silent


def test_engagement_is_read_on_a_decaying_schedule_and_each_reading_kept(site: Site, tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", posts=POSTS.format(url=site.url("/api")).replace("next =", "#"))
    got = []
    for hours, likes in ((0, 5), (0.5, 6), (1.5, 7), (2, 8), (7, 8), (25, 9), (200, 10)):
        site.pages["/api"] = posts(1, likes=likes)
        got.append(next(iter(ends(only(crawl(home, at=NOW + timedelta(hours=hours)))) - Counter(listed=1))))
    assert got == ["stored", "known", "updated", "known", "updated", "updated", "updated"]
    with State.open(home).begin() as connection:
        rows = connection.execute(select(engagement_readings).order_by("read_at")).all()
    assert [row.likes for row in rows] == [5, 7, 8, 9, 10]
    assert [document.engagement.likes for document in journaled(home)] == [5, 7, 8, 9, 10]


def test_a_feed_and_an_atom_feed(site: Site, tmp_path: Path) -> None:
    links = fill_with_articles(site, 2)
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>原子</title>'
        f'<link rel="alternate" href="{site.url("/whole.html")}"/><updated>2020-11-11T20:00:00Z</updated>'
        "<content type='html'>&lt;p&gt;全文在此&lt;/p&gt;</content></entry></feed>"
    )
    site.pages |= {
        "/feed.xml": Reply(feed({site.url(path): title for path, title in links.items()})),
        "/gbk.xml": Reply(
            feed({site.url("/x.html"): "国标订阅"}).replace("utf-8", "gb2312").encode("gb18030"),
            headers={"Content-Type": "text/xml"},
        ),
        "/map.xml": Reply(
            "<urlset>" + "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in links) + "</urlset>"
        ),
        "/atom.xml": Reply(atom, headers={"Content-Type": "application/atom+xml"}),
        "/page.xml": Reply("<html><body>维护中</body></html>"),
    }
    feed_of = 'kind = "rss"\nurls = ["{}"]\n{}'
    home = make_home(
        tmp_path / "home",
        atom=feed_of.format(site.url("/atom.xml"), "detail = false"),
        feed=feed_of.format(site.url("/feed.xml"), ""),
        gbk=feed_of.format(site.url("/gbk.xml"), "detail = false"),
        map=feed_of.format(site.url("/map.xml"), ""),
        nofeed=feed_of.format(site.url("/page.xml"), ""),
    )
    atom_run, feed_run, gbk_run, map_run, nofeed_run = crawl(home, at=NOW, processes=1)
    assert ends(atom_run) == {"listed": 1, "stored": 1}
    assert ends(feed_run) == {"listed": 1, "stored": 2}
    assert ends(gbk_run) == {"listed": 1, "stored": 1}
    assert ends(map_run) == {"listed": 1, "known": 2}
    assert ends(nofeed_run) == {"parse_error": 1}
    assert nofeed_run.outcome is Outcome.FAILED and "no RSS or Atom feed" in nofeed_run.reason
    texts = {document.source: document for document in journaled(home)}
    assert texts["atom"].text == "全文在此" and texts["gbk"].title == "国标订阅"


def test_an_article_over_several_pages_is_one_document(site: Site, tmp_path: Path) -> None:
    def more_at(path: str) -> str:
        return f'<a class="more" href="{path}">下一页</a>'

    site.pages |= {
        "/list.html": Reply(list_page({"/long.html": "长文"})),
        "/long.html": Reply(article("长文的题目", "第一页的话", extra=more_at("/long_2.html"))),
        "/long_2.html": Reply(article("长文的题目（2）", "第二页的话", extra=more_at("/long_3.html"))),
        "/long_3.html": Reply("gone", 404),
    }  # fmt: skip
    more = '[selectors.detail]\nnext_page = "a.more::attr(href)"\ntext = "div.content"'
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html"), more=more))
    result = only(crawl(home))
    assert ends(result) == {"listed": 1, "stored": 1, "continued": 1, "gone": 1}
    document = journaled(home)[0]
    assert "第一页的话" in document.text and "第二页的话" in document.text
    assert document.url == site.url("/long.html")


def test_comments_are_documents_below_their_parent(site: Site, tmp_path: Path) -> None:
    comments = (
        '{"data": [{"id": 9, "t": "不给退货", "u": "买家甲"}, {"id": 10, "t": "我也是", "u": "买家乙"}]}'
    )
    site.pages |= {
        "/list.html": Reply(list_page({"/a.html": "带评论的一页"})),
        "/a.html": Reply(
            article(
                "带评论的一页", "正文", extra='<div class="c"><b>读者甲</b><p>说得对</p><i>3赞</i></div>' * 2
            )
        ),
        "/api": posts(1),
        "/comments?id=1&p=1": Reply(comments),
        "/comments?id=1&p=2": Reply('{"data": []}'),
    }
    on_page = '[comments]\nitems = "div.c"\n[comments.selectors]\ntext = "p"\nauthor = "b"\nlikes = "i"\n'
    in_json = (
        f'[comments]\nurl = "{site.url("/comments?id={id}&p={page}")}"\nitems = "data"\n'
        '[comments.fields]\nid = "id"\ntext = "t"\nauthor = "u"\n'
    )
    home = make_home(
        tmp_path / "home",
        CONFIG + "mask_nicknames = true\n",
        news=list_source(site.url("/list.html"), more=on_page),
        posts=POSTS.format(url=site.url("/api")).replace("next =", "#") + in_json,
    )
    news, post = crawl(home, at=NOW)
    # The same reader saying the same twice is one comment.
    assert ends(news) == {"listed": 1, "stored": 2}
    assert ends(post) == {"listed": 3, "stored": 3}
    documents = {document.text: document for document in journaled(home)}
    parent = next(
        document for document in journaled(home) if document.source == "posts" and not document.parent_id
    )
    first = documents["不给退货"]
    assert first.kind is Kind.COMMENT and first.parent_id == parent.id and first.author == "买**"
    assert documents["说得对"].engagement.likes == 3
    assert documents["说得对"].author_id != documents["我也是"].author_id != ""


def test_comments_are_turned_by_their_cursor(site: Site, tmp_path: Path) -> None:
    def told(n: int, following: object) -> Reply:
        return Reply(json.dumps({"data": [{"id": n, "t": f"第{n}条评论"}], "max_id": following}))

    site.pages |= {
        "/api": posts(1),
        "/c?id=1&type=0": told(1, 77),
        "/c?id=1&max_id=77&type=0": told(2, 88),
        "/c?id=1&max_id=88&type=0": told(3, 0),
    }
    table = (
        f'[comments]\nurl = "{site.url("/c?id={id}&max_id={cursor}&type=0")}"\nitems = "data"\n'
        'next = "max_id"\n[comments.fields]\nid = "id"\ntext = "t"\n'
    )
    source = POSTS.format(url=site.url("/api")).replace("next =", "#") + table
    home = make_home(tmp_path / "home", posts=source)
    assert ends(only(crawl(home, at=NOW))) == {"listed": 4, "stored": 4}
    capped = make_home(tmp_path / "capped", posts=source.replace("next =", "max_pages = 2\nnext ="))
    assert ends(only(crawl(capped, at=NOW))) == {"listed": 3, "stored": 3}


def test_a_missing_list_of_comments_is_told_only_where_there_are_some(site: Site, tmp_path: Path) -> None:
    listed = [{"id": n, "text": f"第{n}条", "answers": n} for n in (0, 3)]
    site.pages |= {
        "/api": Reply(json.dumps({"data": {"list": listed}})),
        "/c?id=0": Reply('{"ok": 0, "msg": "还没有人评论"}'),
        "/c?id=3": Reply('{"ok": 1, "list": []}'),
    }
    table = (
        f'comments = "answers"\n[comments]\nurl = "{site.url("/c?id={id}")}"\nitems = "data"\n'
        '[comments.fields]\ntext = "t"\n'
    )
    source = POSTS.format(url=site.url("/api")).replace("next =", "#") + table
    result = only(crawl(make_home(tmp_path / "home", posts=source), at=NOW))
    told = [signal for signal in result.signals if "comments.items" in signal]
    assert len(told) == 1 and told[0].endswith("/p/3")


# -- windows -------------------------------------------------------------------------------------------


def test_a_backfill_takes_what_the_window_holds_and_stops_past_it(site: Site, tmp_path: Path) -> None:
    def page(number: int, days: range) -> None:
        rows = "".join(f'<li><a href="/d{d}.html">第{d}日</a><em>2020-11-{d:02d}</em></li>' for d in days)
        more = f'<a class="next" href="/list{number + 1}.html">下一页</a>'
        site.pages[f"/list{number}.html"] = Reply(f'<ul class="news">{rows}</ul>{more}')
        for d in days:
            site.pages[f"/d{d}.html"] = Reply(article(f"第{d}日的新闻", "当日消息", f"2020-11-{d:02d} 09:30"))

    for number, first in enumerate((11, 9, 7, 5, 3), start=1):
        page(number, range(first, first - 2, -1))
    top = "pagination = { max_pages = 50 }"
    home = make_home(tmp_path / "home", news=list_source(site.url("/list1.html"), top, 'published_at = "em"'))
    since, until = datetime(2020, 11, 7, 16, tzinfo=UTC), datetime(2020, 11, 9, 16, tzinfo=UTC)
    result = only(crawl(home, since=since, until=until, at=NOW))
    assert ends(result) == {"listed": 3, "stored": 2, "out_of_range": 4}
    assert "/list4.html" not in site.requests and "/d11.html" not in site.requests
    assert sorted(document.title for document in journaled(home)) == ["第8日的新闻", "第9日的新闻"]
    # An ordinary crawl afterwards takes the rest.
    assert ends(only(crawl(home, at=NOW)))["stored"] == 8


def test_dates_and_keywords_in_addresses_are_filled_in(site: Site, tmp_path: Path) -> None:
    for day in (10, 11):
        for word in ("%E5%94%AE%E5%90%8E", "%E7%BD%9A%E6%AC%BE"):
            site.pages[f"/s?d=202011{day}&q={word}"] = posts(day * 10 + len(site.pages))
    source = POSTS.format(url=site.url("/s?d={date:%Y%m%d}&q={keyword}")).replace("next =", "#")
    home = make_home(tmp_path / "home", search='keywords = ["售后", "罚款"]\n' + source)
    since = datetime(2020, 11, 9, 16, tzinfo=UTC)
    result = only(crawl(home, since=since, until=since + timedelta(days=2), at=NOW))
    assert ends(result) == {"listed": 4, "stored": 4}


def test_a_backfill_by_day_of_more_than_a_year_is_refused(site: Site, tmp_path: Path) -> None:
    source = POSTS.format(url=site.url("/s?d={date:%Y%m%d}")).replace("next =", "#")
    home = make_home(tmp_path / "home", daily=source)
    with pytest.raises(UsageError, match="for no more than 366 days"):
        crawl(home, since=NOW - timedelta(days=400), at=NOW)
    assert site.requests == []


# -- processes -----------------------------------------------------------------------------------------


def test_a_crash_of_one_source_is_counted_and_touches_no_other(site: Site, tmp_path: Path) -> None:
    def kill_the_crawler(handler: Handler) -> Reply:
        # The crawler is the process that asked.
        port = handler.client_address[1]
        below = psutil.Process().children(recursive=True)
        asked = [p for p in below if any(c.laddr.port == port for c in p.net_connections("tcp") if c.laddr)]
        os.kill(min(asked, key=lambda p: p.create_time()).pid, signal.SIGKILL)
        return Reply("")

    site.pages |= {
        "/bad-list.html": Reply(list_page({"/dead.html": "致命"})),
        "/dead.html": kill_the_crawler,
        "/list.html": Reply(list_page(fill_with_articles(site, 2))),
    }
    home = make_home(
        tmp_path / "home",
        broken="kind = ",
        deadly=list_source(site.url("/bad-list.html")),
        fine=list_source(site.url("/list.html")),
    )
    seen: list[Progress] = []
    broken, deadly, fine = crawl(home, on_progress=seen.append, processes=1)
    assert broken.outcome is Outcome.FAILED and "not valid TOML" in broken.reason
    assert deadly.outcome is Outcome.FAILED and deadly.reason == "its process was killed by SIGKILL"
    assert fine.outcome is Outcome.FINISHED and fine.documents == 2
    assert {progress.source for progress in seen if progress.result} == {"broken", "deadly", "fine"}
    with State.open(home).begin() as connection:
        rows = connection.execute(select(source_health).where(source_health.c.status == "run_failed")).all()
    assert {row.source for row in rows} == {"broken", "deadly"}


def test_a_source_outside_its_hours_or_being_crawled_is_skipped(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 1)))
    home = make_home(
        tmp_path / "home",
        busy=list_source(site.url("/list.html")),
        night=list_source(site.url("/list.html"), 'rate = { hours = "01-06" }'),
    )
    with source_lock(home, "busy") as free:
        assert free
        busy, night = crawl(home, at=NOW)
    assert (busy.outcome, busy.reason) == (Outcome.SKIPPED, "it is being crawled already")
    assert (night.outcome, night.reason) == (Outcome.SKIPPED, "it may be asked only from 01-06 o'clock")
    assert site.requests == []


def test_the_agent_names_itself_and_its_contact(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 1)))
    config = CONFIG + 'contact = "ops@monitor.example"\n'
    home = make_home(
        tmp_path / "home", config, news=list_source(site.url("/list.html"), more="[headers]\nX-Key = '1'")
    )
    crawl(home)
    sent = site.headers["/a0.html"]
    assert sent["User-Agent"].startswith("fengping/") and sent["User-Agent"].endswith("ops@monitor.example")
    assert sent["X-Key"] == "1" and "Cookie" not in sent


def test_private_addresses_are_refused_in_every_spelling(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 1)))
    hosts = {"plain": "127.0.0.1", "name": "localhost", "number": "2130706433", "short": "127.1"}
    sources = {name: list_source(site.url("/list.html", host)) for name, host in hosts.items()}
    home = make_home(tmp_path / "home", "[crawl]\ndelay = 0\n", **sources)
    for result in crawl(home):
        assert ends(result) == {"private_address": 1}, result
        assert result.outcome is Outcome.FAILED
    assert site.requests == []
    add_source(home.root, "plain", list_source(site.url("/list.html"), "allow_private = true"))
    assert only(crawl(home, ["plain"])).documents == 1


def _crawl_as_if_public(home: str, address: str) -> None:
    from fengping.spiders.framework import addresses
    from fengping.spiders.run import Job, work

    addresses.is_public = lambda host: host == address  # type: ignore[assignment]
    work(Job(home, "outer"), lambda message: None)


def test_a_redirect_to_a_private_address_is_refused(site: Site, tmp_path: Path) -> None:
    with serve("127.0.0.2") as outer:
        outer.pages |= {
            "/list.html": Reply(list_page({"/a.html": "跳转到内网", "/b.html": "公开的一页"})),
            "/a.html": Reply(status=302, headers={"Location": site.url("/secret")}),
            "/b.html": Reply(article("公开的一页", "正文")),
        }
        domains = 'allowed_domains = ["127.0.0.1", "127.0.0.2"]'
        home = make_home(
            tmp_path / "home",
            "[crawl]\ndelay = 0\n",
            outer=list_source(outer.url("/list.html", "127.0.0.2"), domains),
        )
        child = multiprocessing.get_context("spawn").Process(
            target=_crawl_as_if_public, args=(str(home.root), "127.0.0.2")
        )
        child.start()
        child.join()
    assert site.requests == []
    with State.open(home).begin() as connection:
        run = connection.execute(select(crawl_runs)).one()
    assert json.loads(run.counts) == {"listed": 1, "stored": 1, "private_address": 1}


@pytest.mark.long
def test_a_crawl_is_not_charged_for_the_memory_of_the_process_that_started_it(
    site: Site, tmp_path: Path
) -> None:
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 2)))
    home = make_home(tmp_path / "home", good=list_source(site.url("/list.html")))
    large = "import subprocess, sys; held = b'x' * 1700 * 2**20; sys.exit(subprocess.call(sys.argv[1:]))"
    crawling = [sys.executable, "-c", CRAWL_BY_HAND, str(home.root)]
    subprocess.run([sys.executable, "-c", large, *crawling], check=True)
    assert len(journaled(home)) == 2


@pytest.mark.long
def test_a_crawl_of_a_list_loads_no_browser_and_makes_no_record_of_each_page(
    site: Site, tmp_path: Path
) -> None:
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 2)))
    home = make_home(tmp_path / "home", good=list_source(site.url("/list.html")))
    watched = (
        "import logging\nmade, make = set(), logging.getLogRecordFactory()\n"
        "logging.setLogRecordFactory(lambda *a, **k: made.add(a[:2]) or make(*a, **k))\n"
        f"{CRAWL_BY_HAND}\nprint('playwright' in sys.modules)\n"
        "print([name for name, level in made if name.startswith('scrapy.core') and level < logging.INFO])"
    )
    crawling = [sys.executable, "-c", watched, str(home.root)]
    done = subprocess.run(crawling, capture_output=True, text=True, check=True)
    assert len(journaled(home)) == 2
    assert done.stdout.splitlines() == ["False", "[]"]


def test_the_command_prints_each_end_and_fails_with_a_source(site: Site, tmp_path: Path) -> None:
    site.pages["/list.html"] = Reply(list_page(fill_with_articles(site, 2)))
    home = make_home(tmp_path / "home", good=list_source(site.url("/list.html")), bad="kind = ")
    done = fengping(home, "crawl")
    assert done.returncode == 1
    assert "listed 1 · stored 2" in done.stdout and "not valid TOML" in done.stderr
    done = fengping(home, "crawl", "goodd")
    assert done.returncode == 2 and "Did you mean 'good'?" in done.stderr
    done = fengping(home, "crawl", "--since", "tomorrow")
    assert done.returncode == 2 and "is not a date" in done.stderr


@pytest.mark.long
def test_a_crawl_that_is_interrupted_ends_in_order(site: Site, tmp_path: Path) -> None:
    links = fill_with_articles(site, 30)
    site.pages |= {path: Reply(article(title, "正文"), wait=0.5) for path, title in links.items()}
    site.pages["/list.html"] = Reply(list_page(links))
    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    command = [sys.executable, "-m", "fengping", "--home", str(home.root), "crawl"]
    # A run of the tests that a shell put into the background ignores the signal, and hands that on.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, heard)
    while not site.asked("/a3.html"):
        assert process.poll() is None
        site.released.wait(0.05)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    with State.open(home).begin() as connection:
        run = connection.execute(select(crawl_runs)).one()
    counts = json.loads(run.counts)
    assert run.outcome == "finished" and run.reason == "stopped from outside"
    assert counts["stored"] == len(journaled(home)) >= 3 and counts["unfinished"] > 10
    assert sum(counts.values()) == 31
    site.pages |= {path: Reply(article(title, "正文")) for path, title in links.items()}
    assert ends(only(crawl(home)))["known"] == counts["stored"]


@pytest.mark.long
def test_scrapy_lists_the_spiders_from_the_root_of_the_repository() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=root, capture_output=True, text=True, check=True
    )
    assert {"json", "list", "rss"} <= set(done.stdout.split())


def test_a_source_by_day_is_asked_for_the_days_on_which_nobody_crawled(site: Site, tmp_path: Path) -> None:
    for day in range(1, 15):
        site.pages[f"/days/2020-11-{day:02}.html"] = Reply(
            '<ul class="news"><li><a href="/good.html">样例主播致歉</a></li></ul>'
        )
    site.pages["/good.html"] = Reply(article("样例主播致歉", "主播为宣传不当致歉"))
    home = make_home(tmp_path / "home", daily=list_source(site.url("/days/{date}.html")))
    first = datetime(2020, 11, 10, 4, tzinfo=UTC)
    asked = []
    for at in (first, first + timedelta(hours=2), first + timedelta(days=3)):
        site.requests.clear()
        assert only(crawl(home, at=at)).settled
        asked.append({path[-7:-5] for path in site.requests if path.startswith("/days/")})
    assert asked == [{"10"}, {"10"}, {"10", "11", "12", "13"}]


def test_a_list_that_shows_nothing_known_any_more_says_so(site: Site, tmp_path: Path) -> None:
    def show(*names: str) -> None:
        site.pages["/list.html"] = Reply(list_page({f"/{name}.html": f"样例{name}" for name in names}))
        site.pages.update({f"/{name}.html": Reply(article(f"样例{name}", f"{name}的正文")) for name in names})

    home = make_home(tmp_path / "home", news=list_source(site.url("/list.html")))
    flags = []
    for hours, names in ((0, "ab"), (1, "bc"), (2, "de"), (3, "")):
        show(*names)
        flags.append(only(crawl(home, at=NOW + timedelta(hours=hours))).flags.get(Flag.NO_OVERLAP, 0))
    assert flags == [0, 0, 1, 0]
