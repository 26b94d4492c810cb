"""The answer printed beside a charge: of the same party, on the same matter, by its sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.making import document

from fengping import events
from fengping.events import Status
from fengping.events.answers.latest import latest_answers, steps_for
from fengping.events.answers.status import Step
from fengping.home import Home
from fengping.indexer.search.backends.memory import MemoryStore
from fengping.models import Act, Document

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
    store = MemoryStore("memory:")
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


def test_steps_of_another_party_or_matter_are_none_to_a_case(home: Home) -> None:
    own = post(2, "檀木子回应羽绒服充绒量不足", "", 5, act=Act.RESPONSE)
    other = post(3, DOWN, "沈听澜回应称已退出直播间。", 6).with_judgement(hosts=("檀木子", "沈听澜"))
    steps = [
        Step(Status.ANSWERED, own.raw.published_at, own.id, own.raw.title),
        Step(Status.DENIED, other.raw.published_at, other.id, "沈听澜回应称已退出直播间。"),
        Step(Status.ADMITTED, other.raw.published_at, other.id, "檀木子就月饼产地致歉。"),
    ]
    documents = {one.id: one for one in (own, other)}
    # 沈听澜 is on no list of this home: a name that the judgement holds is enough.
    assert steps_for(home, steps, CHARGE, ("檀木子",), documents) == (steps[0],)


def test_who_makes_good_stands_before_whom_it_is_made_good_to(home: Home) -> None:
    own = post(2, "檀木子对买家退一赔三", "", 5)
    other = post(3, "沈听澜对檀木子羽绒服退一赔三", "", 6).with_judgement(hosts=("檀木子", "沈听澜"))
    said = "沈听澜宣布，买了檀木子羽绒服的退一赔三。"
    told = post(4, DOWN, said, 7).with_judgement(hosts=("檀木子", "沈听澜"))
    posts = {one.id: one for one in (own, other, told)}
    sentences = zip(posts.values(), (own.raw.title, other.raw.title, said), strict=True)
    steps = [Step(Status.AMENDED, one.raw.published_at, one.id, sentence) for one, sentence in sentences]
    assert steps_for(home, steps, CHARGE, ("檀木子",), posts) == (steps[0],)
