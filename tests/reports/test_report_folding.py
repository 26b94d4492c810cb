"""Reposts folded: a group counts once where any of it counts; entries of a list go by their titles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.meanwhile import noted
from tests.reports.test_report_lists import entry, listed
from tests.reports.test_report_truth import DOUBLE11, WINDOW, build, post, spoken, table

from fengping import reports
from fengping.indexer import Store, open_store_url
from fengping.models import Act, Document
from fengping.reports import Report
from fengping.reports.facts import folding


def copy(made: Document, first: Document) -> Document:
    return replace(made, group=first.group, first_in_group=False)


@pytest.fixture(params=["memory:", "tantivy"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty one of each kind that needs no server."""
    url = request.param if request.param == "memory:" else f"tantivy:{tmp_path / 'index'}"
    opened = open_store_url(url)
    yield opened
    opened.close()


def of(store: Store, documents: list[Document]) -> Report:
    store.put(documents)
    return reports.build(store, DOUBLE11, WINDOW)


def values(report: Report) -> dict[str, object]:
    return {id: fact.value for id, fact in report.facts.items()}


def copied() -> list[Document]:
    """Groups whose first is an answer, or lies before the window, and one that counts as a whole."""
    answer = post("answer", "开票规则", issues=("C07",), act=Act.RESPONSE, live=True)
    early = post("early", "退货被拒", day=-3, issues=("C12",), live=True)
    whole = post("whole", "发错货", issues=("C08",), live=True)
    return [
        answer,
        *(copy(post(f"a{n}", "开票规则", day=6 + n, issues=("C07",), live=True), answer) for n in range(2)),
        early,
        copy(post("e", "退货被拒", day=7, issues=("C12",), live=True), early),
        whole,
        copy(post("w", "发错货", day=8, issues=("C08",), live=True), whole),
    ]


def test_a_group_counts_once_where_any_of_it_counts(store: Store) -> None:
    found = values(of(store, copied()))
    assert (found["negative"], found["negative.folded"]) == (5, 3)
    assert (found["complaints"], found["complaints.folded"]) == (5, 3)
    # The answer is in the scope, so its group is counted by it there.
    assert (found["total"], found["total.folded"]) == (6, 3)
    folded = {code: found[f"issue.{code}.folded"] for code in ("C07", "C12", "C08")}
    assert folded == {"C07": 1, "C12": 1, "C08": 1}


def test_the_folded_day_of_a_group_is_that_of_its_first_document_that_counts() -> None:
    made = [post(f"p{n}", f"第{n}件坏了", day=n / 3) for n in range(30)]
    early = post("early", "退货被拒", day=-3)
    made += [post(f"next{n}", f"次日第{n}件坏了", day=21) for n in range(2)]
    made += [copy(post(f"c{n}", "退货被拒", day=20 + n / 50), early) for n in range(20)]
    days = table(build([early, *made]), "每日信息量")
    assert days and sum(int(row[1].value or 0) for row in days.rows) == 52
    assert values(build([early, *made]))["total.folded"] == 33
    assert "同文折叠后，11月9日并非峰值。" in spoken(build([early, *made]))


def test_of_more_copies_than_are_read_those_count_whose_first_does(monkeypatch: pytest.MonkeyPatch) -> None:
    said = spoken(build(copied()))
    assert "“同文折叠后”每组只计一条，其首发不在统计之内的，计其余中最早的一条" in said and "逾" not in said
    monkeypatch.setattr(folding, "MOST", 3)
    few = build(copied())
    assert values(few)["negative.folded"] == 1
    assert "其首发不在统计之内的，计其余中最早的一条（同文逾3条的，首发不在统计之内的组不计）" in spoken(few)


def topics() -> list[Document]:
    """Entries of a list over one lead: two topics, one of them recorded again."""
    made = [
        replace(one, raw=replace(one.raw, title=title, text="有网友发文反映此事。"))
        for one, title in zip(
            [entry(post(f"t{n}", "", day=5 + n), comments) for n, comments in enumerate((129, 97, 120))],
            ("有人饲养老鼠用来炒菜", "老鼠收购商称有证", "有人饲养老鼠用来炒菜"),
            strict=True,
        )
    ]
    return [made[0], *(copy(one, made[0]) for one in made[1:])]


def test_topics_of_a_list_with_one_lead_are_two_entries_and_one_that_comes_again_is_one(store: Store) -> None:
    made = of(store, [*topics(), *listed(number=30, again=0)])
    found = values(made)
    assert (found["negative"], found["negative.folded"]) == (33, 32)
    assert "同文重复收录占3.03%（n=33）" in spoken(made)
    assert "标题不同的条目，导语相同也分别计" in spoken(made)
    assert found["negative.engagement"] == 30 * 100 + 129 + 97


def test_a_topic_of_an_event_that_comes_again_with_another_lead_is_summed_once() -> None:
    first, second, third = (
        replace(one, raw=replace(one.raw, title="林小禾否认卖假货", text=f"第{n}种导语。"), event="e1")
        for n, one in enumerate(entry(post(f"d{n}", "", day=5 + n), 100 + n) for n in range(3))
    )
    apart = replace(third, event="")
    found = values(build([first, second, apart, *listed(number=30, again=0)]))
    assert found["negative.engagement"] == 30 * 100 + 101 + 102


def test_signed_texts_under_other_titles_stay_reposts() -> None:
    signed = [replace(one, raw=replace(one.raw, site=f"样本网{n}")) for n, one in enumerate(topics())]
    assert values(build(signed))["negative.folded"] == 1


def test_nothing_is_read_where_nothing_is_copied(store: Store) -> None:
    with noted(type(store), "columns") as read:
        of(store, [post(f"p{n}", f"第{n}件坏了") for n in range(3)])
    assert not [names for *_, names in read if "group" in names and "act" in names]
