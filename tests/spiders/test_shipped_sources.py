"""Every source that ships reads a response in the shape of the real thing, with invented contents.

``tests/sources/NAME/``: ``response.*`` as the site would send it, ``expected.json`` what it says, and for
many ``page.html``, an article page of the site.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.site.homes import journaled, make_home
from tests.site.server import Handler, Reply, serve

from fengping.clock import iso, parse_moment
from fengping.models import Kind
from fengping.spiders import Status, crawl
from fengping.spiders.extraction import Entry
from fengping.spiders.framework import response_status
from fengping.spiders.source_dev import read_entries, read_page, response_of
from fengping.spiders.sources import SHIPPED, SourceKind, load_source

NOW = datetime(2020, 11, 12, 4, 0, tzinfo=UTC)
SAVED = Path(__file__).parents[1] / "sources"
NAMES = sorted(path.stem for path in SHIPPED.glob("*.toml"))
WITH_PAGE = [name for name in NAMES if (SAVED / name / "page.html").exists()]


def expected(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SAVED / name / "expected.json").read_text(encoding="utf-8"))
    return loaded


def said(entry: Entry) -> dict[str, Any]:
    """An entry's fields under the names of ``expected.json``."""
    counts = ("likes", "comments", "reposts", "views")
    return {name: getattr(entry.engagement, name) for name in counts} | {
        "url": entry.url, "id": entry.id, "title": entry.title, "text": entry.text, "author": entry.author,
        "author_id": entry.author_id, "site": entry.site, "published_at": entry.published_at,
    }  # fmt: skip


def wanted(fields: dict[str, Any]) -> dict[str, Any]:
    moment = fields.get("published_at")
    return fields | ({"published_at": parse_moment(moment)} if moment else {})


@pytest.mark.parametrize("name", NAMES)
def test_its_saved_response_is_read(name: str) -> None:
    source = load_source(SHIPPED / f"{name}.toml")
    (saved,) = (SAVED / name).glob("response.*")
    case = expected(name)
    listing = read_entries(source, response_of(case["url"], saved.read_bytes()), NOW)
    assert listing.matched and not listing.complaints
    found: dict[str, Entry] = {}
    for entry in listing.entries:
        found.setdefault(entry.key, entry)
    assert len(found) == len(case["entries"]) >= 3
    for entry, fields in zip(found.values(), case["entries"], strict=True):
        assert {key: value for key, value in said(entry).items() if key in fields} == wanted(fields)
        # What is not expected is not there either: no date or count out of thin air.
        for key in ("published_at", "likes", "comments", "reposts", "views", "author"):
            assert key in fields or not said(entry)[key], key


@pytest.mark.parametrize("name", WITH_PAGE)
def test_its_saved_page_is_read(name: str) -> None:
    source = load_source(SHIPPED / f"{name}.toml")
    case = expected(name)
    page, first = case["page"], case["entries"][0]
    url = first["url"]
    body = (SAVED / name / "page.html").read_bytes()
    entry = read_page(source, response_of(url, body), Entry(url, ""), NOW)
    assert entry.title == page["title"]
    assert entry.published_at == parse_moment(page["published_at"])
    assert entry.text.startswith(page["begins"]) and entry.text.endswith(page["ends"])
    assert entry.text.count("\n") == 2


@pytest.mark.parametrize(
    "body",
    [
        '{"ok":-100,"errno":"100005","msg":"登录后可见","url":"https://passport.weibo.com/sso/signin"}',
        '{"code":-352,"message":"-352","ttl":1,"data":{"v_voucher":"voucher_x"}}',
        '{"code":-412,"message":"request was banned","ttl":1}',
        '{"code":-101,"success":false,"msg":"无登录信息，或登录信息为空","data":{}}',
        '{"errno":-2,"msg":"操作过于频繁，请稍后再试"}',
        '{"code": 300012, "success": false, "msg": "网络连接异常，请检查网络设置后重试"}',
    ],
)
def test_a_platform_that_refuses_with_200_counts_as_blocking(body: str) -> None:
    assert response_status(200, body.encode()) is Status.BLOCKED
    # The same words with other numbers, or in a long answer, are no refusal.
    if "过于频繁" not in body:
        harmless = body.replace("-", "").replace("300012", "0").replace("passport", "video")
        assert response_status(200, harmless.encode()) is None
    assert response_status(200, body.replace("}", f', "list": "{"样例" * 300}"}}', 1).encode()) is None


WITH_COMMENTS = [name for name in NAMES if (SAVED / name / "comments.json").exists()]


def test_an_answer_stands_with_the_complaint_it_answers(tmp_path: Path) -> None:
    text = (SHIPPED / "rednet-search.toml").read_text(encoding="utf-8")
    full = {p.stem: Reply(p.read_bytes()) for p in (SAVED / "rednet-search").glob("full*.json")}
    with serve() as site:

        def listed(handler: Handler) -> Reply:
            asked = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
            assert asked == {"search": "直播带货", "page": 1, "page_num": 20}
            return Reply((SAVED / "rednet-search" / "response.json").read_bytes())

        site.pages = {"/front/msg/index": listed} | {
            f"/front/msg/detail?id={4710000 + n}": full["full"] if n else full["full-unanswered"]
            for n in range(3)
        }
        local = re.sub(r"https://rapi[a-z.]+", site.url(""), text)
        home = make_home(tmp_path / "home", desk=re.sub(r"(?m)^(rate|pagination) = .*$", "", local))
        (result,) = crawl(home, at=NOW)
    assert not result.signals
    said = [document.text for document in sorted(journaled(home), key=lambda one: one.url)]
    assert said == ["样例直播间买到的棉衣起球，商家不退。"] + 2 * [
        "样例店铺二十天没有发货。\n样例县市场监督管理局：已联系商家，三日内退款。\n答复：已办结。"
    ]


class _Answers(dict[str, Reply]):
    """A site on which every path answers with the comments, but for the first, which is the list."""

    def __init__(self, listed: bytes, comments: bytes) -> None:
        super().__init__({"/robots.txt": Reply(status=404)})
        self._listed, self._comments = listed, comments
        self.asked: list[str] = []

    def get(self, key: str, default: Any = None) -> Any:
        if key in self:
            return self[key]
        self.asked.append(key)
        return Reply(self._listed if len(self.asked) == 1 else self._comments)


@pytest.mark.parametrize("name", WITH_COMMENTS)
def test_its_comments_are_collected(name: str, tmp_path: Path) -> None:
    case = expected(name)
    text = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    (saved,) = (SAVED / name).glob("response.*")
    answers = _Answers(saved.read_bytes(), (SAVED / name / "comments.json").read_bytes())
    with serve() as site:
        site.pages = answers  # type: ignore[assignment]
        local = re.sub(r"https://[a-z.]+", site.url(""), text)
        local = re.sub(r"(?m)^(rate|pagination|cookies_from) = .*$|max_pages = \d+", "", local)
        home = make_home(tmp_path / "home", sample=local)
        (result,) = crawl(home, at=NOW)
    assert not result.signals
    comments = [document for document in journaled(home) if document.kind is Kind.COMMENT]
    parents = {document.id for document in journaled(home) if document.kind is not Kind.COMMENT}
    assert len(parents) == 3 and {comment.parent_id for comment in comments} == parents
    one = sorted((c for c in comments if c.parent_id == min(parents)), key=lambda c: c.published_at or NOW)
    said = [
        {"text": c.text, "author": c.author, "published_at": iso(c.published_at), "likes": c.engagement.likes}
        for c in one
    ]
    assert said == case["comments"]


def test_there_are_at_least_thirty_and_each_has_its_case() -> None:
    assert len(NAMES) >= 48
    assert {folder.name for folder in SAVED.iterdir()} == set(NAMES)
    without_page = {
        name for name in NAMES if load_source(SHIPPED / f"{name}.toml").detail and name not in WITH_PAGE
    }
    # Their pages lie on hosts of many makes (self-media, apps); the general extractor has its own tests.
    assert without_page == {"heimao-groups", "nandu", "netease-hot", "qq-hot", "rednet-search"}


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_a_user_must_know(name: str) -> None:
    source = load_source(SHIPPED / f"{name}.toml")
    assert source.title and source.licence.endswith(".")
    assert source.note.endswith(".") and "login" in source.note
    assert source.rate.delay >= 2
    assert source.expect.max_items > 0
    assert source.kind is SourceKind.BROWSER or source.browser is None
    # Who opens a page with a login is never faster than a reader, one page after the other.
    if source.browser and source.browser.session:
        assert source.rate.concurrency == 1 and source.rate.delay >= 8


def test_those_of_unknown_address_are_off() -> None:
    off = {name for name in NAMES if not load_source(SHIPPED / f"{name}.toml").enabled}
    assert off == {"people-tousu", "zj315"}
