"""A page that a site shows instead of its list is told by its own name at the first run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.commands import fengping
from tests.site.homes import CONFIG, journaled, list_source, make_home
from tests.site.server import Reply, Site, article, list_page, serve

from fengping.config import CrawlConfig
from fengping.errors import ConfigError
from fengping.spiders import Outcome, Status, crawl
from fengping.spiders.framework import is_public_name, is_soft_404, proxy_of, refusal, response_status
from fengping.spiders.health import Day, decide
from fengping.spiders.sources import Catalogue

pytestmark = pytest.mark.slow

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
JSON = 'kind = "json"\nurls = ["{url}"]\ndetail = false\n[json]\nitems = "list"\n[json.fields]\nid = "id"\ntext = "text"\npublished_at = "at"\n'  # noqa: E501


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def page(title: str, text: str = "") -> str:
    return f"<html><head><title>{title}</title></head><body>{text}</body></html>"


@pytest.mark.parametrize(
    ("body", "outcome", "said"),
    [
        ('{"list": []}', "failed", "every list is empty"),
        (page("页面不存在", "您访问的页面不存在"), "failed", "a soft 404"),
        (page("请先登录", "登录"), "failed", "shows a login page"),
        (page("验证码", "请输入验证码"), "failed", "shows a captcha"),
        (page("网站防火墙", "访问被阻断"), "failed", "the check of a firewall"),
        ('{"list": [{"id": 1, "text": "样例店铺发货太慢", "at": "2020-06-01 10:00"}]}', "finished",
         "only old entries, the newest is of 2020-06-01"),
    ],
)  # fmt: skip
def test_each_is_told_by_its_name_at_the_first_run(
    site: Site, tmp_path: Path, body: str, outcome: str, said: str
) -> None:
    site.pages["/api"] = Reply(body)
    home = make_home(tmp_path / "home", CONFIG, posts=JSON.format(url=site.url("/api")))
    result = crawl(home, at=NOW)[0]
    assert result.outcome.value == outcome, result
    assert said in f"{result.reason} {result.signals}"


def test_an_empty_answer_to_a_search_is_no_failure(site: Site, tmp_path: Path) -> None:
    site.pages["/api?q=%E6%A0%B7%E4%BE%8B"] = Reply('{"list": []}')
    source = 'keywords = ["样例"]\n' + JSON.format(url=site.url("/api?q={keyword}"))
    result = crawl(make_home(tmp_path / "home", CONFIG, posts=source), at=NOW)[0]
    assert result.outcome is Outcome.FINISHED
    assert "is empty" in str(result.signals)


def test_an_unchanged_list_is_no_failure(site: Site, tmp_path: Path) -> None:
    links = {f"/a{n}.html": f"样例直播间第{n}场" for n in range(3)}
    site.pages["/list"] = Reply(list_page(links))
    for path, title in links.items():
        site.pages[path] = Reply(article(title, "买完不让换"))
    source = list_source(site.url("/list"), top="expect = { min_items = 2 }")
    home = make_home(tmp_path / "home", CONFIG, good=source)
    results = [crawl(home, at=NOW + timedelta(hours=hours))[0] for hours in (0, 2, 4)]
    assert [result.outcome for result in results] == 3 * [Outcome.FINISHED]


def test_an_expired_login_and_a_soft_404_are_known_by_their_pages() -> None:
    wall = page("登录 - 样例网", "请先登录").encode()
    assert refusal("https://a.example/", wall, session=True) == "a login page, so the saved login has expired"
    assert refusal("https://a.example/", wall, session=False) == "a login page"
    assert not is_soft_404(article("一则404页面的故事", "平台的页面不存在，消费者投诉" * 40).encode())
    assert not is_soft_404(page("样例店铺", "页面不存在").encode())


def in_a_script(title: str, text: str) -> bytes:
    """A page whose script holds the article, as single-page sites send it, and whose body shows nothing."""
    state = {"detail": {"title": title, "content": text, "publish_time": "2020-11-11 20:00:00"}}
    data = json.dumps(state, ensure_ascii=False)
    return page(title, f"<div id=app></div><script>window.__INITIAL_STATE__={data}</script>").encode()


@pytest.mark.parametrize(
    "title",
    [
        "多名消费者维权帖子被删除 平台回应", "差评内容被删除，消费者质疑平台", "某主播被罚没1404万元",
        "平台称页面不存在，消费者追问", "样例手机404天后停产", "滑块验证码为什么越来越难",
    ],
)  # fmt: skip
def test_a_headline_about_a_deletion_is_no_notice_of_one(title: str) -> None:
    text = "多名消费者反映，在样例直播间买到的棉衣与主播介绍的材质不符，要求退货时又被告知影响二次销售。"
    assert response_status(200, in_a_script(title, text)) is None


def test_an_article_in_a_script_is_there_whatever_its_title_says() -> None:
    text = "样例作者连载：读者打开链接时看到的只有一行字，而文章其实还在，平台称是缓存所致，已经修复。"
    assert response_status(200, in_a_script("页面不存在", text)) is None
    assert response_status(200, in_a_script("验证码", "")) is Status.BLOCKED


@pytest.mark.parametrize(
    "title",
    [
        "404 Not Found", "404", "Error 404", "404错误页面 - 样例网", "样例网 - 404",
        "The page cannot be found",
        "页面不存在_样例网", "抱歉，您访问的页面不存在", "您访问的页面不存在或已被删除！", "文章已删除",
        "微博不存在 - 样例微博", "抱歉，此微博已被作者删除", "404，页面走丢了", "该内容已被发布者删除",
        "找不到您要的页面 | 样例网", "对不起，您要查看的帖子找不到了", "出错了！网页没有找到",
    ],
)  # fmt: skip
def test_a_notice_that_a_page_is_not_there(title: str) -> None:
    state = '{"detail": {}, "user": {"name": "未登录"}}'
    scripts = f"<div id=app></div><script>window.__INITIAL_STATE__={state}</script>"
    assert response_status(200, page(title, "返回首页").encode()) is Status.GONE
    assert response_status(200, page(title, scripts).encode()) is Status.GONE


def test_a_source_that_rests_at_weekends_is_missed_on_its_first_dry_monday() -> None:
    monday = date(2020, 11, 23)
    days = [
        Day(day, {"run_finished": 1, "listed": 1, "stored": 12 if day.weekday() < 5 else 0})
        for day in (monday - timedelta(days=ago) for ago in range(28, 0, -1))
    ]
    dry = Day(monday, {"run_finished": 1, "listed": 1})
    assert decide(days, monday).state.value == "ok", "nothing is expected of a Saturday and a Sunday"
    found = decide([*days, dry], monday + timedelta(days=1))
    assert found.state.value == "silent", found
    full = replace(dry, counts={**dry.counts, "stored": 12})
    assert decide([*days, full], monday + timedelta(days=1)).state.value == "ok"


def test_every_source_is_tried_live(site: Site, tmp_path: Path) -> None:
    site.pages["/works"] = Reply('{"list": [{"id": 1, "text": "样例店铺发货", "at": "2020-11-11 10:00"}]}')
    site.pages["/empty"] = Reply('{"list": []}')
    site.pages["/blocked"] = Reply(page("验证码", "请输入验证码"))
    site.pages["/login"] = Reply(page("请先登录", "登录"))
    names = ("works", "empty", "blocked", "login", "fails")
    sources = {name: JSON.format(url=site.url(f"/{name}")) for name in names}
    home = make_home(tmp_path / "home", CONFIG, **sources)
    done = fengping(home, "source", "test", "--all", "--json")
    assert done.returncode == 1
    answers = {one["source"]: one["answer"] for one in json.loads(done.stdout)["sources"]}
    assert answers == {
        "works": "works", "empty": "empty", "blocked": "blocked", "login": "needs login", "fails": "fails",
    }  # fmt: skip
    assert journaled(home) == []


BROWSER = 'kind = "browser"\nurls = ["https://www.plaza.example/feed"]\n[browser]\nsession = "plaza"\n[selectors]\nitems = "li"\n[selectors.item]\ntext = "p"\n'  # noqa: E501


def test_a_browser_state_saved_elsewhere_is_taken(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", CONFIG, feed=BROWSER)
    file = tmp_path / "state.json"
    cookie = {"name": "sid", "value": "geheim", "domain": ".plaza.example", "path": "/"}
    file.write_text(json.dumps({"cookies": [cookie], "origins": []}), encoding="utf-8")
    done = fengping(home, "source", "login", "plaza", "--from", str(file))
    assert done.returncode == 0, done.stderr
    saved = home.var / "sessions" / "plaza.json"
    assert json.loads(saved.read_text(encoding="utf-8"))["cookies"] == [cookie]
    assert saved.stat().st_mode & 0o777 == 0o600
    other = {**cookie, "domain": "other.example"}
    for wrong in ("{", "[]", '{"cookies": [1]}', json.dumps({"cookies": [other]})):
        file.write_text(wrong, encoding="utf-8")
        refused = fengping(home, "source", "login", "plaza", "--from", str(file))
        assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert json.loads(saved.read_text(encoding="utf-8"))["cookies"] == [cookie], "the saved one stays"


class _Proxy(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Proxy-Authorization", "")))
        body = '{"list": [{"id": 1, "text": "样例店铺发货", "at": "2020-11-11 10:00"}]}'.encode()
        robots = self.path.endswith("robots.txt")
        self.send_response(404 if robots else 200)
        self.send_header("Content-Length", "0" if robots else str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if robots else body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    asked: list[tuple[str, str]]


@pytest.fixture
def proxy() -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Proxy)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_proxy_asks_and_targets_are_judged_by_their_names(proxy: _Server, tmp_path: Path) -> None:
    address = f"http://some:geheim@127.0.0.1:{proxy.server_address[1]}"
    config = '[crawl]\ndelay = 0\nproxy = "env:SAMPLE_PROXY"\n'
    sources = {
        "outside": JSON.format(url="http://posts.sample-site.example/api"),
        "inside": JSON.format(url="http://127.0.0.1:9/api"),
        "named": JSON.format(url="http://db.internal/api"),
    }
    home = make_home(tmp_path / "home", config, **sources)
    done = fengping(home, "crawl", "--json", SAMPLE_PROXY=address)
    assert [document.source for document in journaled(home)] == ["outside"], done.stderr + done.stdout
    assert {path.split("/")[2] for path, _ in proxy.asked} == {"posts.sample-site.example"}
    assert all(sent.startswith("Basic ") for _, sent in proxy.asked)
    logs = "".join(path.read_text(encoding="utf-8", errors="replace") for path in home.var.rglob("*.log"))
    assert "geheim" not in done.stdout + done.stderr + logs


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("news.example.com", True), ("1.1.1.1", True), ("127.0.0.1", False), ("2130706433", False),
        ("0x7f.1", False), ("localhost", False), ("db.internal", False),
        ("LOCALHOST.", False), ("::1", False), ("127.0.0%2e1", False), ("8.8.8.8%00.internal", False),
        ("localhost.localdomain", False),
    ],
)  # fmt: skip
def test_names_of_the_public_internet(host: str, public: bool) -> None:
    assert is_public_name(host) is public


def test_a_bad_proxy_is_told_in_a_sentence(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", CONFIG, posts=JSON.format(url="http://a.example/"))
    source = Catalogue.load(home).get("posts")
    assert proxy_of(source, CrawlConfig()) is None
    for written in ("env:NOT_SET", "socks5://a:1", "a:1:2", "http://"):
        with pytest.raises(ConfigError):
            proxy_of(source, CrawlConfig(proxy=written), {})
    own = source.model_copy(update={"proxy": "http://u:p@h:1"})
    with pytest.raises(ConfigError, match="holds a password"):
        proxy_of(own, CrawlConfig(), {})
    none = source.model_copy(update={"proxy": ""})
    assert proxy_of(none, CrawlConfig(proxy="http://h:1"), {}) is None
