"""The accused of an event: those alone whom its documents are judged to accuse, as corrected, at once."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace

from sqlalchemy import select
from tests.commands import fengping
from tests.events.test_building import START, affair, post
from tests.events.test_commands import told
from tests.web.conftest import client_of

from fengping import events
from fengping.events import Asked, tables
from fengping.events.asking import documents_of
from fengping.events.building.forgetting import forget
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.models import Channel
from fengping.services.events import update
from fengping.state import State

HOST, NAMED = "林小禾", "周小满"


def stocked(home: Home, *, sites: bool = False) -> None:
    """A home with an affair; with *sites* each of its documents stands on one of its own."""
    (home.root / "hosts.toml").write_text(
        f'version = 1\n\n[[host]]\nname = "{HOST}"\n\n[[host]]\nname = "{NAMED}"\n', encoding="utf-8"
    )
    both = {"hosts": (HOST, NAMED), "negative_hosts": (HOST, NAMED), "negative_brands": ("云绒家纺",)}
    alone = {"hosts": (NAMED,)}
    documents = [
        *affair()[1:],
        post(1, "林小禾直播间卖的蚕丝被成交1323件退货1012件，周小满也转发，网友称被芯是化纤", 0, **both),
        post(8, "周小满看见充电宝起火的新闻，劝大家都去退货，客服却不理", 900, **alone),
        post(9, "充电宝起火的新闻周小满看见了，劝大家都去退货，可是客服不理", 901, **alone),
    ]
    if sites:
        documents = [
            replace(one, raw=replace(one.raw, channel=Channel.NEWS, site=f"{one.id[:6]}日报"))
            for one in documents
        ]
    with closing(open_store(home)) as store:
        store.put(documents)
    update(home)


def accused_on_page(home: Home, id: str) -> str:
    with client_of(home) as client:
        page = client.get(f"/events/{id}").text
    found = re.search(r"<dt>被指</dt><dd>(.*?)</dd>", page, re.S)
    assert found
    return re.sub(r"<[^>]+>", "", found[1])


def test_who_is_only_spoken_of_is_not_accused(home: Home) -> None:
    stocked(home)
    assert told(home, "list", "充电宝") == []
    [event] = told(home, "list", "充电宝", "--happenings")
    assert (event["parties"], event["accused"]) == ([NAMED], [])
    assert accused_on_page(home, event["id"]) == "无人"
    shown = fengping(home, "affairs", "show", event["id"]).stdout
    assert re.search(rf"named\W+{NAMED} 2", shown)
    assert "accused" not in shown


def test_a_target_removed_by_hand_is_accused_nowhere_any_more(home: Home) -> None:
    stocked(home)
    [event] = told(home, "list", HOST)
    assert event["accused"] == [HOST, NAMED, "云绒家纺"]
    done = fengping(home, "correct", affair()[0].id, "--remove-target", NAMED, "--by", "审核")
    assert done.returncode == 0, done.stderr
    # At once: the next update finds nothing else.
    [before] = told(home, "list", HOST)
    update(home)
    [after] = told(home, "list", HOST)
    assert before["accused"] == after["accused"] == [HOST, "云绒家纺"]
    [dossier] = told(home, "show", event["id"])
    knowledge = dossier["knowledge"]
    assert (knowledge["accused"], knowledge["accused_brands"]) == ([[HOST, 2]], [["云绒家纺", 1]])
    assert [NAMED, 1] in knowledge["named"]
    assert NAMED not in accused_on_page(home, event["id"])
    with client_of(home) as client:
        assert client.get(f"/api/v1/events/{event['id']}").json()["event"]["accused"] == [HOST, "云绒家纺"]


def test_charges_that_are_corrected_to_be_against_others_are_two_events(home: Home) -> None:
    stocked(home)
    for name in (NAMED, HOST):
        done = fengping(home, "correct", affair()[0].id, "--remove-target", name, "--by", "审核")
        assert done.returncode == 0, done.stderr
    update(home)
    accused = [event["accused"] for event in told(home, "list")]
    assert sorted(accused) == [["云绒家纺"], [HOST]]


def test_what_is_corrected_to_neutral_accuses_nobody(home: Home) -> None:
    stocked(home)
    [event] = told(home, "list", HOST)
    for id in (affair()[1].id, affair()[0].id):
        assert fengping(home, "correct", id, "--polarity", "neu").returncode == 0
    assert told(home, "show", event["id"])[0]["event"]["accused"] == []


def test_brands_that_an_event_accuses_are_those_of_the_facet(home: Home) -> None:
    stocked(home)
    [event] = told(home, "list", HOST)
    knowledge = told(home, "show", event["id"])[0]["knowledge"]
    with closing(open_store(home)) as store:
        own = Filter(where={"event": (event["id"],)})
        for field, key in (("negative_hosts", "accused"), ("negative_brands", "accused_brands")):
            assert [list(pair) for pair in store.terms(own, field)] == knowledge[key]


def test_an_events_report_names_as_accused_whom_corrections_left(home: Home) -> None:
    stocked(home, sites=True)
    [event] = told(home, "list", HOST)
    window = ("--from", str(START.date()), "--to", "2024-10-30")
    assert fengping(home, "correct", affair()[0].id, "--remove-target", NAMED).returncode == 0
    asked = ("--format", "json", "--min-publishers", "1", *window)
    made = fengping(home, "report", "event", event["id"], *asked)
    assert made.returncode == 0, made.stderr
    [file] = list(home.reports.rglob("*.json"))
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    assert [case["parties"] for case in cases] == [[HOST, "云绒家纺"]]
    assert events.events_of(home, events.Asked(party=NAMED))


def parties_kept(home: Home) -> set[str]:
    with State.open(home).begin() as connection:
        return set(connection.scalars(select(tables.parties.c.party)))


def test_whom_events_speak_of_goes_with_their_documents(home: Home) -> None:
    stocked(home)
    assert {HOST, NAMED, "云绒家纺"} <= parties_kept(home)
    [affair] = [event for event in events.events_of(home) if HOST in event.parties]
    forget(home, documents_of(home, affair.id))
    assert not parties_kept(home) & {HOST, "云绒家纺"}
    update(home)
    assert parties_kept(home) == {NAMED}
    assert not events.events_of(home, Asked(party=HOST)) and events.events_of(home, Asked(party=NAMED))
