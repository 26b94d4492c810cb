"""The answer printed beside a charge: of the same party, on the same matter, by its sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.making import document, put

from fengping import events
from fengping.events import Status, asking, by_hand
from fengping.events.answers import linking
from fengping.events.answers.latest import latest_answers, steps_of
from fengping.events.answers.status import Step
from fengping.home import Home
from fengping.indexer import open_store_url
from fengping.models import Act, Document, Polarity

START = datetime(2024, 9, 1, 2, tzinfo=UTC)
NOW = START + timedelta(days=3)
DOWN = "檀木子直播间羽绒服充绒量不足，检测机构抽检三批次均不合格"


def post(number: int, title: str, text: str, hours: float = 0, **changes: object) -> Document:
    made = document(number, START + timedelta(hours=hours), text or title, hosts=("檀木子",), **changes)
    return replace(made, raw=replace(made.raw, title=title, text=text))


CHARGE = post(1, DOWN, "", negative_hosts=("檀木子",))


def answers(
    home: Home, *told: Document, party: str = "檀木子", now: datetime = NOW
) -> list[tuple[Status, str]]:
    store = open_store_url("memory:")
    store.put([CHARGE, *told])
    events.update(home, store)
    found = latest_answers(home, store, [CHARGE], party, now)
    return [(step.status, step.sentence) for step in found.values()]


def test_the_sentence_of_the_answer_is_given_not_the_title_over_it(home: Home) -> None:
    title = "又一主播翻车？羽绒服充绒量不足，抽检不合格"
    said = "对此，檀木子方面回应称已下架全部羽绒服链接。"
    told = post(2, title, f"近日消费者反映买到薄羽绒服。{said}记者将继续关注。", 5, act=Act.RESPONSE)
    assert answers(home, told) == [(Status.ANSWERED, said)]


@pytest.mark.parametrize(
    "told",
    [
        post(2, "檀木子回应月饼产地传闻", "檀木子方面回应称月饼由香港公司生产。", 5, act=Act.RESPONSE),
        post(2, DOWN, f"{DOWN}。檀木子就月饼产地回应称，一切合规。", 5, act=Act.RESPONSE),
        post(2, "沈听澜回应羽绒服充绒量不足", "和檀木子同台的沈听澜回应称正在核实。", 5, act=Act.RESPONSE),
        post(2, DOWN, f"{DOWN}。檀木子方面未回应羽绒服一事。", 5),
        post(2, DOWN, f"{DOWN}。檀木子回应称羽绒服全部下架。", 90, act=Act.RESPONSE),
    ],
    ids=["another matter", "another matter within", "another party", "no answer", "later than asked"],
)  # fmt: skip
def test_what_is_no_answer_to_this_charge_by_this_party_is_not_given(home: Home, told: Document) -> None:
    if told.judgement.hosts and "沈听澜" in told.raw.title:
        told = told.with_judgement(hosts=("檀木子", "沈听澜"))
    assert answers(home, told) == []


def test_the_latest_of_several_answers_is_given(home: Home) -> None:
    first = post(2, "檀木子回应羽绒服充绒量不足", "", 5, act=Act.RESPONSE)
    later = post(3, "檀木子否认羽绒服充绒量不足", "", 9, act=Act.RESPONSE)
    assert answers(home, later, first) == [(Status.DENIED, later.raw.title)]
    assert answers(home, later, first, now=START + timedelta(hours=6)) == [(Status.ANSWERED, first.raw.title)]


def test_what_one_of_several_accused_says_is_not_the_others_answer() -> None:
    names = {"檀木子": ("檀木子", "木子家纺"), "沈听澜": ("沈听澜",)}
    said = [
        Step(Status.ANSWERED, START, "1", "沈听澜团队回应称羽绒服已下架。", ""),
        Step(Status.AMENDED, START, "2", "木子家纺就羽绒服退一赔三。", ""),
        Step(Status.PENALISED, START, "3", "两家均被罚款10万元。", ""),
    ]
    side = ("檀木子", "沈听澜")
    assert steps_of(said, "檀木子", side, names) == said[1:]
    assert steps_of(said, "沈听澜", side, names) == [said[0], said[2]]
    assert steps_of(said, "", side, names) == said


@pytest.mark.parametrize("polarity", [Polarity.NEU, Polarity.NEG], ids=["plain", "judged negative"])
def test_an_answer_that_comes_after_many_complaints_is_read(home: Home, polarity: Polarity) -> None:
    demands = [
        post(n, DOWN, f"第{n}位买家说充绒量不足，要求赔偿。", n / 60, negative_hosts=("檀木子",))
        for n in range(2, 67)
    ]
    title = "檀木子否认羽绒服充绒量不足，抽检不合格"
    denial = post(99, title, "", 20, act=Act.RESPONSE, polarity=polarity)
    assert answers(home, *demands, denial) == [(Status.DENIED, title)]
    found = events.event_of(home, CHARGE.id)
    assert found and found.documents >= 66 and found.status is Status.DENIED


def test_an_answer_told_apart_after_many_complaints_of_the_party_is_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "READ", 5)
    others = [post(n, f"檀木子家月饼发霉，买家要求赔偿{n}倍", "", n / 9) for n in range(2, 12)]
    said = "针对羽绒服充绒量不足一说，檀木子予以否认。"
    denial = post(99, "檀木子工作室声明", said, 20, act=Act.RESPONSE, polarity=Polarity.NEU)
    store = open_store_url("memory:")
    store.put([CHARGE, *others, denial])
    events.update(home, store)
    for apart in ([denial.id], [one.id for one in others]):
        found = asking.event_of(home, CHARGE.id)
        assert found
        if inside := [id for id in apart if id in asking.documents_of(home, found.id)]:
            by_hand.split(home, found.id, inside, NOW)
            events.update(home, store)
    found = asking.event_of(home, CHARGE.id)
    assert found and found.documents == 1
    assert [(step.status, step.document) for step in found.steps][-1] == (Status.DENIED, denial.id)


def statuses(home: Home, *told: Document) -> list[tuple[Status, str]]:
    """Steps of the event of the charge, with *told* in it or linked to it."""
    store = open_store_url("memory:")
    put(home, store, [CHARGE, *told])
    events.update(home, store)
    [found] = [event for event in events.events_of(home) if "檀木子" in event.parties]
    shown = events.event(home, store, found.id)
    assert shown.event == found
    assert [turn.what for turn in shown.knowledge.turns][1:] == [step.status.value for step in found.steps]
    assert found.status is (found.steps[-1].status if found.steps else Status.UNPROVEN)
    return [(step.status, step.sentence) for step in found.steps]


def test_another_party_or_matter_changes_no_status(home: Home) -> None:
    own = post(2, "檀木子回应羽绒服充绒量不足，抽检不合格", "", 5, act=Act.RESPONSE)
    text = f"{DOWN}。沈听澜回应称已退出直播间。檀木子就月饼产地致歉。"
    other = post(3, DOWN, text, 6).with_judgement(hosts=("檀木子", "沈听澜"))
    # 沈听澜 is on no list of this home: a name that the judgement holds is enough.
    assert statuses(home, own, other) == [(Status.ANSWERED, own.raw.title)]


def test_who_makes_good_stands_before_whom_it_is_made_good_to(home: Home) -> None:
    other = post(3, f"沈听澜对{DOWN}退一赔三", "", 6).with_judgement(hosts=("檀木子", "沈听澜"))
    said = "沈听澜宣布，买了檀木子羽绒服的退一赔三。"
    told = post(4, DOWN, f"{DOWN}。{said}", 7).with_judgement(hosts=("檀木子", "沈听澜"))
    assert statuses(home, other, told) == []
    own = post(5, "檀木子对直播间羽绒服充绒量不足退一赔三", "", 8)
    assert statuses(home, other, told, own) == [(Status.AMENDED, own.raw.title)]


def test_a_seller_that_few_charges_name_does_not_answer_for_the_accused(home: Home) -> None:
    charges = [post(number, DOWN, "", number / 9, negative_hosts=("檀木子",)) for number in range(2, 6)]
    both = post(7, f"{DOWN}，沈听澜同款也送检", "", 2, negative_hosts=("檀木子", "沈听澜"))
    both = both.with_judgement(hosts=("檀木子", "沈听澜"))
    other = post(8, "沈听澜就直播间羽绒服充绒量不足致歉，退一赔三", "", 3).with_judgement(hosts=("沈听澜",))
    assert statuses(home, *charges, both, other) == []


def test_a_punishment_that_names_nobody_is_one(home: Home) -> None:
    store = open_store_url("memory:")
    title = "一直播间售假羽绒服，市场监管局罚款20万元"
    made = document(1, START, title, act=Act.PENALTY)
    store.put([replace(made, raw=replace(made.raw, title=title))])
    events.update(home, store)
    [found] = events.events_of(home)
    assert (found.status, found.steps[0].sentence) == (Status.PENALISED, title)
    assert found.as_of(START).status is Status.UNPROVEN


def test_a_sentence_stands_though_the_text_names_who_was_imitated(home: Home) -> None:
    store = open_store_url("memory:")
    title = "团伙直播间卖假冒名牌包被判刑"
    made = document(1, START, title, act=Act.REPORT, brands=("云朵皮具",))
    store.put([replace(made, raw=replace(made.raw, title=title))])
    events.update(home, store)
    [found] = events.events_of(home)
    assert (found.status, found.parties) == (Status.JUDGED, ("云朵皮具",))


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("网红知假卖假被判刑3年", Status.JUDGED),
        ("主播售假羽绒服或被判刑", Status.UNPROVEN),
        ("造谣直播间售假的网友被判刑", Status.UNPROVEN),
        ("消费者退货被罚款20元", Status.UNPROVEN),
    ],
)
def test_the_title_of_a_report_may_tell_a_sentence(home: Home, title: str, status: Status) -> None:
    store = open_store_url("memory:")
    made = document(1, START, title, act=Act.REPORT)
    store.put([replace(made, raw=replace(made.raw, title=title))])
    events.update(home, store)
    [found] = events.events_of(home)
    assert (found.status, [step.sentence for step in found.steps]) == (
        status, [title] if status is Status.JUDGED else [],
    )  # fmt: skip


@pytest.mark.parametrize(
    "title",
    [
        "一直播间售假羽绒服被警方立案",
        "17岁女主播停播后遭索赔",
        "拟对一直播间罚款20万",
        "直播间售假商家被判赔诉求遭驳回",
        "买家起诉主播请求法院判赔12万",
    ],
)
def test_what_is_no_punishment_of_nobody_is_none(home: Home, title: str) -> None:
    store = open_store_url("memory:")
    made = document(1, START, title, act=Act.PENALTY)
    store.put([replace(made, raw=replace(made.raw, title=title))])
    events.update(home, store)
    assert [event.status for event in events.events_of(home)] == [Status.UNPROVEN]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("直播间售假商家被判赔12万", ""),
        ("主播夸大宣传卖手镯拒不退货", "最终，法院认定被告行为构成欺诈，支持买家退一赔三的诉讼请求。"),
        ("虚构原因直播卖货构成欺诈", "云溪县人民法院的判决认为，卖惨带货构成欺诈，可进行惩罚性赔偿。"),
    ],
)
def test_a_judgment_that_names_nobody_is_the_status(home: Home, title: str, text: str) -> None:
    store = open_store_url("memory:")
    made = document(1, START, text or title, act=Act.COMPLAINT)
    store.put([replace(made, raw=replace(made.raw, title=title))])
    events.update(home, store)
    [found] = events.events_of(home)
    assert (found.status, found.steps[-1].sentence) == (Status.JUDGED, text or title)


def test_an_answer_that_names_the_matter_in_other_words_than_the_charge_counts(home: Home) -> None:
    turned = post(2, f"{DOWN}，檀木子直播翻车", "檀木子家的鹅绒其实是鸭毛。", 2)
    own = post(3, f"檀木子回应直播翻车：{DOWN}", "檀木子就鸭毛一事致歉。", 5, act=Act.RESPONSE)
    assert [status for status, _ in statuses(home, turned, own)] == [Status.ANSWERED, Status.AMENDED]


def test_another_brands_customer_service_answers_for_nobody_else(home: Home) -> None:
    said = f"{DOWN}。记者以消费者身份咨询云朵家纺官方客服，客服表示羽绒服货源与檀木子的相同。"
    told = post(2, DOWN, said, 5, brands=("云朵家纺",))
    assert statuses(home, told) == []
