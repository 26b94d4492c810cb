"""``source list``, ``test`` and ``record``: what a source would take, live and from a saved case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.commands import fengping
from tests.site.homes import CONFIG, journaled, list_source, make_home
from tests.site.server import Reply, Site, article, list_page, serve

from fengping.errors import ConfigError, Failed, UsageError
from fengping.home import Home
from fengping.sentences import chinese
from fengping.spiders.source_dev import Case, try_source
from fengping.spiders.sources import Catalogue

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        links = {f"/a{n}.html": f"样例新闻{n}" for n in range(4)}
        running.pages = {path: Reply(article(title, "赠品没有寄到")) for path, title in links.items()}
        running.pages["/list.html"] = Reply(list_page(links))
        yield running


@pytest.fixture
def home(site: Site, tmp_path: Path) -> Home:
    more = '[selectors.detail]\ntitle = "h1"'
    return make_home(tmp_path / "home", CONFIG, news=list_source(site.url("/list.html"), more=more))


def test_a_try_takes_one_page_and_leaves_no_trace(site: Site, home: Home) -> None:
    trial = try_source(home, "news", NOW)
    (document,) = trial.reading.documents
    assert document.title == "样例新闻0" and "赠品没有寄到" in document.text
    assert trial.reading.methods[site.url("/a0.html")]["title"] == "selector"
    assert [path for path in site.requests if path != "/robots.txt"] == ["/list.html", "/a0.html"]
    assert journaled(home) == [] and not (home.var / "state.db").exists()


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (None, "the page of the first entry is not there any more"),
        (Reply(status=302, headers={"Location": "/a1.html"}), "no document came of it (listed 1, "),
    ],
)  # fmt: skip
def test_a_try_without_a_document_says_why(site: Site, home: Home, page: Reply | None, reason: str) -> None:
    """Also where a crawl would count the page without a word."""
    site.pages.pop("/a0.html")
    if page is not None:
        site.pages["/a0.html"] = page
    (signal,) = try_source(home, "news", NOW).reading.signals
    assert signal.startswith(f"news: {reason}") and chinese(signal) is not None


def test_a_recorded_case_is_read_without_the_site(site: Site, home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    try_source(home, "news", NOW, keep=folder)
    site.requests.clear()
    case = Case(folder)
    source = Catalogue.load(home).get("news")
    reading = case.read(source)
    assert case.differences(reading) == []
    assert site.requests == []
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert expected[0]["title"] == "样例新闻0" and "fetched_at" not in expected[0]
    with pytest.raises(UsageError, match="is not empty"):
        try_source(home, "news", NOW, keep=folder)


def test_a_source_that_asks_by_post_is_recorded(site: Site, home: Home, tmp_path: Path) -> None:
    site.pages["/api"] = Reply('{"list": [{"id": 1, "text": "样例留言"}]}')
    (home.sources / "desk.toml").write_text(
        f'''kind = "json"
urls = ["{site.url("/api")}"]
body = '{{"search": "{{keyword}}", "until": {{until:%s}}}}'
keywords = ["退款"]
detail = false
[json]
items = "list"
fields = {{ id = "id", text = "text" }}
''',
        encoding="utf-8",
    )
    trial = try_source(home, "desk", NOW, keep=tmp_path / "case")
    assert [document.text for document in trial.reading.documents] == ["样例留言"]
    assert trial.reading.counts == {"listed": 1, "stored": 1}
    case = Case(tmp_path / "case")
    assert case.differences(case.read(Catalogue.load(home).get("desk"))) == []


def test_a_changed_selector_shows_against_the_case(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    try_source(home, "news", NOW, keep=folder)
    path = home.sources / "news.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"h1"', '".content p"'), encoding="utf-8")
    case = Case(folder)
    differences = case.differences(case.read(Catalogue.load(home).get("news")))
    assert len(differences) == 1 and "title is " in differences[0]


def test_what_is_no_case_and_what_gives_nothing_is_told(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a recorded case"):
        Case(tmp_path)
    path = home.sources / "news.toml"
    path.write_text(list_source("http://127.0.0.1:9/list.html"), encoding="utf-8")
    with pytest.raises(Failed, match="news returned nothing to read"):
        try_source(home, "news", NOW)


def test_the_commands(home: Home, tmp_path: Path) -> None:
    (home.sources / "bad.toml").write_text("kind = ", encoding="utf-8")
    listed = fengping(home, "source", "list", "--json")
    assert listed.returncode == 1 and "not valid TOML" in listed.stderr
    rows = {row["name"]: row for row in json.loads(listed.stdout)}
    assert rows["news"]["from"] == "home" and rows["news"]["on"] is True
    recorded = fengping(home, "source", "record", "news", "--out", str(tmp_path / "case"))
    assert recorded.returncode == 0, recorded.stderr
    tested = fengping(home, "source", "test", "news", "--case", str(tmp_path / "case"))
    assert tested.returncode == 0 and "selector" in tested.stdout
    unknown = fengping(home, "source", "test", "newz")
    assert unknown.returncode == 2 and "Did you mean 'news'?" in unknown.stderr
