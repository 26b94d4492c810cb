"""``forget``: what was removed is nowhere any more, is not collected again, and all else stays."""

from __future__ import annotations

import gzip
import html
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import insert, select, update
from tests.commands import fengping
from tests.meanwhile import failing
from tests.site.homes import CONFIG, ends, journaled, list_source, make_home
from tests.site.server import Handler, Reply, Site, article, list_page, serve
from tests.web.conftest import client_of, token_of

from fengping import events
from fengping.alerts import tables
from fengping.analysis.reposts.compare import normalise
from fengping.clock import iso
from fengping.delivery import Message, Outbox, deliver_due, escape
from fengping.delivery.tables import messages
from fengping.erasure.traces import Traces
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.groups import log
from fengping.indexer.pipeline import run as pipeline
from fengping.models import Document, Evidence, Judgement, Kind, Polarity, RawDocument, Role, document_id
from fengping.reading import Party, Reading
from fengping.services.correct import Changes, correct
from fengping.services.erase import Forgotten, Wanted, find, forget
from fengping.spiders import crawl
from fengping.spiders.run import crawl_runs
from fengping.state import State

pytestmark = pytest.mark.slow

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


def forgotten(home: Home, author: str = "", *urls: str, **options: Any) -> Forgotten:
    wanted = Wanted.make(home, author=author, urls=urls, before=None)
    return forget(home, wanted, find(home, wanted), NOW, **options)


@pytest.mark.parametrize("author", ["用户1", "901"])
def test_an_author_is_forgotten_by_name_or_id(home: Home, site: Site, author: str) -> None:
    store = open_store(home)
    done = forgotten(home, author)
    assert [done.counts[name] for name in ("documents", "stored", "readings")] == [4, 4, 4]
    assert {document.author for document in journaled(home)} == {"用户0", "路人"}
    assert store.count(Filter()) == 12
    again = crawl(home, at=NOW + timedelta(hours=2))[0]
    assert ends(again)["forgotten"] == 4
    assert {document.author for document in journaled(home)} == {"用户0", "路人"}


def test_a_url_is_forgotten_with_its_comments(home: Home) -> None:
    url = "https://posts.example/p/3"
    (home.quarantine).mkdir(exist_ok=True)
    wanted = Wanted.make(home, author="", urls=[url + "?utm_source=x"], before=None)
    versions = find(home, wanted).documents
    assert {document.kind for document in versions} == {Kind.POST, Kind.COMMENT}
    (home.quarantine / "index.jsonl").write_text(f'{{"data": "{versions[0].id}"}}\n{{"data": "else"}}\n')
    done = forgotten(home, "", url)
    assert [done.counts[name] for name in ("documents", "stored", "lines")] == [2, 2, 1]
    assert "评论3" not in everywhere(home) and url not in everywhere(home)
    assert "评论4" in everywhere(home)


@pytest.mark.long
@pytest.mark.parametrize("text", ["第一稿", "第二稿"], ids=["as it was", "changed"])
def test_a_crawl_at_work_does_not_bring_back_what_is_forgotten(site: Site, tmp_path: Path, text: str) -> None:
    on_page = '[comments]\nitems = "div.c"\n[comments.selectors]\ntext = "p"\nauthor = "b"\n'
    site.pages["/list.html"] = Reply(list_page({"/a.html": "样例店铺的售后"}))
    site.pages["/a.html"] = Reply(article("样例店铺的售后", "第一稿"))
    source = list_source(site.url("/list.html"), more=on_page)
    home = make_home(tmp_path / "other", 'store = "memory:"\n' + CONFIG, news=source)
    crawl(home, at=NOW)
    assert len(journaled(home)) == 1

    def forget_and_answer(handler: Handler) -> Reply:
        """The crawl has met the page as one that it knows, and waits for it."""
        assert forgotten(home, "", site.url("/a.html")).counts["documents"] == 1
        comment = '<div class="c"><b>读者甲</b><p>说得对</p></div>'
        return Reply(article("样例店铺的售后", text, extra=comment))

    site.pages["/a.html"] = forget_and_answer
    (result,) = crawl(home, at=NOW + timedelta(hours=25))
    assert ends(result) == {"listed": 1, "forgotten": 2}
    assert journaled(home) == [] and site.url("/a.html") not in everywhere(home)
    (again,) = crawl(home, at=NOW + timedelta(hours=50))
    assert ends(again) == {"listed": 1, "forgotten": 1}


def test_a_comment_that_is_forgotten_leaves_its_posts_address(home: Home) -> None:
    forgotten(home, "路人")
    assert {document.kind for document in journaled(home)} == {Kind.POST}
    assert "https://posts.example/p/3" in everywhere(home)


def test_retention_takes_what_is_older(home: Home) -> None:
    before = datetime(2020, 11, 4, 16, tzinfo=UTC)
    versions = find(home, Wanted.make(home, author="用户0", urls=[], before=before)).documents
    assert sorted(document.text[:3] for document in versions) == ["第2条", "第4条"]


def test_an_interrupted_call_is_finished_by_the_next(home: Home) -> None:
    journal = type(open_journal(home))
    with failing(journal, "erase", OSError("no space")), pytest.raises(OSError, match="no space"):
        forgotten(home, "用户1")
    assert forgotten(home, "用户1").counts["documents"] == 4
    assert "用户1" not in everywhere(home)


def test_nothing_named_is_refused(home: Home) -> None:
    with pytest.raises(UsageError, match="Missing selection"):
        Wanted.make(home, author="", urls=[], before=None)
    with pytest.raises(UsageError, match="is not a web address"):
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


# The posts of 用户1 (901): one crawled and passed on by another, two out of a file, one of these refused.
STORY = "昨晚云朵甄选直播间卖出的羊毛衫被检出与宣传不符，店铺已下架全部链接并启动先行赔付"
IMPORTED = "檀木子直播间抽奖抽中的电热毯至今没有寄到，客服一直不回复"
REFUSED = "阮小满推荐的蜂蜜柚子茶打开就是坏的，证据都在图里"
OTHERS = "订单里少了一条围巾，联系店铺之后第二天就补寄了"
PRIVATE, CORRECTED = "岳小满", "钱多鱼"
"""People whom a reading names, and a correction."""
DOOMED = (STORY[:12], IMPORTED[:20], REFUSED[:20], PRIVATE, CORRECTED)


@pytest.fixture(scope="module")
def _full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which everything that can quote 用户1 does."""
    tmp_path = tmp_path_factory.mktemp("full")
    posts = [
        {"id": n, "text": text, "name": f"用户{n % 2}", "uid": 900 + n % 2, "at": f"2020-11-{n:02d} 10:00"}
        for n, text in ((1, STORY), (2, STORY[12:]), (4, OTHERS))
    ]
    with serve() as site:
        site.pages["/api"] = Reply(json.dumps({"list": posts}, ensure_ascii=False))
        home = make_home(tmp_path / "home", CONFIG, posts=POSTS.format(url=site.url("/api")))
        crawl(home, at=NOW)
    file = tmp_path / "rows.csv"
    file.write_text(
        "正文,时间,作者,用户ID\n"
        f"{IMPORTED},2020-11-05 10:00,用户1,901\n{REFUSED},三天前,用户1,901\n{OTHERS}又一条,去年,用户0,900\n",
        encoding="utf-8",
    )
    args = ("--map", "text=正文", "--map", "published_at=时间", "--map", "author=作者", "--map",
            "author_id=用户ID")  # fmt: skip
    imported = fengping(home, "import", str(file), "--source", "posts", *args, "--yes", "--json")
    assert json.loads(imported.stdout)["statuses"] == {"new": 1, "refused": 2}
    indexed = fengping(home, "index", "--json")
    assert json.loads(indexed.stdout)["statuses"] == {"new": 4}
    name_people(home)
    quote_everywhere(home)
    return home.root


@pytest.fixture
def full(_full: Path, tmp_path: Path) -> Home:
    """A copy of its own of that home."""
    return Home.open(shutil.copytree(_full, tmp_path / "full"))


def name_people(home: Home) -> None:
    """Lets the reading of the story name one private person and a correction another."""
    id = document_id("https://posts.example/p/1")
    party = Party(PRIVATE, "person", False, ((0, 3),), {"accused": 0.9})
    judged = {
        "polarity": Polarity.NEG, "parties": (PRIVATE,), "accused": (PRIVATE,), "people": (PRIVATE,),
        "negative_brands": (PRIVATE,), "roles": {PRIVATE: Role.ACCUSED},
        "reading": Reading(0.9, 0.1, 0.0, 0.5, 0.5, (party,), (), {}, True),
        "evidence": (Evidence(f"role:accused:{PRIVATE}", 0, 3, "reading"),),
    }  # fmt: skip
    with closing(open_store(home)) as store:
        store.update({id: judged})
    correct(home, id, Changes(add_accused=(CORRECTED,)), by="甲", note="", now=NOW)
    with closing(open_store(home)) as store:
        events.update(home, store)
        assert store.count(Filter(where={"accused": (CORRECTED,)})) == 1
    with client_of(home) as client:
        form = {"document": id, "polarity": "neu", "target": [PRIVATE, CORRECTED]}
        assert client.post("/correct", data=form | {"token": token_of(client)}).status_code == 200


def quote_everywhere(home: Home) -> None:
    id, url = document_id("https://posts.example/p/1"), "https://posts.example/p/1"
    number = 1 + len([*home.journal.glob("*.jsonl*")])
    (home.journal / f"{number:08d}.jsonl").write_bytes(
        b'{"journal":1}\n' + f'{{"id":"{id}","text":"{STORY}'.encode()
    )
    message = {"rule": "r", "key": "檀木子", "fired_at": iso(NOW), "count": 3, "evidence": [id, "0" * 32],
               "text": f"【预警】檀木子：1天内负面信息3条\n  · 11-01 posts：{STORY[:30]} {url}"}  # fmt: skip
    outbox = Outbox.open(home)
    outbox.enqueue(Message(key="alarm r", subject="【预警】檀木子", lines=(message["text"],)), ["file"], NOW)
    deliver_due(home, NOW)
    state = State.open(home)
    with state.begin() as connection:
        values = {**message, "fired_at": NOW, "message": message["text"], "letter": "alarm r"}
        connection.execute(insert(tables.firings).values({k: v for k, v in values.items() if k != "text"}))
        connection.execute(update(crawl_runs).values(signals=json.dumps([f"posts: {url} matched nothing"])))
    for folder in ("var/reports/r-figures", "cases/c", "cases/d", "var/log", "var/responses"):
        (home.root / folder).mkdir(parents=True, exist_ok=True)
    (home.reports / "r.md").write_text(f"见《{STORY}》", encoding="utf-8")
    (home.reports / "r.pdf").write_bytes(b"%PDF-1.7 compressed")
    (home.reports / "r-figures" / "figure-1.svg").write_text("<svg/>")
    (home.reports / "s.md").write_text(OTHERS, encoding="utf-8")
    (home.reports / "t.pdf").write_bytes(b"%PDF-1.7 compressed")
    with zipfile.ZipFile(home.reports / "u.docx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", f"<w:t>{IMPORTED}</w:t>")
    (home.root / "cases" / "c" / "001.body").write_bytes(STORY.encode("gb18030"))
    (home.root / "cases" / "c" / "case.json").write_text("{}")
    (home.root / "cases" / "d" / "001.body").write_text(OTHERS, encoding="utf-8")
    (home.var / "responses" / "001.body").write_text(json.dumps({"text": STORY}))
    (home.var / "log" / "crawl-posts.log").write_text(f"before\nError in {STORY}\nafter\n", encoding="utf-8")


def holding(home: Home) -> set[str]:
    """Return the places under the home that hold 用户1, in any encoding, packed or not."""
    needles = [
        text.encode(code) for text in DOOMED for code in ("utf-8", "utf-16-le", "utf-32-le", "gb18030")
    ]
    needles += [normalise(text).tobytes() for text in DOOMED]
    needles += [json.dumps(text)[1:-1].encode() for text in DOOMED] + [b"posts.example/p/1"]
    found = set()
    for at, _, names in os.walk(home.root):
        for path in (Path(at) / name for name in names):
            data = path.read_bytes()
            packed = {b"\x28\xb5\x2f\xfd": lambda raw: zstandard.ZstdDecompressor().decompress(raw),
                      b"\x1f\x8b": gzip.decompress}  # fmt: skip
            data = next((unpack(data) for magic, unpack in packed.items() if data.startswith(magic)), data)
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as parts:
                    data = b"".join(map(parts.read, parts.namelist()))
            if any(needle in data for needle in needles):
                found.add(str(path.relative_to(home.root)))
    return found


def test_nothing_is_left_in_any_file_of_the_home(full: Home) -> None:
    before = holding(full)
    for place in (
        "var/journal/", "var/groups/text.bin", "var/index/", "var/state.db", "var/quarantine/import-",
        "var/delivery/messages.jsonl", "var/log/", "var/responses/", "var/reports/r.md", "var/reports/u.docx",
        "cases/c/",
    ):  # fmt: skip
        assert any(path.startswith(place) for path in before), place
    done = fengping(full, "forget", "--author", "901", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["documents"], told["stored"], told["regrouped"], told["alarms"]) == (2, 2, 1, 1)
    assert told["lines"] == 2, "a row that was set aside and a line of a log"
    deleted = {str(Path(path).relative_to(full.root)) for path in told["files"]}
    assert deleted == {
        "var/responses/001.body", "var/reports/r.md", "var/reports/r.pdf", "var/reports/u.docx",
        "var/reports/r-figures/figure-1.svg", "cases/c/001.body", "cases/c/case.json",
    }  # fmt: skip
    assert told["mentioned"] == [str(full.reports / "t.pdf")], "a PDF alone cannot be searched"
    assert told["later"] == []
    assert holding(full) == set()


def test_what_is_left_stays_right(full: Home) -> None:
    fengping(full, "forget", "--author", "901", "--yes")
    passed_on, other = (document_id(f"https://posts.example/p/{n}") for n in (2, 4))
    with closing(open_store(full)) as store:
        left = {d.id: (d.group, d.first_in_group) for d in store.scan(Filter())}
    assert left == {passed_on: (passed_on, True), other: (other, True)}
    log = (full.var / "log" / "crawl-posts.log").read_text(encoding="utf-8").splitlines()
    assert (log[0], log[1].strip(), log[2]) == ("before", "", "after")
    state = State.open(full)
    with state.begin() as connection:
        row = connection.execute(select(tables.firings)).one()
    assert (row.rule, row.key, row.fired_at, row._mapping["count"]) == ("r", "檀木子", NOW, 3)
    assert row.message == "【预警】檀木子：1天内负面信息3条"
    sent = json.loads((full.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8"))
    assert sent["subject"] == "【预警】檀木子"
    (side,) = full.quarantine.glob("import-*.jsonl")
    assert "用户0" in side.read_text(encoding="utf-8")
    assert json.loads(fengping(full, "index", "--json").stdout)["statuses"] == {"erased": 1}
    fresh = Home.open(full.root)
    with closing(open_store(fresh)) as store:
        pipeline.reindex(fresh, store, indexed_at=NOW)
        assert {d.id: (d.group, d.first_in_group) for d in store.scan(Filter())} == left


def test_a_message_in_a_table_that_no_room_names_is_blanked(full: Home) -> None:
    with State.open(full).begin() as connection:
        record = {"key": "m", "attachments": [], "text": f"预警\n{STORY}", "n": [1]}
        connection.execute(insert(messages).values(id="m", at=NOW, record=record))
    fengping(full, "forget", "--author", "901", "--yes")
    with State.open(full).begin() as connection:
        kept = connection.execute(select(messages.c.record).where(messages.c.id == "m")).scalar_one()
        assert kept == record | {"text": "预警\n…"}


def test_no_file_brings_back_what_was_forgotten(full: Home, tmp_path: Path) -> None:
    fengping(full, "forget", "--author", "901", "--yes")
    file = tmp_path / "again.csv"
    file.write_text(
        f"正文,时间,链接\n{STORY}，后来改过,2020-11-01,https://posts.example/p/1\n", encoding="utf-8"
    )
    done = fengping(full, "import", str(file), "--source", "elsewhere", "--json")
    assert json.loads(done.stdout)["statuses"] == {"forgotten": 1}


def test_a_row_that_was_set_aside_is_forgotten_by_itself(full: Home) -> None:
    done = fengping(full, "forget", "--author", "用户0", "--before", "2020-11-01", "--yes", "--json")
    assert done.returncode == 1, "imported later"
    done = fengping(full, "forget", "--author", "900", "--yes", "--json")
    assert json.loads(done.stdout)["lines"]
    (side,) = full.quarantine.glob("import-*.jsonl")
    assert [json.loads(line)["row"] for line in side.read_text(encoding="utf-8").splitlines()] == [3]


def test_prints_and_cases_are_kept_where_wanted(full: Home) -> None:
    done = fengping(full, "forget", "--author", "901", "--yes", "--keep-printed", "--json")
    told = json.loads(done.stdout)
    kept = {str(Path(path).relative_to(full.root)) for path in told["mentioned"]}
    assert kept == {"var/reports/r.md", "var/reports/u.docx", "var/reports/t.pdf", "cases/c/001.body"}
    assert holding(full) == kept - {"var/reports/t.pdf"}


def test_exports_in_the_home_are_named(full: Home) -> None:
    for name, code in (("a.csv", "utf-8"), ("b.csv", "gb18030"), ("c.txt", "utf-16")):
        (full.root / name).write_bytes(f"正文\n{STORY}\n".encode(code))
    (full.root / "d.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": STORY}).encode()))
    (full.root / "e.csv").write_text(OTHERS, encoding="utf-8")
    bulk = fengping(full, "export", "--format", "bulk", "--out", str(full.root / "f.ndjson"))
    assert bulk.returncode == 0 and fengping(full, "backup", str(full.root / "backups")).returncode == 0
    for name, said in (("g.zip", STORY), ("h.zip", OTHERS)):
        with zipfile.ZipFile(full.root / name, "w") as pack:
            pack.writestr("000001.warc.gz", gzip.compress(said.encode()))
    (full.root / "i.parquet").write_bytes(b"PAR1")
    done = fengping(full, "forget", "--author", "901", "--yes")
    backups = [f"backups/{path.name}" for path in (full.root / "backups").iterdir()]
    for name in ("a.csv", "b.csv", "c.txt", "d.jsonl.gz", "f.ndjson", "g.zip", "i.parquet", *backups):
        assert f"Look at {full.root / name}" in done.stderr
    assert "e.csv" not in done.stderr and "h.zip" not in done.stderr


@dataclass
class Elsewhere:
    """A home that had its store elsewhere before, in a cluster, with a call of ``forget`` at work."""

    home: Home
    stores: tuple[str, str]
    call: Future[subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def elsewhere(
    _full: Path, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Elsewhere]:
    home = Home.open(shutil.copytree(_full, tmp_path_factory.mktemp("elsewhere") / "full"))
    url = f"{elasticsearch_url}/forget"
    home.config_file.write_text(f'store = "{url}"\n{CONFIG}', encoding="utf-8")
    fengping(home, "index")
    with ThreadPoolExecutor(1) as pool:
        # It waits for half a minute, until the cluster has no more use for what was deleted.
        call = pool.submit(fengping, home, "forget", "--author", "901", "--yes", "--json")
        yield Elsewhere(home, (url, "tantivy:var/index"), call)


@pytest.mark.begins
@pytest.mark.long
def test_a_store_that_the_home_had_before_is_asked(elsewhere: Elsewhere) -> None:
    assert not elsewhere.call.done()


@pytest.mark.ends
@pytest.mark.long
def test_a_store_that_the_home_had_before_forgets_too(elsewhere: Elsewhere) -> None:
    home, done = elsewhere.home, elsewhere.call.result()
    assert json.loads(done.stdout)["stored"] == 2, done.stderr
    assert json.loads(done.stdout)["later"] == []
    passed_on, other = (document_id(f"https://posts.example/p/{n}") for n in (2, 4))
    expected = {passed_on: (passed_on, True), other: (other, True)}
    assert holding(home) == set()
    for config in elsewhere.stores:
        home.config_file.write_text(f'store = "{config}"\n{CONFIG}', encoding="utf-8")
        with closing(open_store(Home.open(home.root))) as store:
            assert {d.id: (d.group, d.first_in_group) for d in store.scan(Filter())} == expected


def test_an_interrupted_call_leaves_groups_that_the_next_finishes(full: Home) -> None:
    wanted = Wanted.make(full, author="901", urls=[], before=None)
    with failing(log, "install", OSError("no space")), pytest.raises(OSError, match="no space"):
        forget(full, wanted, find(full, wanted), NOW)
    assert fengping(full, "forget", "--author", "901", "--yes").returncode == 0
    assert holding(full) == set()
    with closing(open_store(full)) as store:
        assert {d.group for d in store.scan(Filter())} == {d.id for d in store.scan(Filter())}


def test_a_torn_line_of_the_file_channel_stops_nothing(full: Home) -> None:
    alerts = full.var / "alerts" / "alerts.jsonl"
    alerts.parent.mkdir(exist_ok=True)
    with closing(open_store(full)) as store:
        doomed = sorted(document.id for document in store.scan(Filter()) if document.raw.author == "用户1")
    assert doomed
    whole = json.dumps({"evidence": doomed, "text": "规则\n引文"}, ensure_ascii=False)
    torn = f'{{"evidence": ["{doomed[0]}"], "text": "引文'
    alerts.write_text(f'{whole}\n{torn}\n{{"torn": \n', encoding="utf-8")
    assert fengping(full, "forget", "--author", "用户1", "--yes").returncode == 0
    left = alerts.read_text(encoding="utf-8").splitlines()
    assert "引文" not in "".join(left)
    assert json.loads(left[0])["text"] == "规则"
    assert left[2] == '{"torn": '


def test_a_damaged_file_of_the_journal_is_named(full: Home) -> None:
    file = min(full.journal.glob("*.zst"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(bytes(data))
    done = fengping(full, "forget", "--author", "用户1", "--yes", "--json")
    assert str(file) in json.loads(done.stdout)["mentioned"]
    assert any(line.fault for batch in open_journal(full).read({}, 100) for line in batch.lines)


def test_one_author_is_one_wherever_the_posts_came_from(site: Site, tmp_path: Path) -> None:
    posts = [{"id": 1, "text": STORY, "name": "路过的青禾", "uid": 55501, "at": "2020-11-01 10:00"}]
    site.pages["/api"] = Reply(json.dumps({"list": posts}, ensure_ascii=False))
    source = POSTS.format(url=site.url("/api")).replace("样例平台", "微博")
    home = make_home(tmp_path / "one", f"{CONFIG}mask_nicknames = true\n", hot=source)
    crawl(home, at=NOW)
    header = "正文,时间,作者,用户ID,平台,链接\n"
    rows = {
        "vendor": "甲的第一条长长的微博,2020-11-02,路过的青禾,55501,新浪微博,\n",
        "other-vendor": "甲的第二条长长的微博,2020-11-02,路过的青禾,55501,,https://weibo.com/55501/JtX2a3bQk\n",
        "hot": "甲的第三条长长的微博,2020-11-02,路过的青禾,55501,,\n乙的一条微博,2020-11-02,乙乙,55502,,\n",
    }
    args = ("--map", "author_id=用户ID", "--map", "author=作者", "--map", "channel=平台", "--yes")
    for name, lines in rows.items():
        file = tmp_path / f"{name}.csv"
        file.write_text(header + lines, encoding="utf-8")
        assert fengping(home, "import", str(file), "--source", name, *args).returncode == 0
    documents = journaled(home)
    assert {document.author for document in documents} == {"路**", "乙**"}
    assert [len({d.author_id for d in documents if d.author == name}) for name in ("路**", "乙**")] == [1, 1]
    assert "5550" not in "".join(d.author_id for d in documents)
    done = fengping(home, "forget", "--author", "55501", "--yes", "--json")
    assert json.loads(done.stdout)["documents"] == 4, done.stderr
    assert [document.author for document in journaled(home)] == ["乙**"]


def test_traces_are_told_from_what_begins_alike() -> None:
    begin = "云朵甄选直播间昨晚卖出的那一批羊毛衫到货之后发现"
    said = {n: f"{begin}第{n}件有问题" for n in range(1, 40)}
    made = [
        RawDocument(
            document_id(f"https://posts.example/p/{n}"), "s", said[n], NOW, url=f"https://posts.example/p/{n}"
        )
        for n in (3, 21)
    ]
    traces = Traces([*made, replace(made[0], id=document_id("short"), text="好的", title="转发微博", url="")])
    assert {n for n, text in said.items() if traces.within(f"见《{text}》")} == {3, 21}
    addresses = {n for n in said if traces.within(f"GET https://posts.example/p/{n} 200")}
    assert addresses == {3, 21}
    assert not traces.within("好的，转发微博")
    exact = Traces([replace(made[0], url="https://posts.example/p/7890123")])
    assert len("https://posts.example/p/7890123") == 31 and not exact.within(
        "https://posts.example/p/78901234"
    )
    exact = Traces([replace(made[0], url="https://posts.example/p/78901234")])
    assert not exact.within("https://posts.example/p/789012345")
    assert traces.blanked(f"a {said[3]} b https://posts.example/p/21, c") == "a … b …, c"
    escaped = json.dumps({"text": said[21]})
    assert traces.within(escaped) and traces.within("&#x4e91;" + said[3][1:])
    marked = "#围炉拾光#锅具起皮|退了*三次*&没人理"
    traces = Traces([replace(made[0], title=marked, text="", url="")])
    for written in (escape(marked), html.escape(marked), json.dumps(marked)[1:-1], marked):
        assert traces.within(written) and traces.blanked(f"A&B：“{written}”。") == "A&B：“…”。", written
