"""Golden tests on published figures of the CCA and the Beijing institute (T1–T8, T10, T11)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest

from fengping.clock import day_start
from fengping.reports import Window, numbers
from fengping.reports.chapters import sentences
from fengping.reports.facts import Host, Rest, Series, Slice, Topic, Volume, course_of, share_of
from fengping.reports.scope import CONSUMER
from fengping.reports.wording import Fact, Query, plain


def window(first: str, last: str) -> Window:
    return Window(
        day_start(date.fromisoformat(first)), day_start(date.fromisoformat(last) + timedelta(days=1))
    )


def fact(id: str, value: int | None) -> Fact:
    return Fact(id, id, value, Query(f"given: {id}"))


def volume(id: str, days: Sequence[date], counts: Sequence[int]) -> Volume:
    count = fact(id, sum(counts))
    course = course_of(count, days, dict(zip(days, counts, strict=True)), Query("given"))
    return Volume(count, fact(f"{id}.folded", sum(counts)), course, course.series)


def slice_of(name: str, count: int | None, whole: int | None) -> Slice:
    part = fact(name, count)
    return Slice(name, name, part, share_of(f"{name}.share", name, part, fact("whole", whole)))


def spread(total: int, days: int, peaks: dict[int, int]) -> list[int]:
    """Counts of given sum with given values at given places, the rest as even as whole numbers allow."""
    rest, others = total - sum(peaks.values()), days - len(peaks)
    filled = iter([rest // others + (at < rest % others) for at in range(others)])
    return [peaks.get(at) or next(filled) for at in range(days)]


D11_2020 = window("2020-10-20", "2020-11-15")
D11_COUNTS = spread(14_296_274, 27, {1: 812_340, 12: 903_118, 22: 1_051_437})


def test_t1_opening_sentence_of_double_11_2020() -> None:
    everything = volume("total", D11_2020.days, D11_COUNTS)
    text = plain(sentences.total("“双11”期间", CONSUMER.noun, D11_2020, everything)) + plain(
        sentences.curve(everything)
    )
    assert text.startswith("在10月20日至11月15日共计27天监测期内，共收集“双11”期间“消费维权”类信息14296274条")
    assert "日均信息量约53万条" in text
    assert "10月21日、11月1日、11月11日出现舆情量峰值" in text
    assert "其中11月11日最多，为1051437条" in text


@pytest.mark.parametrize("seed", range(5))
def test_t1_peaks_stand_out_of_a_noisy_course(seed: int) -> None:
    noise = [((at * 7919 + seed * 104_729) % 61 - 30) * 1000 for at in range(27)]
    counts = [n if at in (1, 12, 22) else n + noise[at] for at, n in enumerate(D11_COUNTS)]
    assert [day for day, _ in Series(D11_2020.days, tuple(counts)).peaks()] == [
        date(2020, 10, 21),
        date(2020, 11, 1),
        date(2020, 11, 11),
    ]


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2020-10-20", "2020-11-15", 27),
        ("2021-10-20", "2021-11-12", 24),
        ("2022-10-20", "2022-11-13", 25),
        ("2023-10-20", "2023-11-16", 28),
        ("2020-06-01", "2020-06-20", 20),
        ("2020-09-30", "2020-10-10", 11),
        ("2019-11-01", "2019-11-15", 15),
    ],
)
def test_t2_window_arithmetic(first: str, last: str, days: int) -> None:
    assert len(window(first, last).days) == days


def test_t4_topics_may_sum_to_more_than_the_whole() -> None:
    days = window("2019-11-01", "2019-11-15").days
    counts = {
        "快递": 196_872,
        "售后": 167_288,
        "预售": 156_000,
        "促销": 137_940,
        "质量": 56_872,
        "价格": 42_550,
    }
    assert sum(counts.values()) == 757_522 > 655_376
    whole = fact("complaints", 655_376)
    topics = []
    for name, n in counts.items():
        found = volume(name, days, spread(n, 15, {11: n // 3}))
        topics.append(Topic(name, name, found, share_of(f"{name}.share", name, found.count, whole)))
    text = plain(sentences.field(topics[0], "吐槽类信息"))
    assert "196872条，占吐槽类信息的30.04%（n=655376）" in text
    assert "各领域条数之和不等于总数" in plain(sentences.focus(topics, fact("none", 0)))


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (1_363_806, 5_483_663, "24.87"),
        (768_340, 5_483_663, "14.01"),
        (1_565_203, 3_261_027, "47.99"),  # 47.997: the CCA cuts here
        (870_131, 3_261_027, "26.68"),
        (5_483_663, 48_930_596, "11.21"),
        (3_261_027, 56_753_335, "5.75"),
        (1_160_435, 20_176_208, "5.75"),
        (492_482, 655_376, "75.14"),
    ],
)
def test_t5_shares_within_a_hundredth_of_the_printed(part: int, whole: int, printed: str) -> None:
    assert abs(Decimal(numbers.percent(part, whole).rstrip("%")) - Decimal(printed)) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("total", "days", "printed"),
    [
        (14_296_274, 27, 53),
        (21_353_081, 24, 89),
        (56_753_335, 28, 202),
        (9_110_688, 20, 45),
        (9_565_046, 11, 87),
        (34_843_875, 20, 174),
        (98_704_996, 20, 493),
    ],
)
def test_t5_daily_means_floor_or_round(total: int, days: int, printed: int) -> None:
    exact = Decimal(total) / days / 10_000
    ours = int(re.fullmatch(r"约(\d+)万", numbers.about(numbers.mean(total, days)))[1])  # type: ignore[index]
    assert ours == int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert printed in {ours, int(exact.quantize(Decimal(1), ROUND_DOWN))}


def test_t5_exact_daily_mean_is_rounded_half_up() -> None:
    assert numbers.exact(numbers.mean(655_376, 15)) == "43692"
    assert numbers.exact(numbers.mean(1_565_203, 28)) == "55900"
    assert numbers.about(numbers.mean(334_083, 27)) == "约1.24万"


@pytest.mark.parametrize(
    ("value", "printed"),
    [(334_083, "33.41万"), (14_296_274, "1430万"), (237_100, "23.71万"), (8_238, "8238"), (0, "0")],
)
def test_t6_ten_thousands(value: int, printed: str) -> None:
    assert numbers.wan(value) == printed


def test_t7_other_hosts_are_counted_and_printed_together() -> None:
    named = fact("hosts", 10_000)
    days = D11_2020.days
    rows = {"甲": 4100, "乙": 3130, "丙": 859, "丁": 486, "戊": 464, "己": 440}
    hosts = []
    for name, n in rows.items():
        found = volume(name, days, spread(n, 27, {3: n // 5}))
        hosts.append(Host(name, found, share_of(f"{name}.share", name, found.count, named)))
    other = fact("others", 521)
    rest = Rest(11, other, share_of("others.share", "others", other, named))
    text = plain(sentences.hosts(hosts, rest, named, 3))
    assert "涉及甲的维权舆情最多，4100条，占比41.00%（n=10000）；其次是乙，3130条，占比31.30%" in text
    assert "其余11位合计521条，占比5.21%（n=10000）" in text
    assert "其余" not in plain(sentences.hosts(hosts, None, named, 3))


@pytest.mark.parametrize(
    "row",
    [
        (3688, 3372, 1518, 758, 530, 119, 15),
        (4575, 3782, 519, 508, 446, 145, 14, 11),
        (3897, 3459, 1324, 746, 362, 191, 18, 3),
    ],
)
def test_t8_shares_of_a_partition_sum_to_a_hundred(row: tuple[int, ...]) -> None:
    printed = [Decimal(numbers.percent(n, sum(row)).rstrip("%")) for n in row]
    assert sum(printed) == Decimal("100.00")


def test_t9_polarity_sentence() -> None:
    rows = [slice_of(name, n, 10_000) for name, n in (("正面", 3141), ("中性", 5596), ("负面", 1263))]
    text = plain(sentences.polarity(rows))
    shares = "正面31.41%（n=10000）、中性55.96%（n=10000）、负面12.63%（n=10000）。"
    assert text == f"按文本情感判定（正面未必是消费者的好评），{shares}"


def test_t11_blank_is_said_in_words_and_zero_as_zero() -> None:
    assert "指向具名主播（系统名录所载）的共0条" in plain(sentences.hosts([], None, fact("hosts", 0), 3))
    assert numbers.percent(0, 0) == numbers.percent(None, 5) == numbers.digits(None) == "本期未统计"
    assert numbers.about(None) == numbers.wan(None) == numbers.exact(None) == "本期未统计"


def test_t6_the_negatives_of_2020_stand_to_their_whole() -> None:
    days = D11_2020.days
    negative = volume("negative", days, spread(334_083, 27, {3: 13_000}))
    share = share_of("s", "s", negative.count, fact("total", 14_296_274))
    assert "334083条，占总量的2.34%（n=14296274）" in plain(sentences.negatives(CONSUMER, negative, share))
