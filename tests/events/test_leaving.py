"""Documents that leave their events, whoever updates next and wherever an update died."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.event import listen, remove
from tests.events.test_building import (
    START,
    STORIES,
    affair,
    corpus,
    correct,
    grown,
    marks,
    new_home,
    partition,
    post,
)
from tests.making import put
from tests.meanwhile import failing

from fengping import events
from fengping.events import Status, by_hand, tables
from fengping.events.building import update
from fengping.events.building.forgetting import forget
from fengping.home import Home
from fengping.indexer.search import MemoryStore
from fengping.models import Document, Polarity
from fengping.state import State

LATER = START + timedelta(days=20)


def lose_book(home: Home) -> None:
    """As another machine finds the home, or this one after its files were lost."""
    for file in (home.var / "events").iterdir():
        file.unlink()


def keep_book(home: Home) -> None:
    pass


def as_made_afresh(root: Path, store: MemoryStore, documents: Iterable[Document]) -> bool:
    """True if the events of a new home with the same documents bear the same marks."""
    stored = store.get([one.id for one in documents])
    other = grown(new_home(root), [[replace(one, event="") for one in stored]])
    return marks(store, stored) == marks(other, stored)


def dies_before_commit(home: Home, store: MemoryStore) -> None:
    """An update that has marked documents of its first round, and is killed then."""
    killed = RuntimeError("killed")
    with failing(update, "hand_over", killed), pytest.raises(RuntimeError, match="killed"):
        events.update(home, store)


def test_what_was_corrected_leaves_though_the_book_is_begun_anew(home: Home, tmp_path: Path) -> None:
    documents = corpus()
    store = grown(home, [documents])
    correct(home, store, documents[0].id, Polarity.POS)
    lose_book(home)
    events.update(home, store)
    assert events.event_of(home, documents[0].id) is None
    assert sorted(event.documents for event in events.events_of(home)) == [9, 10, 10, 10]
    assert as_made_afresh(tmp_path / "other", store, documents)


def test_a_version_that_takes_no_part_leaves_though_the_book_is_begun_anew(
    home: Home, tmp_path: Path
) -> None:
    documents = corpus()
    store = grown(home, [documents])
    (was,) = store.get([documents[0].id])
    calm = replace(was.judgement, polarity=Polarity.NEU)
    put(
        home,
        store,
        [replace(was, raw=replace(was.raw, text="今天天气很好"), judgement=calm, indexed_at=LATER)],
    )
    lose_book(home)
    events.update(home, store)
    assert events.event_of(home, was.id) is None
    assert sorted(event.documents for event in events.events_of(home)) == [9, 10, 10, 10]
    assert as_made_afresh(tmp_path / "other", store, documents)


@pytest.mark.parametrize("then", [keep_book, lose_book])
def test_a_version_that_is_alone_now_bears_no_mark(
    then: Callable[[Home], None], home: Home, tmp_path: Path
) -> None:
    documents = corpus()
    store = grown(home, [documents])
    (was,) = store.get([documents[0].id])
    text = "云岭咖啡馆充值卡余额被清零，店员称系统升级找不回"
    put(home, store, [replace(was, raw=replace(was.raw, text=text), indexed_at=LATER)])
    then(home)
    events.update(home, store)
    assert [one.event for one in store.get([was.id])] == [""]
    assert len(partition(home, documents)) == 5
    assert as_made_afresh(tmp_path / "other", store, documents)


def test_a_document_whose_mate_left_for_a_third_bears_no_mark(home: Home) -> None:
    """The third, split off by hand, came in a new version; nothing links it to the one that is left alone."""
    duvet, nest = "青禾小铺直播间卖的蚕丝被送检", "云湖燕窝唾液酸不足千分之一，仓库发霉"
    more = "罐头被员工倒卖，市民刘女士吃后住院洗胃"
    both = f"{duvet}，被芯化纤占九成，买家晒出检测报告要求退一赔三。{nest}{more}"
    left = post(1, f"{duvet}，隔壁电动车充电桩起火浓烟滚滚", 0)
    third, mate = post(2, nest, 1, hosts=("林小禾",)), post(3, both, 3, hosts=("林小禾",))
    documents = [left, third, mate]
    store = grown(home, [documents])
    by_hand.split(home, event_of(home, third).id, [third.id], LATER)
    events.update(home, store)
    assert marks(store, documents) == {frozenset({left.id, mate.id})}
    put(home, store, [replace(third, raw=replace(third.raw, text=nest + more), indexed_at=LATER)])
    events.update(home, store)
    assert partition(home, documents) == {frozenset({third.id, mate.id}), frozenset({left.id})}
    assert marks(store, documents) == {frozenset({third.id, mate.id})}
    assert [one.event for one in store.get([left.id])] == [""]


def test_marks_of_an_update_that_died_go_with_the_document_that_brought_them(
    home: Home, tmp_path: Path
) -> None:
    alone = post(1, STORIES[0].format("", ""), 0)
    store = grown(home, [[alone]])
    late = replace(post(2, STORIES[0].format("转：", ""), 3), indexed_at=LATER)
    put(home, store, [late])
    dies_before_commit(home, store)
    assert {one.event for one in store.get([alone.id, late.id])} != {""}
    correct(home, store, late.id, Polarity.POS)
    events.update(home, store)
    assert [one.event for one in store.get([alone.id, late.id])] == ["", ""]
    assert as_made_afresh(tmp_path / "other", store, [alone, late])


def test_an_update_that_dies_after_it_took_links_out_is_made_up_for(home: Home, tmp_path: Path) -> None:
    """It has appended as many links as it took out: by their number nothing is missing."""
    documents = corpus()
    store = grown(home, [documents[:20]])
    (was,) = store.get([documents[5].id])
    changed = replace(was, raw=replace(was.raw, text=STORIES[2].format("改：", "")), indexed_at=LATER)
    put(home, store, [changed, *(replace(one, indexed_at=LATER) for one in documents[20:])])
    dies_before_commit(home, store)
    events.update(home, store)
    stories = [{d.id for d in documents[n::4]} - {changed.id} for n in range(4)]
    stories[2].add(changed.id)
    assert partition(home, documents) == {frozenset(story) for story in stories}
    assert as_made_afresh(tmp_path / "other", store, documents)
    assert forget(home, [changed.id]) == 1


def answered_charge(home: Home) -> tuple[Document, Document, MemoryStore]:
    """A charge, an answer to it so much later that nothing links them, and their store."""
    charge, _, first, *_ = affair()
    answer = replace(first, raw=replace(first.raw, published_at=START + timedelta(days=16)))
    store = grown(home, [[charge], [replace(answer, indexed_at=LATER)]])
    assert [step.document for step in event_of(home, charge).steps] == [answer.id]
    return charge, answer, store


def event_of(home: Home, document: Document) -> events.Event:
    event = events.event_of(home, document.id)
    assert event is not None
    return event


def test_a_forgotten_answer_leaves_its_sentence_in_no_other_event(home: Home) -> None:
    charge, answer, store = answered_charge(home)
    store.delete([answer.id])
    assert forget(home, [answer.id]) == 1
    with State.open(home).begin() as connection:
        kept = connection.scalars(select(tables.events.c.history)).all()
    assert not any(answer.id in history or "回应" in history for history in kept)
    events.update(home, store)
    assert event_of(home, charge).status is Status.UNPROVEN
    assert events.event(home, store, event_of(home, charge).id).answers == ()


@pytest.mark.parametrize("hosts", [("林小禾",), ("檀木子",)])
def test_an_answer_that_was_taken_back_answers_no_other_event(hosts: tuple[str], home: Home) -> None:
    charge, answer, store = answered_charge(home)
    said = {("林小禾",): "林小禾新剧定档中秋", ("檀木子",): "檀木子回应羽绒服充绒量争议"}[hosts]
    (was,) = store.get([answer.id])
    judged = replace(was.judgement, hosts=hosts)
    made = replace(was, raw=replace(was.raw, text=said), judgement=judged)
    put(home, store, [replace(made, indexed_at=LATER + timedelta(hours=1))])
    events.update(home, store)
    assert event_of(home, charge).status is Status.UNPROVEN


def test_what_is_corrected_again_while_an_update_reads_is_read_by_the_next(home: Home) -> None:
    documents = corpus()
    store = grown(home, [documents])
    correct(home, store, documents[0].id, Polarity.POS)
    read = store.get

    def corrected_meanwhile(ids: Sequence[str]) -> list[Document]:
        found = read(ids)
        if documents[0].id in ids:
            patched.stop()
            correct(home, store, documents[0].id, Polarity.NEG)
        return found

    patched = mock.patch.object(store, "get", corrected_meanwhile)
    patched.start()
    events.update(home, store)
    assert events.event_of(home, documents[0].id) is None
    events.update(home, store)
    assert event_of(home, documents[0]).documents == 10


def test_events_without_members_are_found_by_the_index_on_members(home: Home) -> None:
    """A list of the members' events is gone through for each event by PostgreSQL: hours for millions."""
    store = grown(home, [corpus()])
    lose_book(home)
    swept: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("DELETE") and "SELECT" in statement:
            swept.append(statement)

    listen(Engine, "before_cursor_execute", note)
    try:
        events.update(home, store)
    finally:
        remove(Engine, "before_cursor_execute", note)
    assert len(swept) == 3
    assert all("NOT (EXISTS" in statement for statement in swept)
