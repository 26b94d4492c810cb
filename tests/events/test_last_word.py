"""A person's last word on events: it holds through updates, rebuilds and another judge, and can be undone."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta

import pytest
from tests.commands import fengping
from tests.events.test_building import START, post
from tests.making import put
from tests.web.conftest import client_of, token_of

from fengping import events
from fengping.errors import UsageError
from fengping.events import Event
from fengping.events.building.forgetting import forget
from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document
from fengping.services import events as services
from fengping.services.events import Word
from fengping.state import State
from fengping.web.accounts import book

NOW = START + timedelta(days=1)
JADE = "檀木子直播间卖的和田玉手链送检为石英岩，客服只退款不赔"
DOWN = "宿迁检测机构公布，三批次羽绒服充绒量均不足四成，檀木子的店铺已下架全部链接"


def charges(text: str, first: int, count: int = 3) -> list[Document]:
    judged = {"hosts": ("檀木子",), "negative_hosts": ("檀木子",), "issues": ("C03",)}
    return [post(first + n, f"{text}{'。' * n}", 3.0 * n, **judged) for n in range(count)]


@pytest.fixture
def two(home: Home) -> tuple[Home, Event, Event]:
    """A home with an event of jade and one of down."""
    with closing(open_store(home)) as store:
        put(home, store, [*charges(JADE, 1), *charges(DOWN, 11)])
        events.update(home, store)
    jade, down = (services.listed(home, events.Asked(text=word), limit=2)[0] for word in ("玉", "羽绒"))
    return home, jade, down


def standing(home: Home, event: Event) -> Event:
    """The event after all was built anew."""
    services.update(home, anew=True)
    return services.find(home, event.id)


def test_what_a_person_says_of_an_event_outlives_rebuilds(two: tuple[Home, Event, Event]) -> None:
    home, jade, _ = two
    assert (jade.confirmed, jade.matter) == ((), ("C03",))
    word = Word("檀木子售假玉", ("檀木子", "云朵甄选"), ("C02",), "已处罚", "已办结")
    services.say(home, jade.id, word, NOW, by="lin")
    found = standing(home, jade)
    assert (found.title, found.accused, found.matter) == ("檀木子售假玉", ("檀木子", "云朵甄选"), ("C02",))
    assert (found.status.value, found.closed) == ("已处罚", "已办结")
    assert found.confirmed == ("title", "accused", "matter", "status", "closed")
    assert found.as_of(START).status.value == "已处罚"
    assert services.listed(home, events.Asked(party="云朵甄选"), limit=2) == [found]
    for one in services.decisions(home, jade.id):
        services.undo(home, one.number, NOW, by="wang")
    assert standing(home, jade) == jade
    assert {one.undone_by for one in services.decisions(home, jade.id)} == {"wang"}


def test_documents_moved_in_and_out_stay_where_a_person_put_them(two: tuple[Home, Event, Event]) -> None:
    home, jade, down = two
    moved = services.documents_of(home, jade.id)[-1]
    services.move(home, down.id, [moved], NOW, by="lin")
    assert moved in services.documents_of(home, standing(home, down).id)
    assert moved not in services.documents_of(home, jade.id)
    apart = services.split(home, down.id, [moved], NOW, by="lin").event
    with closing(open_store(home)) as store:
        put(home, store, charges(JADE, 21, 1))
        events.update(home, store)
    assert services.documents_of(home, standing(home, apart).id) == [moved]
    for one in services.decisions(home):
        services.undo(home, one.number, NOW)
    assert moved in services.documents_of(home, standing(home, jade).id)


def test_a_merge_is_taken_back(two: tuple[Home, Event, Event]) -> None:
    home, jade, down = two
    whole = services.merge(home, [jade.id, down.id], NOW).event
    assert whole.documents == 6
    services.undo(home, services.decisions(home)[0].number, NOW)
    assert {services.find(home, one.id).documents for one in (jade, down)} == {3}


def test_a_step_is_a_persons_to_give_and_to_strike(two: tuple[Home, Event, Event]) -> None:
    home, jade, _ = two
    document = services.documents_of(home, jade.id)[1]
    services.step(home, jade.id, document, "已承认", NOW, by="lin", sentence="主播承认是石英岩。")
    [told] = standing(home, jade).steps
    assert (told.status.value, told.document, told.confirmed) == ("已承认", document, True)
    assert told.at == START + timedelta(hours=3) and told.sentence == "主播承认是石英岩。"
    services.step(home, jade.id, document, "无", NOW, by="lin")
    assert standing(home, jade).steps == ()
    with pytest.raises(UsageError, match="no document of any event"):
        services.step(home, jade.id, "f" * 32, "已承认", NOW)


def test_linked_events_are_one_affair_and_stay_apart(two: tuple[Home, Event, Event]) -> None:
    home, jade, down = two
    services.merge(home, [jade.id, down.id], NOW, linked=True)
    assert [one.id for one in services.of_one_affair(home, down.id)] == [jade.id]
    assert standing(home, jade).documents == 3


def test_what_was_decided_on_a_forgotten_document_goes_with_it(two: tuple[Home, Event, Event]) -> None:
    home, jade, _ = two
    document = services.documents_of(home, jade.id)[0]
    services.say(home, jade.id, Word(title="檀木子售假玉"), NOW)
    forget(home, [document])
    assert services.decisions(home) == []


def test_commands_say_link_and_undo(two: tuple[Home, Event, Event]) -> None:
    home, jade, down = two
    done = fengping(home, "affairs", "set", jade.id, "--title", "假玉", "--confirm", "--by", "lin", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["confirmed"] == ["title", "accused", "matter", "status"]
    assert fengping(home, "affairs", "link", jade.id, down.id).returncode == 0
    rows = json.loads(fengping(home, "affairs", "decisions", jade.id, "--json").stdout)
    assert [row["kind"] for row in rows] == ["link", "status", "matter", "accused", "title"]
    assert rows[-1]["by"] == "lin"
    assert fengping(home, "affairs", "undo", str(rows[-1]["number"])).returncode == 0
    assert services.find(home, jade.id).title == jade.title
    for wrong in (
        ("set", jade.id, "--status", "已原谅"),
        ("undo", "99"),
        ("set", jade.id),
        ("move", jade.id, "ff"),
    ):
        done = fengping(home, "affairs", *wrong)
        assert done.returncode == 2 and done.stderr.startswith("fengping: "), done.stderr


def test_the_console_marks_what_nobody_confirmed_and_writes_down_who_decided(
    two: tuple[Home, Event, Event],
) -> None:
    home, jade, _ = two
    client = client_of(home)
    assert '"sub">机器判读</span>' in client.get(f"/events/{jade.id}").text
    form = {"token": token_of(client), "act": "status", "value": "已承认"}
    assert client.post(f"/events/{jade.id}/decide", data=form, follow_redirects=False).status_code == 303
    shown = client.get(f"/events/{jade.id}").text
    assert "已承认" in shown and '"sub">机器判读</span>' not in shown
    _, [line] = book.written(State.open(home), 1)
    assert (line.act, line.target) == ("decide on event", jade.id)
    refused = client.post(f"/events/{jade.id}/decide", data=form | {"act": "link", "value": "e99"})
    assert refused.status_code == 400 and "没有事件" in refused.text
    [told] = client.get(f"/api/v1/events/{jade.id}/decisions").json()
    assert (told["kind"], told["value"]) == ("status", "已承认")
