"""Courses and comparisons: shares, gaps, campaigns, periods paired by weekday."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trends.conftest import EMPTY, NOW, PEAK
from tests.web.conftest import client_of

from fengping.clock import day_of, parse_moment
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Interval, open_store
from fengping.services import search
from fengping.services.search import Asked
from fengping.services.trends import periods
from fengping.services.trends.beside import beside
from fengping.services.trends.campaigns import campaign_of, campaigns
from fengping.services.trends.courses import course
from fengping.services.trends.crosstab import crosstab
from fengping.services.trends.periods import Against, Shift, weekday_shift
from fengping.services.trends.shares import Share

WINDOW = {"since": "2020-11-16", "until": "2020-11-29"}


def test_a_share_is_of_all_collected_and_an_empty_day_is_no_calm(filled: Home) -> None:
    found = course(filled, Asked("host:周小满", **WINDOW), NOW)
    by_day = {str(day_of(point.start)): point for point in found.points}
    assert len(by_day) == 14
    assert (by_day[PEAK].share.count, by_day[PEAK].share.of) == (1, 33)
    assert by_day[EMPTY].gap == "nothing was collected"
    row = by_day[EMPTY].to_record(Interval.DAY)
    assert (row["count"], row["share"], row["all"]) == (0, None, 0)
    assert [str(day_of(point.start)) for point in found.gaps] == [EMPTY]


def test_more_rows_than_anybody_reads_are_refused(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked("host:周小满", since="1901-01-01", until="2020-11-29")
    for ask in (course, lambda *given: beside(given[0], given[1], None, given[2])):
        with pytest.raises(UsageError, match="would have 43,798 rows, of at most 10,000"):
            ask(filled, asked, NOW)
    answer = client_of(filled).get("/api/v1/compare?by=day&since=1901-01-01&until=2020-11-29&q=退货")
    assert answer.status_code == 400 and "rows" in answer.json()["detail"]
    monkeypatch.setattr(periods, "MOST_ROWS", 20)
    with closing(open_store(filled)) as store:
        store.histogram = None  # type: ignore[assignment]  # nothing is counted before
        for ask in (course, lambda home, asked, _now, **given: search.trend(home, asked, **given)):
            with pytest.raises(UsageError, match=r"would have \d+ rows, of at most 20"):
                ask(filled, Asked("", **WINDOW), NOW, split="hosts", store=store)
    monkeypatch.setattr(periods, "MOST_ROWS", 1)
    with pytest.raises(UsageError, match="ask for fewer values"):
        crosstab(filled, Asked(""))


def test_a_week_of_which_the_window_holds_a_part_is_measured_by_that_part(filled: Home) -> None:
    asked = {"since": "2020-11-18", "until": "2020-11-24"}  # Wednesday to Tuesday
    days = course(filled, Asked("host:林小禾", **asked), NOW).points
    weeks = course(filled, Asked("host:林小禾", **asked), NOW, by="week").points
    assert [point.part for point in weeks] == ["5 of 7 days", "2 of 7 days"]
    for week, held in zip(weeks, (days[:5], days[5:]), strict=True):
        assert week.share.count == sum(day.share.count for day in held)
        assert week.share.of == sum(day.share.of for day in held)
    whole = course(
        filled, Asked("host:林小禾", since="2020-11-16", until="2020-11-22"), NOW, by="week"
    ).points
    assert [point.part for point in whole] == [""] and whole[0].share.of > weeks[0].share.of


def test_each_day_stands_beside_the_same_weekday_of_the_period_before(filled: Home) -> None:
    found = course(filled, Asked("host:林小禾", **WINDOW), NOW, against="previous")
    by_day = {str(day_of(point.start)): point for point in found.points}
    assert by_day[PEAK].before == 2
    assert by_day[PEAK].change == 15.0
    assert by_day[EMPTY].change is None
    year = course(filled, Asked("host:林小禾", **WINDOW), NOW, against="year")
    assert {(p.before, p.before_gap, p.change) for p in year.points} == {
        (None, "nothing was collected", None)
    }
    by_hour = course(filled, Asked("host:林小禾", **WINDOW), NOW, by="hour", against="year")
    assert {point.before for point in by_hour.points} == {None}
    before = course(filled, Asked("没有人写过的词", **WINDOW), NOW, against="previous")
    assert {point.before for point in before.points} == {0}


def test_a_comparison_with_another_period_needs_a_window(filled: Home) -> None:
    with pytest.raises(UsageError, match="needs both ends"):
        course(filled, Asked("", since="2020-11-16"), NOW, against="previous")
    with pytest.raises(UsageError, match="--against"):
        course(filled, Asked("", **WINDOW), NOW, against="month")


moments = st.integers(0, 20_000).map(lambda hours: parse_moment("2019-01-01") + timedelta(hours=hours))


@given(moments, st.integers(1, 4_000), st.sampled_from([Interval.HOUR, Interval.DAY, Interval.WEEK]))
def test_a_compared_period_ends_before_the_window_and_keeps_the_weekday(
    since: datetime, hours: int, by: Interval
) -> None:
    end = since + timedelta(hours=hours)
    shift = Shift(since, end, by, Against.PREVIOUS)
    assert shift.back(end) <= since
    assert day_of(shift.back(since)).weekday() == day_of(since).weekday()


def test_months_stand_beside_months() -> None:
    since, until = parse_moment("2021-01-31"), parse_moment("2021-03-01")
    shift = Shift(since, until, Interval.MONTH, Against.PREVIOUS)
    assert shift.back(since) == parse_moment("2020-11-30")
    year = Shift(since, until, Interval.MONTH, Against.YEAR)
    assert year.back(parse_moment("2020-02-29")) == parse_moment("2019-02-28")


@given(moments, moments)
def test_weekdays_are_brought_together_by_three_days_at_most(one: datetime, other: datetime) -> None:
    shift = weekday_shift(one, other)
    assert -3 <= shift <= 3
    moved = day_of(other) + timedelta(days=shift)
    assert moved.weekday() == day_of(one).weekday()


def test_two_hosts_have_their_share_of_voice(filled: Home) -> None:
    found = beside(filled, Asked("host:林小禾", **WINDOW), Asked("host:周小满", **WINDOW), NOW)
    assert [share.count for share in found.voice] == [13 * 2 + 30, 13]
    assert {share.of for share in found.voice} == {69}
    assert len(found.pairs) == 14
    assert all(pair.one and pair.other and pair.one.start == pair.other.start for pair in found.pairs)


def test_two_windows_are_paired_by_weekday(filled: Home) -> None:
    one = Asked("host:林小禾", since="2020-11-16", until="2020-11-22")
    other = Asked("host:林小禾", since="2020-11-07", until="2020-11-13")  # a Saturday
    found = beside(filled, one, other, NOW)
    assert found.shifted_days == 2
    for pair in found.pairs:
        assert pair.one and pair.other
        assert day_of(pair.one.start).weekday() == day_of(pair.other.start).weekday()
    shorter = beside(filled, one, Asked("host:林小禾", since="2020-11-09", until="2020-11-10"), NOW)
    assert [pair.other is None for pair in shorter.pairs] == [False, False] + [True] * 5


def test_campaigns_are_labelled() -> None:
    first, last = parse_moment("2020-10-20"), parse_moment("2020-11-12")
    assert [one.name for one in campaigns(day_of(first), day_of(last))] == ["双11"]
    assert campaign_of(day_of(parse_moment("2021-06-18")), day_of(parse_moment("2021-06-18"))) == "618"
    assert campaign_of(day_of(parse_moment("2021-08-01")), day_of(parse_moment("2021-08-31"))) == ""


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_an_interval_holds_its_share(count: int, more: int) -> None:
    share = Share(count, count + more)
    if not share.of:
        assert share.value is None and share.interval is None and str(share) == "–"
        return
    low, high = share.interval or (1.0, 0.0)
    assert share.value is not None
    assert 0 <= low <= share.value + 1e-9 and share.value <= high + 1e-9 <= 1 + 1e-8
