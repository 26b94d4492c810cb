"""Summits that are peaks, and the story that is told first, over invented posts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store_samples import document
from tests.trends.conftest import NOW, at

from fengping.clock import parse_moment
from fengping.home import Home
from fengping.indexer import Interval, open_store
from fengping.models import Document
from fengping.services.search import Asked
from fengping.services.trends.peaks import peaks, summits_of
from fengping.services.trends.summits import chance

DAYS = 40


def fill(home: Home, posts: Iterable[Document]) -> None:
    store = open_store(home)
    store.put(list(posts))
    store.close()


def post(id: str, title: str, when: datetime, *keywords: str, **more: object) -> Document:
    return document(id, title, when, title=title, keywords=keywords, site="榜", **more)  # type: ignore[arg-type]


def calm(days: int = DAYS, each: int = 4, **more: object) -> list[Document]:
    """A few different titles each day."""
    return [
        post(f"c{day}-{n}", f"第{day}天的第{n}件平常事", at(day, 9 + n), "平常", **more)
        for day in range(days)
        for n in range(each)
    ]


def hourly(hours: Iterable[int], each: int, word: str) -> list[Document]:
    """*each* different titles in each of these hours after the first day."""
    return [
        post(f"{word}{hour}-{n}", f"{word}第{hour}时第{n}条", at(0, hour) + timedelta(minutes=26))
        for hour in hours
        for n in range(each)
    ]


def test_a_list_that_begins_anew_at_midnight_is_no_peak(home: Home) -> None:
    old = [post(f"o{n}", f"禾苗苗的第{n}个话题", at(20, 20), "话题") for n in range(12)]
    again = [post(f"n{n}", f"禾苗苗的第{n}个话题", at(21, 0), "话题") for n in range(12)]
    fill(home, [*calm(), *old, *again])
    days = peaks(home, Asked(), NOW)
    assert [one.summit.start for one in days.peaks] == [at(20, 0)]
    hours = peaks(home, Asked(), NOW, by="hour")
    assert [one.summit.start for one in hours.peaks] == [at(20, 20)]
    assert hours.repeated == 1 and hours.to_record()["repeated"] == 1


def test_news_at_midnight_is_a_peak(home: Home) -> None:
    fill(home, [*calm(), *(post(f"n{n}", f"禾苗苗的第{n}个话题", at(21, 0), "话题") for n in range(12))])
    found = peaks(home, Asked(), NOW, by="hour")
    assert [one.summit.start for one in found.peaks] == [at(21, 0)]
    assert found.repeated == 0


def test_hours_in_which_a_list_is_read_after_an_outage_are_no_peaks(home: Home) -> None:
    silent = range(500, 506)
    usual = hourly((hour for hour in range(24 * DAYS) if hour not in silent), 5, "甲")
    fill(home, [*usual, *hourly([0, 506], 40, "乙"), *hourly([700], 40, "丙")])
    found = peaks(home, Asked(), NOW, by="hour")
    assert [one.summit.start for one in found.peaks] == [at(0, 700)]
    assert found.gaps == 1 + len(silent) + 1  # the first hour, the silent ones, and the one after them


def test_a_calm_night_is_no_outage(home: Home) -> None:
    fill(home, [*calm(), *hourly([24 * 20 + 12], 9, "丙")])
    found = peaks(home, Asked(), NOW, by="hour")
    assert [one.summit.start for one in found.peaks] == [at(20, 12)]


def test_documents_of_which_only_the_day_is_known_tell_of_no_hour(home: Home) -> None:
    posts = [post(f"d{day}-{n}", f"第{day}天第{n}件", at(day, 0)) for day in range(DAYS) for n in range(2)]
    fill(home, [*posts, *(post(f"p{n}", f"大事第{n}件", at(20, 0)) for n in range(20))])
    assert list(peaks(home, Asked(), NOW, by="hour").peaks) == []
    assert [one.summit.start for one in peaks(home, Asked(), NOW).peaks] == [at(20, 0)]


@given(st.integers(0, 23))
def test_a_handful_in_a_sparse_course_of_many_hours_is_chance(hour: int) -> None:
    begin = parse_moment("2020-11-02")
    # A document in half of the hours, so that five at once come about by chance in a year of hours.
    chances = Random(1)
    counts = [chances.randrange(2) for _ in range(24 * 200)]
    counts[24 * 100 + hour] = 5
    course = [(begin + timedelta(hours=at), count) for at, count in enumerate(counts)]
    assert [one.count for one in summits_of(course, Interval.HOUR) if one.count == 5] == []
    counts[24 * 100 + hour] = 15
    course = [(begin + timedelta(hours=at), count) for at, count in enumerate(counts)]
    assert [one.count for one in summits_of(course, Interval.HOUR)] == [15]


@given(st.integers(1, 200), st.floats(0.01, 100))
def test_chance_falls_with_the_count(count: int, mean: float) -> None:
    assert 0 <= chance(count + 1, mean) <= chance(count, mean) <= 1


def test_a_word_that_fills_more_than_the_largest_copied_text_is_told_first(home: Home) -> None:
    more = [post(f"p{n}", f"禾苗苗道歉第{n}天", at(20, 8), f"苗道歉{n}", "道歉") for n in range(8)]
    copied = [post(f"q{n}", "一条转载", at(20, 9), group="q0") for n in range(3)]
    fill(home, [*calm(), *more, *copied])
    [peak] = peaks(home, Asked(), NOW).peaks
    told = [(one.kind, one.title, one.share.count, one.first_id) for one in peak.stories]
    assert told == [("word", "道歉", 8, "p0"), ("group", "一条转载", 3, "q0")]


def test_a_slogan_under_which_news_changes_is_no_story(home: Home) -> None:
    standing = [post(f"s{day}", "路上的歌", at(day, 8), "路上", group="s0") for day in (0, 20, 21, 22)]
    again = [post(f"t{n}", f"路上的歌 第{n}首", at(30, 8), "路上", group="s0") for n in range(10)]
    fill(home, [*calm(), *standing, *again])
    [peak] = peaks(home, Asked(), NOW).peaks
    assert [one.kind for one in peak.stories] == ["word"]


def test_a_word_is_counted_where_it_was_cut_differently(home: Home) -> None:
    cut = ["林小禾怒怼华衫", "林小禾说华衫", "林小禾 华衫", "林小禾的录音", "林小禾发飙"]
    fill(home, [
        *calm(),
        *(post(f"p{n}", text, at(20, 8), "说华衫" if n == 1 else "华衫" if n == 2 else "林小禾",
               hosts=("林小禾",)) for n, text in enumerate(cut)),
        *(post(f"o{n}", f"林小禾第{n}次上新", at(2 * n, 8), "林小禾", hosts=("林小禾",)) for n in range(8)),
    ])  # fmt: skip
    [peak] = peaks(home, Asked(where={"hosts": ("林小禾",)}), NOW).peaks
    # The host's own name fills all of it, as it fills all that is asked for.
    assert [(one.title, one.share.count) for one in peak.stories] == [("华衫", 3)]


def test_words_are_those_of_the_side_on_which_the_affair_had_not_begun(home: Home) -> None:
    affair = [
        post(f"p{n}", f"禾苗苗{word}第{n}天", at(day, 8), word, hosts=("禾苗苗",))
        for word, day, count in (("翻车", 20, 9), ("翻车", 22, 2), ("翻车", 24, 2), ("上新", 12, 3))
        for n in range(day * 100, day * 100 + count)
    ]
    fill(home, [*calm(), *affair])
    [peak] = peaks(home, Asked(where={"hosts": ("禾苗苗",)}), NOW).peaks
    assert [(one.title, one.share.count) for one in peak.stories] == [("翻车", 9)]


def test_words_of_headlines_come_first_and_those_of_telling_never(home: Home) -> None:
    texts = [
        document(
            f"p{n}", f"有关部门介入第{n}件", at(20, 8), title=f"玉镯翻车第{n}次" if n < 8 else "回应",
            keywords=("玉镯", "部门", "回应"), site="榜",
        )
        for n in range(10)
    ]  # fmt: skip
    fill(home, [*calm(), *texts])
    [peak] = peaks(home, Asked(), NOW).peaks
    assert [(one.word, one.now.count) for one in peak.words] == [("玉镯", 8), ("部门", 10)]
    assert peak.stories[0].title == "玉镯（部门）"


@pytest.mark.parametrize("words", [("双11", "双十一"), ("上新", "补货")])
def test_a_campaign_is_a_story_where_the_documents_name_it(home: Home, words: tuple[str, str]) -> None:
    begin = parse_moment("2020-09-25")
    usual = [
        post(f"c{n}", f"第{n}件平常事", begin + timedelta(days=n // 4, hours=n % 4 + 9)) for n in range(160)
    ]
    opened = begin + timedelta(days=20, hours=8)  # days before the window of the campaign, as platforms do
    fill(home, [*usual, *(post(f"p{n}", f"{words[n % 2]}开卖第{n}家", opened) for n in range(20))])
    [peak] = peaks(home, Asked(), NOW).peaks
    told = [(one.title, one.share.count) for one in peak.stories if one.kind == "campaign"]
    assert (peak.campaign, told) == ("", [("双11", 20)] if words[0] == "双11" else [])


def test_an_event_is_told_by_the_headline_that_says_most_of_the_peak(home: Home) -> None:
    titles = [
        "林小禾感谢大家", "公司公告林小禾离职", "林小禾离职", "林小禾离职原因", "离职之后的林小禾",
    ]  # fmt: skip
    told = [post(f"p{n}", title, at(20, 8 + n), "离职", "公告", event="e1") for n, title in enumerate(titles)]
    again = [post(f"q{n}", f"平常的第{n}件", at(20, 9), "平常", event="e1") for n in range(4)]
    fill(home, [*calm(), *told, *again])
    [peak] = peaks(home, Asked(), NOW).peaks
    story = peak.stories[0]
    assert (story.kind, story.share.count, story.first_id) == ("event", 9, "p0")
    assert story.title == "公司公告林小禾离职"
