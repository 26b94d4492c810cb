"""Sentences on what totals and peaks consist of, on parts and periods, and a title that says no more."""

from __future__ import annotations

from contextlib import closing

import pytest
from tests.reports.test_report_lists import dossier, entry
from tests.reports.test_report_truth import NOW, build, headings, post, spoken, table

from fengping import events, reports
from fengping.home import Home
from fengping.indexer import open_store, open_store_url
from fengping.models import Act, Document
from fengping.reports import Report
from fengping.reports.document import CaseCard
from fengping.reports.wording import plain
from fengping.services.report import Wanted
from fengping.services.report import build as build_for


def advertised(number: int, day: float = 5) -> list[Document]:
    return [
        post(f"ad{day}-{n}", f"第{n}款新品开抢", polarity="neu", act=Act.PROMOTION, day=day)
        for n in range(number)
    ]


def test_the_total_says_how_many_of_it_promote_goods() -> None:
    made = build([*advertised(3), post("one", "坏了")])
    assert "“消费维权”类信息4条（其中判为推广的3条），日均" in spoken(made)
    assert "共收集“消费维权”类信息4条（其中判为推广的3条），" in plain(made.digest[0])
    assert "推广" not in spoken(build([post("one", "坏了")]))


def test_each_peak_says_how_many_of_it_are_advertisements_and_negatives() -> None:
    usual = [post(f"u{n}", f"第{n}件坏了", day=n / 2) for n in range(54)]
    made = build([*usual, *advertised(20, day=9.1), post("more", "又坏了", day=9.2)])
    assert "峰值的构成：10月29日23条，其中判为推广的信息20条、吐槽类信息3条。" in spoken(made)
    assert "峰值的构成" not in spoken(build(usual))


def test_polarities_are_not_called_praise() -> None:
    said = spoken(build([post("one", "坏了"), *advertised(2)]))
    assert "按文本情感判定（正面未必是消费者的好评），正面0条、" in said


@pytest.mark.parametrize(("live", "title"), [(True, "直播带货消费维权"), (False, "消费维权")])
def test_a_title_names_livestream_selling_where_all_that_is_counted_is_of_it(live: bool, title: str) -> None:
    store = open_store_url("memory:")
    store.put([post("one", "直播间的坏了", live=True, day=14), post("two", "店里的坏了", live=live, day=14)])
    weekly = reports.find_kind("weekly")
    window = reports.window_of(weekly, "2024-10-28", "2024-11-03", NOW)
    assert reports.build(store, weekly, window).title == f"{title}舆情周报（2024年第44周）"
    own = reports.build(store, weekly, window, subject="江州")
    assert own.title == "江州消费维权舆情周报（2024年第44周）"


def test_periods_of_unlike_length_are_told_apart() -> None:
    store = open_store_url("memory:")
    months = [post(f"now{n}", f"第{n}件坏了", day=n, issues=("C04",)) for n in range(12)]
    store.put([*months, *(post(f"then{n}", f"第{n}件坏过", day=n - 40, issues=("C04",)) for n in range(12))])
    monthly = reports.find_kind("monthly")
    made = reports.build(store, monthly, reports.window_of(monthly, "2024-10-01", "2024-10-31", NOW))
    notes = [plain(one.note) for one in made.tables() if "比较" in one.caption]
    assert notes and "；本期31天，上月30天" in notes[0]


def test_a_chapter_without_cases_and_leads_is_not_called_after_them() -> None:
    made = build([post(f"p{n}", f"第{n}件坏了", issues=("C04",)) for n in range(6)])
    assert "二、问题集中领域" in headings(made)


def test_a_field_has_a_part_of_its_own_by_its_different_texts() -> None:
    """Six documents of a field, of which four are one entry again: two texts are no field to write of."""
    first = [entry(post(f"o{n}", f"第{n}件坏了", day=n, issues=("C04",))) for n in range(2)]
    again = [entry(post(f"k{n}", "", day=9, issues=("C04",)), of=first[0]) for n in range(4)]
    made = build([*first, *again])
    assert "归入各领域的信息同文折叠后均少于5条，不判断集中方面。" in spoken(made)
    assert not [h for h in headings(made) if "商品质量" in h]
    own = build([post(f"o{n}", f"第{n}件坏了", day=n, issues=("C04",)) for n in range(6)])
    assert [h for h in headings(own) if "商品质量" in h]


def of_event(home: Home, documents: list[Document]) -> Report:
    with closing(open_store(home)) as store:
        store.put(documents)
        events.update(home, store)
    [event] = events.events_of(home)
    return build_for(home, Wanted("event", focus=event.id), NOW)


def test_the_dossier_of_one_document_counts_it(home: Home) -> None:
    made = of_event(
        home,
        [post("one", "有主播怒斥黄牛扫货，称已有300单被加价转卖。", title="主播怒斥黄牛加价", live=True)],
    )
    assert "共收集监测范围内信息1条" in spoken(made) and made.facts["negative"].value == 1
    assert [block for block in made.blocks if isinstance(block, CaseCard)]
    assert table(made, "传播链")


def test_a_dossier_is_of_everything_that_is_told_and_says_how_much_is_of_consumers(home: Home) -> None:
    told = [
        post(f"t{n}", f"第{n}位买家说林小禾直播间的杯子碎了，要求赔偿300元。", title="林小禾直播间杯子碎了",
             host="林小禾", live=True, consumer=n > 0, day=5 + n / 10)
        for n in range(3)
    ]  # fmt: skip
    made = dossier(home, told)
    said = spoken(made)
    assert "其中判定与消费维权有关的2条。" in said
    assert "“吐槽类”指判定为负面的信息，不论是否判定为与消费维权有关；" in said
    assert "此类信息包括对商品和服务的负面评价" not in said
    assert [h for h in headings(made) if h.endswith("、舆情基本情况")]


def test_where_nobody_is_accused_nobody_is_said_to_be_silent(home: Home) -> None:
    told = [
        post(f"t{n}", f"林小禾说爸妈第{n}次被陌生人打扰，已报警3次。", title="林小禾称爸妈被骚扰",
             host="林小禾", live=True, day=5 + n / 10).with_judgement(negative_hosts=())
        for n in range(2)
    ]  # fmt: skip
    said = spoken(dossier(home, told))
    assert "未见相关方的回应" in said and "被指一方的回应" not in said
