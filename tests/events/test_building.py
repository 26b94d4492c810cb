"""Events of a home: any order, any batches, one outcome; ids, hands and answers that stay."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update as update_row
from tests.making import LONG, document, put
from tests.meanwhile import during
from tests.readings import Said, as_read

from fengping import events
from fengping.errors import UsageError
from fengping.events import Asked, Status, asking, by_hand, tables
from fengping.events.answers.status import Step
from fengping.events.building import update, writing
from fengping.events.building.forgetting import forget
from fengping.events.building.naming import name_all
from fengping.events.building.update import Updated
from fengping.home import Home
from fengping.indexer import corrections, open_store
from fengping.indexer.corrections import Correction
from fengping.indexer.search import MemoryStore
from fengping.models import Channel, Document, Polarity
from fengping.state import State

START = datetime(2024, 9, 1, 2, tzinfo=UTC)
STORIES = (
    "{}主播檀木子带货的羽绒服充绒量不足，宿迁检测机构抽检三批次均不合格，店铺下架全部链接{}",
    "{}云朵甄选直播间买2999元和田玉手链，鉴定证书显示石英岩，客服只退款不赔{}",
    "{}双十一零点付完尾款发现预售洗衣机比现货贵八十七块，补差价被拒{}",
    "{}燕窝检出唾液酸不足千分之一，实为糖水饮料，打假人晒出报告{}",
)

NOTHING = Updated(documents=0, events=0, gone=0)
"""Outcome of an update with nothing to do."""


def post(number: int, text: str, hours: float, **changes: object) -> Document:
    made = document(number, START + timedelta(hours=hours), text, **changes)
    return replace(made, indexed_at=START + timedelta(days=9, seconds=number))


def corpus() -> list[Document]:
    chance = random.Random(5)
    begins = ("", "转：", "气死了！", "网友爆料：", "【曝光】")
    ends = ("", "。大家怎么看", "，太坑了", "，求关注", "。已截图")
    return [
        post(number, STORIES[number % 4].format(chance.choice(begins), chance.choice(ends)), 3 * number)
        for number in range(40)
    ]


def partition(home: Home, documents: Iterable[Document]) -> set[frozenset[str]]:
    ids = [document.id for document in documents]
    found = events.events_of_documents(home, ids)
    members: dict[str, set[str]] = {}
    for id, event in found.items():
        members.setdefault(event.id, set()).add(id)
    return {frozenset(ids) for ids in members.values()}


def grown(home: Home, batches: Iterable[Sequence[Document]]) -> MemoryStore:
    store = MemoryStore("memory:")
    for batch in batches:
        put(home, store, batch)
        events.update(home, store)
    return store


def new_home(root: Path) -> Home:
    root.mkdir()
    (root / "fengping.toml").write_text("", encoding="utf-8")
    return Home.open(root)


def test_four_stories_are_four_events_in_whatever_batches_they_come(tmp_path: Path) -> None:
    documents = corpus()
    outcomes = []
    for seed, size in ((None, 40), (1, 7), (2, 13)):
        order = list(documents)
        if seed is not None:
            random.Random(seed).shuffle(order)
        stamped = [replace(d, indexed_at=START + timedelta(days=9, seconds=at)) for at, d in enumerate(order)]
        home = new_home(tmp_path / f"home{size}")
        grown(home, [stamped[at : at + size] for at in range(0, 40, size)])
        outcomes.append(partition(home, documents))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert {len(event) for event in outcomes[0]} == {10}


@pytest.mark.parametrize("seed", range(4 if LONG else 1))
def test_any_history_of_updates_ends_where_a_rebuild_does(
    seed: int, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounds, late and changed documents, forgotten ones, merges: only what is touched is looked at anew."""
    monkeypatch.setattr(update, "ROUND", 6)
    chance = random.Random(seed)
    store, waiting, stored = MemoryStore("memory:"), many(chance), list[Document]()
    for turn in range(9):
        batch, waiting = waiting[:6], waiting[6:]
        if stored:
            other = chance.choice(STORIES).format("改：", chance.choice(("", "。已截图")))
            # As the indexer puts it: with the event it bears.
            (was,) = store.get(
                [chance.choice([d.id for d in stored if d.judgement.polarity == Polarity.NEG])]
            )
            batch = [*batch, replace(was, raw=replace(was.raw, text=other))]
        stamp = START + timedelta(days=60, seconds=turn)
        batch = list({one.id: replace(one, indexed_at=stamp) for one in batch}.values())
        put(home, store, batch)
        stored = [*(one for one in stored if one.id not in {new.id for new in batch}), *batch]
        if turn == 4:
            gone = chance.sample([one.id for one in stored], 3)
            store.delete(gone)
            forget(home, gone)
            stored = [one for one in stored if one.id not in gone]
        if turn == 6 and len(found := events.events_of(home)) > 1:
            by_hand.merge(home, [found[0].id, found[-1].id], START)
        events.update(home, store)
    grown_up = partition(home, stored), outcome(home), marks(store, stored)
    events.update(home, store, anew=True)
    assert (partition(home, stored), outcome(home), marks(store, stored)) == grown_up


@pytest.mark.parametrize("step", ["regroup", "save", "write"])
def test_an_update_that_dies_is_made_up_for_by_the_next(
    step: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the midst of its rounds, of its files, or before events were read for their answers."""
    documents = many(random.Random(3))
    store = grown(home, [documents[:20]])
    monkeypatch.setattr(update, "ROUND", 6)
    owner = writing.Writing if step == "write" else update.Book

    def dies() -> None:
        raise RuntimeError("killed")

    put(home, store, [replace(one, indexed_at=START + timedelta(days=20)) for one in documents[20:]])
    with (
        during(owner, step, dies, call=1 if step == "write" else 3),
        pytest.raises(RuntimeError, match="killed"),
    ):
        events.update(home, store)
    events.update(home, store)
    found = outcome(home), partition(home, documents)
    events.update(home, store, anew=True)
    assert (outcome(home), partition(home, documents)) == found


@pytest.mark.parametrize("file", ["laid.json", "heads.bin", "posts.bin", "event.bin", "twin.bin"])
def test_derived_files_that_were_lost_are_made_from_the_others(file: str, home: Home) -> None:
    documents = corpus()
    store = grown(home, [documents[:30]])
    (home.var / "events" / file).unlink()
    put(home, store, [replace(one, indexed_at=START + timedelta(days=20)) for one in documents[30:]])
    events.update(home, store)
    assert partition(home, documents) == {frozenset(d.id for d in documents[n::4]) for n in range(4)}
    assert {event.documents for event in events.events_of(home)} == {10}


def test_what_is_corrected_leaves_its_event_and_comes_back(home: Home) -> None:
    documents = corpus()
    store = grown(home, [documents])
    (event,) = (one for one in events.events_of(home) if one.documents == 10 and "檀木子" in one.title)
    ids = asking.documents_of(home, event.id)
    correct(home, store, ids[0], Polarity.POS)
    events.update(home, store)
    found = asking.find(home, event.id)
    assert (found.documents, found.charges) == (9, 9)
    assert ids[0] not in asking.documents_of(home, event.id)
    assert [one.event for one in store.get([ids[0]])] == [""]
    correct(home, store, ids[0], Polarity.NEG)
    events.update(home, store)
    assert asking.find(home, event.id).documents == 10
    assert events.update(home, store) == NOTHING


def test_an_event_whose_only_document_is_corrected_is_gone(home: Home) -> None:
    alone = post(1, STORIES[0].format("", ""), 0)
    store = grown(home, [[alone]])
    correct(home, store, alone.id, Polarity.POS)
    events.update(home, store)
    assert events.events_of(home) == []


def test_a_new_version_that_takes_no_part_leaves_its_event(home: Home) -> None:
    documents = corpus()
    store = grown(home, [documents])
    (was,) = store.get([documents[0].id])
    calm = replace(was.judgement, polarity=Polarity.NEU)
    raw = replace(was.raw, text="今天天气很好")
    put(home, store, [replace(was, raw=raw, judgement=calm, indexed_at=START + timedelta(days=20))])
    events.update(home, store)
    assert sorted(event.documents for event in events.events_of(home)) == [9, 10, 10, 10]
    assert events.event_of(home, was.id) is None


def correct(home: Home, store: MemoryStore, id: str, polarity: Polarity) -> None:
    """As the console does it: the judgement changes where the document stands."""
    state = State.open(home)
    with state.begin() as connection:
        corrections.keep(connection, Correction(id, "审核", START, polarity=polarity))
    corrections.settle(state, store, lambda: pytest.fail("no judge is needed"))


def test_a_home_that_turns_to_another_store_and_back_knows_its_events(tmp_path: Path) -> None:
    documents = corpus()
    for name in ("one", "two", "one"):
        (tmp_path / "fengping.toml").write_text(f'store = "tantivy:var/{name}"\n', encoding="utf-8")
        home = Home.open(tmp_path)
        with closing(open_store(home)) as store:
            put(home, store, documents if name == "one" else documents[:8])
            events.update(home, store)
    assert partition(home, documents) == {frozenset(d.id for d in documents[n::4]) for n in range(4)}


def many(chance: random.Random) -> list[Document]:
    begins = ("", "转：", "气死了！", "网友爆料：", "【曝光】", "又来了，")
    ends = ("", "。大家怎么看", "，太坑了", "，求关注", "。已截图", "，还有主播檀木子", "，客服只退款不赔")
    made = [
        post(
            number, chance.choice(STORIES).format(chance.choice(begins), chance.choice(ends)),
            chance.uniform(0, 800), negative_hosts=chance.choice(((), ("林小禾",))), hosts=("林小禾",),
        )
        for number in range(36)
    ]  # fmt: skip
    made += [replace(one, raw=replace(one.raw, id=f"{n + 90:02x}" * 16)) for n, one in enumerate(affair())]
    return chance.sample(made, len(made))


def outcome(home: Home) -> list[tuple[object, ...]]:
    return sorted(
        (event.first_at, event.last_at, event.documents, event.charges, event.publishers, event.parties,
         event.status, event.steps)
        for event in events.events_of(home, limit=1_000)
    )  # fmt: skip


def marks(store: MemoryStore, documents: Iterable[Document]) -> set[frozenset[str]]:
    """Documents by the mark that they bear in the store; those alone bear none."""
    bearing: dict[str, set[str]] = {}
    for stored in store.get([one.id for one in documents]):
        if stored.event:
            bearing.setdefault(stored.event, set()).add(stored.id)
    return {frozenset(ids) for ids in bearing.values()}


def test_a_second_update_changes_nothing(home: Home) -> None:
    store = grown(home, [corpus()])
    before = events.events_of(home)
    assert events.update(home, store) == NOTHING
    assert events.events_of(home) == before


def test_ids_outlive_a_rebuild_and_documents_bear_them(home: Home) -> None:
    documents = corpus()
    store = grown(home, [documents])
    before = {event.id for event in events.events_of(home)}
    events.update(home, store, anew=True)
    assert {event.id for event in events.events_of(home)} == before
    assert {stored.event for stored in store.get([d.id for d in documents])} == before


def test_what_is_merged_and_split_by_hand_outlives_a_rebuild(home: Home) -> None:
    documents = corpus()
    store = grown(home, [documents])
    first, second, *others = sorted(event.id for event in events.events_of(home))
    taken = asking.documents_of(home, others[0])[-2:]
    by_hand.merge(home, [first, second], START)
    by_hand.split(home, others[0], taken, START)
    for anew in (False, True):
        events.update(home, store, anew=anew)
        assert asking.find(home, first).id == asking.find(home, second).id
        assert asking.find(home, first).documents == 20
        assert {event.id for event in events.events_of_documents(home, taken).values()} != {others[0]}
        assert asking.find(home, others[0]).documents == 8


def test_only_documents_of_an_event_can_be_split_off(home: Home) -> None:
    grown(home, [corpus()])
    event = events.events_of(home)[0]
    with pytest.raises(UsageError, match="no document of the event"):
        by_hand.split(home, event.id, ["0" * 32], START)
    with pytest.raises(UsageError, match="some stay"):
        by_hand.split(home, event.id, asking.documents_of(home, event.id), START)
    with pytest.raises(UsageError, match="no event"):
        asking.find(home, "e" + "f" * 12)


def test_a_forgotten_document_leaves_no_trace_in_events(home: Home) -> None:
    documents = corpus()
    store = grown(home, [documents])
    gone = [documents[0].id, documents[4].id]
    store.delete(gone)
    assert forget(home, gone) == 2
    events.update(home, store)
    assert events.events_of_documents(home, gone) == {}
    assert {event.documents for event in events.events_of(home)} == {8, 10}
    assert forget(home, gone) == 0


def test_files_that_were_lost_are_made_anew_with_the_same_ids(home: Home) -> None:
    store = grown(home, [corpus()])
    before = events.events_of(home)
    for file in (home.var / "events").iterdir():
        file.unlink()
    events.update(home, store)
    assert events.events_of(home) == before


def affair() -> list[Document]:
    accused = {"hosts": ("林小禾",), "negative_hosts": ("林小禾",)}
    calm: dict[str, Any] = {"polarity": Polarity.NEU, "hosts": ("林小禾",), "channel": Channel.NEWS}
    return [
        post(1, "林小禾直播间卖的蚕丝被成交1323件退货1012件，退货率76.4%，网友称被芯是化纤", 0, **accused),
        post(2, "打假博主晒林小禾蚕丝被检测报告，被芯化纤占九成", 5, **accused),
        as_read(post(3, "林小禾回应蚕丝被化纤争议", 20, **calm), Said("answer", "explain", "林小禾")),
        as_read(
            post(4, "林小禾就化纤蚕丝被致歉，宣布退一赔三", 60, **calm), Said("answer", "apologise", "林小禾")
        ),
        post(5, "林小禾新剧定档中秋", 61, polarity=Polarity.NEU, hosts=("林小禾",)),
    ]


def test_an_affair_knows_its_answers_its_status_and_its_figures(home: Home) -> None:
    documents = affair()
    store = grown(home, [documents])
    event = events.event_of(home, documents[0].id)
    assert event is not None
    assert event.parties == ("林小禾",)
    assert [step.status for step in event.steps] == [Status.ANSWERED, Status.APOLOGISED]
    assert event.steps[-1].document == documents[3].id
    dossier = events.event(home, store, event.id)
    told = {*dossier.documents, *dossier.answers}
    assert {documents[2].id, documents[3].id} <= told
    assert documents[4].id not in told
    claim = dossier.knowledge.claims[0]
    assert [c.note for c in claim.computed] == ["原文称76.4%，按文中1012件与1323件计算为76.49%"]
    earlier = events.event(home, store, event.id, until=START + timedelta(hours=30))
    assert "已道歉" not in {turn.what for turn in earlier.knowledge.turns}


def test_of_many_documents_the_earliest_and_the_latest_are_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = corpus()[::4]
    store = grown(home, [documents])
    event = events.event_of(home, documents[0].id)
    assert event is not None
    ids = [document.id for document in documents]
    assert asking.documents_of(home, event.id) == ids
    assert [one.id for one in asking.documents_read(home, store, event.id)[1]] == ids
    monkeypatch.setattr(asking, "EARLIEST", 3)
    monkeypatch.setattr(asking, "LATEST", 2)
    assert [one.id for one in asking.documents_read(home, store, event.id)[1]] == ids[:3] + ids[-2:]
    dossier = events.event(home, store, event.id)
    assert (dossier.knowledge.read, len(dossier.documents)) == (5, 10)


def test_an_event_whose_id_begins_another_one_is_found(home: Home) -> None:
    grown(home, [corpus()])
    first, second, *_ = events.events_of(home)
    with State.open(home).begin() as connection:
        table = tables.events
        connection.execute(update_row(table).where(table.c.id == second.id).values(id=first.id[:5]))
    assert asking.find(home, first.id[:5]).title == second.title
    assert asking.find(home, first.id).title == first.title


def test_an_answer_that_comes_in_later_and_joins_no_event_is_found_for_its_charge(home: Home) -> None:
    charge, _, answer, amends, other = affair()
    batches = [[charge], [replace(answer, indexed_at=answer.indexed_at + timedelta(days=1))]]
    grown(home, batches)
    at_once = [step.status for step in events.events_of_documents(home, [charge.id])[charge.id].steps]
    assert at_once == [Status.ANSWERED]
    late = [replace(one, indexed_at=one.indexed_at + timedelta(days=2)) for one in (amends, other)]
    grown(home, [[charge], *batches[1:], late])
    event = events.events_of_documents(home, [charge.id])[charge.id]
    assert [step.status for step in event.steps] == [Status.ANSWERED, Status.APOLOGISED]


def test_events_are_found_by_party_time_and_status(home: Home) -> None:
    grown(home, [[*affair(), *(replace(d, raw=d.raw) for d in corpus()[10:])]])
    assert events.events_of(home, Asked(party="林小禾", status=Status.APOLOGISED))
    assert not events.events_of(home, Asked(party="林小"))
    assert not events.events_of(home, Asked(since=START + timedelta(days=90)))
    assert events.events_of(home, Asked(text="和田玉"))


def test_an_id_stays_with_the_first_document_and_what_is_taken_over_is_told() -> None:
    before = {"a" * 32: "e1", "b" * 32: "e1", "c" * 32: "e1", "d" * 32: "e2"}
    founders = {"e1": "a" * 32, "e2": "d" * 32}
    named, taken = name_all([["a" * 32], ["b" * 32, "c" * 32]], before, founders)
    assert named == ["e1", f"e{'b' * 12}"]
    named, taken = name_all([["a" * 32, "b" * 32, "c" * 32, "d" * 32]], before, founders)
    assert (named, taken) == (["e1"], {"e2": "e1"})


def test_a_step_comes_back_from_its_record() -> None:
    step = Step(Status.PENALISED, START, "a" * 32, "被罚款20万", "林小禾", "市场监管局", "沿江晚报", 0.98)
    assert Step.from_record(step.record()) == step
