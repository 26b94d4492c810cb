"""Statuses of events whose texts tell of several matters, several payers, or of another day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from tests.events.test_latest import NOW, START, post
from tests.making import put

from fengping import events
from fengping.events import Event, Status, asking, by_hand
from fengping.events.answers.latest import latest_answers
from fengping.events.answers.verdicts import answers
from fengping.home import Home
from fengping.indexer import open_store_url
from fengping.models import Act, Document

ACCUSES: dict[str, Any] = {"negative_hosts": ("檀木子",)}


def judged(home: Home, charge: Document, *told: Document, apart: Sequence[Document] = ()) -> Event:
    """The event of *charge*, with *told* in it and none of *apart*."""
    store = open_store_url("memory:")
    put(home, store, [charge, *told, *apart])
    events.update(home, store)
    found = event_of(home, charge)
    members = asking.documents_of(home, found.id)
    if strangers := [one.id for one in apart if one.id in members]:
        # Of two, the later one is taken out.
        by_hand.split(home, found.id, strangers if members[0] == charge.id else [charge.id], NOW)
    strays = {event_of(home, one).id for one in told} - {found.id}
    if strays:
        by_hand.merge(home, [found.id, *sorted(strays)], NOW)
    events.update(home, store)
    found = event_of(home, charge)
    assert {charge.id, *(one.id for one in told)} == set(asking.documents_of(home, found.id))
    return found


def event_of(home: Home, document: Document) -> Event:
    found = asking.event_of(home, document.id)
    assert found
    return found


def steps(event: Event) -> list[tuple[Status, str]]:
    return [(step.status, step.document) for step in event.steps]


BEATING = post(
    1, "丈夫否认檀木子打人", "檀木子的丈夫在直播时表示，当天没有打人。", act=Act.RESPONSE, **ACCUSES
)
NOODLES = post(
    2, "檀木子团队承认藕粉有问题",
    "9月1日，@檀木子 直播回应打人及藕粉事件。檀木子团队表示，抢资料时双方发生肢体冲突。"
    "没想到对方索要46万元，中间人谈成30万元，但他们不愿支付。",
    10, act=Act.RESPONSE,
)  # fmt: skip


def test_what_is_admitted_of_one_matter_is_not_admitted_of_another(home: Home) -> None:
    found = judged(home, BEATING, apart=[NOODLES])
    assert found.status in (Status.ANSWERED, Status.DENIED)
    assert Status.ADMITTED not in {status for status, _ in steps(found)}


def test_a_sum_that_a_text_tells_beside_is_no_admission(home: Home) -> None:
    charge = post(1, "打假人称木子再次找中间人给他30万", "他们想给他转账30万元，遭到拒绝。", 20, **ACCUSES)
    assert steps(judged(home, charge, apart=[NOODLES])) == []


def test_the_admission_stays_where_it_is_of_the_matter(home: Home) -> None:
    charge = post(1, "檀木子带货的藕粉被指不含藕", "藕粉送检未检出藕成分。", **ACCUSES)
    found = judged(home, charge, apart=[NOODLES])
    assert steps(found)[-1] == (Status.ADMITTED, NOODLES.id)


def test_an_alarm_gives_no_answer_to_another_matter_either(home: Home) -> None:
    store = open_store_url("memory:")
    store.put([BEATING, NOODLES])
    events.update(home, store)
    given = latest_answers(home, store, [BEATING], "檀木子", START + timedelta(days=3))
    assert all(step.status is not Status.ADMITTED for step in given.values())
    # Nor the sentence of such a text that says nothing of the charge, though its matter is named elsewhere.
    sorry = post(
        3,
        "檀木子直播回应打人及藕粉事件",
        "檀木子谈到打人。藕粉买家可登记。檀木子团队致歉。",
        12,
        act=Act.RESPONSE,
    )
    store = open_store_url("memory:")
    store.put([BEATING, sorry])
    given = latest_answers(home, store, [BEATING], "檀木子", START + timedelta(days=3))
    assert all(step.status is not Status.AMENDED for step in given.values())


FINED = post(1, "檀木子售假羽绒服被罚款50万", "", act=Act.PENALTY, **ACCUSES)


@pytest.mark.parametrize(
    ("beside", "status"),
    [
        ("知名打假人发文称檀木子带货的羽绒服充绒量不足，且该商家已被罚款50万。", Status.UNPROVEN),
        ("知名打假人发文称檀木子带货的羽绒服充绒量不足，且该商家已被处罚。", Status.UNPROVEN),
        ("檀木子带货的羽绒服充绒量不足，此前代工厂家被罚款8万。", Status.PENALISED),
        ("檀木子带货的羽绒服充绒量不足，网友很失望。", Status.PENALISED),
    ],
)
def test_a_fine_without_an_authority_is_another_s_where_the_event_says_so(
    home: Home, beside: str, status: Status
) -> None:
    told = post(2, "打假人喊话檀木子赔偿羽绒服买家", beside, 2, **ACCUSES)
    assert judged(home, FINED, told).status is status


def test_an_order_to_the_accused_stays_whatever_others_paid(home: Home) -> None:
    ordered = post(1, "责令檀木子暂停经营限期整改", "", act=Act.PENALTY, **ACCUSES)
    told = post(2, "檀木子羽绒服代工厂家多次被罚", "", 2, **ACCUSES)
    assert judged(home, ordered, told).status is Status.PENALISED


def test_an_authority_s_fine_stays_whatever_others_paid(home: Home) -> None:
    fined = post(1, "市场监管局对檀木子售假羽绒服罚款50万", "", act=Act.PENALTY, **ACCUSES)
    told = post(2, "打假人喊话檀木子赔偿羽绒服买家", "该商家已被罚款50万。", 2, **ACCUSES)
    assert judged(home, fined, told).status is Status.PENALISED


RULING = (
    "湖湾县市场监督管理局：针对网络反映的湖湾{house}有限公司（以下简称“{house}”）直播带货中的有关问题"
    "依法进行了处罚。"
)


@pytest.mark.parametrize(("house", "status"), [("木子传媒", [Status.PENALISED]), ("云朵食品", [])])
def test_a_house_called_after_the_accused_is_punished_as_theirs(
    home: Home, house: str, status: list[Status]
) -> None:
    charge = post(1, "檀木子藕粉涉嫌标签虚假标注", "检测结果已出，藕粉不含藕。", **ACCUSES)
    told = post(
        2, "檀木子藕粉调查结果", RULING.format(house=house), 48, act=Act.PENALTY, brands=(house,), **ACCUSES
    )
    assert [step for step, _ in steps(judged(home, charge, told))] == status


@pytest.mark.parametrize(
    ("title", "is_one"), [("檀木子回应直播间月饼产地", False), ("檀木子回应月饼没有米其林工艺", True)]
)
def test_an_answer_told_the_day_before_is_one_if_it_is_surely_to_the_charge(
    home: Home, title: str, is_one: bool
) -> None:
    charge = post(1, "檀木子直播间主播笑称月饼没有米其林工艺", "", 21, **ACCUSES)
    before = post(2, title, "檀木子表示月饼一事会同步反馈。", 0, act=Act.RESPONSE)
    assert steps(judged(home, charge, apart=[before])) == ([(Status.ANSWERED, before.id)] if is_one else [])


def test_who_is_refuted_by_the_police_has_not_withdrawn(home: Home) -> None:
    charge = post(1, "网传檀木子涉毒", "檀木子被指吸毒。", **ACCUSES)
    told = post(2, "檀木子未涉毒", "9月1日，@湖湾警方 通报檀木子被指吸毒事件。", 12)
    found = judged(home, charge, told)
    assert (found.status, found.steps[-1].authority) == (Status.REFUTED, "湖湾警方")


@pytest.mark.parametrize(("hours", "is_one"), [(-20, False), (20, True)])
def test_the_name_of_the_other_side_tells_no_matter_before_the_charge(hours: float, is_one: bool) -> None:
    told = post(2, "檀木子回应沈听澜的质疑", "檀木子称羽绒服没有问题。", hours)
    told = told.with_judgement(hosts=("檀木子", "沈听澜"))
    assert answers([("檀木子说沈听澜没吃好的原因", START)], told, ["檀木子"]) is is_one


def test_an_answer_to_another_charge_before_this_one_is_none_to_it(home: Home) -> None:
    other = post(
        1, "檀木子回应卖假货", "檀木子称，“我们卖到1000万的业绩，熬过的都知道。”", act=Act.RESPONSE, **ACCUSES
    )
    said = "檀木子称，“我们卖到1000万的业绩，熬过的都知道。”"
    other = post(1, "檀木子回应卖假货", said, act=Act.RESPONSE, **ACCUSES)
    charge = post(2, "檀木子疑删除八亿补贴宣传", said, 2, act=Act.REPORT, **ACCUSES)
    own = post(3, "檀木子回应删除补贴宣传", "檀木子表示，补贴宣传并未删除。", 5, act=Act.RESPONSE, **ACCUSES)
    unanswered = judged(home, charge, other)
    assert (unanswered.status, unanswered.title) == (Status.UNPROVEN, charge.raw.title)
    found = judged(home, charge, other, own)
    assert [step.document for step in found.steps][:1] == [own.id]


def test_who_sues_answers_nothing_and_whom_it_is_against_does(home: Home) -> None:
    hosts: dict[str, Any] = {"hosts": ("檀木子", "沈听澜")}
    suit = post(1, "沈听澜将起诉檀木子", "", act=Act.REPORT).with_judgement(**hosts, **ACCUSES)
    against = {"negative_hosts": ("沈听澜",)}
    others = [
        post(n, f"沈听澜晒出檀木子消费账单{n}", "沈听澜将矛头对准檀木子的指控。", n, act=Act.COMPLAINT)
        .with_judgement(**hosts, **against)
        for n in (3, 4)
    ]  # fmt: skip
    tasting = post(6, "沈听澜要求员工品尝檀木子菜单", "檀木子被起诉后，沈听澜表示：昨晚品尝了他点的菜。", 20)
    tasting = tasting.with_judgement(**hosts, **against)
    found = judged(home, suit, *others, tasting)
    assert all(suit.id != step.document for step in found.steps)
    reply = post(7, "檀木子回复沈听澜准备好了", "就起诉，檀木子回复称：“我准备好了。”", 2, act=Act.REPORT)
    found = judged(home, suit, *others, tasting, reply.with_judgement(**hosts, **against))
    assert steps(found) == [(Status.ANSWERED, reply.id)]


def test_an_answer_is_not_to_the_paper_that_it_is_told(home: Home) -> None:
    charge = post(1, "檀木子2980元带货课被指割韭菜", "学员称课程割韭菜。", act=Act.REPORT, **ACCUSES)
    told = "针对#檀木子2980元带货课被指割韭菜#，13日，檀木子学苑方面回应@云溪财经 称，费用已在合同中标注。"
    answer = post(2, "檀木子带货课收费", told, 3, act=Act.RESPONSE, **ACCUSES)
    assert [step.sentence for step in judged(home, charge, answer).steps] == [told]


def test_what_customer_service_says_is_an_answer_without_the_word(home: Home) -> None:
    refused = "对此，檀木子客服表示，“本产品不支持7天无理由退换货。”"
    charge = post(
        1, "网友曝檀木子月饼申请退货遭拒", f"不少网友称退货遭拒。{refused}", act=Act.REPORT, **ACCUSES
    )
    assert [step.sentence for step in judged(home, charge).steps] == [refused]


@pytest.mark.parametrize(
    ("title", "text", "statuses"),
    [
        ("檀木子疑删除亿元补贴宣传", "檀木子直播间的亿元补贴横幅不见了。", []),
        ("檀木子被指要求厂家抬价", "檀木子被指要求厂家抬价后再打折。", [Status.ANSWERED]),
    ],
)
def test_a_charge_that_tells_an_answer_beside_does_not_charge_what_was_answered(
    home: Home, title: str, text: str, statuses: list[Status]
) -> None:
    charge = post(1, title, text, act=Act.REPORT, **ACCUSES)
    words = "檀木子表示，厂家不可能配合抬价。"
    answer = post(2, "檀木子回应要求厂家抬价", words, 20, act=Act.RESPONSE, **ACCUSES)
    told = "檀木子开启大促直播，回应要求厂家抬价称“厂家是不可能配合抬价的”。其还表示自己是小主播。"
    later = post(3, "檀木子广告报价百万", told, 28, act=Act.COMPLAINT, **ACCUSES)
    assert [status for status, _ in steps(judged(home, charge, answer, later))] == statuses


def test_who_sues_their_critic_does_not_answer_by_the_same_words(home: Home) -> None:
    brand: dict[str, Any] = {"brands": ("云朵面馆",)}
    sues = post(
        1, "云朵面馆将起诉檀木子", "云朵面馆将起诉檀木子称汤底预制", act=Act.COMPLAINT, **brand, **ACCUSES
    )
    against: dict[str, Any] = {**brand, "negative_hosts": (), "negative_brands": ("云朵面馆",)}
    said = "针对#云朵面馆将起诉檀木子# 一事，@檀木子 回复称：“嗯，我准备好了。”"
    critics = [
        post(n, "檀木子回复云朵面馆准备好了", said, n, act=Act.COMPLAINT, **against) for n in range(2, 8)
    ]
    denies = post(
        9, "云朵面馆发布致顾客的信", "云朵面馆称檀木子的指责不实。", 20, act=Act.RESPONSE, **against
    )
    found = steps(judged(home, sues, *critics, denies))
    assert {document for _, document in found} == {denies.id}
    assert found[-1][0] is Status.DENIED
