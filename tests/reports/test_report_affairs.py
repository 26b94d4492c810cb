"""Events of one affair, told apart, are one case: with the beginning and the status of all."""

from __future__ import annotations

from contextlib import closing

import pytest
from tests.reports.test_report_cases import HOSTS, made_of
from tests.reports.test_report_truth import NOW, post, table

from fengping import events
from fengping.events import by_hand
from fengping.events.asking import documents_of, documents_read, find
from fengping.events.knowing import kin_of, of_affair
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act, Document
from fengping.reports.document import CaseCard
from fengping.reports.facts import Case

QUILT = "林小禾直播间蚕丝被被曝不含蚕丝"
QUESTION = "林小禾说的买贵包赔万能兑现吗"
FINE = "市监局公布蚕丝被一案：林小禾被罚5万元"
CAKES = "林小禾带货的月饼里吃出头发"


def told(key: str, title: str, text: str, day: float, host: str = "林小禾", **about: object) -> Document:
    return post(
        key, text, title=title, day=day, issues=("C03",), host=host, live=True, author=f"a{key}", **about
    )  # type: ignore[arg-type]


def affair() -> list[Document]:
    """Complaints about a quilt, a fine for it in other words, a question whose text alone names it; cakes."""
    quilt = [
        told(f"q{n}", QUILT, f"第{n}位买家送检，填充物全是聚酯纤维，很生气。", 5 + n / 10) for n in range(4)
    ]
    fine = told(
        "fine",
        FINE,
        "样本市市场监督管理局通报，当事人发布虚假广告，依法处以罚款五万元。",
        13,
        act=Act.PENALTY,
        site="样本日报",
    )
    asked = told(
        "asked", QUESTION, "花了399元的买家问，当初说的话算不算数，蚕丝被被曝不含蚕丝以后无人理睬。", 14
    )
    cakes = [told(f"k{n}", CAKES, f"第{n}盒拆开就有一根长头发，反胃。", 6 + n / 10) for n in range(4)]
    return [*quilt, fine, asked, *cakes]


def cases_of(home: Home, documents: list[Document], **options: int) -> list[Case]:
    made = made_of(home, documents, min_publishers=1, **options)
    return [block.case for block in made.blocks if isinstance(block, CaseCard)]


def test_events_of_one_affair_are_one_case_with_the_outcome_of_all(home: Home) -> None:
    cases_of(home, affair())
    found = {event.title: event for event in events.events_of(home)}
    assert found.keys() >= {QUILT, FINE, QUESTION, CAKES}
    [fine] = documents_of(home, found[FINE].id)
    by_hand.step(home, found[FINE].id, fine, "已处罚", NOW)
    with closing(open_store(home)) as store:
        events.update(home, store)
    cases = cases_of(home, [])
    by_title = {case.title: case for case in cases}
    assert set(by_title) == {QUILT, CAKES}
    quilt, cakes = by_title[QUILT], by_title[CAKES]
    assert (quilt.status, quilt.documents.value, len(quilt.kin)) == ("已处罚", 6, 2)
    evidence = table(made_of(home, (), min_publishers=1), "案例证据")
    assert evidence
    joined = [str(row[4].value) for row in evidence.rows if row[1].value == "同属一事"]
    assert sorted(joined) == sorted([FINE, QUESTION])
    assert (cakes.status, cakes.documents.value, len(cakes.kin)) == ("未证实", 4, 0)


def test_what_came_before_the_window_is_the_beginning(home: Home) -> None:
    early = told("early", "林小禾蚕丝被吊牌与成分不符", "打开一看全是化纤。", -9)
    cases = cases_of(home, [early, *affair()])
    [quilt] = [case for case in cases if case.title == QUILT]
    assert quilt.begun == "2024-10-11" and len(quilt.kin) == 3


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (CAKES, "第9盒也有头发。"),
        ("林小禾回应直播间河蟹缺斤少两", "林小禾说河蟹按净重卖；有人又提蚕丝被被曝不含蚕丝。"),
        ("苏一舟直播间蚕丝被发货慢", "等了一个月还没有发货。"),
        ("律师称林小禾或被调查处罚", "一位律师的看法。"),
        ("苏一舟接过林小禾的蚕丝被也被曝", "苏一舟的直播间也卖蚕丝被。"),
    ],
    ids=["another thing", "an answer on another matter", "another host", "words of any affair", "a rival"],
)
def test_what_is_no_part_of_it_stays_apart(home: Home, title: str, text: str) -> None:
    home.hosts.write_text(HOSTS, encoding="utf-8")
    host = "苏一舟" if title.startswith("苏") else "林小禾"
    with closing(open_store(home)) as store:
        store.put([*affair()[:6], told("other", title, text, 6.5, host)])
        events.update(home, store)
        for one in events.events_of(home):
            event, documents = documents_read(home, store, one.id)
            kin = kin_of(home, event, documents)
            assert title not in {other.title for other in kin} and (title != event.title or not kin)
            assert of_affair(event, []) == find(home, event.id)
