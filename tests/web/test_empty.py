"""A list without rows says why, and what comes next: nothing stored, or conditions that are too narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import html
from tests.making import new_home
from tests.web.conftest import HOST, client_of

from fengping.home import Home

LISTS = ("/search", "/search?q=退款", "/events", "/hosts", "/crosstab", "/words", "/peaks",
         "/correct",
         "/correct?order=random", f"/registry?name={HOST}&aliases=没有的名字",
         "/hosts?name=没有的人")  # fmt: skip
"""Pages with a list of what is stored."""
NARROW = {
    "/search?q=没有的词": ("没有符合的信息。", "/search"),
    "/search?q=退款&polarity=pos&since=2020-11-12": ("没有符合的信息。", "/search?"),
    "/events": ("没有事件。", "/jobs"),
    "/events?q=没有的词": ("没有符合这些条件的事件。", "/events"),
    "/hosts?name=没有的人": ("名字里有“没有的人”的主播", "/registry?"),
    "/hosts?since=2019-01-01&until=2019-01-02": ("这一期没有说到主播的信息。", "/hosts?"),
    "/crosstab?q=没有的词": ("负面信息。", "/crosstab"),
    "/peaks?q=没有的词": ("没有符合的信息。", "/peaks"),
    "/words?q=没有的词": ("之前那一期没有信息", "/words"),
    f"/hosts/{HOST}?since=2019-01-01&until=2019-01-02": ("这一期没有归入任何一类的负面。", "/sources"),
    "/alerts": ("没有规则。", "/alerts/rule"),
    "/queries": ("还没有存过检索式。", "/search"),
    "/sources/ccn": ("还没有运行过。", "/jobs"),
}
"""Pages without rows in a home with documents: what they say, and where they lead."""


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(new_home(tmp_path)) as made:
        yield made


def notes(client: TestClient, place: str) -> list[tuple[str, list[str]]]:
    """Sentences where a list would be, each with the addresses that it leads to."""
    page = html.fromstring(client.get(place).text)
    found = page.xpath("//main//p[contains(@class, 'note')]")
    return [(one.text_content(), one.xpath(".//a/@href")) for one in found]


@pytest.mark.parametrize("place", LISTS)
def test_where_nothing_is_stored_every_list_says_so_and_leads_to_the_beginning(
    bare: TestClient, place: str
) -> None:
    assert any("还没有入库的信息。" in said and "/" in links for said, links in notes(bare, place))
    assert "没有符合" not in str(notes(bare, place))


@pytest.mark.parametrize(
    "place", ["/alerts", "/reports", "/audit", "/queries", "/settings", "/alerts/rule?name=x"]
)
def test_other_lists_of_an_empty_home_say_what_fills_them(bare: TestClient, place: str) -> None:
    told = [said for said, _ in notes(bare, place)]
    assert told and all(len(said.strip()) >= 12 for said in told), told


@pytest.mark.parametrize("place", NARROW)
def test_a_list_that_is_asked_too_narrowly_says_so_and_leads_on(
    client: TestClient, stocked: Home, place: str
) -> None:
    said, to = NARROW[place]
    found = [links for text, links in notes(client, place) if said in text]
    assert found, notes(client, place)
    assert any(link.startswith(to) for links in found for link in links)
    assert "还没有入库的信息。" not in str(notes(client, place))
