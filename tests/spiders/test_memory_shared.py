"""The memory of machines that share a frontier: later visits, and documents forgotten meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.site.homes import CONFIG, ends, journaled, list_source, make_home
from tests.site.server import Handler, Reply, Site, article, list_page, serve

from fengping.analysis import canonical_url
from fengping.home import Home
from fengping.models import Precision, RawDocument, document_id
from fengping.services.erase import Wanted, find, forget
from fengping.spiders import Status, crawl
from fengping.spiders.seen import Seen, seen_of
from fengping.state import State

redis = pytest.importorskip("redis")

from tests.spiders.test_crawl_shared import frontier, server  # noqa: E402  needs it

from fengping.spiders.cluster import Frontier, SharedMemory  # noqa: E402

__all__ = ["frontier", "server"]
pytestmark = [pytest.mark.slow, pytest.mark.long]

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def machine(folder: Path, frontier: str, **sources: str) -> Home:
    return make_home(folder, f'store = "memory:"\n{CONFIG}frontier = "{frontier}"\n', **sources)


def memory(home: Home, frontier: str, source: str) -> SharedMemory:
    return SharedMemory(State.open(home), source, Frontier(frontier, home, source, 60))


def page(number: int, at: datetime = NOW) -> RawDocument:
    url = f"https://news.example/{number}.html"
    return RawDocument(document_id(canonical_url(url)), "a", "正文", at, url=url)


def test_a_later_version_keeps_what_only_the_list_said(site: Site, frontier: str, tmp_path: Path) -> None:
    entry = '<li><a href="/a.html">样例店铺的售后</a><em>2020-11-11 20:00</em><i>样例日报</i></li>'
    site.pages["/list.html"] = Reply(f'<ul class="news">{entry}</ul>')
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一稿", when=""))
    source = list_source(site.url("/list.html"), more='published_at = "em"\nsite = "i"')
    home = machine(tmp_path / "home", frontier, news=source)
    crawl(home, at=NOW)
    site.pages["/list.html"] = Reply(list_page({"/gone.html": "别的一页"}))
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第二稿", when=""))
    (result,) = crawl(home, at=NOW + timedelta(hours=25))
    assert ends(result)["updated"] == 1
    first, second = journaled(home)
    assert first.text != second.text
    for version in (first, second):
        assert version.published_at == datetime(2020, 11, 11, 12, tzinfo=UTC)
        assert (version.precision, version.site) == (Precision.MINUTE, "样例日报")


def test_what_another_version_noted_is_read(frontier: str, tmp_path: Path) -> None:
    home = machine(tmp_path / "home", frontier)
    shared = memory(home, frontier, "a")
    shared.mark(seen_of(page(1), None, Status.STORED, (24.0,)))
    shared.save()
    client = redis.Redis.from_url(frontier)
    record = json.loads(client.hget("fengping:seen", page(1).id))
    del record["stated"]
    client.hset("fengping:seen", page(1).id, json.dumps(record | {"noted_later": 1}))
    (seen,) = shared.due(NOW + timedelta(hours=25), 10)
    assert seen.url == page(1).url and seen.stated.published_at is None


def collected(site: Site, frontier: str, folder: Path) -> Home:
    """A home that has collected the two pages of a list."""
    links = {"/a.html": "样例店铺的售后", "/b.html": "样例平台的公告"}
    site.pages["/list.html"] = Reply(list_page(links))
    site.pages |= {path: Reply(article(title, "第一稿")) for path, title in links.items()}
    home = machine(folder / "home", frontier, news=list_source(site.url("/list.html")))
    crawl(home, at=NOW)
    return home


def test_a_crawl_at_work_does_not_bring_back_what_is_forgotten(
    site: Site, frontier: str, tmp_path: Path
) -> None:
    home = collected(site, frontier, tmp_path)

    def forget_and_answer(handler: Handler) -> Reply:
        wanted = Wanted.make(home, author="", urls=[site.url("/a.html")], before=None)
        forget(home, wanted, find(home, wanted), NOW)
        return Reply(article("样例店铺的售后", "第二稿"))

    site.pages["/a.html"] = forget_and_answer
    (result,) = crawl(home, at=NOW + timedelta(hours=25))
    assert ends(result) == {"listed": 1, "forgotten": 1, "unchanged": 1}
    assert site.asked("/a.html") == site.asked("/b.html") == 2, "once more in this crawl, and not twice"
    assert {document.url for document in journaled(home)} == {site.url("/b.html")}
    (again,) = crawl(home, at=NOW + timedelta(hours=50))
    assert ends(again) == {"listed": 1, "forgotten": 1, "known": 1}


def test_an_empty_redis_does_not_bring_back_what_is_forgotten(
    site: Site, frontier: str, tmp_path: Path
) -> None:
    home = collected(site, frontier, tmp_path)
    wanted = Wanted.make(home, author="", urls=[site.url("/a.html")], before=None)
    forget(home, wanted, find(home, wanted), NOW)
    redis.Redis.from_url(frontier).flushdb()
    (result,) = crawl(home, at=NOW + timedelta(hours=1))
    assert ends(result)["forgotten"] == 1
    assert {document.url for document in journaled(home)} == {site.url("/b.html")}
    asked = site.asked("/a.html")
    crawl(home, at=NOW + timedelta(hours=2))
    assert site.asked("/a.html") == asked, "it is known in Redis again"


def test_no_mark_is_written_over_a_document_that_is_forgotten(frontier: str, tmp_path: Path) -> None:
    home = machine(tmp_path / "home", frontier)
    crawling, forgetting = memory(home, frontier, "a"), memory(home, frontier, "a")
    crawling.mark(seen_of(page(1), None, Status.STORED, (24.0, 48.0)))
    crawling.save()
    forgetting.mark(Seen(page(1).id, "", Status.FORGOTTEN, NOW, NOW))
    forgetting.save()
    crawling.mark(seen_of(page(1), None, Status.UPDATED, (24.0, 48.0)))
    crawling.save()
    found = crawling.find(page(1).id)
    assert found is not None and found.status is Status.FORGOTTEN and found.url == ""
    assert crawling.due(NOW + timedelta(days=9), 10) == []


def test_what_another_source_visits_keeps_no_place_among_what_is_due(frontier: str, tmp_path: Path) -> None:
    home = machine(tmp_path / "home", frontier)
    one, other = memory(home, frontier, "a"), memory(home, frontier, "b")
    for number in range(6):
        one.mark(seen_of(page(number, NOW + timedelta(minutes=number)), None, Status.STORED, (24.0, 48.0)))
    one.save()
    for number in range(4):
        seen = one.find(page(number).id)
        later = page(number, NOW + timedelta(hours=25, minutes=number))
        other.mark(seen_of(later, seen, Status.UNCHANGED, (24.0, 48.0)))
    other.save()
    now = NOW + timedelta(hours=26)
    assert [seen.url for seen in one.due(now, 2)] == [page(4).url, page(5).url]
    assert [seen.url for seen in one.due(now, 2)] == [page(4).url, page(5).url]
    assert other.due(now, 2) == []
    # They are due for whoever visited them last.
    assert len(other.due(NOW + timedelta(hours=49), 10)) == 4


def test_what_another_source_forgot_stops_no_visit(site: Site, frontier: str, tmp_path: Path) -> None:
    for path in ("/both.html", "/own.html"):
        site.pages[path] = Reply(article(f"样例店铺的售后{path}", "第一稿"))
    site.pages["/a.html"] = Reply(list_page({"/both.html": "两处都有", "/own.html": "一处有"}))
    site.pages["/b.html"] = Reply(list_page({"/both.html": "两处都有"}))
    top = "revisit_hours = [24, 48]"
    sources = {name: list_source(site.url(f"/{name}.html"), top) for name in ("a", "b")}
    home = machine(tmp_path / "home", frontier, **sources)
    crawl(home, ["b"], at=NOW)
    crawl(home, ["a"], at=NOW + timedelta(hours=1))
    (visited,) = crawl(home, ["a"], at=NOW + timedelta(hours=26))
    assert ends(visited) == {"listed": 1, "unchanged": 2}
    wanted = Wanted.make(home, author="", urls=[site.url("/both.html")], before=None)
    found = find(home, wanted)
    assert {document.source for document in found.documents} == {"b"}
    forget(home, wanted, found, NOW + timedelta(hours=27))
    site.pages["/a.html"] = Reply(list_page({"/gone.html": "别的一页"}))
    (result,) = crawl(home, ["a"], at=NOW + timedelta(hours=50))
    assert ends(result) == {"listed": 1, "gone": 1, "unchanged": 1}
    assert site.asked("/own.html") == 3 and site.asked("/both.html") == 2
