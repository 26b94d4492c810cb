"""Region, pictures and videos are kept from everywhere; attachments that quote are forgotten."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from tests.commands import fengping
from tests.site.homes import CONFIG, journaled, make_home
from tests.site.server import Reply, serve

from fengping.delivery import Attachment, Message, tables
from fengping.home import Home
from fengping.models import Media, MediaKind
from fengping.platform_fields import shown_region
from fengping.spiders import crawl
from fengping.spiders.extraction import extract
from fengping.state import State

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
TEXT = "消费者表示在样例直播间买的锅一用就裂了，平台至今没有答复，客服让他等待处理结果，他说不会再买。"


def test_a_page() -> None:
    html = (
        '<html><head><title>样例主播致歉</title></head><body><img src="/logo.png"><h1>样例主播致歉</h1>'
        '<div class="info">2020-11-11 20:05 IP属地：浙江</div><div class="content">'
        f'<p>{TEXT}</p><figure><img data-src="/a.jpg" src="/blank.gif" alt="x">'
        f'<figcaption>裂了的锅</figcaption></figure><p>第二段：{TEXT}</p><video src="https://v.example/1.mp4"></video><p>第三段：{TEXT}</p></div>'
        '<div class="comments"><p>路人 IP属地：广东</p><img src="/face.png"></div></body></html>'
    )
    page = extract(html, url="https://a.example/1", fetched_at=NOW)
    assert page.region == "浙江"
    assert page.media == (
        Media(MediaKind.IMAGE, "https://a.example/a.jpg", "裂了的锅"),
        Media(MediaKind.VIDEO, "https://v.example/1.mp4"),
    )


POSTS = """
kind = "json"
urls = ["{url}"]
detail = false
[json]
items = "list"
[json.fields]
id = "id"
text = "text"
published_at = "at"
region = "region_name"
images = "pics[].large.url"
videos = "video.url"
"""


def test_a_json_source(tmp_path: Path) -> None:
    post = {
        "id": 1, "text": TEXT, "at": "2020-11-11 10:00", "region_name": "发布于 浙江",
        "pics": [{"large": {"url": f"https://i.example/{n}.jpg"}} for n in (1, 2, 1)],
        "video": {"url": "https://v.example/1.mp4"},
    }  # fmt: skip
    with serve() as site:
        site.pages["/api"] = Reply(json.dumps({"list": [post]}, ensure_ascii=False))
        home = make_home(tmp_path / "home", CONFIG, posts=POSTS.format(url=site.url("/api")))
        crawl(home, at=NOW)
    (document,) = journaled(home)
    assert document.region == "浙江"
    assert [media.url for media in document.media] == [
        "https://i.example/1.jpg", "https://i.example/2.jpg", "https://v.example/1.mp4",
    ]  # fmt: skip


def test_an_import(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        f'正文,时间,IP属地,图片链接\n{TEXT},2020-11-11,IP属地：浙江,"https://i.example/1.jpg;https://i.example/2.jpg"\n',
        encoding="utf-8",
    )
    done = fengping(home, "import", str(file), "--source", "vendor", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["doubts"] == []
    (document,) = journaled(home)
    assert document.region == "浙江"
    assert [media.url for media in document.media] == ["https://i.example/1.jpg", "https://i.example/2.jpg"]


HOT = """榜单,日期,排名,热搜,热度,备注
微博,2020-11-11,1,样例主播致歉,323.4万,x
微博,2020-11-11,置顶,样例平台回应,,x
微博,2020-11-11,第3名,样例锅具召回,"1,234",x
"""


def test_a_hot_list(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "hot.csv"
    file.write_text(HOT, encoding="utf-8")
    done = fengping(home, "import", str(file), "--source", "hot", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["doubts"] == ["hot.csv: no field is read from 榜单, 备注."]
    assert told["statuses"] == {"new": 3} and told["remarks"] == {"rank": 1}
    assert fengping(home, "index").returncode == 0
    found = json.loads(fengping(home, "search", "样例", "--json").stdout)
    places = {(hit["title"], hit["rank"], hit["heat"]) for hit in found["hits"]}
    assert places == {("样例主播致歉", 1, 3_234_000), ("样例平台回应", None, None), ("样例锅具召回", 3, 1234)}
    fengping(home, "export", "样例", "--out", str(tmp_path / "out.csv"))
    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as rows:
        exported = {(row["title"], row["rank"], row["heat"]) for row in csv.DictReader(rows)}
    assert exported == {(title, str(rank or ""), str(heat or "")) for title, rank, heat in places}
    # A later reading with another place is a new version; the same file again is none.
    file.write_text(HOT.replace(",1,样", ",2,样"), encoding="utf-8")
    done = fengping(home, "import", str(file), "--source", "hot", "--yes", "--json")
    assert json.loads(done.stdout)["statuses"] == {"updated": 1, "again": 2}


@pytest.mark.parametrize(
    ("told", "region"),
    [("发布于 浙江", "浙江"), ("IP属地：北京", "北京"), ("来自 广东", "广东"), ("未知", ""), ("", "")],
)
def test_a_region_as_told(told: str, region: str) -> None:
    assert shown_region(told) == region


def test_forget_reaches_attachments(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"正文,链接,时间\n{TEXT},https://a.example/1,2020-11-11\n", encoding="utf-8")
    fengping(home, "import", str(file), "--source", "vendor", "--yes")
    quoting = Attachment("报告.html", f"<p>{TEXT}</p>".encode(), "text/html")
    closed = Attachment("报告.pdf", b"%PDF-1.7 x", "application/pdf")
    other = Attachment("别的.txt", "与此无关".encode())
    messages = [
        Message("one", "周报", attachments=(quoting, closed, other)),
        Message("two", "日报", attachments=(Attachment("b.pdf", b"%PDF-1.7 y"),)),
    ]
    with State.open(home).begin() as connection:
        for message in messages:
            row = {"id": message.id, "at": NOW, "record": message.to_record()}
            connection.execute(insert(tables.messages).values(row))
            for one in message.attachments:
                connection.execute(insert(tables.contents).values(digest=one.digest, content=one.content))
    done = fengping(home, "forget", "--url", "https://a.example/1", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["attachments"] == 2
    assert any("日报" in sentence and "cannot be searched" in sentence for sentence in told["later"])
    with State.open(home).begin() as connection:
        left = set(connection.scalars(select(tables.contents.c.digest)))
        records = connection.scalars(select(tables.messages.c.record)).all()
    assert left == {other.digest, messages[1].attachments[0].digest}
    assert sorted(len(record["attachments"]) for record in records) == [1, 1]
