"""Documents that leave their events, whoever updates next and wherever an update died."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.events.test_building import (
    START,
    STORIES,
    corpus,
    correct,
    grown,
    marks,
    new_home,
    partition,
    post,
)

from fengping import events
from fengping.events.building.update import forget
from fengping.home import Home
from fengping.indexer import judged_anew
from fengping.indexer.search.backends.memory import MemoryStore
from fengping.models import Document, Polarity

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


def dies_before_commit(home: Home, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update that has marked documents of its first round, and is killed then."""

    def dies(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(judged_anew, "done", dies)
        with pytest.raises(RuntimeError, match="killed"):
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
    store.put([replace(was, raw=replace(was.raw, text="今天天气很好"), judgement=calm, indexed_at=LATER)])
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
    store.put([replace(was, raw=replace(was.raw, text=text), indexed_at=LATER)])
    then(home)
    events.update(home, store)
    assert [one.event for one in store.get([was.id])] == [""]
    assert len(partition(home, documents)) == 5
    assert as_made_afresh(tmp_path / "other", store, documents)


def test_marks_of_an_update_that_died_go_with_the_document_that_brought_them(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = post(1, STORIES[0].format("", ""), 0)
    store = grown(home, [[alone]])
    late = replace(post(2, STORIES[0].format("转：", ""), 3), indexed_at=LATER)
    store.put([late])
    dies_before_commit(home, store, monkeypatch)
    assert {one.event for one in store.get([alone.id, late.id])} != {""}
    correct(home, store, late.id, Polarity.POS)
    events.update(home, store)
    assert [one.event for one in store.get([alone.id, late.id])] == ["", ""]
    assert as_made_afresh(tmp_path / "other", store, [alone, late])


def test_an_update_that_dies_after_it_took_links_out_is_made_up_for(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has appended as many links as it took out: by their number nothing is missing."""
    documents = corpus()
    store = grown(home, [documents[:20]])
    (was,) = store.get([documents[5].id])
    changed = replace(was, raw=replace(was.raw, text=STORIES[2].format("改：", "")), indexed_at=LATER)
    store.put([changed, *(replace(one, indexed_at=LATER) for one in documents[20:])])
    dies_before_commit(home, store, monkeypatch)
    events.update(home, store)
    stories = [{d.id for d in documents[n::4]} - {changed.id} for n in range(4)]
    stories[2].add(changed.id)
    assert partition(home, documents) == {frozenset(story) for story in stories}
    assert as_made_afresh(tmp_path / "other", store, documents)
    assert forget(home, [changed.id]) == 1
