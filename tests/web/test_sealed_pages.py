"""A sealed edition on the console, the redacted one in its place, and a case that a reviewer adds."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import NOW, documents, token_of
from tests.web.test_accounts import PASSWORD, signed_in
from tests.web.test_edition_pages import NUMBER, PASSED, SIGNED, drafted, ended

from fengping import events
from fengping.erasure import Erasure
from fengping.erasure.traces import Traces
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.reports.archive import Editions
from fengping.reports.erase import erase_prints
from fengping.services import edition
from fengping.services.edition_redacting import issue
from fengping.state import State
from fengping.web.accounts import book

SECOND = NUMBER[:-1] + "2"


@pytest.fixture
def sealed(client: TestClient, stocked: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A signed edition that quotes an event, all of which was to be forgotten."""
    monkeypatch.setattr(edition, "FORMATS", ("html",))
    with closing(open_store(stocked)) as store:
        events.update(stocked, store)
        quoted = [
            one.raw for one in store.scan(Filter()) if one.raw.text.startswith("鹿十七直播间买的第00件")
        ]
    page, token = drafted(client), {"token": token_of(client)}
    ended(
        client,
        client.post(f"{page}/advance", data=PASSED | token, follow_redirects=False).headers["location"],
    )
    client.post(f"{page}/advance", data=SIGNED | token)
    assert quoted and Editions(stocked).find(NUMBER).state.value == "signed"
    erasure = Erasure(stocked, quoted, Traces(quoted), lambda _line, _at: False, NOW)
    erase_prints(erasure)
    issue(erasure)
    return stocked


def test_it_shows_neither_page_nor_file_and_names_what_replaces_it(client: TestClient, sealed: Home) -> None:
    page = f"/reports/editions/{NUMBER}"
    shown = client.get(page).text
    assert (
        "这一版已封存" in shown
        and re.search(r"涉及 \d+ 条信息", shown)
        and f'href="/reports/editions/{SECOND}"' in shown
    )
    assert "<iframe" not in shown and f'{NUMBER}.html">HTML</a>' not in shown
    assert client.get(f"{page}/{NUMBER}.html").status_code == 403
    assert client.get(f"{page}/{NUMBER}.json").status_code == 403
    assert "已封存" in client.get(f"{page}/review").text
    assert client.get(f"/reports/editions/{SECOND}/diff", params={"other": NUMBER}).status_code == 400
    listed = client.get("/reports").text
    assert "已封存" in listed and f"替代 {NUMBER}" in listed
    rows = {row["number"]: row for row in client.get("/reports.json").json()}
    assert rows[NUMBER]["sealed"] and rows[SECOND]["redacts"] == NUMBER


def test_the_redacted_one_is_a_draft_that_says_so_and_is_signed_again(
    client: TestClient, sealed: Home
) -> None:
    page, token = f"/reports/editions/{SECOND}", {"token": token_of(client)}
    shown = client.get(page).text
    assert f"这一版替代已封存的 {NUMBER}" in shown and "草稿" in shown and "审阅完毕" in shown
    file = client.get(f"{page}/{SECOND}.html").text
    assert f"与{NUMBER}相比的改动列于文末" in file and documents()[0].raw.id not in file
    assert client.post(f"{page}/send", data=token | {"to": "file"}).status_code == 400
    ended(
        client,
        client.post(f"{page}/advance", data=PASSED | token, follow_redirects=False).headers["location"],
    )
    client.post(f"{page}/advance", data=SIGNED | token)
    assert Editions(sealed).find(SECOND).state.value == "signed"


def test_a_sealed_file_is_opened_by_an_administrator_with_a_reason_that_is_written_down(
    sealed: Home,
) -> None:
    for name in ("analyst", "admin"):
        book.add(State.open(sealed), name, PASSWORD, name, NOW)
    place, form = f"/reports/editions/{NUMBER}/held", {"name": f"{NUMBER}.html"}
    analyst, admin = (signed_in(sealed, name) for name in ("analyst", "admin"))
    assert "封存件只有管理员能查阅" in analyst.get(f"/reports/editions/{NUMBER}").text
    assert analyst.post(place, data=form | {"why": "x", "token": token_of(analyst)}).status_code == 403
    token = {"token": token_of(admin)}
    assert "查阅封存件" in admin.get(f"/reports/editions/{NUMBER}").text
    refused = admin.post(place, data=form | token)
    assert refused.status_code == 400 and "没有填查阅封存件的缘由" in refused.text
    opened = admin.post(place, data=form | token | {"why": "法院调取"})
    assert opened.status_code == 200 and "已签发（签发：乙签" in opened.text
    [line] = [row for row in admin.get("/audit.json").json() if row["act"] == "open sealed edition"]
    assert (line["who"], line["target"]) == ("admin", NUMBER) and "法院调取" in line["detail"]
    other = admin.post(f"/reports/editions/{SECOND}/held", data=form | token | {"why": "x"})
    assert other.status_code == 400
