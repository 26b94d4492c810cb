"""Times without collecting: shaded on every curve, and no part of what is usual."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html
from sqlalchemy import insert
from tests.making import document
from tests.meanwhile import failing
from tests.web.conftest import HOST, NOW, client_of

from fengping.clock import day_of, day_start
from fengping.errors import StoreDown
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document, Polarity
from fengping.services import events
from fengping.spiders.run import source_health
from fengping.state import State
from fengping.web import gaps

TODAY = date(2020, 11, 12)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


def charge(number: int, at: datetime, **changes: Any) -> Document:
    text = f"{HOST}卖的锅铲第{number}次断了柄，售后不理"
    return document(number, at, text, hosts=(HOST,), negative_hosts=(HOST,), **changes)


def stored(home: Home, documents: Iterable[Document]) -> Home:
    (home.root / "hosts.toml").write_text(f'[[host]]\nname = "{HOST}"\n', encoding="utf-8")
    with closing(open_store(home)) as store:
        store.put(documents)
    return home


def ran(home: Home, days: Iterable[date], outcome: str = "finished") -> None:
    rows = [{"source": "ccn", "day": day, "status": f"run_{outcome}", "count": 3} for day in days]
    with State.open(home).begin() as connection:
        connection.execute(insert(source_health), rows)


def hatched(text: str) -> list[float]:
    """Shares of the width at which places of the chart are hatched."""
    return [float(x.rstrip("%")) for x in html.fromstring(text).xpath('//rect[@class="out"]/@x')]


def weekly(weeks: Iterable[int], morning: bool = True) -> list[Document]:
    """Ten charges on the Thursday so many weeks ago, in the morning or in the evening."""
    start = day_start(TODAY) + (HOUR if morning else 12 * HOUR)
    return [
        charge(100 * n + k, start - n * WEEK + k * timedelta(minutes=20)) for n in weeks for k in range(10)
    ]


def test_weeks_without_collecting_are_no_part_of_the_usual(home: Home) -> None:
    stored(home, weekly((0, 1, 7, 8)))
    with client_of(home) as client:
        made, page = client.get("/today.json").json(), client.get("/").text
        before = client.get("/today.json?day=2020-11-05").json()
    assert (made["weeks"], made["left_out"]) == (3, 5)
    assert (before["weeks"], before["left_out"], before["total"]["usual"]) == (2, 5, 10)
    assert made["total"] == made["negative"] == {"count": 10, "usual": 10}
    assert made["usual_hours"][1:3] == [3, 3] and not made["hosts"]
    assert "与前 3 周同一星期几" in page and "另有 5 周那一天没有采集，不算" in page


def test_a_day_on_which_a_run_finished_is_a_calm_one(home: Home) -> None:
    stored(home, weekly((0, 1, 7, 8)))
    ran(home, (TODAY - n * WEEK for n in (2, 3, 4)))
    ran(home, (TODAY - n * WEEK for n in (5, 6)), "failed")
    with client_of(home) as client:
        made = client.get("/today.json").json()
    assert (made["weeks"], made["left_out"]) == (6, 2)
    assert made["total"]["usual"] == 5 and [host["usual"] for host in made["hosts"]] == []


def test_a_morning_without_a_document_counts_where_the_day_has_some(home: Home) -> None:
    stored(home, weekly((0, 1, 2)) + weekly((3, 4, 5, 6), morning=False))
    with client_of(home) as client:
        made, page = client.get("/today.json").json(), client.get("/").text
    assert (made["weeks"], made["left_out"], made["total"]["usual"]) == (5, 0, 0)
    assert [host["name"] for host in made["hosts"]] == [HOST] and "没有采集，不算" not in page


def test_without_any_week_before_nothing_is_called_a_rise(home: Home) -> None:
    stored(home, weekly((0,)))
    with client_of(home) as client:
        made, page = client.get("/today.json").json(), client.get("/").text
    assert made["weeks"] == 0 and made["total"]["usual"] is None
    assert [host["usual"] for host in made["hosts"]] == [None]
    assert "没有平时可比" in page and "与前" not in page


@pytest.fixture
def hourly(home: Home) -> Home:
    """Sixteen days with six documents an hour, half of them charges, but from 03:00 to 07:00 of the last
    day, whose 08:00 has no charge."""
    first = day_start(TODAY) - timedelta(days=16)
    made = []
    for n in range(16 * 24 + 10):
        at = first + n * HOUR
        silent = day_start(TODAY) + 3 * HOUR <= at < day_start(TODAY) + 7 * HOUR
        calm = at == day_start(TODAY) + 8 * HOUR
        for k in range(0 if silent else 6):
            tone = Polarity.POS if k % 2 or calm else Polarity.NEG
            made.append(charge(6 * n + k, at + k * timedelta(minutes=9), polarity=tone))
    return stored(home, made)


def test_an_hour_without_collecting_is_no_calm(hourly: Home) -> None:
    ran(hourly, (TODAY - timedelta(days=n) for n in range(17)))
    with client_of(hourly) as client:
        made, text = client.get("/today.json").json(), client.get("/").text
        hours = [row["negative"] for row in client.get("/today/hours.json").json()]
        searched = client.get("/search", params={"polarity": "neg", "since": str(TODAY), "by": "hour"}).text
    assert hours[2:9] == [3, *[None] * 4, 3, 0]
    assert made["gaps"] == [3, 4, 5, 6] and made["hours"][8] == 0
    assert hatched(text) == [pytest.approx(hour / 24 * 100, abs=0.1) for hour in (3, 4, 5, 6)]
    table = html.fromstring(text).xpath("//details/table/tbody/tr")
    assert [row.xpath("string(td[2])") for row in table[2:9]] == ["3", *["没有采集"] * 4, "3", "0"]
    curve = html.fromstring(text).xpath('string(//path[@class="ln neg"]/@d)')
    assert curve.count("M") == 2
    assert len(hatched(searched)) == 4 and "没有采集" in searched


@pytest.fixture
def broken_off(home: Home) -> Home:
    """Documents and runs of each day up to the first of November and from its tenth on."""
    every = [TODAY - timedelta(days=n) for n in range(60)]
    days = [day for day in every if not date(2020, 11, 1) < day < date(2020, 11, 10)]
    made = [charge(10 * n + k, day_start(day) + k * HOUR) for n, day in enumerate(days) for k in range(3)]
    ran(home, days)
    stored(home, made)
    events.update(home)
    return home


@pytest.mark.parametrize(("by", "places"), [("hour", 8 * 24 + 21), ("day", 8), ("week", 1), ("month", 1)])
def test_a_search_shades_at_every_interval(broken_off: Home, by: str, places: int) -> None:
    asked = {"since": "2020-10-19", "until": str(TODAY), "by": by, "q": "锅铲"}
    with client_of(broken_off) as client:
        text = client.get("/search", params=asked).text
    assert len(hatched(text)) == places
    assert "没有采集" in text and ("过半的日子没有采集" in text) == (by in ("week", "month"))


def test_the_days_of_a_rule_and_of_an_event_are_shaded(broken_off: Home) -> None:
    [event] = events.listed(broken_off, events.Asked(), limit=9)
    with client_of(broken_off) as client:
        rule = client.get("/alerts/rule", params={"name": "x", "kind": "frequency", "negative": "1"}).text
        told = client.get(f"/events/{event.id}").text
        profile = client.get(f"/hosts/{HOST}").text
    for text in (rule, told, profile):
        assert len(hatched(text)) == 8 and "没有采集" in text


def test_before_the_first_run_and_after_now_nothing_is_shaded(home: Home) -> None:
    """Imports say nothing of the days between them, and of days to come nothing is known."""
    stored(home, [charge(1, NOW - timedelta(days=9)), charge(2, NOW - timedelta(days=5))])
    ran(home, [day_of(NOW) - timedelta(days=5)])
    asked = {"since": "2020-11-01", "until": "2020-11-20", "q": "锅铲"}
    with client_of(home) as client:
        text = client.get("/search", params=asked).text
    assert hatched(text) == [pytest.approx(day / 20 * 100, abs=0.1) for day in range(7, 12)]


def test_days_without_a_run_break_the_course_of_a_source(home: Home) -> None:
    home.config_file.write_text('[crawl]\nsources = ["ccn", "sh315"]\n', encoding="utf-8")
    home = Home.open(home.root)
    days = [TODAY - timedelta(days=n) for n in range(28) if n not in (3, 4, 9)]
    ran(home, days)
    rows = [{"source": "ccn", "day": day, "status": "stored", "count": 5} for day in days]
    with State.open(home).begin() as connection:
        connection.execute(insert(source_health), rows)
    with client_of(home) as client:
        page = html.fromstring(client.get("/sources").text)
        english = client.get("/sources", params={"lang": "en"}).text
        assert len(hatched(client.get("/sources/ccn").text)) == 3
    [cell] = page.xpath('//td[.//svg[contains(@class, "spark")]]')  # sh315 never ran
    assert len(cell.xpath('.//rect[@class="out"]')) == 3
    assert "M" in cell.xpath('.//path[@class="l"]/@d')[0][1:]
    assert cell.xpath('string(.//span[@class="sr"])') == f"新信息 {5 * 25} 条；3 天未运行"
    assert page.xpath('//pattern[@id="unseen"]') and "未运行" in page.xpath(
        'string(//*[@class="keys hide-s"])'
    )
    assert "125 new posts; no run on 3 days" in english


def test_the_table_of_a_curve_has_no_zeros_of_days_to_come(client: TestClient) -> None:
    page = client.get("/search", params={"since": "2020-11-10", "until": "2020-11-15"}).text
    assert page.count("还没到") == 3


def test_runs_that_cannot_be_read_are_told_on_every_curve(broken_off: Home) -> None:
    [event] = events.listed(broken_off, events.Asked(), limit=9)
    away = StoreDown("The state database does not answer.")
    asked = {"since": "2020-10-19", "until": str(TODAY), "by": "day", "q": "锅铲"}
    rule = {"name": "x", "kind": "frequency", "negative": "1"}
    with client_of(broken_off) as client, failing(gaps, "runs_until", away):
        for path, params in (("/search", asked), ("/alerts/rule", rule), (f"/events/{event.id}", {}),
                             (f"/hosts/{HOST}", {})):  # fmt: skip
            page = client.get(path, params=params).text
            assert "没有采集的时段这次标不出" in page and not hatched(page), path
