"""The form of the review page by which an event becomes a whole case of a draft."""

from __future__ import annotations

import html
import re
from contextlib import closing
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from tests.making import document, put
from tests.web.conftest import NOW, token_of
from tests.web.test_edition_pages import NUMBER, PASSED, drafted, ended

from fengping import events
from fengping.home import Home
from fengping.indexer import open_store
from fengping.reports.archive import Editions
from fengping.services import edition
from fengping.services import events as told_of

BRACELET = "手链鉴定为石英岩，客服只退款不肯赔付"
MARK = "〔审阅补充〕"


@pytest.fixture
def lead(stocked: Home, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of an event that one publisher tells of within the days of the draft: no case by itself."""
    monkeypatch.setattr(edition, "FORMATS", ("html", "md"))
    with closing(open_store(stocked)) as store:
        store.put(
            [
                document(
                    7000 + n, NOW - timedelta(days=2, minutes=n), BRACELET, issues=("C03",), consumer=True
                )
                for n in range(2)
            ]
        )
        events.update(stocked, store)
    return next(e.id for e in told_of.listed(stocked, told_of.Asked(), limit=50) if BRACELET[:6] in e.title)


def rows(page: str) -> dict[str, str]:
    """Words of the review page for each sentence and case, by key."""
    found = re.findall(
        r'<div class="li sentence" id="([^"]+)".*?<p class="read[^>]*>(.*?)</p>(.*?)</div>', page, re.S
    )
    return {key: html.unescape(re.sub("<[^>]+>", "", said + more)) for key, said, more in found}


def test_an_event_becomes_a_case_with_a_row_of_its_own(client: TestClient, stocked: Home, lead: str) -> None:
    page, token = drafted(client), {"token": token_of(client)}
    review = client.get(f"{page}/review").text
    lone = rows(review)[f"case:{lead}"]
    assert 'name="event"' in review and not lone.startswith("案例"), "a row of the table of leads so far"
    form = token | {"action": "add", "event": f" {lead[:10]} "}
    answer = client.post(f"{page}/edit", data=form, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    # The way back leads to the row, whose key is the whole id.
    assert answer.headers["location"] == f"{page}/review#case:{lead}"
    row = rows(client.get(f"{page}/review").text)[f"case:{lead}"]
    assert BRACELET[:6] in row and "在其后补充" in row and row != lone
    folder = Editions(stocked).folder(NUMBER)
    assert MARK in client.get(f"{page}/{NUMBER}.html").text and not (folder / f"{NUMBER}.md").exists()
    place = client.post(f"{page}/advance", data=PASSED | token, follow_redirects=False)
    ended(client, place.headers["location"])
    assert BRACELET[:6] in (folder / f"{NUMBER}.md").read_text("utf-8")
    seen = re.search(r'name="seen" value="(\w+)"', client.get(f"{page}/review").text)
    assert seen
    more = token | {"action": "add", "target": "overview.total", "text": "再补一句。"}
    client.post(f"{page}/edit", data=more, follow_redirects=False)
    refused = client.post(f"{page}/undo", data=token | {"seen": seen[1]})
    assert refused.status_code == 400, "what another reviewer did since is not taken back"
    assert "再补一句。" in client.get(f"{page}/review").text
    for _ in range(2):
        client.post(f"{page}/undo", data=token)
    assert rows(client.get(f"{page}/review").text)[f"case:{lead}"] == lone


@pytest.mark.parametrize("event", ["0000", "old"])
def test_an_event_that_is_no_case_of_these_days_is_refused(
    client: TestClient, stocked: Home, lead: str, event: str
) -> None:
    if event == "old":
        with closing(open_store(stocked)) as store:
            at = NOW - timedelta(days=200)
            old = document(8000, at, "去年的一件旧事，商家发错了货", issues=("C03",), consumer=True)
            put(stocked, store, [old])
            events.update(stocked, store)
        event = next(e.id for e in told_of.listed(stocked, told_of.Asked(), limit=50) if "旧事" in e.title)
    page = drafted(client)
    form = {"token": token_of(client), "action": "add", "event": event}
    refused = client.post(f"{page}/edit", data=form)
    assert refused.status_code == 400, refused.text
    assert "没有做成" in refused.text or "事件" in refused.text
    assert not rows(client.get(f"{page}/review").text).keys() & {f"case:{event}"}
