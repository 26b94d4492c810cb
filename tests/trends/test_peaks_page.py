"""峰值 as its reader meets it: the peak on the curve, what explains it, and the way to its documents."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from tests.trends.conftest import NOW, PEAK
from tests.web.conftest import client_of, links_of

from fengping.home import Home
from fengping.web.pages import peaks as peaks_page

WINDOW = {"since": "2020-11-02", "until": "2020-11-29", "host": "林小禾"}


@pytest.fixture
def client(filled: Home) -> Iterator[TestClient]:
    with client_of(filled, now=NOW) as made:
        yield made


def test_a_peak_is_told_with_its_stories_and_every_figure_leads_to_its_documents(client: TestClient) -> None:
    page = client.get("/peaks", params=WINDOW)
    assert page.status_code == 200
    [peak] = client.get("/peaks.json", params=WINDOW).json()["peaks"]
    assert (peak["start"][:10], peak["count"]) == (PEAK, 32)
    assert 'id="peak1"' in page.text and 'href="#peak1"' in page.text
    inside = [link for link in links_of(page.text) if link.startswith("/search?") and f"since={PEAK}" in link]
    counts = {
        link: client.get(f"/search.json?{urlsplit(link).query}&limit=0").json()["total"] for link in inside
    }
    assert peak["count"] in counts.values()
    told = {one["count"] for one in peak["stories"]} | {one["now"]["count"] for one in peak["words"]}
    told |= set(peak["hosts"].values())
    assert told <= set(counts.values())
    for story in peak["stories"]:
        assert f"/documents/{story['first']['id']}" in links_of(page.text)


def test_the_table_and_the_interface_give_the_same_peaks(client: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/peaks.csv", params=WINDOW).text.lstrip("\ufeff"))))
    [peak] = client.get("/api/v1/peaks", params=WINDOW).json()["peaks"]
    assert [(row["from"], row["documents"]) for row in rows] == [(PEAK, str(peak["count"]))]
    assert rows[0]["explanation"] == peak["explanation"]


def test_the_curve_of_a_search_leads_to_its_peaks_with_the_same_filters(client: TestClient) -> None:
    asked = WINDOW | {"q": "玉镯", "polarity": "neg"}
    [link] = [one for one in links_of(client.get("/search", params=asked).text) if one.startswith("/peaks?")]
    assert parse_qs(urlsplit(link).query) == {name: [value] for name, value in asked.items()}
    page = client.get(link).text
    assert re.search(r'name="polarity" value="neg" checked', page) and 'value="玉镯"' in page


def test_a_calm_course_and_an_empty_one_are_told_apart(client: TestClient) -> None:
    calm = client.get("/peaks", params=WINDOW | {"until": "2020-11-15"}).text
    assert "没有突出的峰" in calm
    assert "没有符合的信息" in client.get("/peaks", params=WINDOW | {"q": "没有人写过的词"}).text
    assert client.get("/peaks", params={"q": "(退款"}).status_code == 200
    assert client.get("/peaks", params={"by": "year"}).status_code in (400, 422)
    assert "Peaks" in client.get("/peaks", params=WINDOW | {"by": "hour", "lang": "en"}).text


def test_a_peak_that_would_take_long_is_explained_when_it_is_asked_for(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def section(page: str) -> str:
        return page.partition('<section class="sec c6" id="peak1">')[2].partition("</section>")[0]

    whole = section(client.get("/peaks", params=WINDOW).text)
    monkeypatch.setattr(peaks_page, "LOOKED", 0)
    waiting = section(client.get("/peaks", params=WINDOW).text)
    [why] = [link for link in links_of(waiting) if link.startswith("/peaks?")]
    assert PEAK in waiting and "其中最早" in whole and "其中最早" not in waiting
    assert section(client.get(why).text) == whole
    assert "Explain" in section(client.get("/peaks", params=WINDOW | {"lang": "en"}).text)
    # What a machine reads is always whole.
    assert client.get("/peaks.json", params=WINDOW).json()["peaks"][0]["stories"]


def test_as_many_days_are_looked_at_as_are_asked_for(client: TestClient) -> None:
    assert "2018-" in client.get("/peaks", params={"days": 1000}).text.partition("<h1>")[2][:400]
    assert client.get("/words", params={"days": 0}).status_code == 422


def test_a_page_says_that_a_report_counts_otherwise_and_leads_there(client: TestClient) -> None:
    page = client.get("/peaks", params=WINDOW | {"q": "玉镯"})
    [link] = [one for one in links_of(page.text) if "consumer" in one]
    assert parse_qs(urlsplit(link).query)["q"] == ["(玉镯) consumer:true"]
    assert "消费者有关" in client.get(link).text and not [
        one for one in links_of(client.get(link).text) if "consumer%3Atrue%29" in one
    ]
