"""Rendered sources in a real Chromium: feeds, responses, pages, ceilings, recycling, logins."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from playwright.async_api import Page
from tests.commands import fengping
from tests.site.homes import CONFIG, ends, journaled, make_home
from tests.site.server import Handler, Reply, Site, serve

from fengping.chromium import find_chromium
from fengping.errors import NotInstalled, UsageError
from fengping.events.evidence.capture import Refused, picture
from fengping.home import Home
from fengping.spiders import Flag, crawl
from fengping.spiders.browser import sessions
from fengping.spiders.browser.renderer import Limits, Renderer
from fengping.spiders.framework import FilteringProxy, NotPublic
from fengping.spiders.source_dev import Case, try_source
from fengping.spiders.sources import Catalogue

pytestmark = [pytest.mark.slow, pytest.mark.long]

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
ANYWHERE = FilteringProxy(lambda host: True)

FEED = """
kind = "browser"
urls = ["{url}"]
channel = "weibo"
platform = "样例广场"
detail = false
{top}
[browser]
max_scrolls = {scrolls}
scroll_pause = 0.05
{browser}
[selectors]
items = "#feed > .post"
[selectors.item]
id = "./@data-id"
text = ".text"
"""

SHELL = """<html><body><div id="feed"></div><script>
let next = 0;
async function more() {
  if (next === null) return;
  const from = next; next = null;
  const answer = await (await fetch('/api?from=' + from)).json();
  const feed = document.getElementById('feed');
  if (RECYCLE) feed.replaceChildren();
  for (const post of answer.posts) {
    const box = document.createElement('div');
    box.className = 'post'; box.dataset.id = post.id; box.style.height = '300px';
    box.innerHTML = '<p class="text"></p><img src="/big.png">';
    box.querySelector('p').textContent = post.text;
    feed.append(box);
  }
  next = answer.next;
}
addEventListener('scroll', more); more();
</script></body></html>"""


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def feed(site: Site, count: int, *, recycle: bool = False, page: int = 10) -> None:
    site.pages["/feed"] = Reply(SHELL.replace("RECYCLE", "true" if recycle else "false"))
    for start in range(0, count, page):
        posts = [{"id": f"p{n}", "text": f"第{n}条样例投诉"} for n in range(start, min(start + page, count))]
        answer = {"posts": posts, "next": start + page if start + page < count else None}
        site.pages[f"/api?from={start}"] = Reply(
            json.dumps(answer), headers={"Content-Type": "application/json"}
        )


def source(site: Site, top: str = "", browser: str = "", scrolls: int = 30) -> str:
    return FEED.format(url=site.url("/feed"), top=top, browser=browser, scrolls=scrolls)


@pytest.mark.parametrize("recycle", [False, True])
def test_an_endless_feed_is_read_to_its_end_and_only_once(site: Site, tmp_path: Path, recycle: bool) -> None:
    feed(site, 45, recycle=recycle)
    home = make_home(tmp_path / "home", square=source(site))
    [first] = crawl(home)
    assert ends(first) == {"listed": 1, "stored": 45}
    assert {d.text for d in journaled(home)} == {f"第{n}条样例投诉" for n in range(45)}
    assert site.asked("/big.png") == 0
    [again] = crawl(home)
    assert again.documents == 0
    assert len(journaled(home)) == 45


def test_a_feed_that_answers_slowly_is_read_to_its_end(site: Site, tmp_path: Path) -> None:
    feed(site, 25)
    slow = site.pages["/api?from=10"]
    assert isinstance(slow, Reply)
    site.pages["/api?from=10"] = replace(slow, wait=1.5)  # many times the pause between two scrolls
    home = make_home(tmp_path / "home", square=source(site))
    [result] = crawl(home)
    assert ends(result) == {"listed": 1, "stored": 25}


def test_boxes_that_are_filled_after_they_appear_are_read_full(site: Site, tmp_path: Path) -> None:
    feed(site, 25)
    shell = SHELL.replace("RECYCLE", "false")
    late = "setTimeout(() => { box.querySelector('p').textContent = post.text; }, 60);"
    site.pages["/feed"] = Reply(shell.replace("box.querySelector('p').textContent = post.text;", late))
    home = make_home(tmp_path / "home", square=source(site))
    [result] = crawl(home)
    assert ends(result) == {"listed": 1, "stored": 25}
    assert {d.text for d in journaled(home)} == {f"第{n}条样例投诉" for n in range(25)}


def test_scrolling_stops_at_known_posts(site: Site, tmp_path: Path) -> None:
    feed(site, 60)
    home = make_home(tmp_path / "home", square=source(site, browser="until_known = 5"))
    crawl(home)
    site.requests.clear()
    crawl(home)
    assert site.asked("/api?from=0") == 1
    assert site.asked("/api?from=30") == 0


def test_a_feed_cut_off_by_the_limit_says_so(site: Site, tmp_path: Path) -> None:
    feed(site, 60)
    home = make_home(tmp_path / "home", square=source(site, scrolls=2))
    [result] = crawl(home)
    assert result.flags[Flag.TRUNCATED_LIST] == 1
    assert 10 <= result.documents < 60


def test_responses_are_read_where_they_are_cleaner(site: Site, tmp_path: Path) -> None:
    feed(site, 25)
    text = source(site, browser="xhr = '/api\\?from='") + READ_BY_JSON
    home = make_home(tmp_path / "home", square=text)
    [result] = crawl(home)
    assert ends(result) == {"listed": 1, "stored": 25}


READ_BY_JSON = '[json]\nitems = "posts"\n[json.fields]\nid = "id"\ntext = "text"\n'


@pytest.mark.parametrize(
    "answer",
    [
        Reply('{"code":-101,"success":false,"msg":"无登录信息"}'),
        Reply("", headers={"Content-Type": "application/json"}),
        Reply("{}", 461),
    ],
)
def test_a_response_with_which_the_site_refuses_counts_as_blocking(
    site: Site, tmp_path: Path, answer: Reply
) -> None:
    feed(site, 5)
    site.pages["/api?from=0"] = answer
    home = make_home(tmp_path / "home", square=source(site, browser="xhr = '/api\\?from='") + READ_BY_JSON)
    [result] = crawl(home)
    assert ends(result) == {"blocked": 1}
    assert "the site refused" in result.signals[0]


@pytest.mark.parametrize("reading", ["", READ_BY_JSON])
def test_a_rendered_source_is_recorded_and_read_again(site: Site, tmp_path: Path, reading: str) -> None:
    feed(site, 25, recycle=True)
    browser = "xhr = '/api\\?from='" if reading else ""
    home = make_home(tmp_path / "home", square=source(site, browser=browser) + reading)
    folder = tmp_path / "case"
    taken = try_source(home, "square", NOW, keep=folder).reading
    assert {document.text for document in taken.documents} == {f"第{n}条样例投诉" for n in range(25)}
    case = Case(folder)
    assert case.differences(case.read(Catalogue.load(home).get("square"))) == []


@pytest.mark.parametrize(
    "answer", [Reply("no", 403), Reply("no", 500), Reply('{"ok": 0, "msg": "请稍后再试"}')]
)
def test_a_feed_that_is_refused_halfway_is_not_read_to_its_end(
    site: Site, tmp_path: Path, answer: Reply
) -> None:
    feed(site, 40)
    site.pages["/api?from=20"] = answer
    home = make_home(tmp_path / "home", square=source(site, browser="xhr = '/api\\?'") + READ_BY_JSON)
    [result] = crawl(home, at=NOW)
    assert ends(result) == {"blocked": 1, "stored": 20}
    assert result.flags[Flag.LOST_LIST] == 1 and not result.settled
    assert any("broke off" in said and "/api?from=20" in said for said in result.signals)


def test_pages_are_rendered_and_a_stuck_one_is_closed_and_counted(site: Site, tmp_path: Path) -> None:
    body = "这段正文由脚本写出，讲述样例消费者的退货经历，平台已经受理，商家承诺三日内退款。"
    rendered = (
        f"<html><body><h1>样例</h1><div id='a'></div><script>a.innerText = '{body}'</script></body></html>"
    )
    site.pages |= {
        "/list": Reply(
            "<html><body><script>for (const n of [1, 2, 3]) document.body.insertAdjacentHTML('beforeend', "
            "`<li class='e'><a href='/p${n}'>样例文章${n}</a></li>`)</script></body></html>"
        ),
        "/p1": Reply(rendered),
        "/p2": Reply(rendered.replace("三日", "五日"), wait=30),
        "/p3": Reply(rendered.replace("三日", "七日")),
    }
    text = (
        f'kind = "browser"\nurls = ["{site.url("/list")}"]\nlimits = {{ timeout = 5 }}\n[browser]\n'
        '[selectors]\nitems = "li.e"\n[selectors.item]\nlink = "a::attr(href)"\ntitle = "a"\n'
    )
    home = make_home(tmp_path / "home", pages=text)
    [result] = crawl(home)
    assert ends(result) == {"listed": 1, "stored": 2, "timeout": 1}
    assert all("这段正文由脚本写出" in document.text for document in journaled(home))


def test_a_selector_that_matches_nothing_is_told(site: Site, tmp_path: Path) -> None:
    feed(site, 5)
    home = make_home(tmp_path / "home", square=source(site).replace(".post", ".pots"))
    [result] = crawl(home)
    assert ends(result) == {"selector_empty": 1}
    assert "selectors.items '#feed > .pots' matched nothing" in result.signals[0]


def test_robots_holds_for_rendered_pages(site: Site, tmp_path: Path) -> None:
    feed(site, 5)
    site.pages["/robots.txt"] = Reply("User-agent: *\nDisallow: /feed\n")
    home = make_home(tmp_path / "home", square=source(site))
    [result] = crawl(home)
    assert ends(result) == {"robots_denied": 1}
    assert site.asked("/feed") == 0


def test_a_private_address_is_refused_by_the_browser_too(site: Site, tmp_path: Path) -> None:
    feed(site, 5)
    config = CONFIG.replace("allow_private = true", "obey_robots = false")
    home = make_home(tmp_path / "home", config, square=source(site))
    [result] = crawl(home)
    assert ends(result) == {"private_address": 1}
    assert result.signals[0] == "square: a page asks for 127.0.0.1, which has no public address"
    assert site.requests == []


def test_without_chromium_the_source_fails_with_the_remedy(
    site: Site, tmp_path: Path, environ: MutableMapping[str, str]
) -> None:
    feed(site, 5)
    home = make_home(tmp_path / "home", square=source(site))
    environ["FENGPING_CHROMIUM"] = str(tmp_path / "none")
    with pytest.raises(NotInstalled, match="which does not exist"):
        find_chromium()
    done = fengping(home, "crawl")
    assert done.returncode == 1
    assert "FENGPING_CHROMIUM names" in done.stderr
    assert "Traceback" not in done.stderr


# -- the renderer by itself ------------------------------------------------------------------------------


class Look:
    """A visitor that reads the page, after *wait* seconds."""

    def __init__(self, wait: float = 0) -> None:
        self.wait = wait

    async def prepare(self, page: Page) -> None:
        pass

    async def work(self, page: Page) -> str:
        await asyncio.sleep(self.wait)
        return await page.content()


def chromiums() -> int:
    names = [child.name() for child in psutil.Process().children(recursive=True)]
    return sum("chrom" in name for name in names)


def test_browsers_are_replaced_and_none_is_left_behind(site: Site) -> None:
    site.pages["/"] = Reply("<p>hello</p>")

    async def run(proxy: FilteringProxy) -> tuple[int, int, list[str]]:
        renderer = Renderer(proxy, Limits(pages_at_once=3, pages_per_browser=4))
        pages = await asyncio.gather(*(renderer.render(site.url("/"), Look()) for _ in range(14)))
        recycled = renderer.recycled
        await renderer.close()
        return recycled, chromiums(), [page.html for page in pages]

    with ANYWHERE as proxy:
        recycled, left, pages = asyncio.run(run(proxy))
    assert recycled == 3
    assert left == 0
    assert len(pages) == 14 and all("hello" in html for html in pages)


def test_a_hung_page_is_closed_and_the_next_one_works(site: Site) -> None:
    site.pages["/"] = Reply("<p>hello</p>")
    site.pages["/busy"] = Reply("<script>for (;;) {}</script>")

    async def run(proxy: FilteringProxy) -> str:
        renderer = Renderer(proxy, Limits(seconds=5))
        try:
            with pytest.raises(TimeoutError):
                await renderer.render(site.url("/"), Look(wait=60))
            with pytest.raises(TimeoutError):
                await renderer.render(site.url("/busy"), Look())
            return (await renderer.render(site.url("/"), Look())).html
        finally:
            await renderer.close()

    with ANYWHERE as proxy:
        assert "hello" in asyncio.run(run(proxy))
    assert chromiums() == 0


REACHING = """<p>page</p><script>
const done = [fetch('/redirect').catch(() => 0), new Promise(end => {
  const socket = new WebSocket('ws://127.0.0.1:PORT/socket');
  socket.onopen = socket.onerror = end;
}), new Promise(end => {
  const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:UDP'}]});
  peer.onicecandidate = event => event.candidate || end();
  peer.createDataChannel('x');
  peer.createOffer().then(offer => peer.setLocalDescription(offer));
})];
Promise.all(done).then(() => { document.body.id = 'done'; });
</script>"""


class Wait(Look):
    async def work(self, page: Page) -> str:
        await page.wait_for_selector("#done", state="attached")
        return await page.content()


@pytest.fixture
def datagrams() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.setblocking(False)
        yield bound


def test_no_part_of_a_page_reaches_a_private_address(site: Site, datagrams: socket.socket) -> None:
    """Of this machine the test allows ``localhost`` alone."""
    udp = str(datagrams.getsockname()[1])
    site.pages |= {
        "/": Reply(REACHING.replace("PORT", str(site.port)).replace("UDP", udp)),
        "/redirect": Reply(status=302, headers={"Location": site.url("/secret")}),
        "/away": Reply(status=302, headers={"Location": site.url("/secret")}),
        "/script": Reply(f"<script>location = '{site.url('/secret')}'</script>"),
    }

    async def run(proxy: FilteringProxy) -> str:
        renderer = Renderer(proxy)
        try:
            html = (await renderer.render(site.url("/", "localhost"), Wait())).html
            assert proxy.refused["127.0.0.1"] >= 2
            for path in ("/away", "/script"):
                with pytest.raises(NotPublic, match=r"127\.0\.0\.1 has no public address"):
                    await renderer.render(site.url(path, "localhost"), Look(wait=0.5))
            return html
        finally:
            await renderer.close()

    with FilteringProxy(lambda host: host == "localhost") as proxy:
        assert "<p>page</p>" in asyncio.run(run(proxy))
    assert set(site.requests) - {"/favicon.ico"} == {"/", "/redirect", "/away", "/script"}
    with pytest.raises(BlockingIOError):  # nothing came
        datagrams.recv(1)


def test_a_picture_for_the_evidence_reaches_no_private_address_either(site: Site) -> None:
    site.pages |= {
        "/": Reply("<p>page</p><img src='/redirect'>"),
        "/redirect": Reply(status=302, headers={"Location": site.url("/secret")}),
    }
    with FilteringProxy(lambda host: host == "localhost") as proxy:
        assert picture(site.url("/", "localhost"), proxy).startswith(b"\x89PNG")
        assert set(proxy.refused) == {"127.0.0.1"}
        with pytest.raises(Refused, match="No picture"):
            picture(site.url("/secret"), proxy)
    assert set(site.requests) - {"/favicon.ico"} == {"/", "/redirect"}


# -- logins ----------------------------------------------------------------------------------------------


def test_a_login_is_saved_for_its_owner_alone_and_used(site: Site, home: Home, tmp_path: Path) -> None:
    site.pages["/login"] = Reply(
        "<p>in</p>", headers={"Set-Cookie": "sid=geheim; Path=/; Max-Age=9999", "Content-Type": "text/html"}
    )

    async def at_once(page: Page) -> None:
        await page.wait_for_selector("p")

    with ANYWHERE as proxy:
        path = asyncio.run(sessions.login(home, "square", site.url("/login"), at_once, proxy, visible=False))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "geheim" in path.read_text(encoding="utf-8")
    feed(site, 3)

    def members_only(handler: Handler) -> Reply:
        if "sid=geheim" in handler.headers.get("Cookie", ""):
            return Reply(SHELL.replace("RECYCLE", "false"))
        return Reply("<p>log in first</p>", 403)

    site.pages["/feed"] = members_only
    mine = make_home(tmp_path / "mine", square=source(site, browser='session = "square"'))
    [without] = crawl(mine)
    assert "Unknown saved login 'square'." in without.reason or any(
        "Unknown saved login 'square'." in signal for signal in without.signals
    )
    sessions.save_session(sessions.session_path(mine, "square"), path.read_text(encoding="utf-8"))
    [result] = crawl(mine)
    assert ends(result) == {"listed": 1, "stored": 3}
    logs = [file.read_text(encoding="utf-8") for file in (mine.var / "log").iterdir()]
    assert not any("geheim" in log for log in logs)


def test_a_closed_window_saves_nothing(site: Site, home: Home) -> None:
    site.pages["/login"] = Reply("<p>in</p>")

    async def close(page: Page) -> None:
        await page.context.browser.close()  # type: ignore[union-attr]
        await page.title()

    with ANYWHERE as proxy, pytest.raises(UsageError, match="closed before the login was saved"):
        asyncio.run(sessions.login(home, "square", site.url("/login"), close, proxy, visible=False))
    assert not sessions.session_path(home, "square").exists()


def test_a_login_that_no_source_uses_is_named(home: Home) -> None:
    done = fengping(home, "source", "login", "xiaohongshoe")
    assert done.returncode == 2
    assert "No source uses a login 'xiaohongshoe'. Did you mean 'xiaohongshu'?" in done.stderr
