"""Steps of a charge out of readings: who acts upon whom decides, and how sure the encoder is."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from tests.events.test_building import post
from tests.making import put

from fengping import events
from fengping.events import Dossier
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Channel, Document
from fengping.reading import Party, Reading, Signal
from fengping.services import events as services

HOST, BRAND, AGENCY, BUREAU, CRITIC = "檀木子", "云朵甄选", "檀木文化公司", "青石县市场监管局", "博主老周"
KINDS = {HOST: "person", BRAND: "brand", AGENCY: "agency", BUREAU: "authority", CRITIC: "person"}
CHARGE = "檀木子直播间卖的和田玉手链送检为石英岩"


def told(
    number: int, text: str, kind: str, form: str, actor: str = "", target: str = "", *,
    sure: float = 0.99, hours: float = 5.0, channel: Channel = Channel.NEWS,
) -> Document:  # fmt: skip
    """A text of one clause, as the encoder read it."""
    names = [name for name in KINDS if name in text]
    parties = tuple(
        Party(name, KINDS[name], False, ((text.index(name), text.index(name) + len(name)),), {})
        for name in names
    )
    at = {name: number for number, name in enumerate(names)}
    signal = Signal(kind, form, (0, len(text)), sure, at.get(actor), at.get(target))
    reading = Reading(0.9, 0.1, 0.0, 0.5, 0.9, parties, (signal,), {}, True)
    made = post(
        number, text, hours, channel=channel, hosts=(HOST,), negative_hosts=(HOST,), signals=(kind,),
        reading=reading,
    )  # fmt: skip
    return replace(made, raw=replace(made.raw, site="沿江晚报"))


def dossier(home: Home, *documents: Document) -> Dossier:
    """All of *documents* as one event, by hand where they are told apart."""
    first = told(1, CHARGE, "charge", "", target=HOST, hours=0.0)
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
    found = dossier(home, told(2, "檀木子否认和田玉手链是石英岩", "answer", "deny", HOST))
    assert (status(found), found.event.confirmed, found.unreviewed) == ("已否认", (), ())
    [step] = found.event.steps
    assert step.sentence == "檀木子否认和田玉手链是石英岩" and step.document == found.documents[1]


@pytest.mark.parametrize(
    "said",
    [
        told(2, "云朵甄选否认和田玉手链是石英岩，檀木子未回应", "answer", "deny", BRAND),
        told(2, "买家要求檀木子就和田玉手链道歉", "demand", "", target=HOST),
        told(2, "檀木子会为和田玉手链道歉吗？投票", "reaction", ""),
        told(2, "檀木文化公司因和田玉手链被罚，檀木子在场", "official", "fine", "", AGENCY),
        told(2, "檀木子就和田玉手链起诉博主老周，法院判博主老周赔偿", "official", "judge", "", CRITIC),
    ],
    ids=["a brand's answer", "a demand", "a poll", "a fine of the agency", "a won suit"],
)
def test_what_others_say_or_suffer_is_no_step_of_the_accused(home: Home, said: Document) -> None:
    found = dossier(home, said)
    assert (status(found), found.event.steps, found.unreviewed) == ("未证实", (), ())


@pytest.mark.parametrize(
    "said",
    [
        told(2, "檀木子为和田玉手链道歉", "answer", "apologise", HOST, sure=0.9),
        told(2, "檀木子为和田玉手链道歉", "answer", "apologise", HOST, channel=Channel.WEIBO),
        told(2, "青石县市场监管局对檀木子和田玉手链一事罚款三万元", "official", "fine", BUREAU, HOST),
        told(2, "和田玉手链一事后檀木子直播间解封", "official", "clear", "", HOST),
    ],
    ids=["unsure", "no medium", "never printed", "a lifted ban"],
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
        home, told(2, "檀木子就和田玉手链石英岩一事道歉", "answer", "apologise", HOST, hours=-9.0)
    )
    assert status(found) == "已道歉赔付"
