"""``forget``: what was removed is nowhere any more, is not collected again, and all else stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.commands import fengping
from tests.site.homes import CONFIG, ends, journaled, make_home
from tests.site.server import Reply, Site, serve

from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer.store import Filter
from fengping.indexer.stores import open_store
from fengping.models import Document, Judgement, Kind, Polarity
from fengping.spiders.forgetting import Wanted, find, forget
from fengping.spiders.run import crawl

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)

POSTS = """
kind = "json"
urls = ["{url}"]
channel = "weibo"
platform = "样例平台"
detail = false
[json]
items = "list"
url = "https://posts.example/p/{{id}}"
[json.fields]
id = "id"
text = "text"
author = "name"
author_id = "uid"
published_at = "at"
likes = "likes"
[comments]
items = "comments"
[comments.fields]
id = "id"
text = "t"
author = "u"
"""


@pytest.fixture
def site() -> Iterator[Site]:
    posts = [
        {
            "id": n, "text": f"第{n}条：直播间买的商品坏了不给退", "name": f"用户{n % 2}", "uid": 900 + n % 2,
            "at": f"2020-11-{n:02d} 10:00", "likes": n, "comments": [{"id": n, "t": f"评论{n}", "u": "路人"}],
        }
        for n in range(1, 9)
    ]  # fmt: skip
    with serve() as running:
        running.pages["/api"] = Reply(json.dumps({"list": posts}, ensure_ascii=False))
        yield running


@pytest.fixture
def home(site: Site, tmp_path: Path) -> Home:
    config = 'store = "memory:"\n' + CONFIG
    made = make_home(tmp_path / "home", config, posts=POSTS.format(url=site.url("/api")))
    crawl(made, at=NOW)
    store = open_store(made)
    judged = Judgement(0.5, 0.5, Polarity.NEU, relevant=False)
    store.put([Document(raw, judged, raw.id, True, NOW) for raw in journaled(made)])
    assert store.count(Filter()) == 16
    return made


def everywhere(home: Home) -> str:
    """All that the journal and the state hold, as text."""
    text = "".join(str(document.to_record()) for document in journaled(home))
    return text + (home.var / "state.db").read_bytes().decode("latin-1")


@pytest.mark.parametrize("author", ["用户1", "901"])
def test_an_author_is_forgotten_by_name_or_id(home: Home, site: Site, author: str) -> None:
    store = open_store(home)
    versions = find(home, Wanted.make(home, author=author, urls=[], before=None))
    done = forget(home, store, versions, NOW)
    assert (done.documents, done.stored, done.readings) == (4, 4, 4)
    assert {document.author for document in journaled(home)} == {"用户0", "路人"}
    assert store.count(Filter()) == 12
    again = crawl(home, at=NOW + timedelta(hours=2))[0]
    assert ends(again)["forgotten"] == 4
    assert {document.author for document in journaled(home)} == {"用户0", "路人"}


def test_a_url_is_forgotten_with_its_comments(home: Home) -> None:
    url = "https://posts.example/p/3"
    report = home.reports / "r" / "report.md"
    report.parent.mkdir(parents=True)
    report.write_text(f"见 {url}", encoding="utf-8")
    (home.quarantine).mkdir(exist_ok=True)
    versions = find(home, Wanted.make(home, author="", urls=[url + "?utm_source=x"], before=None))
    assert {document.kind for document in versions} == {Kind.POST, Kind.COMMENT}
    (home.quarantine / "index.jsonl").write_text(f'{{"data": "{versions[0].id}"}}\n{{"data": "else"}}\n')
    done = forget(home, open_store(home), versions, NOW)
    assert (done.documents, done.stored, done.quarantined) == (2, 2, 1)
    assert done.mentioned == (str(report),)
    assert "评论3" not in everywhere(home) and url not in everywhere(home)
    assert "评论4" in everywhere(home)


def test_retention_takes_what_is_older(home: Home) -> None:
    before = datetime(2020, 11, 4, 16, tzinfo=UTC)
    versions = find(home, Wanted.make(home, author="用户0", urls=[], before=before))
    assert sorted(document.text[:3] for document in versions) == ["第2条", "第4条"]


def test_an_interrupted_call_is_finished_by_the_next(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Wanted.make(home, author="用户1", urls=[], before=None)
    store = open_store(home)

    def fail(*_: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patch:
        patch.setattr("fengping.indexer.journal.Journal.erase", fail)
        with pytest.raises(OSError, match="no space"):
            forget(home, store, find(home, wanted), NOW)
    done = forget(home, store, find(home, wanted), NOW)
    assert done.documents == 4
    assert "用户1" not in everywhere(home)


def test_nothing_named_is_refused(home: Home) -> None:
    with pytest.raises(UsageError, match="What is to be forgotten"):
        Wanted.make(home, author="", urls=[], before=None)
    with pytest.raises(UsageError, match="is no web address"):
        Wanted.make(home, author="", urls=["javascript:void(0)"], before=None)


def test_the_command_says_what_it_removed(home: Home) -> None:
    (home.root / "fengping.toml").write_text(CONFIG, encoding="utf-8")
    done = fengping(home, "forget", "--author", "用户1", "--json")
    assert done.returncode == 2 and len(journaled(home)) == 16
    done = fengping(home, "forget", "--author", "用户1", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["documents"] == 4
    done = fengping(home, "forget", "--author", "用户1", "--yes")
    assert done.returncode == 1 and "Nothing matches" in done.stderr
