"""Entries whose addresses differ in a fragment alone, from which a script draws the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.site.homes import ends, journaled, list_source, make_home
from tests.site.server import Reply, Site, article, list_page, serve

from fengping.spiders import crawl

pytestmark = pytest.mark.slow

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
TITLES = {f"/app/#/detail/{n}": f"样例直播间第{n}场的售后" for n in (11, 12, 13)}

BY_TEMPLATE = """
kind = "json"
urls = ["{url}"]
detail = false
[json]
items = "list"
url = "{to}"
[json.fields]
id = "id"
title = "title"
"""

DRAWN = """<html><body><div id="app"></div><script>
const number = location.hash.split('/').pop();
document.getElementById('app').innerHTML = '<h1>第' + number + '场的售后</h1><div class="text"><p>第' + number
  + '场直播间买的商品坏了，联系客服之后一直没有答复。</p></div>';
</script></body></html>"""


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        running.pages["/list.html"] = Reply(list_page(TITLES))
        yield running


@pytest.mark.parametrize("mark", ["#/", "#!"])
def test_each_is_a_document_where_the_list_says_all(site: Site, tmp_path: Path, mark: str) -> None:
    links = {path.replace("#/", mark): title for path, title in TITLES.items()}
    # A place on a page is none of its own.
    site.pages["/list.html"] = Reply(list_page(links | {"/one.html#top": "一页", "/one.html#end": "一页"}))
    home = make_home(tmp_path / "home", app=list_source(site.url("/list.html"), "detail = false"))
    (result,) = crawl(home, at=NOW)
    assert ends(result) == {"listed": 1, "stored": 4}
    assert {document.url: document.title for document in journaled(home)} == {
        **{site.url(path): title for path, title in links.items()}, site.url("/one.html"): "一页"
    }  # fmt: skip
    (again,) = crawl(home, at=NOW)
    assert ends(again) == {"listed": 1, "known": 4}


def test_each_is_a_document_where_a_template_makes_the_address(site: Site, tmp_path: Path) -> None:
    listed = [{"id": n, "title": f"样例直播间第{n}场的售后"} for n in (11, 12, 13)]
    site.pages["/api"] = Reply(json.dumps({"list": listed}))
    source = BY_TEMPLATE.format(url=site.url("/api"), to=site.url("/app/#/detail/{id}"))
    (result,) = crawl(make_home(tmp_path / "home", app=source), at=NOW)
    assert ends(result) == {"listed": 1, "stored": 3}


def test_pages_that_no_server_tells_apart_are_told(site: Site, tmp_path: Path) -> None:
    site.pages["/app/"] = Reply(article("样例应用", "请打开脚本"))
    (result,) = crawl(make_home(tmp_path / "home", app=list_source(site.url("/list.html"))), at=NOW)
    assert ends(result) == {"listed": 1, "stored": 1} and site.asked("/app/") == 1
    told = f"3 of 3 entries of {site.url('/list.html')} have addresses that a script draws (#/…)"
    assert any(told in signal and "detail = false" in signal for signal in result.signals)


@pytest.mark.long
def test_a_browser_opens_each(site: Site, tmp_path: Path) -> None:
    site.pages["/app/"] = Reply(DRAWN)
    source = list_source(site.url("/list.html"), more='[selectors.detail]\ntext = ".text"\ntitle = "h1"')
    source = source.replace('kind = "list"', 'kind = "browser"') + "[browser]\nmax_scrolls = 0\n"
    home = make_home(tmp_path / "home", app=source)
    (result,) = crawl(home, at=NOW)
    assert ends(result) == {"listed": 1, "stored": 3}
    assert {document.url: document.title for document in journaled(home)} == {
        site.url(f"/app/#/detail/{n}"): f"第{n}场的售后" for n in (11, 12, 13)
    }
