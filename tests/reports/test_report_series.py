"""Courses, shapes and number forms on small series."""

from __future__ import annotations

import functools
import math
import random
import re
from bisect import bisect
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.reports import numbers
from fengping.reports.chapters import share_differs
from fengping.reports.facts import (
    PEAK_FACTOR,
    Previous,
    Series,
    Volume,
    course_of,
    marking_words,
    rates_differ,
    shares_differ,
    spread_of_shares,
)
from fengping.reports.render import Curve, Heat, draw
from fengping.reports.wording import Fact, Query


def series(*counts: int) -> Series:
    return Series(tuple(date(2020, 10, 20) + timedelta(days=at) for at in range(len(counts))), counts)


@pytest.mark.parametrize(
    ("counts", "shape"),
    [
        ([100, 105, 98, 102, 99, 101, 103, 97, 100], "较为平稳"),
        ([10, 12, 11, 300, 12, 10, 11, 9, 10], "呈集中趋势"),
        ([20, 30, 25, 40, 35, 50, 45, 60, 55], "波动上升"),
        ([60, 55, 50, 40, 35, 30, 20, 25, 20], "集中在前半段"),
        ([20, 30, 40, 80, 60, 45, 30, 25, 20], "呈“倒V”形"),
        ([10, 30, 12, 9, 28, 10, 11, 26, 10], "有所波动"),
        ([10, 28, 9, 10, 26, 11, 12, 30, 11], "有所波动"),
        ([3, 4, 5], None),
        ([0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0, 0] * 2 + [0] * 20, None),
        ([1, 0, 2, 0, 1, 0, 9], None),
    ],
)
def test_shape_words(counts: list[int], shape: str | None) -> None:
    assert series(*counts).shape() == shape


def test_two_summits_without_trend_only_vary() -> None:
    assert series(20, 30, 60, 30, 20, 20, 60, 70, 25, 20, 20, 25).shape() == "有所波动"


def test_peak_stands_just_at_the_threshold() -> None:
    assert [n for _, n in series(400, 400, 400, 520, 400, 400, 400).peaks()] == [520]
    assert series(400, 400, 400, 519, 400, 400, 400).peaks() == ()


def test_a_peak_of_few_documents_must_be_more_than_chance() -> None:
    assert series(9, 9, 9, 14, 9, 9, 9).peaks() == ()
    assert [n for _, n in series(9, 9, 9, 30, 9, 9, 9).peaks()] == [30]


def test_days_carry_their_year_where_the_window_touches_two() -> None:
    assert series(1, 2).name(date(2020, 10, 20)) == "10月20日"
    over_new_year = Series((date(2020, 12, 31), date(2021, 1, 1)), (1, 2))
    assert over_new_year.name(date(2021, 1, 1)) == "2021年1月1日"


def test_plateau_is_one_peak_on_its_first_day() -> None:
    assert series(10, 10, 10, 40, 40, 10, 10, 10).peaks() == ((date(2020, 10, 23), 40),)


def test_ties_of_the_highest_day_are_all_told() -> None:
    assert len(series(3, 9, 2, 9, 1).top_days) == 2
    assert series(0, 0, 0).top_days == ()


def test_growth_must_be_more_than_chance() -> None:
    assert series(*[10] * 10, *[30] * 10).grows()
    assert not series(*[2] * 10, *[3] * 10).grows()
    assert not series(*[100] * 10, *[120] * 10).grows()
    assert not series(*[0] * 10, *[30] * 10).grows()


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=60))
def test_any_course_is_described_without_error(counts: list[int]) -> None:
    found = series(*counts)
    found.shape()
    found.halves()
    for day, n in found.peaks():
        assert n == found.counts[found.days.index(day)]
        assert n * len(counts) >= 0 and n > 0
    assert PEAK_FACTOR > 1


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_percent_is_within_half_a_hundredth(part: int, whole: int) -> None:
    printed = numbers.percent(part, whole)
    if printed == "不足0.01%":
        assert 0 < part * 10_000 < whole
        return
    assert abs(Decimal(printed.rstrip("%")) - Decimal(100) * part / whole) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("value", "printed"),
    [(99_999_999, "10000万"), (100_000_000, "1.00亿"), (10_000, "1.00万"), (9_999, "9999")],
)
def test_ten_thousands_at_their_borders(value: int, printed: str) -> None:
    assert numbers.wan(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"), [("0.518", "0.52"), ("3.25", "3.3"), ("99.96", "100.0"), ("113.1", "113")]
)
def test_small_daily_means_keep_decimals(value: str, printed: str) -> None:
    assert numbers.exact(Decimal(value)) == printed


def test_words_that_mark_the_negatives() -> None:
    everything = {"退款": 60, "直播": 900, "开心": 300, "罕见": 1}
    marked = marking_words({"退款": 55, "直播": 100, "开心": 5, "罕见": 1}, everything)
    assert [word for word, _ in marked] == ["退款"]
    assert marking_words({}, {}) == []
    assert marking_words({"退款": 3}, {"退款": 3}) == []


def test_days_that_are_equal_or_few_have_no_peak() -> None:
    assert series(*[40] * 27).peaks() == ()
    assert not series(*[40] * 27).varies()
    assert series(*[1] * 20, 9, *[1] * 6).peaks() == ()


def test_a_flat_random_course_is_hardly_ever_called_concentrated() -> None:
    chance = random.Random(7)

    def flat(mean: float) -> Series:
        counts = [0] * 27
        for _ in range(round(27 * mean)):
            counts[chance.randrange(27)] += 1
        return series(*counts)

    courses = [flat(mean) for mean in (1.2, 2, 5, 12, 40) for _ in range(60)]
    assert sum(course.shape() not in (None, "较为平稳", "未见超出随机波动的变化") for course in courses) <= 9
    assert sum(course.shape() == "呈集中趋势" for course in courses) <= 1


def test_affairs_that_come_anywhere_alike_are_hardly_ever_laid_to_one_part_of_the_window() -> None:
    chance = random.Random(1)

    def affairs() -> Series:
        counts = [0] * 27
        for _ in range(20):
            begin = chance.randrange(27)
            for _ in range(chance.randint(1, 12)):
                counts[min(26, begin + (chance.random() < 0.4))] += 1
        return series(*counts)

    shapes = [affairs().shape() for _ in range(RUNS)]
    assert sum(shape in ("集中在前半段", "波动上升") for shape in shapes) <= 0.05 * RUNS


def test_two_days_at_most_are_told_as_tied() -> None:
    assert len(series(3, 30, 2, 30, 1).notable_days) == 2
    assert series(30, 30, 2, 30, 1).notable_days == ()
    assert series(1, 2, 9, 1).notable_days == ()


@pytest.mark.parametrize(
    ("now", "then", "spread", "differ"),
    [
        (130, 100, 1.0, True),
        (110, 100, 1.0, False),
        (130, 100, 8.0, False),
        (6, 1, 1.0, False),
        (0, 0, 1.0, False),
    ],
)
def test_a_change_is_named_only_beyond_chance(now: int, then: int, spread: float, differ: bool) -> None:
    assert rates_differ(now, 7, then, 7, spread=spread) is differ


def test_shares_of_few_documents_are_not_compared() -> None:
    assert shares_differ(60, 200, 30, 200)
    assert not shares_differ(33, 200, 30, 200)
    assert not shares_differ(20, 25, 1, 25)


DAYS = 28
RUNS = 400


@functools.cache
def upto(mean: float) -> list[float]:
    """The chances of at most 0, 1, 2 … events that come *mean* times on average."""
    most = range(int(mean + 10 * mean**0.5) + 10)
    return list(accumulate(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in most))


def poisson(chance: random.Random, mean: float) -> int:
    """A draw of events that come *mean* times on average."""
    return bisect(upto(mean), chance.random()) if mean else 0


def chained(chance: random.Random, mean: float, chains: float) -> tuple[list[int], list[int]]:
    """A flat course with and without copies: texts of their own every day, and *chains* of 20 to 500 copies,
    each over one to six days."""
    apart = [poisson(chance, mean) for _ in range(DAYS)]
    raw = list(apart)
    for _ in range(poisson(chance, chains)):
        begin, length = chance.randrange(DAYS), chance.randint(1, 6)
        apart[begin] += 1
        for _ in range(chance.randint(20, 500)):
            if (day := begin + chance.randrange(length)) < DAYS:
                raw[day] += 1
    return raw, apart


def counted(name: str, raw: list[int], apart: list[int]) -> Volume:
    found, folded = series(*raw), series(*apart)
    count = Fact(name, name, found.total, Query("given"))
    course = course_of(count, found.days, dict(zip(found.days, raw, strict=True)), Query("given"))
    return Volume(count, Fact(f"{name}.folded", name, folded.total, Query("given")), course, folded)


@pytest.mark.parametrize(("mean", "chains"), [(3, 0.0), (15, 0.0), (3, 3.0), (15, 3.0), (15, 8.0), (60, 5.0)])
def test_a_flat_course_with_chains_of_copies_hardly_ever_grows(mean: float, chains: float) -> None:
    chance = random.Random(18)
    alarms = sum(counted("a", *chained(chance, mean, chains)).grows() for _ in range(RUNS))
    assert alarms <= 0.05 * RUNS


@pytest.mark.parametrize("mean", [5, 20, 100])
@pytest.mark.parametrize("height", [2, 6, 20])
def test_the_days_round_a_single_occasion_are_no_growth(mean: float, height: float) -> None:
    """11-11 stands in the second half of its window, and more is told on the days round it."""
    chance = random.Random(11)
    shape = {21: 0.3, 22: 1.0, 23: 0.4}
    alarms = 0
    for _ in range(RUNS):
        days = [poisson(chance, mean * (1 + height * shape.get(day, 0.0))) for day in range(DAYS)]
        alarms += counted("a", days, days).grows()
    assert alarms <= 0.05 * RUNS


@pytest.mark.parametrize("factor", [2, 4])
def test_true_growth_is_seen_beside_chains(factor: float) -> None:
    chance = random.Random(5)
    seen = 0
    for _ in range(RUNS):
        raw, apart = chained(chance, 15, 0.3)
        more = [poisson(chance, 15 * (factor - 1)) if day >= DAYS // 2 else 0 for day in range(DAYS)]
        days = [[n + m for n, m in zip(counts, more, strict=True)] for counts in (raw, apart)]
        seen += counted("a", *days).grows()
    assert seen >= 0.8 * RUNS


def shares(chance: random.Random, mean: float, chains: float, share: float) -> tuple[Volume, Volume]:
    """Negatives, chains among them, and all documents of a flat course."""
    negative, alone = chained(chance, mean * share, chains)
    others, apart = chained(chance, mean * (1 - share), 0)
    return counted("negative", negative, alone), counted(
        "total",
        [n + m for n, m in zip(negative, others, strict=True)],
        [n + m for n, m in zip(alone, apart, strict=True)],
    )


def differs(now: tuple[Volume, Volume], then: tuple[Volume, Volume]) -> bool:
    negative, every = then
    before = Previous(
        "上期", every.count, negative.count, DAYS, folded=(negative.apart.total, every.apart.total),
        spread_of_shares=spread_of_shares(negative.course.series.counts, every.course.series.counts),
    )  # fmt: skip
    return share_differs(*now, before)


@pytest.mark.long
@pytest.mark.parametrize(
    ("mean", "chains"), [(10, 0.0), (50, 0.0), (10, 2.0), (50, 2.0), (50, 6.0), (300, 1.0)]
)
def test_chains_of_copies_hardly_ever_move_a_share(mean: float, chains: float) -> None:
    chance = random.Random(3)
    alarms = sum(
        differs(shares(chance, mean, chains, 0.2), shares(chance, mean, chains, 0.2)) for _ in range(RUNS)
    )
    assert alarms <= 0.05 * RUNS


def test_a_share_that_moved_is_seen() -> None:
    chance = random.Random(4)
    seen = sum(differs(shares(chance, 50, 0.2, 0.35), shares(chance, 50, 0.2, 0.2)) for _ in range(RUNS))
    assert seen >= 0.8 * RUNS


def test_one_chain_of_copies_is_no_rise_of_the_share() -> None:
    flat = [20] * DAYS
    negative = counted("negative", [4] * 20 + [504] + [4] * 7, [4] * DAYS)
    every = counted("total", [*flat[:20], 520, *flat[21:]], flat)
    before = counted("negative", [4] * DAYS, [4] * DAYS), counted("total", flat, flat)
    assert not differs((negative, every), before)


def test_labels_of_charts_stand_upright_and_lines_differ_without_colour() -> None:
    course = series(*[4] * 28)
    both = draw(Curve(course, names=("全部", "吐槽类"), below=course), "a")
    alone = draw(Curve(course), "a")
    assert "stroke-dasharray" in both
    assert "stroke-dasharray" not in alone
    matrix = draw(Heat(("林小禾",), ("违禁与食品安全", "虚假宣传"), ((1, 2),)), "b")
    for drawn in (both, alone, matrix):
        assert not re.search(r"rotate\((?!0[,)])", drawn)
    assert "违禁与食" in matrix
    assert "品安全" in matrix
