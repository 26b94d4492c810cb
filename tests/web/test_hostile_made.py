"""Hostile texts in what is made of documents: events, alarms, editions, profiles, saved queries, peaks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from tests.making import LONG
from tests.web.conftest import NOW, client_of
from tests.web.furnished import pages_of_console
from tests.web.test_edition_pages import drafted
from tests.web.test_hostile import PLAIN, harmless, hostile

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document
from fengping.services import alert, events, queries, tagging
from fengping.services.events import Asked
from fengping.web.rendering import address

TYPED = ("q", "name", "key", "rule", "party", "one", "other", "query", "hosts", "aliases", "ambiguous", "to")
CHOSEN = ("was", "open", "id", "sort", "by", "of", "against", "order", "kind", "day", "since", "until",
          "undo", "status", "for_host", "for_time", "lang", "theme", "typed", "seen", "whole")  # fmt: skip
"""Parameters of pages that are typed, and that come from lists and links."""
SHOWN = 60 if LONG else 6
"""Events and alarms of which each is shown."""
RULE = """name = "夜班"
kind = "frequency"
num_events = 2
negative = false
min_relevance = 0
max_age = "90d"
"""


def told(number: int, text: str, teller: int) -> Document:
    """One of three publishers' words on one matter."""
    one = hostile(1000 * teller + number, f"{f'{text} ' * 3}第{number}家买到假货，客服不退款")
    raw = replace(one.raw, author=f"{text[:30]}{teller}", author_id=f"{teller}", published_at=NOW)
    raw = replace(raw, published_at=NOW - timedelta(minutes=3 * number + teller))
    return replace(one.changed({"consumer": True}), raw=raw)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with all that is made of hostile documents."""
    root = tmp_path_factory.mktemp("made")
    (root / "fengping.toml").write_text("", encoding="utf-8")
    home = Home.open(root)
    home.alerts.mkdir()
    (home.alerts / "a.toml").write_text(RULE, encoding="utf-8")
    store = open_store(home)
    store.put([told(number, text, teller) for number, text in enumerate(PLAIN) for teller in (1, 2, 3)])
    store.close()
    events.update(home)
    alert.check(home, NOW, NOW)
    first = told(0, PLAIN[0], 1)
    queries.save(home, "退货", "退款 OR <b>", NOW, note=PLAIN[1])
    tagging.tag(home, [first.id], add=["要看"], note=PLAIN[1], by=PLAIN[0][:40], now=NOW)
    return home


def test_events_profiles_and_alarms_harm_nothing(made: Home) -> None:
    found = events.listed(made, Asked(), limit=500)
    assert len(found) >= 4
    with client_of(made) as client:
        for page in ("/events", "/events?limit=200", "/alerts", "/peaks?q=退款", "/queries", "/words", "/"):
            answer = client.get(page)
            assert answer.status_code == 200
            harmless(answer.text)
        for event in found[:SHOWN]:
            answer = client.get(f"/events/{event.id}")
            assert answer.status_code == 200
            harmless(answer.text)
        alarms = alert.number(made)
        assert alarms >= 20
        for number in range(1, min(alarms, SHOWN) + 1):
            answer = client.get(f"/alerts/{number}")
            assert answer.status_code == 200
            harmless(answer.text)
        for text in PLAIN[:: 1 if LONG else 9]:
            if "/" not in (name := text[:60]) and name.strip(". \t\r\n"):
                harmless(client.get(f"/hosts/{quote(name, safe='')}").text)


@pytest.mark.parametrize("page", sorted(pages_of_console()))
def test_hostile_addresses_of_every_page_harm_nothing(made: Home, page: str) -> None:
    with client_of(made) as client:
        for text in PLAIN[:: 18 if LONG else 80]:
            path = re.sub(r"\{[^}]*\}", lambda _, text=text: quote(text[:60] or "x", safe=""), page)
            for given in (dict.fromkeys(TYPED, text[:90]), dict.fromkeys(CHOSEN, text[:60])):
                answer = client.get(address(path, **given))
                assert answer.status_code < 500, (page, text, given)
                harmless(answer.text)


@pytest.mark.long
@pytest.mark.formats("html", "docx", "xlsx", "md", "pdf")
def test_an_edition_of_hostile_texts_harms_nothing(made: Home) -> None:
    with client_of(made) as client:
        place = drafted(client)
        for page in (place, f"{place}/review"):
            answer = client.get(page)
            assert answer.status_code == 200
            harmless(re.sub(rf'<iframe [^>]*src="{place}/[^"]*"[^>]*>', "", answer.text))  # its own preview
        number = place.rpartition("/")[2]
        printed = client.get(f"{place}/{number}.html")
        assert "sandbox" in printed.headers["content-security-policy"]
        assert "<script>alert" not in printed.text and "<img src=x" not in printed.text
        again = drafted(client)
        harmless(client.get(f"{again}/diff").text)
