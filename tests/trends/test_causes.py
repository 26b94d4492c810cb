"""The cause of a peak: one story, several, a part of it, or only more of everything; over invented posts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.trends.conftest import NOW, at
from tests.trends.test_peaks import calm, fill, post

from fengping.home import Home
from fengping.models import Document
from fengping.services.search import Asked
from fengping.services.trends.peaks import Peak, peaks

TOPICS = ("河上的桥", "新茶", "夜跑", "旧书", "雨靴", "陶罐", "山路", "灯会", "渔船", "蜂箱", "石阶", "风筝")
"""Matters that have nothing in common."""


def mixed(day: int, n: int, **more: object) -> list[Document]:
    return [post(f"m{at}", topic, when, topic, **more) for at, (topic, when) in enumerate(_times(day, n))]


def _times(day: int, n: int) -> list[tuple[str, object]]:
    return [(TOPICS[one % len(TOPICS)] + "一二三四五"[one // len(TOPICS)], at(day, 8)) for one in range(n)]


def about(matter: str, n: int, **more: object) -> list[Document]:
    """*n* headlines of one matter."""
    return [
        post(
            f"{matter}{one}",
            f"{'甲乙丙丁戊己庚辛'[one]}{'问说谈看听想写记'[one]}{matter}",
            at(20, 9),
            matter,
            **more,
        )
        for one in range(n)
    ]


def only_peak(home: Home, posts: Sequence[Document], asked: Asked | None = None) -> Peak:
    fill(home, posts)
    [peak] = peaks(home, asked or Asked(), NOW).peaks
    return peak


def test_a_day_on_which_more_was_collected_has_no_story(home: Home) -> None:
    peak = only_peak(home, [*calm(), *mixed(20, 12)])
    assert (peak.cause.kind, list(peak.stories)) == ("collected", [])
    assert peak.cause.sentence == "采集较多（16 条，平时约 4 条），无单一事件；各条未能归为一事。"


def test_one_story_of_most_is_the_cause(home: Home) -> None:
    peak = only_peak(home, [*calm(), *mixed(20, 2), *about("玉镯", 8)])
    assert (peak.cause.kind, peak.cause.sentence) == (
        "story",
        "主要是「玉镯」8 条（占增量 80%，如「甲问玉镯」）。",
    )
    assert peak.stories[0].carried == pytest.approx(0.8)
    record = peak.to_record()
    assert (record["cause"], record["explanation"]) == ("story", peak.cause.sentence)
    assert (record["carried"], record["stories"][0]["carried"]) == (0.8, 0.8)


def test_a_few_documents_are_a_part_and_no_cause(home: Home) -> None:
    peak = only_peak(home, [*calm(), *mixed(20, 11), *about("玉镯", 5)])
    assert peak.cause.kind == "part"
    assert peak.cause.sentence == "一部分是「玉镯」5 条（占增量 31%，如「甲问玉镯」）；其余未能归为一事。"


def test_several_stories_are_told_with_the_share_of_each(home: Home) -> None:
    peak = only_peak(home, [*calm(), *about("玉镯", 6), *about("月饼", 6), *mixed(20, 3)])
    assert peak.cause.kind == "stories"
    assert peak.cause.sentence == (
        "数个主题合占增量 80%：「月饼」6 条（占增量 40%，如「甲问月饼」），"
        "「玉镯」6 条（占增量 40%，如「甲问玉镯」）。"
    )


def test_documents_that_usually_tell_of_it_carry_nothing(home: Home) -> None:
    usual = [
        post(f"u{day}-{n}", f"第{day}天谈玉镯{n}", at(day, 7), "玉镯") for day in range(40) for n in range(4)
    ]
    peak = only_peak(home, [*calm(), *usual, *about("玉镯", 3), *mixed(20, 12)])
    assert (peak.cause.kind, list(peak.stories)) == ("collected", [])


def test_what_a_story_carries_can_be_reckoned_from_what_is_told(home: Home) -> None:
    usual = [post(f"u{day}", f"第{day}天谈玉镯", at(day, 7), "玉镯") for day in range(0, 40, 3)]
    peak = only_peak(home, [*calm(), *usual, *about("玉镯", 8), *mixed(20, 2)])
    record = peak.to_record()
    [story] = record["stories"]
    beyond = (story["count"] - story["usual"]) / (record["count"] - record["usual"])
    assert (story["usual"] > 0.1, story["carried"]) == (True, pytest.approx(beyond, abs=0.01))
    assert f"「玉镯」8 条（平时约 {story['usual']:.1f} 条，占增量 " in peak.cause.sentence


def test_stories_that_share_documents_are_told_as_overlapping(home: Home) -> None:
    both = [post(f"b{n}", f"{TOPICS[n]}玉镯和月饼", at(20, 9), "玉镯", "月饼") for n in range(3)]
    peak = only_peak(home, [*calm(), *about("玉镯", 5), *about("月饼", 5), *both])
    assert sum(story.carried for story in peak.stories) > peak.cause.together == 1
    assert peak.cause.sentence.endswith("有的同属两题，合计 100%。")


def test_common_words_that_few_documents_share_are_no_story(home: Home) -> None:
    often = [post(f"o{day}", f"医生说第{day}天", at(day, 7), "医生") for day in range(0, 40, 2)]
    around = [post(f"a{day}", f"平常的第{day}件", at(day, 8), hosts=("林小禾",)) for day in range(10, 30, 4)]
    one = [
        post(f"p{n}", f"{TOPICS[n]}与医生" if n < 3 else TOPICS[n], at(20, 8), "医生", hosts=("林小禾",))
        for n in range(8)
    ]
    peak = only_peak(home, [*calm(), *often, *around, *one], Asked(where={"hosts": ("林小禾",)}))
    assert (peak.cause.kind, list(peak.stories)) == ("subject", [])


def test_what_a_question_is_about_is_told_where_its_affair_fills_the_weeks_around(home: Home) -> None:
    around = [
        post(f"a{day}", f"充电宝的第{day}件", at(day, 8), "充电", hosts=("林小禾",))
        for day in (17, 18, 22, 23, 24)
    ]
    peak = only_peak(
        home, [*calm(), *around, *about("充电宝", 8, hosts=("林小禾",))], Asked(where={"hosts": ("林小禾",)})
    )
    assert (peak.cause.kind, list(peak.cause.shared)) == ("subject", [("充电宝", 8)])
    assert peak.cause.sentence.startswith("所问内容本身增多（占全部采集 66.7%，平时 ")
    assert peak.cause.sentence.endswith("未见占增量一半的单一事件；多谈「充电宝」8 条。如「甲问充电宝」。")
    assert peak.to_record()["shared"] == [{"word": "充电宝", "count": 8}]


def test_a_question_whose_share_did_not_rise_had_more_collected(home: Home) -> None:
    peak = only_peak(
        home,
        [*calm(hosts=("林小禾",)), *mixed(20, 12, hosts=("林小禾",))],
        Asked(where={"hosts": ("林小禾",)}),
    )
    assert peak.cause.kind == "collected"


def test_a_name_that_no_document_was_cut_to_is_found_in_headlines(home: Home) -> None:
    titles = [
        "美团收购叮咚",
        "叮咚上岸了",
        "为什么非要买叮咚？",
        "吃掉叮咚以后",
        "叮咚、盒马与它",
        "买下叮咚值吗",
    ]
    peak = only_peak(
        home, [*calm(each=1), *(post(f"p{n}", title, at(20, 8), "收购") for n, title in enumerate(titles))]
    )
    assert (peak.stories[0].title, peak.stories[0].share.count) == ("叮咚", 6)


def test_a_name_cut_short_is_told_whole(home: Home) -> None:
    titles = ["桦加沙登陆", "等桦加沙来", "桦加沙过后", "看桦加沙", "桦加沙与海", "桦加沙停在哪"]
    peak = only_peak(
        home, [*calm(each=1), *(post(f"p{n}", title, at(20, 8), "加沙") for n, title in enumerate(titles))]
    )
    assert (peak.stories[0].title, peak.stories[0].share.count) == ("桦加沙", 6)
