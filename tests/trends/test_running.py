"""Windows that are not over, or in which nothing was collected for days: what is missing is no fall."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.store_samples import document
from tests.web.conftest import client_of

from fengping.cli import views
from fengping.clock import parse_moment
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Polarity
from fengping.services.search import Asked, compare
from fengping.services.trends.beside import beside
from fengping.services.trends.changes import Moved
from fengping.services.trends.courses import course
from fengping.services.trends.movers import movers
from fengping.services.trends.peaks import peaks

MONDAY = parse_moment("2020-11-09")
NOW = MONDAY + timedelta(days=2, hours=10)  # Wednesday morning
WEEK = {"since": "2020-11-09", "until": "2020-11-15"}
DAY = timedelta(days=1)


@pytest.fixture
def steady(home: Home) -> Home:
    """Ten posts a day that accuse 何小满, since the Monday before; on the Wednesday so far four."""
    store = open_store(home)
    store.put(
        document(
            f"{day}-{n}", f"何小满直播间的茶叶第{day}天第{n}条", at, hosts=("何小满",),
            negative_hosts=("何小满",), polarity=Polarity.NEG,
        )
        for day in range(-7, 3)
        for n in range(10)
        if (at := MONDAY + day * DAY + timedelta(hours=2 * n)) < NOW
    )  # fmt: skip
    store.close()
    return home


def asked(now: datetime = NOW, **window: str) -> Asked:
    return Asked("茶叶", **(window or WEEK), now=now)


def test_days_to_come_are_no_days_with_nothing(steady: Home) -> None:
    found = compare(steady, asked(), None)
    assert found.days == (2.4, 7)
    assert [side.documents for side in found.sides] == [25, 70]
    moved = {one.name: one.moved for one in found.changes}
    assert moved["documents"] is moved["negative"] is Moved.CHANCE
    # 25 on three days that have begun
    assert (found.sides[0].days, found.sides[0].daily_mean) == (3, 25 / 3)
    hosts = movers(steady, asked(), NOW)
    assert hosts.days == (2.4, 7) and hosts.hosts[0].changes["accused"].moved is Moved.CHANCE
    # A week later the same counts are a fall.
    late = MONDAY + 7 * DAY
    assert compare(steady, asked(late), None).changes[0].moved is Moved.DOWN
    assert movers(steady, asked(late), late).hosts[0].changes["accused"].moved is Moved.DOWN


def test_a_window_with_an_open_end_counts_of_today_what_is_over(steady: Home) -> None:
    before = asked(since="2020-11-02", until="2020-11-08")
    assert compare(steady, asked(since="2020-11-09"), before).days == (2.4, 7)
    other = Asked("没有人写过的词", since="2020-11-09", now=NOW)
    assert compare(steady, asked(since="2020-11-09"), other).days == (2.4, 2.4)


def test_a_day_that_has_only_begun_is_not_held_against_a_whole_one(steady: Home) -> None:
    morning = asked(since="2020-11-11", until="2020-11-11")
    change = compare(steady, morning, None).changes[0]
    assert (change.moved, change.difference) == (Moved.UNKNOWN, None)
    (host,) = movers(steady, morning, NOW).hosts
    assert host.changes["accused"].moved is Moved.UNKNOWN and host.changes["accused"].one == 5
    # Two searches of the same morning are missing the same hours.
    same = compare(steady, morning, Asked("没有人写过的词", "2020-11-11", "2020-11-11", now=NOW))
    assert same.days == (0.4, 0.4) and same.changes[0].moved is not Moved.UNKNOWN


@pytest.fixture
def rising(home: Home) -> Home:
    """何小满: ten posts a day in the week before, now 60 in 2.4 days; 林小禾: 14 and 13."""
    store = open_store(home)
    store.put(
        document(f"{name}-{day}-{n}", f"{name}的茶叶第{day}天第{n}条", MONDAY + day * DAY, hosts=(name,))
        for name, counts in {
            "何小满": [10] * 7 + [25, 25, 10],
            "林小禾": [2] * 7 + [5, 5, 3],
        }.items()
        for day, count in enumerate(counts, -7)
        for n in range(count)
    )
    store.close()
    return home


def test_a_rise_in_fewer_days_is_told_a_day_and_bears_no_lesser_count(rising: Home) -> None:
    found = compare(rising, Asked("host:何小满", **WEEK, now=NOW), None)
    assert found.days == (2.4, 7) and [side.documents for side in found.sides] == [60, 70]
    change = found.changes[0]
    assert (change.moved, change.difference) == (Moved.UP, None)
    assert change.ratio == pytest.approx(1.5) and views.change(change) == "daily mean +150.0%, up"
    # The daily mean counts the begun day as a whole one.
    mean = next(one for one in found.changes if one.name == "daily_mean")
    assert mean.difference is None and mean.ratio == pytest.approx(1.5)
    hosts = movers(rising, asked(), NOW, of="documents")
    assert hosts.hosts[0].changes["documents"].to_record() == change.to_record()
    with client_of(rising, now=NOW) as client:
        params = WEEK | {"one": "host:何小满", "against": "previous"}
        assert "日均 +150.0%" in client.get("/compare", params=params).text
        assert "日均 +150%" in client.get("/hosts", params=WEEK | {"of": "documents"}).text


def test_hosts_stand_by_what_they_rose_a_day(rising: Home) -> None:
    for sort, names in {"rise": ["何小满", "林小禾"], "fall": ["林小禾", "何小满"]}.items():
        assert [one.name for one in movers(rising, asked(), NOW, of="documents", sort=sort).hosts] == names


def test_an_interval_to_come_says_so_and_has_no_change(steady: Home) -> None:
    found = course(steady, asked(), NOW, against="previous")
    assert [point.gap for point in found.points] == [""] * 3 + ["still to come"] * 4
    assert [point.change for point in found.points] == [0.0, 0.0] + [None] * 5
    assert [point.part for point in found.points] == ["", "", "so far", "", "", "", ""]
    assert {point.before for point in found.points} == {10}
    assert (len(found.gaps), len(found.coming)) == (0, 4)
    (week,) = course(steady, asked(), NOW, by="week", against="previous").points
    assert (week.count, week.before, week.change, week.part) == (25, 70, None, "so far")
    ends = [pair.one for pair in beside(steady, asked(), None, NOW).pairs]
    assert [end.gap for end in ends if end] == [""] * 3 + ["still to come"] * 4


def test_days_to_come_make_no_usual_day_low(steady: Home) -> None:
    window = {"since": "2020-11-02", "until": "2020-12-31"}
    found = peaks(steady, asked(**window), NOW)
    assert found.peaks == [] and found.gaps == 0 and len(found.course) == 10


def test_what_was_not_collected_or_is_not_over_is_no_change(steady: Home) -> None:
    # After the Wednesday nothing was collected.
    late = MONDAY + 21 * DAY
    outage = asked(late, since="2020-11-16", until="2020-11-22")
    assert beside(steady, outage, None, late).change is None
    assert beside(steady, outage, None, late, by="hour").change is None
    assert beside(steady, asked(), None, NOW).change is None
    days = {"since": "2020-11-09", "until": "2020-11-10"}
    assert beside(steady, asked(**days), None, NOW).change == 0.0
    # A Sunday on which nothing was collected is missing, though the course is moved to the Monday.
    gap = asked(late, since="2020-11-01", until="2020-11-02")
    found = beside(steady, asked(late, **days), gap, late)
    assert (found.shifted_days, found.change) == (1, None)
    # What is missing of one window is missing on both sides.
    other = Asked("何小满", **WEEK, now=NOW)
    assert beside(steady, asked(), other, NOW).change == 0.0
