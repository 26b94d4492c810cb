"""Tags and notes on documents and events: found by ``tag:``, kept through reindexing, forgotten."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from tests import postgres
from tests.events.test_building import affair, corpus
from tests.meanwhile import during

from fengping.errors import UsageError
from fengping.events import asking
from fengping.home import Home
from fengping.indexer import Filter, changes, index_lock, open_journal, open_store, open_store_url, tags
from fengping.indexer.pipeline import run as pipeline
from fengping.models import Document, Judgement, Polarity, RawDocument, document_id
from fengping.services import correct, events, tagging
from fengping.services.erase import Wanted, find, forget
from fengping.services.search import Asked, search
from fengping.state import State

NOW = datetime(2020, 11, 12, tzinfo=UTC)
IDS = [document_id(str(n)) for n in range(3)]


@pytest.fixture
def stored(home: Home) -> Home:
    """Three indexed documents."""
    with open_journal(home).writer() as writer:
        for n, id in enumerate(IDS):
            text = f"主播林小禾第{n}场直播间卖假货，退款太难了"
            author = "" if n else "某人"
            writer.append(RawDocument(id, "sample", text, NOW, published_at=NOW, author=author))
    index(home)
    return home


def index(home: Home, *, anew: bool = False) -> None:
    store = open_store(home)
    (pipeline.reindex if anew else pipeline.index)(home, store, indexed_at=NOW)
    store.close()


def tagged(home: Home, name: str) -> set[str]:
    return {one.id for one in search(home, Asked(f"tag:{name}")).documents}


def test_what_a_server_writes_does_not_shut_the_indexer_out(stored: Home) -> None:
    """Its store stays open, and with it would the lock of a writer."""
    with closing(open_store(stored)) as kept:
        assert kept.count(Filter()) == 3
        tagging.tag(stored, IDS[:1], add=["重点"], by="甲", now=NOW, store=kept)
        changes = correct.Changes(polarity=Polarity.NEU)
        correct.correct(stored, IDS[0], changes, by="甲", note="", now=NOW, store=kept)
        with open_journal(stored).writer() as writer:
            writer.append(RawDocument(document_id("new"), "sample", "新来的一条", NOW, published_at=NOW))
        index(stored)
        assert kept.count(Filter(where={"tags": ("重点",), "polarity": ("neu",)})) == 1
        assert kept.count(Filter()) == 4


def test_a_tag_is_found_and_outlives_reindexing(stored: Home) -> None:
    done = tagging.tag(stored, IDS[:2], add=["重点", "待查"], by="甲", now=NOW, note="先核实")
    assert done.subjects == dict.fromkeys(IDS[:2], ("待查", "重点"))
    assert tagged(stored, "重点") == set(IDS[:2])
    index(stored, anew=True)
    assert tagged(stored, "重点") == set(IDS[:2])
    again = tagging.tag(stored, IDS[:1], remove=["重点"], by="乙", now=NOW)
    assert again.subjects == {IDS[0]: ("待查",)}
    assert (tagged(stored, "重点"), tagged(stored, "待查")) == ({IDS[1]}, set(IDS[:2]))
    assert tagging.listed(stored) == [("待查", 2), ("重点", 1)]
    assert [(note["id"], note["text"], note["by"]) for note in tagging.notes(stored, IDS[:1])] == [
        (IDS[0], "先核实", "甲")
    ]


def test_a_new_version_keeps_its_tags(stored: Home) -> None:
    tagging.tag(stored, IDS[:1], add=["重点"], by="甲", now=NOW)
    with open_journal(stored).writer() as writer:
        writer.append(
            RawDocument(IDS[0], "sample", "改过的林小禾直播间", NOW.replace(day=13), published_at=NOW)
        )
    index(stored)
    assert tagged(stored, "重点") == {IDS[0]}


def test_beside_an_indexer_a_tag_waits_and_is_not_lost(stored: Home) -> None:
    with index_lock(stored):
        assert tagging.tag(stored, IDS[:1], add=["重点"], by="甲", now=NOW).waiting
    assert tagging.listed(stored) == []
    index(stored)
    assert tagging.listed(stored) == [("重点", 1)]


def test_a_tag_that_comes_while_others_are_shown_is_shown_too(stored: Home) -> None:
    with index_lock(stored):
        tagging.tag(stored, IDS[:2], add=["重点"], by="甲", now=NOW)
    with closing(open_store(stored)) as store:
        kind = type(store)
    with during(kind, "update", lambda: tagging.tag(stored, IDS[1:], add=["待查"], by="乙", now=NOW)):
        index(stored)
    assert tagged(stored, "重点") == set(IDS[:2]) and tagged(stored, "待查") == set(IDS[1:])


@pytest.mark.long
def test_a_tag_that_is_being_written_while_others_are_shown_is_shown_too(
    home: Home, postgres_server: str
) -> None:
    home.config_file.write_text(f'state = "{postgres.database(postgres_server)}"\n', encoding="utf-8")
    state, store = State.open(Home.open(home.root)), open_store_url("memory:")
    post = RawDocument(IDS[0], "sample", "样例", NOW)
    store.put(
        [
            Document(
                post, Judgement(snownlp=0.5, negative=0.5, polarity=None, relevant=True), IDS[0], True, NOW
            )
        ]
    )
    with state.begin() as connection:
        tags.put_on(connection, IDS[:1], ["重点"], by="甲", at=NOW)
    with state.begin() as connection:
        tags.put_on(connection, IDS[:1], ["待查"], by="乙", at=NOW)
        settling = threading.Thread(target=tags.settle, args=(state, store))
        settling.start()
        settling.join(1)
    settling.join()
    tags.settle(state, store)
    assert store.get(IDS[:1])[0].tags == ("待查", "重点")


def test_what_is_forgotten_leaves_no_tag_and_no_note(stored: Home) -> None:
    tagging.tag(stored, IDS[:1], add=["重点"], note="先核实", by="甲", now=NOW)
    wanted = Wanted.make(stored, author="某人", urls=(), before=None)
    forget(stored, wanted, find(stored, wanted), NOW)
    assert tagging.listed(stored) == []
    with State.open(stored).begin() as connection:
        for table in (tags.tags, changes.changes, tags.notes):
            assert connection.execute(select(table)).all() == []


def test_what_cannot_be_tagged_changes_nothing(stored: Home) -> None:
    for ids, add in (
        ([*IDS, "e0000"], ["重点"]),
        (IDS, [""]),
        (IDS, ["x" * 65]),
        (IDS, ["\u202e"]),
        (IDS, []),
    ):
        with pytest.raises(UsageError):
            tagging.tag(stored, ids, add=add, by="甲", now=NOW)
    assert tagging.listed(stored) == []
    with State.open(stored).begin() as connection:
        assert connection.execute(select(tags.tags)).all() == []


def test_a_tag_of_an_event_stands_on_all_its_documents(home: Home) -> None:
    store = open_store(home)
    store.put([*affair(), *corpus()[10:]])
    store.close()
    events.update(home)
    event, *_ = events.listed(home, asking.Asked("林小禾"), limit=1)
    done = tagging.tag(home, [event.id], add=["专案"], note="送法务", by="甲", now=NOW)
    assert done.subjects == {event.id: ("专案",)}
    members = asking.documents_of(home, event.id)
    assert tagged(home, "专案") == set(members)
    events.split(home, event.id, members[-1:], NOW)
    assert tagged(home, "专案") == set(members[:-1])
    tagging.tag(home, [event.id], remove=["专案"], by="甲", now=NOW)
    store = open_store(home)
    assert store.count(Filter(where={"tags": ("专案",)})) == 0
    store.close()


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(IDS), st.booleans()), max_size=12))
def test_tags_are_what_was_last_said(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, bool]]
) -> None:
    root = tmp_path_factory.mktemp("home")
    (root / "fengping.toml").write_text("", encoding="utf-8")
    state = State.open(Home.open(root))
    expected: dict[str, set[str]] = {id: set() for id in IDS}
    with state.begin() as connection:
        for name, id, on in steps:
            if on:
                tags.put_on(connection, [id], [name], by="甲", at=NOW)
                expected[id].add(name)
            else:
                tags.take_off(connection, [id], [name])
                expected[id].discard(name)
        held = tags.in_force(connection, IDS)
    assert {id: set(held.get(id, ())) for id in IDS} == expected
