"""An empty home brought to its first documents, sources switched and watched, from the console alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, MutableMapping
from contextlib import closing
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from tests.alerts.making import fengping
from tests.web.conftest import NOW, client_of, token_of
from tests.web.test_edition_pages import ended

from fengping.errors import ConfigError, Failed, UsageError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.models import Kind
from fengping.services import starting, switching
from fengping.spiders import Catalogue
from fengping.web.pages import start

OWN = """# read by hand
title = "北埠日报"
kind = "rss"
urls = ["https://news.example/feed"]
"""
CONFIG = """# kept
[crawl]
delay = 2.0   # polite
"""


@pytest.fixture
def empty(home: Home) -> Home:
    home.config_file.write_text(CONFIG, encoding="utf-8")
    return Home.open(home.root)


@pytest.fixture
def visitor(empty: Home) -> Iterator[TestClient]:
    with client_of(empty) as made:
        yield made


def active(home: Home) -> list[str]:
    return Catalogue.load(Home.open(home.root)).active()


def test_an_empty_home_offers_three_ways(visitor: TestClient) -> None:
    page = visitor.get("/").text
    for way in ("/start/sample", "/start/import", "/start/sources", "/sources/weibo-hot"):
        assert way in page


def test_chosen_sources_stand_in_the_configuration_with_its_comments(
    visitor: TestClient, empty: Home
) -> None:
    form = {"token": token_of(visitor), "name": ["weibo-hot", "ccn"]}
    assert "已开 2 个来源" in visitor.post("/start/sources", data=form).text
    text = empty.config_file.read_text("utf-8")
    assert "# kept" in text and "# polite" in text and active(empty) == ["ccn", "weibo-hot"]
    page = visitor.post("/source/switch", data={"token": token_of(visitor), "name": "ccn"}).text
    assert "已停" in page and active(empty) == ["weibo-hot"]
    assert visitor.post("/source/switch", data={"token": token_of(visitor), "name": "nix"}).status_code == 400


def test_own_disabled_and_all_sources_are_switched_in_their_files(empty: Home) -> None:
    empty.sources.mkdir()
    own = empty.sources / "beibu.toml"
    own.write_text(OWN, encoding="utf-8")
    home = switching.switch(empty, ["beibu"], on=False)
    assert "# read by hand" in own.read_text("utf-8") and active(home) == []
    home = switching.switch(home, ["beibu", "weibo-web"], on=True)
    assert active(home) == ["beibu", "weibo-web"]  # what ships disabled has a file of its own now
    home.config_file.write_text('[crawl]\nsources = ["*"]\n', encoding="utf-8")
    home = switching.switch(Home.open(home.root), ["ccn"], on=False)
    assert "ccn" not in active(home) and "weibo-hot" in active(home)
    home.config_file.write_text("[crawl\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        switching.switch(home, ["ccn"], on=True)


def test_an_environment_that_wins_is_told(empty: Home, environ: MutableMapping[str, str]) -> None:
    environ["FENGPING_CRAWL__SOURCES"] = '["ccn"]'
    with pytest.raises(Failed, match="weibo-hot is not enabled"):
        switching.switch(Home.open(empty.root), ["weibo-hot"], on=True)


def test_a_file_from_the_browser_is_imported_and_indexed(visitor: TestClient, empty: Home) -> None:
    content = "标题,正文,发布时间\n退款难,鹿十七直播间买的羽绒服不给退款,2020-11-12 09:00\n,,\n".encode()
    files = {"file": ("../../导出 1.csv", content, "text/csv")}
    form = {"token": token_of(visitor), "source": "vendor"}
    place = visitor.post("/start/import", data=form, files=files, follow_redirects=False).headers["location"]
    page = visitor.get(ended(visitor, place)).text
    assert "stored 1" in page or "new 1" in page or "imported 1" in page, page[:3000]
    assert [path.name for path in empty.var.glob("uploads/*/*")] == ["导出-1.csv"]
    assert "羽绒服" in visitor.get("/search").text


def test_two_files_of_one_name_are_two(empty: Home) -> None:
    first, second = (starting.keep_upload(empty, "导出.csv", content) for content in (b"x\n1\n", b"x\n2\n"))
    assert (first.read_bytes(), second.read_bytes()) == (b"x\n1\n", b"x\n2\n")
    assert first.name == second.name == "导出.csv"
    assert starting.keep_upload(empty, "导出.csv", b"x\n1\n") == first


def test_a_full_home_takes_files_from_its_sources(client: TestClient, stocked: Home) -> None:
    assert 'action="/start/import"' in client.get("/sources").text
    content = "标题,正文,发布时间\n退款难,鹿十七直播间买的围巾不给退款,2020-11-12 09:00\n".encode()
    form = {"token": token_of(client), "source": "vendor", "back": "/sources"}
    sent = client.post("/start/import", data=form, files={"file": ("a.csv", content)}, follow_redirects=False)
    place = ended(client, sent.headers["location"])
    assert place == "/sources" and "a.csv" in client.get(place).text
    assert "围巾" in client.get("/search").text
    form |= {"source": "v v"}
    refused = client.post("/start/import", data=form, files={"file": ("b.csv", content)})
    assert "不能作来源名" in ended(client, str(refused.url)) and 'href="/sources"' in refused.text
    assert "不能作来源名" in client.get("/sources").text  # whoever left the page finds it there
    form |= {"back": "//elsewhere.example/"}
    away = client.post("/start/import", data=form | {"source": "w"}, files={"file": ("c.csv", content)})
    assert away.url.host == "127.0.0.1"


def test_the_kind_of_a_file_is_chosen_and_rows_that_keep_theirs_are_told(
    client: TestClient, stocked: Home
) -> None:
    content = "标题,正文,发布时间\n退款难,鹿十七直播间买的手套不给退款,2020-11-12 09:00\n".encode()
    form = {"token": token_of(client), "source": "vendor", "back": "/sources"}

    def sent(kind: str) -> str:
        files = {"file": ("a.csv", content)}
        answer = client.post("/start/import", data=form | {"kind": kind}, files=files, follow_redirects=False)
        return client.get(ended(client, answer.headers["location"])).text

    assert re.search(r'<select id="ikind" name="kind"><option value="">自动识别', client.get("/sources").text)
    assert "体裁和渠道仍是原来的" not in sent("news")
    with closing(open_store(stocked)) as store:
        [found] = store.search(Filter(where={"source": ("vendor",)})).documents
    assert found.raw.kind is Kind.NEWS
    told = sent("post")
    assert "1 行以前导入过，体裁和渠道仍是原来的；要改就先逐一撤回带来这些行的导入" in told
    assert "fengping import --undo 1。然后重新导入。" in told
    refused = client.post("/start/import", data=form | {"kind": "poem"}, files={"file": ("a.csv", content)})
    assert refused.status_code == 400 and "没有“poem”这种体裁" in refused.text


@pytest.mark.parametrize(
    ("name", "content", "source", "said"),
    [
        ("a.csv", b"", "vendor", "没有收到文件。"),
        ("a.csv", b"x\n1\n", "v v", "不能作来源名"),
        ("..", b"x", "v", "没有收到文件。"),
    ],
)
def test_what_cannot_be_imported_is_told(
    visitor: TestClient, name: str, content: bytes, source: str, said: str
) -> None:
    form = {"token": token_of(visitor), "source": source}
    answer = visitor.post("/start/import", data=form, files={"file": (name, content)}, follow_redirects=False)
    text = ended(visitor, answer.headers["location"]) if answer.status_code == 303 else answer.text
    assert said in text


def test_the_sample_goes_into_an_empty_home_alone_and_comes_out_again(home: Home) -> None:
    home.hosts.write_text("version = 1\n", encoding="utf-8")
    assert fengping(home, "demo", "--here").returncode == 0
    assert "檀小木" in home.hosts.read_text("utf-8") and open_journal(home).pending({})
    assert "holds documents already" in fengping(home, "demo", "--here").stderr
    assert fengping(home, "import", "--undo", "1", "--yes").returncode == 0


def test_crawls_and_samples_run_beside_the_page(
    visitor: TestClient, empty: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(starting, "command", lambda _home, *words: asked.append(words) or "")
    for way in ("crawl", "sample"):
        place = visitor.post(f"/start/{way}", data={"token": token_of(visitor)}, follow_redirects=False)
        assert ended(visitor, place.headers["location"]) == "/"
    assert asked == [("crawl", "--json"), ("index",), ("demo", "--here"), ("index",)]
    assert start.router


def test_a_command_that_fails_says_its_last_line(empty: Home) -> None:
    with pytest.raises(Failed, match="fengping report: Unknown report"):
        starting.command(empty, "report", "nonsense")
    with pytest.raises(Failed, match="ended at its limit"):
        starting.command(empty, "serve", "--port", "0", limit=timedelta(seconds=2))
    with pytest.raises(UsageError):
        starting.keep_upload(empty, "", b"x")


def test_the_days_of_a_login_are_counted(empty: Home) -> None:
    source = Catalogue.load(empty).get("weibo-web")
    login = switching.login_of(empty, source)
    assert login is not None and login.saved_at is None and login.days_left(NOW) is None
    path = empty.var / "sessions" / f"{login.session}.json"
    path.parent.mkdir(parents=True)
    cookies = [{"expires": (NOW + timedelta(days=12)).timestamp()}, {"expires": -1}, {"expires": None}]
    path.write_text(json.dumps({"cookies": cookies}), encoding="utf-8")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    found = switching.login_of(empty, source)
    assert found is not None and found.saved_at == NOW and found.days_left(NOW) == 12
    with client_of(empty) as client:
        assert "登录还剩 12 天" in client.get("/sources").text
        assert "还剩 12 天" in client.get("/sources/weibo-web").text
    path.write_text("no json", encoding="utf-8")
    assert switching.login_of(empty, source) is not None
    assert switching.login_of(empty, Catalogue.load(empty).get("ccn")) is None


def test_a_source_has_a_page_of_its_own(visitor: TestClient) -> None:
    page = visitor.get("/sources/ccn").text
    assert "试采一页" in page and "还没有运行过" in page
    assert visitor.get("/sources/ccn.json").json()["enabled"] is False
    assert visitor.get("/sources/ccn.csv").status_code == 200
    assert visitor.get("/sources/nix").status_code == 404
