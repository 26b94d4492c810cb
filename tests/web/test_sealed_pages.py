"""A sealed edition on the console, and the redacted one in its place."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from fastapi.testclient import TestClient
from tests.making import document
from tests.web.conftest import NOW, token_of
from tests.web.test_accounts import PASSWORD, signed_in
from tests.web.test_edition_pages import NUMBER, PASSED, SIGNED, advanced, drafted, ended

from fengping import events
from fengping.delivery import Outbox
from fengping.erasure import Erasure
from fengping.erasure.traces import Traces
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Channel, Document
from fengping.reports.archive import Editions
from fengping.reports.erase import erase_prints
from fengping.services.edition_redacting import issue
from fengping.state import State
from fengping.web.accounts import book

SECOND = NUMBER[:-1] + "2"
QUILT = "蚕丝被里没有蚕丝，检测报告显示全是化纤"
WASHER = "预售洗衣机付完尾款反而贵了八十七元"
BLANK = "〔已按要求删去〕"


def stories() -> Iterator[Document]:
    """Two stories that five sites each tell, so that each is a case; the first is to be forgotten."""
    for number, text in enumerate((QUILT, WASHER)):
        for n in range(10):
            made = document(
                6000 + 100 * number + n,
                NOW - timedelta(days=2, minutes=n),
                text,
                issues=("C03",),
                consumer=True,
            )
            yield replace(made, raw=replace(made.raw, channel=Channel.NEWS, site=f"样本网{n // 2}"))


FORGOTTEN = [one.raw for one in stories() if one.raw.text == QUILT]


@pytest.fixture
def sealed(client: TestClient, stocked: Home) -> Home:
    """A signed edition one of whose cases quotes what was to be forgotten since."""
    with closing(open_store(stocked)) as store:
        store.put(list(stories()))
        events.update(stocked, store)
    page, token = drafted(client), {"token": token_of(client)}
    ended(
        client,
        client.post(f"{page}/advance", data=PASSED | token, follow_redirects=False).headers["location"],
    )
    advanced(client, page, SIGNED | token)
    assert Editions(stocked).find(NUMBER).state.value == "signed"
    # What is withheld from here on is shown until then.
    assert all(QUILT in seen for seen in (client.get(f"{page}/{NUMBER}.html").text, quotes(stocked, NUMBER)))
    erasure = Erasure(stocked, FORGOTTEN, Traces(FORGOTTEN), lambda _line, _at: False, NOW)
    erase_prints(erasure)
    issue(erasure)
    return stocked


def quotes(home: Home, number: str) -> str:
    """Quotations of the cases of an edition, by its file in the archive."""
    data = orjson.loads((Editions(home).folder(number) / f"{number}.json").read_bytes())
    return "".join(case["quote"]["text"] for case in data["cases"])


def test_a_sealed_edition_is_not_shown(client: TestClient, sealed: Home) -> None:
    page = f"/reports/editions/{NUMBER}"
    shown = client.get(page).text
    held = Editions(sealed).find(NUMBER).hold["documents"]
    assert held and set(held) <= {one.id for one in FORGOTTEN}
    assert "这一版已封存" in shown and f"涉及 {len(held)} 条信息" in shown
    assert f'href="/reports/editions/{SECOND}"' in shown
    assert "<iframe" not in shown and f"{page}/{NUMBER}.html" not in shown
    for name in ("html", "json"):
        refused = client.get(f"{page}/{NUMBER}.{name}")
        assert refused.status_code == 403 and QUILT not in refused.text
    review = client.get(f"{page}/review").text
    assert (
        "已封存" in review
        and 'class="li sentence"' not in review
        and "<form" not in review.split("<main")[-1]
    )
    for path, other in ((SECOND, NUMBER), (NUMBER, SECOND)):
        for form in ("diff", "diff.json", "diff.csv"):
            compared = client.get(f"/reports/editions/{path}/{form}", params={"other": other})
            assert compared.status_code == 400 and QUILT not in compared.text
    listed = client.get("/reports").text
    assert "已封存" in listed and f"替代 {NUMBER}" in listed
    rows = {row["number"]: row for row in client.get("/reports.json").json()}
    assert rows[NUMBER]["sealed"] and rows[SECOND]["redacts"] == NUMBER
    assert QUILT[:10] not in shown + review + listed + str(rows)


def test_a_sealed_edition_is_neither_sent_nor_changed(client: TestClient, sealed: Home) -> None:
    page, token = f"/reports/editions/{NUMBER}", {"token": token_of(client)}
    assert f"{page}/send" not in client.get(page).text
    before = Outbox.open(sealed).attempts(None)
    for form in ({"to": "file"}, {"to": "file", "test": "1"}):
        refused = client.post(f"{page}/send", data=token | form)
        assert refused.status_code == 400 and "封存" in refused.text
    changed = {"action": "strike", "target": "overview.total"}
    assert client.post(f"{page}/edit", data=token | changed).status_code == 400
    assert client.post(f"{page}/undo", data=token).status_code == 400
    assert Outbox.open(sealed).attempts(None) == before and Editions(sealed).find(NUMBER).sealed


def test_the_redacted_one_is_shown_with_blanks_and_a_list_of_changes_and_is_signed_again(
    client: TestClient, sealed: Home
) -> None:
    page, token = f"/reports/editions/{SECOND}", {"token": token_of(client)}
    shown = client.get(page).text
    assert f"这一版替代已封存的 {NUMBER}" in shown and "草稿" in shown and "审阅完毕" in shown
    assert "<iframe" in shown and f"{page}/{SECOND}.html" in shown
    # The story that was forgotten is blank where it stood; the other cases stand as they were.
    file = client.get(f"{page}/{SECOND}.html").text
    said = html.unescape(re.sub("<[^>]+>", "", file))
    assert QUILT[:10] not in file and not any(one.id in file or one.url in file for one in FORGOTTEN)
    assert BLANK in said and WASHER in said, said
    data = client.get(f"{page}/{SECOND}.json").json()
    [blank] = [case for case in data["cases"] if case["quote"]["text"] == BLANK]
    assert f"案例{blank['number']}：{BLANK}" in said and WASHER in quotes(sealed, SECOND)
    # Every place is named, on the page and at the end of the report.
    changes = Editions(sealed).find(SECOND).changes
    assert f"案例{blank['number']}" in "".join(changes)
    assert f"与 {NUMBER} 相比 {len(changes)} 处" in shown and all(
        html.escape(line) in shown for line in changes
    )
    ending = said[said.rindex(f"与{NUMBER}相比的改动") :]
    assert all(line in ending for line in changes)
    assert client.post(f"{page}/send", data=token | {"to": "file"}).status_code == 400
    ended(
        client,
        client.post(f"{page}/advance", data=PASSED | token, follow_redirects=False).headers["location"],
    )
    advanced(client, page, SIGNED | token)
    assert Editions(sealed).find(SECOND).state.value == "signed"
    assert client.post(f"{page}/send", data=token | {"to": "file"}, follow_redirects=False).status_code == 303
    assert Editions(sealed).find(SECOND).state.value == "sent"


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
