"""``source add``: kind and selectors guessed on invented pages of a loopback site, and on what ships."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response
from tests.site.homes import CONFIG, journaled, make_home
from tests.site.server import Reply, Site, article, feed, serve

from fengping.cli.app import main
from fengping.clock import day_of
from fengping.errors import Failed
from fengping.spiders import crawl
from fengping.spiders.source_dev import guess, response_of, to_toml
from fengping.spiders.sources import SHIPPED, SourceKind, load_source

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
SAVED = Path(__file__).parents[1] / "sources"
HEADS = [f"样例直播间第{n}场售后引发消费者投诉" for n in range(1, 7)]


def no_fetch(url: str) -> Response:
    raise Failed(f"{url} is not there.")


def guessed(
    html: str, url: str = "https://news.example/list/"
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    made = guess(response_of(url, html.encode()), NOW, "sample", no_fetch)
    return dict(made.data), [(entry.title, entry.url) for entry in made.entries]


def page(rows: str, more: str = "") -> str:
    return (
        '<html><head><title>样例新闻网 - 消费</title></head><body><div id="nav"><ul>'
        '<li><a href="/">首页</a></li><li><a href="/shehui/">社会新闻频道首页</a></li></ul></div>'
        f'{rows}{more}<div class="hot"><h3>热门</h3><ul>'
        '<li><a href="/hot/1.html">另一篇很热门的样例新闻</a></li>'
        '<li><a href="/hot/2.html">又一篇很热门的样例新闻</a></li></ul></div>'
        '<footer><a href="/about.html">关于我们与版权声明的说明</a><a href="/x">网站地图与友情链接页面</a>'
        '<a href="/y">违法和不良信息举报电话</a></footer></body></html>'
    )


def lines(form: str) -> str:
    return "".join(form.format(n=n, head=head) for n, head in enumerate(HEADS, 1))


SHAPES = {
    "a list with days": (
        '<ul class="news-list">'
        + lines('<li><a href="/a/{n}.html">{head}</a><span class="date">2020-11-0{n}</span></li>')
        + "</ul>",
        True,
    ),
    "a day without an element": (
        '<div id="main"><ul>'
        + lines('<li><a href="/a/{n}.html">{head}</a> 2020-11-0{n}</li>')
        + "</ul></div>",
        True,
    ),
    "cards with a picture": (
        '<div class="cards">'
        + lines(
            '<div class="card item-{n}00"><a href="/a/{n}.html"><img src="{n}.jpg"></a>'
            '<h3><a href="/a/{n}.html">{head}</a></h3>'
            '<p class="intro">摘要不是标题，也没有链接。</p><em>11月0{n}日 20:0{n}</em></div>'
        )
        + "</div>",
        True,
    ),
    "a link around a card": (
        '<section class="feed">'
        + lines('<a class="card" href="/a/{n}.html"><h2>{head}</h2>'
                '<time datetime="2020-11-0{n}T20:00:00+08:00">{n}天前</time></a>')
        + "</section>",
        True,
    ),
    "a table": (
        '<table class="lb"><tbody>'
        + lines('<tr><td><a href="/a/{n}.html" title="{head}">{head}</a></td><td>2020年11月0{n}日</td></tr>')
        + "</tbody></table>",
        True,
    ),
    "headlines cut off": (
        '<ul class="lst">'
        + lines('<li><a href="/a/{n}.html" title="{head}">样例直播间第{n}场售后…</a>'
                '<i>11-0{n} 20:00</i></li>')
        + "</ul>",
        True,
    ),
    "a table with a head": (
        '<table class="lb"><tr><th>序号</th><th>标题</th><th>日期</th></tr>'
        + lines('<tr><td>{n}</td><td><a href="/a/{n}.html">{head}</a></td><td>2020-11-0{n}</td></tr>')
        + "</table>",
        True,
    ),
    "a link around lines without names": (
        '<div class="grid">'
        + lines('<a class="card" href="/a/{n}.html"><div>{head}</div><p>摘要不是标题，却比标题还要长得多，'
                '说的是同一件事。</p><p><b>样例记者</b><i>2020年11月0{n}日</i></p></a>')
        + "</div>",
        True,
    ),
    "a list beside a ranking of its make": (
        '<div class="rank"><ul>'
        + lines('<li><a href="/hot/{n}.html">热门{head}，阅读数排在第{n}位的文章</a></li>')
        + '</ul></div><div class="news"><ul>'
        + lines('<li><a href="/a/{n}.html">{head}</a><span>2020-11-0{n}</span></li>')
        + "</ul></div>",
        True,
    ),
    "a list below long navigation": (
        '<div class="nav-top">'
        + lines('<a href="/channel/{n}/">第{n}频道的名字很长很长很长很长很长很长很长很长</a>')
        + '</div><div class="c">'
        + lines('<p><a href="/a/{n}.html">{head}</a></p>')
        + "</div>",
        False,
    ),
    "no dates": ("<dl>" + lines('<dd><a href="/a/{n}.html">{head}</a></dd>') + "</dl>", False),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_list_is_found_by_what_repeats(shape: str) -> None:
    rows, dated = SHAPES[shape]
    data, found = guessed(page(rows))
    assert data["kind"] == "list"
    assert found == [(head, f"https://news.example/a/{n}.html") for n, head in enumerate(HEADS, 1)]
    made = guess(response_of("https://news.example/", page(rows).encode()), NOW, "sample", no_fetch)
    days = [entry.published_at and day_of(entry.published_at).day for entry in made.entries]
    assert days == ([1, 2, 3, 4, 5, 6] if dated else [None] * 6)
    doubted = any("No time stands in it" in doubt for doubt in made.doubts)
    assert doubted is not dated


def test_the_next_page_and_other_hosts_are_seen() -> None:
    rows = "<ul>" + lines('<li><a href="https://wap.example/a/{n}.html">{head}</a></li>') + "</ul>"
    data, _ = guessed(page(rows, '<div><a href="list_2.html">下一页</a></div>'))
    assert data["allowed_domains"] == ["news.example", "wap.example"]
    assert data["pagination"] == {"max_pages": 5} and "下一页" in data["selectors"]["next"]
    data, _ = guessed(page(rows, '<a href="javascript:next()">下一页</a>'))
    assert "pagination" not in data and "next" not in data["selectors"]


def test_json_is_found_by_names_and_values() -> None:
    posts = [
        {"docId": str(n), "Title": head, "share": {"url": f"/a/{n}.html"}, "stat": {"viewCount": n},
         "author": {"nickname": f"样例{n}"}, "ctime": 1605096332 + n, "cover": "https://pic.example/1.jpg"}
        for n, head in enumerate(HEADS, 1)
    ]  # fmt: skip
    menu = [{"name": "首页", "url": "/"}, {"name": "社会", "url": "/s"}, {"name": "财经", "url": "/c"}]
    data, found = guessed(json.dumps({"code": 0, "menu": menu, "data": {"my-list": posts}}))
    assert data["kind"] == "json" and data["json"]["items"] == 'data."my-list"'
    assert data["json"]["fields"] == {
        "url": "share.url", "id": "docId", "title": "Title", "author": "author.nickname",
        "published_at": "ctime", "views": "stat.viewCount",
    }  # fmt: skip
    assert found[0] == (HEADS[0], "https://news.example/a/1.html")
    bare = json.dumps([{"id": n, "word": head} for n, head in enumerate(HEADS)])
    data, _ = guessed(f"callback({bare})")
    assert data["json"]["items"] == "@" and data["detail"] is False


def test_a_sitemap_is_a_feed_of_addresses() -> None:
    places = lines("<url><loc>https://news.example/a/{n}.html</loc><lastmod>2020-11-0{n}</lastmod></url>")
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    made = guess(
        response_of("https://news.example/sitemap.xml", f"<urlset {space}>{places}</urlset>".encode()),
        NOW, "sample", no_fetch,
    )  # fmt: skip
    assert made.data["kind"] == "rss" and made.how == "a sitemap"
    assert [entry.url for entry in made.entries] == [f"https://news.example/a/{n}.html" for n in range(1, 7)]
    # When a page was changed last is not when it was published.
    assert not any(entry.published_at for entry in made.entries)
    assert made.doubts == ("A sitemap may name every page of a site, old ones and others than articles.",)
    listed = f"<sitemapindex {space}><sitemap><loc>https://news.example/sitemap-1.xml</loc></sitemap></sitemapindex>"
    with pytest.raises(Failed, match=r"Add one of them: https://news\.example/sitemap-1\.xml"):
        guessed(listed)


def test_a_sitemap_of_news_says_title_and_time() -> None:
    told = lines(
        "<url><loc>https://news.example/a/{n}.html</loc><n:news><n:publication><n:name>样例网</n:name>"
        "</n:publication><n:publication_date>2020-11-0{n}T08:00:00+08:00</n:publication_date>"
        "<n:title>{head}</n:title></n:news></url>"
    )
    news = "http://www.google.com/schemas/sitemap-news/0.9"
    made = guess(
        response_of("https://news.example/news.xml", f'<urlset xmlns:n="{news}">{told}</urlset>'.encode()),
        NOW, "sample", no_fetch,
    )  # fmt: skip
    assert [entry.title for entry in made.entries] == HEADS and not made.doubts
    assert [day_of(e.published_at).day for e in made.entries if e.published_at] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "wrapping", ["var data = {};", "try{{cb({})}}catch(e){{}}", "/**/cb({});", "window.a.b={}", "cb( {} )"]
)
def test_json_is_found_in_its_wrapping(wrapping: str) -> None:
    text = json.dumps([{"url": f"/a/{n}.html", "title": head} for n, head in enumerate(HEADS)])
    data, found = guessed(wrapping.format(text))
    assert data["kind"] == "json" and [title for title, _ in found] == HEADS


def test_a_feed_is_called_what_it_calls_itself() -> None:
    items = {f"https://news.example/a/{n}.html": head for n, head in enumerate(HEADS)}
    data, _ = guessed(feed(items).replace("<channel>", "<channel><title>样例消费报</title>"))
    assert data["title"] == "样例消费报"


def test_a_doubtful_list_is_told() -> None:
    beside = "<ul>" + lines('<li><a href="/a/{n}.html">{head}</a></li>') + "</ul>"
    html = article("样例商城退款难上加难", "平台客服一再要求消费者等待", extra=beside)
    made = guess(response_of("https://news.example/a/0.html", html.encode()), NOW, "sample", no_fetch)
    assert any("reads like an article" in doubt for doubt in made.doubts)
    many = "".join(
        f"<div class='{name}'><h2><a href='/{name}/1.html'>{name}栏目的头条样例新闻在这里</a></h2>"
        f"<h4><a href='/{name}/2.html'>{name}栏目的第二条样例新闻在这里</a></h4></div>"
        for name in "abcdefgh"
    )
    made = guess(response_of("https://news.example/", page(beside, many).encode()), NOW, "sample", no_fetch)
    assert any("this list 6 of them" in doubt for doubt in made.doubts)


def test_the_address_a_script_asks_for_is_named() -> None:
    html = "<html><body><div id=app></div><script>fetch('/api/list?page=1')</script></body></html>"
    with pytest.raises(Failed, match=r"asks for https://news.example/api/list\?page=1: try that"):
        guessed(html)


@pytest.mark.parametrize(
    "body",
    [
        "<html><body><div id=app></div><script src=/app.js></script></body></html>",
        '{"code": 0, "data": []}', '["a", "b", "c"]', "plain words", "%PDF-1.7",
        page("<ul><li><a href='/a/1.html'>只有一篇样例新闻在这里</a></li></ul>"),
    ],
)  # fmt: skip
def test_a_page_without_a_list_is_told(body: str) -> None:
    with pytest.raises(Failed, match='kind "browser"'):
        guessed(body)


ITEMS = st.sampled_from(
    [
        *(f'<li class="a"><a href="/a/{n}.html">{head}</a><b>1天前</b></li>' for n, head in enumerate(HEADS)),
        "<li><a href='http://[::1'>样例直播间的一个坏链接</a></li>",
        "<li><a href='  '>样例直播间的空链接在此</a></li>", "<div id='x:y' class='--z'>", "</div>",
        "<ul>", "</ul>",
        "<td>", "<tr>", "<!--", "-->", "<?xml version='1.0'?>", "<rss>", "<item>", "<title>样", "{", "}", "]",
        '"list": [', '{"url": "/a", "title": "样例"},', "<script>", "\x00",
        "<svg><a href='/b'>样例样例样例样例</a>",
    ]
)  # fmt: skip


def test_one_bad_link_leaves_the_others() -> None:
    rows = "<ul>" + lines('<li><a href="/a/{n}.html">{head}</a></li>') + "</ul>"
    bad = rows.replace('"/a/2.html"', '"http://[::1"')
    _, found = guessed(page(bad))
    assert [title for title, _ in found] == [HEADS[0], *HEADS[2:]]


@given(st.lists(ITEMS | st.text(max_size=6), min_size=5, max_size=40).map("".join))
def test_whatever_comes_is_a_guess_or_a_sentence(body: str) -> None:
    try:
        made = guess(response_of("https://news.example/", body.encode()), NOW, "sample", no_fetch)
    except Failed:
        return
    assert len(made.entries) >= 3
    assert tomllib.loads(to_toml(made.data))["kind"] == made.data["kind"]


LISTS = sorted(
    path.stem
    for path in SHIPPED.glob("*.toml")
    if load_source(path).kind in (SourceKind.LIST, SourceKind.RSS)
)


@pytest.mark.parametrize("name", LISTS)
def test_what_ships_would_be_guessed_alike(name: str) -> None:
    case = json.loads((SAVED / name / "expected.json").read_text(encoding="utf-8"))
    (saved,) = (SAVED / name).glob("response.*")
    made = guess(response_of(case["url"], saved.read_bytes()), NOW, "sample", no_fetch)
    assert made.data["kind"] == load_source(SHIPPED / f"{name}.toml").kind
    assert [(e.title, e.url) for e in made.entries] == [(e["title"], e["url"]) for e in case["entries"]]


# -- the command ---------------------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def run(folder: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(folder), "source", "add", *arguments])
    return int(ended.value.code or 0)


def a_list(site: Site) -> None:
    for n, head in enumerate(HEADS, 1):
        site.pages[f"/a/{n}.html"] = Reply(article(head, "买完不让换"))
    site.pages["/list/"] = Reply(page(SHAPES["a list with days"][0]))


def test_what_was_added_is_crawled(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_list(site)
    home = make_home(tmp_path / "home")
    assert run(home.root, site.url("/list/"), "--name", "sample", "--yes") == 0
    assert "a list of links: 6 entries" in capsys.readouterr().out
    source = load_source(home.sources / "sample.toml")
    assert source.title == "样例新闻网 - 消费" and source.kind is SourceKind.LIST
    (result,) = crawl(home, ["sample"])
    assert result.documents == 6
    assert result.signals == ("sample: only old entries, the newest is of 2020-11-06",)
    assert {document.title for document in journaled(home)} == set(HEADS)
    assert run(home.root, site.url("/list/"), "--name", "sample", "--yes") == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.long
def test_a_feed_that_the_page_names_is_preferred(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_list(site)
    links = '<link rel="alternate" type="application/rss+xml" href="/{}">'
    head = links.format("gone.xml") + links.format("feed.xml")
    shown = page(SHAPES["no dates"][0]).replace("<head>", f"<head>{head}")
    site.pages["/list/"] = Reply(shown)
    site.pages["/feed.xml"] = Reply(feed({site.url(f"/a/{n}.html"): h for n, h in enumerate(HEADS, 1)}))
    home = make_home(tmp_path / "home")
    assert run(home.root, site.url("/list/"), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["how"], told["name"]) == ("rss", "the feed it names", "127-0-0-1")
    assert told["written"] is None and not list(home.sources.glob("*.toml"))
    assert tomllib.loads(told["toml"])["urls"] == [site.url("/feed.xml")]
    assert [e["title"] for e in told["entries"]] == HEADS


def test_what_is_not_sure_is_said(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.pages["/list/"] = Reply(page(SHAPES["no dates"][0]))
    make_home(tmp_path / "home", CONFIG)
    assert run(tmp_path / "home", site.url("/list/"), "--name", "sample", "--yes") == 0
    assert "Not sure: No time stands in it" in capsys.readouterr().out


@pytest.mark.long
def test_what_is_not_sure_stands_in_the_json(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.pages["/list/"] = Reply(page(SHAPES["no dates"][0]))
    make_home(tmp_path / "home", CONFIG)
    assert run(tmp_path / "home", site.url("/list/"), "--name", "other", "--json") == 0
    assert json.loads(capsys.readouterr().out)["doubts"] == [
        "No time stands in it: each entry's page must tell its own."
    ]


def test_without_a_yes_nothing_is_written(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_list(site)
    home = make_home(tmp_path / "home")
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    assert run(home.root, site.url("/list/")) == 1
    assert not list(home.sources.glob("*.toml"))


@pytest.mark.long
def test_what_may_not_or_cannot_be_read_is_told(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.pages |= {
        "/robots.txt": Reply("User-agent: *\nDisallow: /no/\n"),
        "/no/list.html": Reply("x"), "/wall.html": Reply("no", 403), "/empty.html": Reply(" "),
    }  # fmt: skip
    home = make_home(tmp_path / "home")
    for path, code, sentence in (
        ("/no/list.html", 1, "its robots.txt does not allow it"),
        ("/wall.html", 1, "blocks us or asks for a login"),
        ("/gone.html", 1, "there is no such page"),
        ("/empty.html", 1, "the answer is empty"),
    ):
        assert run(home.root, site.url(path)) == code
        assert sentence in capsys.readouterr().err
    assert "/no/list.html" not in site.requests
    assert run(home.root, "file:///etc/hosts") == 2
    assert run(home.root, "http://[::1") == 2
    for name in ("Bad Name", "../above"):
        assert run(home.root, site.url("/wall.html"), "--name", name) == 2
        assert "is not a valid source name" in capsys.readouterr().err
    assert run(home.root, "http://127.0.0.1:9/") == 1
    assert "cannot be reached" in capsys.readouterr().err
    shut = make_home(tmp_path / "shut", CONFIG.replace("allow_private = true", ""))
    assert run(shut.root, site.url("/wall.html")) == 1
    assert "no public address" in capsys.readouterr().err


# -- the file ------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.text() | st.integers(-(2**40), 2**40) | st.booleans() | st.lists(st.text(), max_size=3),
    lambda inner: st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcdefgh-_", min_size=1), VALUES, max_size=5))
def test_the_file_says_what_was_meant(data: dict[str, Any]) -> None:
    kept = _without_empty(data)
    assert tomllib.loads(to_toml(kept)) == kept


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    """Empty tables are never written, for no source file needs one."""
    made = {k: _without_empty(v) if isinstance(v, dict) else v for k, v in data.items()}
    return {k: v for k, v in made.items() if v != {}}
