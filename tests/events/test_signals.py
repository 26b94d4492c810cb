"""Steps of a charge out of readings: who acts upon whom decides, and how sure the encoder is."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.events.test_building import START, post
from tests.making import put
from tests.readings import ENCODER, Said, as_read

from fengping import events
from fengping.events import Dossier, Status
from fengping.events.answers.matter import answers_matter
from fengping.events.answers.status import Step, joined, of_parties, standing
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Channel, Document
from fengping.services import events as services

HOST, BRAND, AGENCY, BUREAU, CRITIC = "檀木子", "云朵甄选", "檀木文化公司", "青石县市场监管局", "博主老周"
CHARGE = "檀木子直播间卖的和田玉手链送检为石英岩"


def told(
    number: int, text: str, *said: Said, hours: float = 5.0, channel: Channel = Channel.NEWS,
    model: str = ENCODER,
) -> Document:  # fmt: skip
    """A text as the encoder read it."""
    made = post(number, text, hours, channel=channel, hosts=(HOST,), negative_hosts=(HOST,))
    made = replace(made, raw=replace(made.raw, site="沿江晚报"))
    return as_read(made, *said, model=model, authorities=(BUREAU,))


def dossier(home: Home, *documents: Document) -> Dossier:
    """All of *documents* as one event, by hand where they are told apart."""
    first = told(1, CHARGE, Said("charge", target=HOST), hours=0.0)
    with closing(open_store(home)) as store:
        put(home, store, [first, *documents])
        events.update(home, store)
    own = events.event_of(home, first.id)
    assert own
    for one in documents:
        if (found := events.event_of(home, one.id)) and found.id != own.id:
            services.merge(home, [own.id, found.id], one.raw.fetched_at)
    return services.show(home, own.id)


def status(found: Dossier) -> str:
    return found.event.status.value


def test_an_answer_of_the_accused_that_a_medium_tells_gives_the_status(home: Home) -> None:
    found = dossier(home, told(2, "檀木子否认和田玉手链是石英岩", Said("answer", "deny", HOST)))
    assert (status(found), found.event.confirmed, found.unreviewed) == ("已否认", (), ())
    [step] = found.event.steps
    assert step.sentence == "檀木子否认和田玉手链是石英岩" and step.document == found.documents[1]


@pytest.mark.parametrize(
    "said",
    [
        told(2, "云朵甄选否认和田玉手链是石英岩，檀木子未回应", Said("answer", "deny", BRAND)),
        told(2, "买家要求檀木子就和田玉手链道歉", Said("demand", target=HOST)),
        told(2, "檀木子会为和田玉手链道歉吗？投票", Said("reaction")),
        told(2, "檀木子该向和田玉道歉，石英岩听了都想笑", Said("reaction")),
        told(2, "檀木子为和田玉手链道歉了吗", Said("reaction", target=HOST)),
        told(2, "檀木文化公司因和田玉手链被罚，檀木子在场", Said("official", "fine", "", AGENCY)),
        told(2, "檀木子就和田玉手链起诉博主老周，法院判博主老周赔偿", Said("official", "judge", "", CRITIC)),
    ],
    ids=[
        "a brand's answer",
        "a demand",
        "a poll",
        "a joke",
        "a question",
        "a fine of the agency",
        "a won suit",
    ],
)
def test_what_others_say_or_suffer_is_no_step_of_the_accused(home: Home, said: Document) -> None:
    found = dossier(home, said)
    assert (status(found), found.event.steps, found.unreviewed) == ("未证实", (), ())


@pytest.mark.parametrize(
    "said",
    [
        told(2, "檀木子为和田玉手链道歉", Said("answer", "apologise", HOST, sure=0.9)),
        told(2, "檀木子为和田玉手链道歉", Said("answer", "apologise", HOST), channel=Channel.WEIBO),
        told(2, "青石县市场监管局对檀木子和田玉手链一事罚款三万元", Said("official", "fine", BUREAU, HOST)),
        told(2, "和田玉手链一事后檀木子直播间解封", Said("official", "clear", "", HOST)),
        told(2, "檀木子为和田玉手链道歉", Said("answer", "apologise", HOST), model="quick"),
    ],
    ids=["unsure", "no medium", "never printed", "a lifted ban", "no encoder"],
)
def test_what_is_not_sure_stands_below_and_gives_no_status(home: Home, said: Document) -> None:
    found = dossier(home, said)
    assert (status(found), [one.sentence for one in found.unreviewed]) == ("未证实", [said.raw.text])
    services.step(
        home, found.event.id, said.id, "已处罚", said.raw.fetched_at, by="lin", sentence="罚款三万元"
    )
    found = services.show(home, found.event.id)
    assert (status(found), found.unreviewed) == ("已处罚", ())


def test_an_apology_before_the_first_collected_charge_answers_it(home: Home) -> None:
    found = dossier(
        home, told(2, "檀木子就和田玉手链石英岩一事道歉", Said("answer", "apologise", HOST), hours=-9.0)
    )
    assert status(found) == "已道歉"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("apologise", "已道歉"),
        ("pay", "已赔付"),
        ("admit", "已承认"),
        ("explain", "已回应"),
        ("promise", "已回应"),
        ("threaten", "已回应"),
    ],
)
def test_each_form_of_an_answer_gives_its_own_status(home: Home, form: str, words: str) -> None:
    found = dossier(home, told(2, "檀木子谈和田玉手链和石英岩", Said("answer", form, HOST)))
    assert status(found) == words


def test_what_only_the_quick_judge_read_makes_events_and_no_step(home: Home) -> None:
    plain = post(2, f"{CHARGE}，檀木子道歉", 5, channel=Channel.NEWS, hosts=(HOST,), negative_hosts=(HOST,))
    found = dossier(home, plain)
    assert (found.event.documents, status(found), found.event.steps, found.unreviewed) == (
        2, "未证实", (), (),
    )  # fmt: skip


def test_one_text_may_tell_several_steps_each_by_its_clause(home: Home) -> None:
    text = "檀木子否认和田玉手链掺假。云朵甄选随后道歉，檀木子也道歉"
    said = (
        Said("answer", "deny", HOST, clause="檀木子否认和田玉手链掺假"),
        Said("answer", "apologise", BRAND, clause="云朵甄选随后道歉"),
        Said("answer", "apologise", HOST, clause="檀木子也道歉"),
    )
    found = dossier(home, told(2, text, *said))
    assert [(step.status.value, step.sentence, step.party) for step in found.event.steps] == [
        ("已否认", "檀木子否认和田玉手链掺假", HOST),
        ("已道歉", "檀木子也道歉", HOST),
    ]


def step(status: Status, hours: int, party: str = HOST) -> Step:
    return Step(status, START + timedelta(hours=hours), f"{hours:032x}", f"{status.value}。", party)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ([], Status.UNPROVEN),
        ([Status.ANSWERED, Status.PENALISED, Status.DENIED], Status.PENALISED),
        ([Status.DENIED, Status.ADMITTED], Status.ADMITTED),
        ([Status.ADMITTED, Status.DENIED], Status.DENIED),
        ([Status.DENIED, Status.CLEARED], Status.CLEARED),
        ([Status.DENIED, Status.RETRACTED], Status.RETRACTED),
        ([Status.PENALISED, Status.CLEARED], Status.PENALISED),
        ([Status.JUDGED, Status.RETRACTED], Status.JUDGED),
        ([Status.APOLOGISED, Status.ANSWERED], Status.APOLOGISED),
        ([Status.APOLOGISED, Status.PAID], Status.PAID),
    ],
)
def test_the_strongest_step_holds_and_of_denial_and_admission_the_later(
    told: list[Status], left: Status
) -> None:
    steps = [step(one, at) for at, one in enumerate(told)]
    assert standing(joined(reversed(steps))) is left
    assert joined(reversed(steps)) == tuple(steps)  # the first of each kind stays, though it changes nothing


def test_what_one_of_several_accused_says_is_not_the_others_answer() -> None:
    own, other, nobody = step(Status.DENIED, 1), step(Status.PAID, 2, BRAND), step(Status.RETRACTED, 3, "")
    steps = joined([own, other, nobody, step(Status.DENIED, 4)])
    assert steps == (own, other, nobody)
    assert of_parties(steps, {HOST}) == (own, nobody)


def test_a_shared_name_alone_is_no_shared_matter() -> None:
    lead, day = "林小禾直播间运动鞋买完不让换引争议", timedelta(days=1)
    host = ["林小禾"]
    assert answers_matter(lead, "关于运动鞋买完不让换一事，林小禾团队致歉。", host, day)
    assert not answers_matter(lead, "林小禾回应恋情传闻：两人只是多年的朋友。", host, day)
    lead, answer = "林小禾直播间月饼没有米其林工艺", "林小禾客服回应月饼事件：会同步反馈"
    assert answers_matter(lead, answer, host, timedelta(hours=21))
    assert not answers_matter(lead, answer, host, -timedelta(hours=21))
    assert answers_matter(lead, "林小禾就月饼米其林工艺致歉", host, -timedelta(hours=21))
