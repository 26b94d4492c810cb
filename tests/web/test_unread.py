"""Panels whose figures could not be read say so, with their reason, and show no figure in their place."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.testclient import TestClient
from lxml import html
from tests.meanwhile import failing, noted
from tests.web.conftest import HOST, links_of

from fengping.errors import Failed
from fengping.web.pages import events as event_pages
from fengping.web.pages import hosts, today

REASON = "The alarms of this home are damaged."


DAMAGED = Failed(REASON, remedy="Restore them.")


def figures(page: str) -> dict[str, str]:
    """The figures at the head of a page, by their labels."""
    found = html.fromstring(page).xpath('//dl[@class="stats"]/div')
    return {one.xpath("dt")[0].text_content(): one.xpath("dd")[0].text_content().strip() for one in found}


def test_today_shows_no_nought_for_what_could_not_be_read(client: TestClient) -> None:
    assert figures(client.get("/").text)["无人认领的预警"].startswith("0")
    with (
        failing(today.alert_desk, "on_duty", DAMAGED),
        failing(today.source, "standings", DAMAGED),
        failing(today.events, "events_of", DAMAGED),
    ):
        page = client.get("/").text
    shown = figures(page)
    assert shown["无人认领的预警"].startswith("–") and shown["异常来源"].startswith("–")
    assert "都平静" not in page and "都正常" not in page and "没有说到两条以上的事件" not in page
    assert page.count("没有读出。</b>") == 3 and REASON in page


def test_a_host_shows_no_nought_either(client: TestClient) -> None:
    with failing(hosts.event_services, "count", DAMAGED):
        page = client.get(f"/hosts/{HOST}").text
    assert figures(page)["事件"].startswith("–") and REASON in page


def test_a_day_of_the_past_says_which_figures_are_of_now(client: TestClient) -> None:
    assert "无人认领的预警" in figures(client.get("/").text)
    past = figures(client.get("/", params={"day": "2020-11-05"}).text)
    assert {"无人认领的预警（现在）", "异常来源（现在）"} <= past.keys()


def test_a_profile_says_how_far_back_it_goes(client: TestClient) -> None:
    page = client.get(f"/hosts/{HOST}", params={"days": 1000}).text
    assert "一次至多 730 天，更早的 270 天没有算进来" in page
    assert "没有算进来" not in client.get(f"/hosts/{HOST}", params={"days": 730}).text
    table = client.get(f"/hosts/{HOST}.csv", params={"days": 1000}).text
    assert table.splitlines()[-1].startswith('"270 more are left out.')
    assert client.get(f"/hosts/{HOST}/classes.csv", params={"days": 1000}).status_code == 400
    for link in links_of(page):
        if link.startswith(f"/hosts/{quote(HOST)}") and ".csv" in link:
            assert "left out" not in client.get(link).text


def test_the_api_takes_the_address_of_a_search_by_week(client: TestClient) -> None:
    page = client.get("/search", params={"q": "退款", "by": "week", "sort": "oldest"}).text
    [link] = [one for one in links_of(page) if one.startswith("/api/v1/search")]
    assert client.get(link).status_code == 200 and "sort=oldest" in link


def test_what_is_followed_is_shown_in_any_language(client: TestClient) -> None:
    with noted(event_pages.services, "watched") as asked:
        client.get("/events", params={"lang": "en"})
        assert asked
        client.get("/events", params={"party": HOST, "lang": "en"})
    assert len(asked) == 1
