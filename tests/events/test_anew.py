"""Events where documents come again: all of them with no update told so, or one under the same time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from unittest import mock

import pytest
from sqlalchemy import delete, func, select
from tests.deployment.test_clocks import NOW, post, take_in, together
from tests.events.test_building import STORIES, corpus, grown, partition
from tests.events.test_leaving import keep_book, lose_book
from tests.indexer.test_takeover import write
from tests.making import put

from fengping import events
from fengping.events import tables
from fengping.events.building import update
from fengping.events.building.opening import event_lock
from fengping.home import Home
from fengping.indexer import Filter, changes, open_store
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.pipeline.cursor import StoredCursor
from fengping.indexer.search.backends.tantivy import folder as tantivy_folder
from fengping.models import Engagement
from fengping.services import events as event_services
from fengping.services import indexing
from fengping.state import State

pytestmark = pytest.mark.slow

POSTS = [post(number, number % 3) for number in range(9)]


def marks(home: Home) -> dict[str, str]:
    with closing(open_store(home)) as store:
        return {one.id: one.event for one in store.scan(Filter())}


def lose_index(home: Home) -> None:
    [name] = [path for path in home.var.iterdir() if path.name.startswith("index") and path.is_dir()]
    shutil.rmtree(name)


def test_events_of_a_store_that_was_emptied_are_marked_again(home: Home) -> None:
    take_in(home, NOW, *POSTS)
    before = marks(home)
    assert set(before.values()) != {""}
    lose_index(home)
    indexing.index(home, NOW + timedelta(hours=1))
    assert marks(home) == before == together(home, POSTS)


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("then", [keep_book, lose_book])
def test_what_an_emptied_store_holds_not_yet_has_not_left(
    then: Callable[[Home], None], killed: bool, home: Home
) -> None:
    """The run that fills it again is stopped or killed halfway, and somebody merges before the next."""
    (home.root / "fengping.toml").write_text("[analysis]\nbatch = 2\nworkers = 1\n", encoding="utf-8")
    home = Home.open(home.root)
    take_in(home, NOW, *POSTS)
    before = together(home, POSTS)
    lose_index(home)
    asked: list[bool] = []

    def halfway() -> bool:
        asked.append(len(asked) > 2)
        if killed and asked[-1]:
            raise RuntimeError("killed")
        return asked[-1]

    later = NOW + timedelta(hours=1)
    with closing(open_store(home)) as store, suppress(RuntimeError):
        pipeline.index(home, store, indexed_at=later, stopping=halfway)
    then(home)
    first, second, _ = sorted(set(before.values()))
    event_services.merge(home, [first, second], later)
    assert together(home, POSTS).keys() == before.keys()
    indexing.index(home, later)
    found = together(home, POSTS)
    assert (set(found.values()), marks(home)) == (set(before.values()) - {second}, found)
    with State.open(home).begin() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.members)) == len(POSTS)


def test_a_reindex_beside_an_update_of_events_is_taken_in_by_the_next(home: Home) -> None:
    take_in(home, NOW, *POSTS)
    before = marks(home)
    with event_lock(home):
        indexing.reindex(home, NOW + timedelta(hours=1))
    assert set(marks(home).values()) == {""}
    indexing.index(home, NOW + timedelta(hours=2))
    assert marks(home) == before == together(home, POSTS)
    with closing(open_store(home)) as store:
        assert events.update(home, store).events == 0


def test_a_version_that_came_under_the_time_of_the_one_before_is_read(home: Home) -> None:
    """As of a run of the indexer beside which events were updated."""
    documents = corpus()
    store = grown(home, [documents])
    (was,) = store.get([documents[-1].id])
    put(home, store, [replace(was, raw=replace(was.raw, text=STORIES[0].format("改：", "")))])
    events.update(home, store)
    assert sorted(map(len, partition(home, documents))) == [9, 10, 10, 11]


def test_a_document_that_is_met_again_is_judged_by_the_lists_as_they_are(home: Home) -> None:
    met = replace(POSTS[0], text="网友爆料：青禾小铺直播间卖的羽绒服充绒量不足，检测机构抽检三批次均不合格")
    take_in(home, NOW, met)
    home.hosts.write_text('version = 1\n\n[[host]]\nname = "青禾小铺"\n', encoding="utf-8")
    liked = replace(met, engagement=Engagement(likes=5), fetched_at=met.fetched_at + timedelta(hours=2))
    take_in(home, NOW + timedelta(hours=3), liked)
    with closing(open_store(home)) as store:
        [stored] = store.get([met.id])
    assert (stored.judgement.negative_hosts, stored.indexed_at) == (("青禾小铺",), NOW)
    event = events.event_of(home, met.id)
    assert event is not None
    assert event.accused == ("青禾小铺",)


@pytest.fixture
def sketched() -> Iterator[list[str]]:
    """Ids of documents in the order in which updates sketch them."""
    ids: list[str] = []
    sketches = update.sketches
    with mock.patch.object(
        update, "sketches", lambda told: ids.extend(one.id for one in told) or sketches(told)
    ):
        yield ids


def test_documents_of_a_run_that_was_over_are_not_sketched_again(home: Home, sketched: list[str]) -> None:
    take_in(home, NOW, *POSTS)
    sketched.clear()
    late = post(10, 1)
    take_in(home, NOW + timedelta(hours=1), late)
    assert sketched == [late.id]


@pytest.mark.parametrize("again", [indexing.index, indexing.reindex])
def test_the_update_after_one_that_read_all_reads_nothing(
    again: Callable[[Home, datetime], object], home: Home, sketched: list[str]
) -> None:
    for turn, one in enumerate(POSTS):
        take_in(home, NOW + timedelta(minutes=turn), one)
    if again is indexing.index:
        lose_index(home)
    sketched.clear()
    again(home, NOW + timedelta(hours=1))
    assert sorted(sketched) == sorted(one.id for one in POSTS)
    with closing(open_store(home)) as store:
        assert events.update(home, store).documents == 0
    assert len(sketched) == len(POSTS)


def test_what_a_run_put_whose_last_commits_went_with_the_power_is_read(home: Home) -> None:
    take_in(home, NOW, *POSTS[:6])
    state, cursor = State.open(home), StoredCursor(home.config.store)
    with state.begin() as connection:
        kept = cursor.load(connection)
    write(home, *POSTS[6:])
    indexed = NOW + timedelta(hours=1)
    with closing(open_store(home)) as store:
        pipeline.index(home, store, indexed_at=indexed)
        with state.begin() as connection:
            connection.execute(delete(changes.changes))
            cursor.clear(connection)
            cursor.move(connection, kept)
        pipeline.index(home, store, indexed_at=indexed + timedelta(hours=1))
        assert {one.indexed_at for one in store.get([POSTS[8].id])} == {indexed}
        events.update(home, store)
    assert together(home, POSTS).keys() == {one.id for one in POSTS}


def test_an_update_beside_another_writer_leaves_nothing_to_be_made_up_for(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(home, NOW, *POSTS)
    first, second, third = sorted(set(together(home, POSTS).values()))
    swept: list[Home] = []
    monkeypatch.setattr(update, "sweep", lambda *_: swept.append(home) or {})
    with closing(open_store(home)) as other, monkeypatch.context() as patched:
        other.put(list(other.scan(Filter())))
        patched.setattr(tantivy_folder, "LOCK_PATIENCE", 0)
        assert event_services.merge(home, [first, second], NOW).waiting
    event_services.update(home)
    assert together(home, POSTS) == marks(home)
    assert set(marks(home).values()) == {first, third}
    assert not swept
