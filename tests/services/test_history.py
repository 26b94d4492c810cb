"""``fengping history``: the first version stays readable, and each reading of counts can be looked up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.commands import fengping
from tests.site.homes import list_source, make_home
from tests.site.server import Reply, Site, article, list_page, serve

from fengping.errors import UsageError
from fengping.home import Home
from fengping.services.history import history
from fengping.spiders import crawl

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
VIDEOS = """
kind = "json"
urls = ["{url}"]
channel = "video"
platform = "样例视频"
detail = false
[json]
items = "list"
fields = {{ id = "id", title = "title", likes = "likes" }}
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@pytest.fixture
def home(site: Site, tmp_path: Path) -> Home:
    """A home that collected an article before and after it was corrected, and a video as likes grew."""
    site.pages["/list.html"] = Reply(list_page({"/a.html": "样例新闻"}))
    made = make_home(
        tmp_path / "home",
        news=list_source(site.url("/list.html")),
        videos=VIDEOS.format(url=site.url("/api")),
    )
    for day, (title, likes) in enumerate((("样例新闻", 5), ("样例新闻已更正", 80))):
        site.pages["/a.html"] = Reply(article(title, "赠品没有寄到"))
        video = {"id": 7, "title": "样例视频", "likes": likes}
        site.pages["/api"] = Reply(json.dumps({"list": [video]}))
        crawl(made, at=NOW + timedelta(days=2 * day))
    return made


def test_each_version_stays_readable(site: Site, home: Home) -> None:
    found = history(home, site.url("/a.html"))
    assert [version.title for version in found.versions] == ["样例新闻", "样例新闻已更正"]
    assert found.changed(0) == () and {"title", "text"} <= set(found.changed(1))
    assert history(home, found.versions[0].id) == found
    shown = fengping(home, "history", site.url("/a.html"), "--text")
    assert shown.returncode == 0 and "version 1" in shown.stdout
    assert "样例新闻的第1段" in shown.stdout and "样例新闻已更正的第1段" in shown.stdout


def test_each_reading_of_counts_is_told(site: Site, home: Home) -> None:
    fengping(home, "index")
    (video,) = json.loads(fengping(home, "search", "--source", "videos", "--json").stdout)["hits"]
    told = json.loads(fengping(home, "history", video["id"], "--json").stdout)
    readings = [(reading["read_at"][:10], reading["likes"]) for reading in told["readings"]]
    assert readings == [("2020-11-12", 5), ("2020-11-14", 80)]
    assert [version["changed"] for version in told["versions"]] == [[], ["engagement"]]


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("样例", 2, "is neither an address nor an id"),
        ("http://[::1", 2, "is not an address"),
        ("https://news.example/none.html", 1, "was collected"),
        ("0" * 32, 1, "was collected"),
    ],
)
def test_what_is_not_there_is_told(tmp_path: Path, name: str, code: int, sentence: str) -> None:
    told = fengping(make_home(tmp_path / "home"), "history", name)
    assert told.returncode == code and sentence in told.stderr and "Traceback" not in told.stderr


def test_an_id_is_taken_as_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        history(make_home(tmp_path / "home"), "0" * 31)
