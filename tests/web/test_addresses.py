"""The address of a page is its state: forms keep what they do not set, and a notice is no part of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import HOST, client_of, documents, links_of, token_of

from fengping.home import Home
from fengping.web import rendering
from fengping.web.pages.keys import KEYS
from fengping.web.rendering import PLACES

ONE, OTHER = (document.id for document in documents()[:2])
DAYS = {"since": "2020-11-01", "until": "2020-11-12"}
FILTERS = {
    "host": HOST, "issue": ["C03", "C01"], "platform": "抖音", "channel": "weibo", "source": "weibo-hot",
    "accused": HOST, "accused_brand": "甲牌", "event": "0123", "tag": "待核实", "group": ONE,
}  # fmt: skip
PAGES: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("/search", {"q": "退款", **DAYS, **FILTERS, "polarity": "neg", "sort": "oldest", "by": "week"}),
    ("/search", {"q": "退款", "tag": "待核实", "offset": "20", "open": ONE}),
    ("/words", {"q": "退款", **DAYS, **FILTERS, "polarity": "pos", "against": "year", "names": "1"}),
    ("/words", {"days": "28", "polarity": "neg"}),
    ("/peaks", {"q": "退款", **DAYS, **FILTERS, "polarity": ["neg", "neu"], "by": "hour", "days": "7"}),
    ("/crosstab", {"q": "退款", **DAYS, **FILTERS, "of": "brands"}),
    ("/compare", {"one": "退款", "other": "客服", **DAYS, "against": "year"}),
    ("/hosts", {"days": "28", "of": "negative", "against": "year", "sort": "rise", "name": "鹿"}),
    ("/hosts", {**DAYS, "of": "documents", "sort": "fall"}),
    (f"/hosts/{HOST}", {"days": "28"}),
    ("/events", {"q": "退款", "party": HOST, **DAYS, "status": "未证实"}),
    ("/alerts/rule", {"was": "夜班", "name": "夜班", "kind": "frequency", "num_events": "4", "hosts": HOST}),
    ("/settings/who", {"for_host": HOST, "for_class": "C03", "for_time": "22:30"}),
    ("/settings/route", {"name": "a", "to": "file", "severity": "critical", "typed": "1", "host": HOST}),
    ("/registry", {"name": HOST, "aliases": "十七", "ambiguous": "小鹿=带货"}),
)


@dataclass
class Form:
    """Values that a form sends as it stands, and the names that a person sets in it."""

    action: str
    sent: dict[str, list[str]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """The forms of a page that ask, and change nothing."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", "")) if given.get("method", "get") == "get" else None
            self.found += [self._form] if self._form else []
        elif self._form is None:
            return
        elif tag == "select":
            self._select = given["name"]
            self._form.own.add(self._select)
        elif tag == "option" and "selected" in given:
            self._form.sent.setdefault(self._select, []).append(given.get("value", ""))
        elif tag in ("input", "textarea") and "name" in given:
            self._form.own |= {given["name"]} if given.get("type") != "hidden" else set()
            if given.get("type") != "checkbox" or "checked" in given:
                self._form.sent.setdefault(given["name"], []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._form = None if tag == "form" else self._form


@pytest.mark.parametrize(("page", "asked"), PAGES)
def test_a_form_keeps_what_it_does_not_set(
    manned: Home, page: str, asked: Mapping[str, str | list[str]]
) -> None:
    with client_of(manned) as client:
        answer = client.get(page, params=asked)
    assert answer.status_code == 200
    forms = [one for one in Forms(answer.text).found if unquote(one.action) == page]
    assert forms
    for one in forms:
        for name, value in asked.items():
            given = [value] if isinstance(value, str) else value
            if name in PLACES:
                assert name not in one.sent  # another question begins at the first page of its answer
            elif name not in one.own or name == "polarity":
                assert sorted(one.sent.get(name, [])) == sorted(given), (name, one)


def test_a_search_elsewhere_begins_anew(client: TestClient) -> None:
    page = client.get("/words", params={"q": "退款", "tag": "待核实"}).text
    [search] = [one for one in Forms(page).found if one.action == "/search"]
    assert search.sent == {"q": ["退款"]}


def test_a_tag_narrowed_by_days_stays_and_so_does_its_export(client: TestClient) -> None:
    client.post("/marks", data={"token": token_of(client), "id": [ONE, OTHER], "tags": "待核实"})
    form = Forms(client.get("/search", params={"tag": "待核实", "sort": "oldest"}).text).found[1]
    page = client.get("/search", params=form.sent | {"since": ["2020-11-12"], "until": ["2020-11-12"]}).text
    assert "<b>2</b>" in page
    export = next(link for link in links_of(page) if link.startswith("/search/export") and "jsonl" in link)
    assert client.get(export).text.count("\n") == 2 and "sort=oldest" in export


@pytest.mark.parametrize("page", ["/words", "/peaks", "/crosstab"])
def test_filters_of_an_address_are_shown_and_can_be_taken_away(client: TestClient, page: str) -> None:
    shown = client.get(page, params={"q": "退款", "tag": "待核实", "days": "28"}).text
    assert 'class="chips"' in shown and "待核实" in shown
    without = {link for link in links_of(shown) if link.startswith(f"{page}?") and "tag=" not in link}
    assert f"{page}?q=%E9%80%80%E6%AC%BE&days=28" in without


def test_cells_of_a_filtered_cross_table_lead_to_their_documents(client: TestClient) -> None:
    for asked in ({"issue": "C03"}, {"accused": HOST, "since": "2020-11-12"}, {"q": "退款 -客服"}):
        [row] = client.get("/crosstab.json", params=asked).json()
        page = client.get("/crosstab", params=asked).text
        cells = [link for link in links_of(page) if link.startswith("/search?") and "polarity=neg" in link]
        assert cells
        for link in cells:
            total = client.get(link.replace("/search?", "/search.json?")).json()["total"]
            assert total == row["negative"] == row["classes"]["C03"], (asked, link)


def test_the_files_of_words_hold_the_documents_of_the_page(client: TestClient) -> None:
    page = client.get("/words", params={"tag": "无", "since": "2020-11-12", "until": "2020-11-12"}).text
    file = next(link for link in links_of(page) if link.startswith("/words.json"))
    assert "tag=" in file and client.get(file).json()["n"] == 0


def test_a_notice_is_told_once_and_stands_in_no_address(client: TestClient) -> None:
    form = {"token": token_of(client), "id": [ONE, OTHER], "tags": "待核实", "back": "/search?q=退款"}
    answer = client.post("/marks", data=form, follow_redirects=False)
    place = answer.headers["location"]
    assert "said" not in place and "2 条已记下" not in client.get("/hosts").text  # it waits for its page
    page = client.get(place).text
    assert "2 条已记下" in page and not any("said" in link for link in links_of(page))
    assert "2 条已记下" not in client.get(place).text


def test_only_the_console_speaks_as_the_console(client: TestClient) -> None:
    assert "账号已过期" not in client.get("/", params={"said": "账号已过期"}).text
    client.post("/marks", data={"token": token_of(client), "id": [ONE], "tags": "x"}, follow_redirects=False)
    cookie = client.cookies["fp_notice"]
    client.cookies.clear()
    for made in (cookie[:-4] + "5aW9", f"{'0' * 32}.{cookie.partition('.')[2]}", "x", "é.é", cookie):
        shown = client.get(
            f"/documents/{ONE}", headers={"cookie": f"fp_notice={made}".encode("latin-1")}
        ).text
        assert ("1 条已记下" in shown) is (made == cookie), made
    elsewhere = client.get(f"/documents/{OTHER}", headers={"cookie": f"fp_notice={cookie}"}).text
    assert "1 条已记下" not in elsewhere


def test_a_long_notice_is_cut_where_one_sees_it(client: TestClient) -> None:
    form = {"token": token_of(client), "id": [ONE], "tags": "、".join(f"标签{n:03}" for n in range(300))}
    page = client.post("/marks", data=form).text
    told = page.partition('<p class="note" role="status">')[2].partition("</p>")[0]
    assert told.startswith("1 条已记下：标签000、") and told.endswith("…") and len(told) == 700


def canonical(page: str) -> str:
    found = re.search(r'<link rel="canonical" href="([^"]*)"', page)
    return unescape(found[1]) if found else ""


@pytest.mark.parametrize(
    ("page", "asked", "fixed"),
    [
        ("/", {}, {"day": "2020-11-12"}),
        ("/hosts", {"days": "7"}, {"since": "2020-11-06", "until": "2020-11-12"}),
        ("/hosts", {"since": "2020-11-01"}, {"since": "2020-11-01", "until": "2020-11-12"}),
        (f"/hosts/{HOST}", {}, {"since": "2020-08-15", "until": "2020-11-12"}),
        ("/words", {"days": "7", "tag": "x"}, {"tag": "x", "since": "2020-11-06", "until": "2020-11-12"}),
        ("/peaks", {"days": "28"}, {"since": "2020-10-16", "until": "2020-11-12"}),
        ("/crosstab", {"q": "退款 截止:昨天"}, {"q": "退款 截止:2020-11-11"}),
        (
            "/compare",
            {"one": "since:-1w 退款", "other": "(客服 until:-36h)"},
            {"one": "since:2020-11-05 退款", "other": "(客服 until:2020-11-10T22:30:00+08:00)"},
        ),
        ("/search", {"q": "x -since:-1d", "sort": "oldest"}, {"q": "x -since:2020-11-11", "sort": "oldest"}),
        (
            "/alerts/rule",
            {"name": "x", "kind": "frequency", "num_events": "3"},
            {"name": "x", "kind": "frequency", "num_events": "3", "until": "2020-11-12T10:30:00"},
        ),
        ("/settings/who", {"for_host": HOST}, {"for_host": HOST, "for_time": "10:30"}),
    ],
)  # fmt: skip
def test_a_copied_address_has_its_times_fixed(
    client: TestClient, page: str, asked: dict[str, str], fixed: dict[str, str]
) -> None:
    shown = client.get(page, params={"lang": "zh", **asked}).text
    address = canonical(shown)
    assert unquote(urlsplit(address).path) == page
    assert {name: value for name, [value] in parse_qs(urlsplit(address).query).items()} == fixed
    assert "时间写定的地址" in shown and address in links_of(shown)
    again = client.get(address).text
    assert canonical(again) == address and "时间写定的地址" not in again


def test_a_saved_query_that_counts_back_is_written_out(client: TestClient) -> None:
    token = token_of(client)
    for name, query in (("一天", "退款 since:-1d"), ("套", 'query:"一天" OR 客服'), ("定", "退款")):
        client.post("/search/save", data={"token": token, "name": name, "query": query})
    for query, fixed in (
        ("鹿 -query:套", "鹿 -((退款 since:2020-11-11) OR 客服)"),
        ('query:"定"', 'query:"定"'),
        ("退款", "退款"),
    ):
        shown = client.get("/search", params={"q": query}).text
        assert parse_qs(urlsplit(canonical(shown)).query) == {"q": [fixed]}
        total = re.search(r"<b>(\d+)</b>", shown)
        assert total and total[0] in client.get(canonical(shown)).text


def test_keys_are_switched_off_without_a_script(client: TestClient) -> None:
    assert 'data-keys="off"' not in client.get("/keys").text
    page = client.get("/keys?keys=off").text
    assert 'data-keys="off"' in page and "/keys?keys=on" in links_of(page)
    assert 'data-keys="off"' in client.get("/search").text
    assert not any("keys=" in link for link in links_of(client.get("/search?keys=off").text))
    assert 'data-keys="off"' not in client.get("/keys?keys=on").text


def test_every_key_of_the_desk_stands_in_the_list() -> None:
    script = (Path(rendering.__file__).parent / "static" / "desk.js").read_text("utf-8")
    pressed = {key.lower() for key in re.findall(r'event\.code === "Key([A-Z])"', script)}
    listed = {key for _, rows in KEYS for keys, _ in rows for key in keys.split()}
    assert "y" in pressed and pressed <= listed
