"""Cross tables, words, peaks and phases."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store_samples import document
from tests.trends.conftest import NOW, PEAK

from fengping.clock import day_of, parse_moment
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Interval, open_store
from fengping.services.search import Asked
from fengping.services.trends.crosstab import crosstab
from fengping.services.trends.peaks import peaks, summits_of
from fengping.services.trends.phases import ENOUGH, Phase, phases
from fengping.services.trends.words import compared, rise, rising


def test_a_cross_table_counts_with_n_beside_each_share(filled: Home) -> None:
    found = crosstab(filled, Asked())
    assert found.total == 27 * 3 + 30
    assert dict(found.rows) == {"林小禾": 84, "周小满": 27}
    cell = next(c for c in found.cells if (c.row, c.column) == ("林小禾", "C03"))
    assert (cell.count, cell.of_row.of, cell.of_column.of) == (30, 84, 30)
    assert found.count("周小满", "C03") == 0
    assert crosstab(filled, Asked(), limit=1).left_out == {"hosts": 1, "issues": 1}


def test_layers_take_the_table_apart(filled: Home) -> None:
    found = crosstab(filled, Asked(), layers="platforms")
    assert dict(found.layers) == {"抖音": 84, "快手": 27}
    for row, _ in found.rows:
        for column, _ in found.columns:
            whole = crosstab(filled, Asked()).count(row, column)
            assert sum(found.count(row, column, layer) for layer, _ in found.layers) == whole


def test_a_filter_on_the_field_of_the_rows_stays(filled: Home) -> None:
    found = crosstab(filled, Asked(where={"hosts": ("周小满",)}))
    assert dict(found.rows) == {"周小满": 27}
    with pytest.raises(UsageError, match="hosts"):
        crosstab(filled, Asked(), rows="host")


def test_words_rise_against_the_weeks_before(filled: Home) -> None:
    found = rising(filled, Asked(since="2020-11-16", until="2020-11-22"))
    assert {one.word for one in found.words} == {"玉镯", "假货"}
    word = found.words[0]
    assert (word.now.count, word.now.of, word.before.count, word.before.of) == (30, 51, 0, 21)
    assert word.times is None and word.z > 4


def test_rising_names_are_those_no_registry_knows(home: Home) -> None:
    texts = [(f"n{n}", f"主播“禾苗苗”直播间带货翻车第{n}次", f"2020-11-1{n}") for n in range(6, 10)]
    old = [(f"o{n}", f"平常的一天第{n}次", f"2020-11-1{n}") for n in range(6)]
    store = open_store(home)
    store.put([document(id, text, day) for id, text, day in texts + old])
    store.close()
    found = rising(home, Asked(since="2020-11-16", until="2020-11-22"))
    assert [(one.name, one.now, one.before) for one in found.names] == [("禾苗苗", 4, 0)]
    assert rising(home, Asked(since="2020-11-16", until="2020-11-22"), names=False).names == []


@given(st.integers(0, 50), st.integers(0, 500), st.integers(0, 50), st.integers(0, 500))
def test_a_rise_is_positive_where_the_share_grew(a: int, more: int, b: int, others: int) -> None:
    n, n_before = a + more, b + others
    z = rise(a, n, b, n_before)
    assert not (n and n_before) or (z > 1e-6) <= (a * n_before > b * n)
    assert compared({"词": a}, n, {"词": b}, n_before, at_least=1) == [] or z >= 2.58


def test_a_peak_is_found_and_explained(filled: Home) -> None:
    found = peaks(filled, Asked("host:林小禾"), NOW)
    [peak] = found.peaks
    assert str(day_of(peak.summit.start)) == PEAK
    assert (peak.summit.count, peak.summit.usual) == (32, 2)
    assert {word.word for word in peak.words} == {"玉镯", "假货"}
    told = [(one.kind, one.title, one.share.count, one.share.of) for one in peak.stories]
    assert told == [("word", "玉镯", 30, 32)]  # the copied text lies within it
    assert peak.cause.kind == "story"
    assert peak.cause.sentence.startswith("主要是「玉镯")
    assert {(one.first_id, one.first_publisher) for one in peak.stories} == {("p00", "晚报")}
    assert peak.hosts == [("林小禾", 32)]
    assert found.gaps == 1


@pytest.mark.parametrize("window", [{"since": PEAK}, {"since": PEAK, "until": PEAK}, {"until": PEAK}])
def test_a_peak_is_one_wherever_the_window_is_cut(filled: Home, window: dict[str, str]) -> None:
    [whole] = peaks(filled, Asked("host:林小禾"), NOW).peaks
    found = peaks(filled, Asked("host:林小禾", **window), NOW)
    assert [one.summit.start for one in found.peaks] == [whole.summit.start]
    assert found.peaks[0].summit.usual == whole.summit.usual
    days = [str(day_of(start)) for start, _ in found.course]
    assert days[0] == window.get("since", days[0]) and days[-1] == window.get("until", days[-1])
    assert found.n == sum(count or 0 for _, count in found.course)


def test_a_peak_without_copies_is_explained_by_its_word(filled: Home) -> None:
    found = peaks(filled, Asked("退款"), NOW)
    assert list(found.peaks) == []  # eleven posts on one day, and nothing beside them to call usual
    hours = peaks(filled, Asked("host:林小禾"), NOW, by="hour")
    assert hours.by is Interval.HOUR
    with pytest.raises(UsageError, match="--by"):
        peaks(filled, Asked(), NOW, by="week")


courses = st.lists(st.none() | st.integers(0, 60), max_size=60)


@given(courses)
def test_peaks_do_not_overlap_and_lie_above_the_usual(counts: list[int | None]) -> None:
    start = parse_moment("2020-11-01")
    course = [(start + timedelta(days=n), count) for n, count in enumerate(counts)]
    found = summits_of(course, Interval.DAY)
    for before, after in pairwise(found):
        assert before.end <= after.start
    for one in found:
        assert one.start <= one.top < one.end
        assert one.count > one.usual
    assert summits_of([(at, None) for at, _ in course], Interval.DAY) == []


def test_phases_of_a_story() -> None:
    counts = [1, 0, 0, 4, 6, 40, 30, 10, 3, 0, 1]
    days = [(date(2020, 11, 1) + timedelta(days=n), count) for n, count in enumerate(counts)]
    told = [(one.phase.value, one.first.day, one.last.day, one.share.count) for one in phases(days)]
    assert told == [("潜伏", 1, 3, 1), ("形成", 4, 5, 10), ("爆发", 6, 7, 70), ("衰退", 8, 11, 14)]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_phases_cover_each_day_once(counts: list[int]) -> None:
    days = [(date(2020, 11, 1) + timedelta(days=n), count) for n, count in enumerate(counts)]
    found = phases(days)
    if sum(counts) < ENOUGH:
        assert found == []
        return
    assert found[0].first == days[0][0] and found[-1].last == days[-1][0]
    for before, after in pairwise(found):
        assert after.first == before.last + timedelta(days=1)
        assert list(Phase).index(before.phase) < list(Phase).index(after.phase)
    assert sum(one.share.count for one in found) == sum(counts)
