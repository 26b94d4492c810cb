"""Reports of a list of topics that tells no publisher: what is counted is called what it is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import pytest
from tests.readings import Said, as_read
from tests.reports.printing import as_text
from tests.reports.test_report_cases import charge, made_of
from tests.reports.test_report_truth import NOW, build, headings, post, spoken, table

from fengping import events, reports
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Document, Engagement
from fengping.reports import Report, Scope
from fengping.reports.wording import plain


def entry(made: Document, comments: int | None = None, *, of: Document | None = None) -> Document:
    """An entry of a list, taken in again where it is one *of* another."""
    raw = replace(made.raw, author_id="", site="", engagement=Engagement(comments=comments))
    if of is None:
        return replace(made, raw=raw)
    return replace(
        made, raw=replace(raw, title=of.raw.title, text=of.raw.text), group=of.group, first_in_group=False
    )


def listed(number: int = 33, again: int = 7) -> list[Document]:
    first = [entry(post(f"o{n}", f"第{n}件坏了", day=n / 3), 100) for n in range(number)]
    return [*first, *(entry(post(f"k{n}", "", day=12), 130, of=first[n]) for n in range(again))]


def dossier(home: Home, documents: Sequence[Document]) -> Report:
    made_of(home, documents)
    [event] = events.events_of(home)
    kind = reports.find_kind("event")
    window = reports.window_of(kind, "2024-10-20", "2024-11-16", NOW)
    scope = Scope(where={"event": (event.id,)}, consumer=False)
    with closing(open_store(home)) as store:
        return reports.build(store, kind, window, home=home, scope=scope, focus=event.id)


def test_an_entry_that_is_recorded_again_is_no_repost() -> None:
    said = spoken(build(listed()))
    assert "“消费维权”类信息中，同文重复收录占17.50%（n=40）。" in said
    assert "；同文重复收录占17.50%（n=40）；本期信息均未载明发布主体（如热搜话题条目），一条指收录的" in said
    assert "转载占" not in said
    signed = [replace(one, raw=replace(one.raw, author_id=one.id)) for one in listed()]
    said = spoken(build(signed))
    assert "转载占17.50%（n=40）" in said and "同文重复收录" not in said and "未载明发布主体" not in said


def test_the_engagement_names_the_counts_that_there_are_and_how_entries_are_counted() -> None:
    said = spoken(build(listed()))
    once = "（同一条目再次收录的只取最高的一次）"
    assert f"载明互动量的吐槽类信息40条，讨论（评论）量合计约3510次{once}。" in said
    assert "点赞" not in said
    assert "讨论（评论）量合计约3300次。" in spoken(build(listed(again=0)))
    signed = [replace(one, raw=replace(one.raw, author_id=one.id)) for one in listed()]
    assert "评论合计4210次。" in spoken(build(signed))


def test_a_dossier_of_a_list_calls_nobody_publisher_and_nothing_original(home: Home) -> None:
    told = [entry(charge(str(n), "林小禾", 5 + n)) for n in range(4)]
    made = dossier(home, [*told, entry(charge("again", "林小禾", 9), of=told[0])])
    chain = table(made, "传播链")
    assert chain and chain.columns == ("时间", "渠道", "标题")
    assert table(made, "首发主体") is None
    assert "事件信息5条，其中同文重复收录1条。" in spoken(made)


def test_a_dossier_names_the_sites_that_published_and_no_source(home: Home) -> None:
    told = [charge(str(n), "林小禾", 5 + n, site=("", "样本网")[n % 2]) for n in range(4)]
    chain = table(dossier(home, told), "传播链")
    assert chain and chain.columns == ("时间", "渠道", "站点", "标题", "性质")
    assert {row[2].value or "" for row in chain.rows} == {"", "样本网"}


def test_a_dossier_without_a_charge_names_nobody_in_its_tables(home: Home) -> None:
    answers = [
        entry(
            post(
                f"t{n}", f"云湖茶铺第{n}次回应退款。", title="云湖茶铺回应退款", polarity="neu", day=5 + n,
                site="样本日报",
            )
        )
        for n in range(3)
    ]  # fmt: skip
    said = Said("answer", "explain", "云湖茶铺")
    answers = [as_read(one.with_judgement(act=Act.RESPONSE, brands=("云湖茶铺",)), said) for one in answers]
    made = dossier(home, answers)
    chain = table(made, "传播链")
    assert chain and {row[-1].value for row in chain.rows} == {"〔某商家甲〕回应退款"}
    assert "云湖茶铺" not in as_text(made, "md")


@pytest.mark.parametrize(
    ("number", "sources", "said"),
    [
        (29, 2, "对系统收录的、2024年10月20日至2024年11月16日期间发布的相关消费维权信息29条作了整理。"),
        (30, 1, "发布的相关消费维权信息30条（取自一个来源）作了整理。"),
        (30, 2, "为全面了解“双11”期间消费者意见和建议，利用互联网舆情监测系统"),
    ],
)
def test_a_few_texts_or_one_list_are_no_big_data(number: int, sources: int, said: str) -> None:
    posts = [post(f"p{n}", f"第{n}件坏了") for n in range(number)]
    posts = [replace(one, raw=replace(one.raw, source=f"s{n % sources}")) for n, one in enumerate(posts)]
    text = spoken(build(posts))
    assert said in text
    assert ("大数据" in text) is (number >= 30 and sources > 1)


def test_what_is_left_out_is_told_once_and_zeros_only_where_they_tell_something() -> None:
    made = build([post("one", "坏了"), post("other", "天气", consumer=False)])
    said = spoken(made)
    assert said.count("监测范围外") == 1 and "未判0条" in said
    assert "判为回应而不计入" not in said
    answered = spoken(build([post("one", "坏了"), post("told", "已退款", act=Act.RESPONSE)]))
    assert "其中判为回应而不计入的有1条，可能有并非回应的；" in answered and "个别可能" not in answered


def test_the_interval_says_which_texts_were_labelled() -> None:
    posts = [post(f"p{n}", f"第{n}件坏了") for n in range(30)]
    made = build(posts, estimate=lambda where: (20.0, 30.0))
    assert "判定误差：按随系统附带、取自其他语料的标注样本估计，情感为负面的信息在20条至30条之间" in spoken(
        made
    )
    assert all("取自其他语料" in line for line in map(plain, made.digest) if "95%" in line)
    made = build(posts, estimate=lambda where: (20.0, 30.0), labelled=True)
    assert "取自其他语料的标注样本和本系统人工标注的样本估计" in spoken(made)


def test_an_interval_says_that_it_holds_answers_which_the_count_leaves_out() -> None:
    posts = [post(f"p{n}", f"第{n}件坏了") for n in range(30)]
    answered = [*posts, *(post(f"a{n}", "已退款", act=Act.RESPONSE) for n in range(4))]
    made = build(answered, estimate=lambda where: (31.0, 37.0))
    wanted = "（连同判为回应的4条共34条；按随系统附带、取自其他语料的标注样本估计，"
    assert wanted in spoken(made) and any(wanted in plain(line) for line in made.digest)
    assert "连同判为回应的" not in spoken(build(posts, estimate=lambda where: (20.0, 30.0)))


def test_a_part_without_a_fact_is_left_out() -> None:
    assert not [h for h in headings(build([post("one", "坏了")])) if "主播分布" in h]
    assert [h for h in headings(build([post("one", "坏了", live=True, host="林小禾")])) if "主播分布" in h]


def test_a_report_that_is_not_of_livestream_selling_alone_says_so() -> None:
    both = build([post("one", "直播间的坏了", live=True), post("two", "店里的坏了")])
    assert "本报告不限于直播带货：“消费维权”类信息2条中，判定与直播带货有关的1条。" in spoken(both)
    assert "不限于直播带货" not in spoken(build([post("one", "直播间的坏了", live=True)]))
