"""Behaviour of the embedded store alone: a folder, one writer, readers in other processes, bucket limits."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.meanwhile import during
from tests.store_samples import SAMPLES, document

from fengping.errors import ConfigError, HomeBusy, SchemaTooNew, StoreError, UsageError
from fengping.home import Home
from fengping.indexer import Filter, Interval, open_store, open_store_url
from fengping.indexer.search import Folder, Near, TantivyStore, Term
from fengping.indexer.search.backends.tantivy import folder as tantivy_folder
from fengping.indexer.search.backends.tantivy import store as tantivy_store
from fengping.models import Polarity


def questions() -> int:
    """How many questions hold a snapshot."""
    return sum(type(one).__name__ == "Compiler" for one in gc.get_objects())


def test_the_home_names_the_store(home: Home) -> None:
    store = open_store(home)
    store.put(SAMPLES)
    store.close()
    assert (home.var / "index" / "store.json").exists()
    assert open_store(home).count(Filter()) == 6


def test_looking_makes_no_folder(tmp_path: Path) -> None:
    store = TantivyStore(tmp_path / "index")
    assert store.count(Filter()) == 0
    assert not (tmp_path / "index").exists()


def test_no_snapshot_outlives_its_question_where_the_collector_rarely_comes(tmp_path: Path) -> None:
    near = Filter(text=Near((Term("直播间"), Term("假货")), 5))
    store = TantivyStore(tmp_path)
    store.put(SAMPLES)
    gc.collect()
    gc.disable()
    known = questions()  # of others, that fail to let go
    try:
        assert store.get(["a1"]) and store.count(near) == 1 and len(list(store.scan(Filter()))) == 6
        store.update({"a1": {"event": "e1"}})
        store.histogram(near, Interval.DAY)
        assert questions() == known
    finally:
        gc.enable()


def test_a_near_over_damaged_texts_is_told_and_never_answered_wrongly(tmp_path: Path) -> None:
    near = Filter(text=Near((Term("直播间"), Term("假货")), 5))
    store = TantivyStore(tmp_path)
    store.put(SAMPLES)
    assert [one.id for one in store.scan(near)] == ["a1"]
    store.close()
    [texts] = tmp_path.glob("1/texts.utf16")
    whole = texts.read_bytes()
    assert Folder(tmp_path).damaged() == []
    for at in (0, 5, 9, len(whole) - 1):
        texts.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert Folder(tmp_path).damaged() == ["texts.utf16"], at
    texts.write_bytes(whole[:-4])
    assert Folder(tmp_path).damaged() == ["texts.utf16"]
    with pytest.raises(StoreError, match=r"is cut off.*reindex"):
        TantivyStore(tmp_path).count(Filter(text=Near((Term("没有日期"), Term("直播间")), 100)))
    texts.unlink()
    assert Folder(tmp_path).damaged() == ["texts.utf16"]
    with pytest.raises(StoreError, match=r"is missing.*reindex"):
        TantivyStore(tmp_path).count(near)


def test_texts_of_replaced_and_deleted_documents_go_with_expunge(tmp_path: Path) -> None:
    store = TantivyStore(tmp_path)
    store.put([document("x1", "一个秘密"), document("x2", "另一个")])
    store.put([document("x1", "没有了")])
    store.delete(["x2"])
    store.expunge()
    [texts] = tmp_path.glob("*/texts.utf16")
    kept = texts.read_bytes()
    assert "没有了".encode("utf-16-le") in kept
    assert "秘密".encode("utf-16-le") not in kept
    assert "另一个".encode("utf-16-le") not in kept
    assert store.count(Filter(text=Near((Term("没"), Term("了")), 1))) == 1
    store.close()


def test_a_near_is_answered_anew_once_the_index_has_changed(tmp_path: Path) -> None:
    near = Filter(text=Near((Term("直播间"), Term("假货")), 5))
    of_two = replace(near, where={"source": ("乙报",)})
    with closing(TantivyStore(tmp_path)) as store:
        store.put([document("1", "直播间卖假货")])
        reader = TantivyStore(tmp_path)
        assert [reader.count(near), reader.count(of_two)] == [1, 0]
        store.put([document("2", "假货直播间", source="乙报")])
        assert [[one.count(near), one.count(of_two)] for one in (store, reader)] == [[2, 1]] * 2
        store.delete(["1"])
        assert [one.id for one in reader.scan(near)] == ["2"]


def test_a_near_of_words_in_too_many_documents_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tantivy_store, "MAX_NEAR", 2)
    store = TantivyStore(tmp_path)
    store.put([document(f"x{n}", "直播间卖假货") for n in range(3)])
    near = Near((Term("直播间"), Term("假货")), 5)
    with pytest.raises(UsageError, match=r"more than 2 documents\. Give --since"):
        store.count(Filter(text=near))
    store.close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    store = TantivyStore(tmp_path)
    store.put(SAMPLES)
    store.close()
    (tmp_path / "store.json").write_text(json.dumps({"schema": 99, "generation": 1}))
    for act in (lambda: store.count(Filter()), lambda: store.put(SAMPLES), store.begin_rebuild):
        with pytest.raises(SchemaTooNew, match="newer fengping"):
            act()


def test_an_older_schema_asks_for_a_rebuild(tmp_path: Path) -> None:
    (tmp_path / "store.json").write_text(json.dumps({"schema": 1, "generation": 1}))
    store = TantivyStore(tmp_path)
    for act in (lambda: store.put(SAMPLES), store.facts):
        with pytest.raises(StoreError, match=r"older fengping \(schema 1, now \d\)\..*fengping reindex"):
            act()
    store.finish_rebuild(store.begin_rebuild())
    assert store.count(Filter()) == 0


def test_a_broken_index_names_the_remedy(tmp_path: Path) -> None:
    store = TantivyStore(tmp_path)
    store.put(SAMPLES)
    store.close()
    (tmp_path / "1" / "meta.json").write_text("no json")
    with pytest.raises(StoreError, match="fengping reindex"):
        TantivyStore(tmp_path).count(Filter())


def test_a_second_writer_is_refused_and_readers_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tantivy_folder, "LOCK_PATIENCE", 0)
    first, second = TantivyStore(tmp_path), TantivyStore(tmp_path)
    first.put(SAMPLES[:3])
    assert second.count(Filter()) == 3
    with pytest.raises(HomeBusy, match="writing"):
        second.put(SAMPLES[3:])
    first.close()
    second.put(SAMPLES[3:])
    assert first.count(Filter()) == 6


def test_a_change_that_waited_for_another_writer_is_made_to_what_that_one_wrote(tmp_path: Path) -> None:
    first, second = TantivyStore(tmp_path), TantivyStore(tmp_path)
    first.put([document("a1", "收到就坏了", polarity=Polarity.NEG)])

    def meanwhile() -> None:
        first.put([document("a1", "收到就坏了，已退款", polarity=Polarity.NEU)])
        first.close()

    with during(time, "sleep", meanwhile):
        assert second.update({"a1": {"event": "e1"}}) == 1
    [found] = second.get(["a1"])
    expected = "e1", "收到就坏了，已退款", Polarity.NEU
    assert (found.event, found.raw.text, found.judgement.polarity) == expected


def test_a_change_that_changes_nothing_waits_for_no_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tantivy_folder, "LOCK_PATIENCE", 0)
    first, second = TantivyStore(tmp_path), TantivyStore(tmp_path)
    first.put([document("a1", "收到就坏了", event="e1")])
    assert second.update({"a1": {"event": "e1"}, "none": {"event": "e1"}}) == 0
    with pytest.raises(HomeBusy):
        second.update({"a1": {"event": "e2"}})


def test_another_process_reads_while_this_one_writes(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom fengping.indexer.search.backends.opening import open_store_url\n"
        "from fengping.indexer.search.protocol import Filter\n"
        "store = open_store_url(sys.argv[1])\n"
        "for _ in sys.stdin:\n    sys.stdout.write(f'{store.count(Filter())}\\n'); sys.stdout.flush()\n"
    )
    store = TantivyStore(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", code, store.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin
        assert reader.stdout
        for number in range(4):
            store.put([document(f"d{number}", "一篇")])
            if number == 2:
                fresh = store.begin_rebuild()
                fresh.put([document("new", "重建")])
                store.finish_rebuild(fresh)
            reader.stdin.write("\n")
            reader.stdin.flush()
            assert int(reader.stdout.readline()) == store.count(Filter()) == [1, 2, 1, 2][number]
        reader.stdin.close()


def test_a_failed_put_leaves_nothing_behind(tmp_path: Path) -> None:
    store = TantivyStore(tmp_path)
    store.put(SAMPLES[:2])
    with pytest.raises(TypeError):
        store.put([document("a1", "改"), document("z", "\ud800")])
    assert store.put(SAMPLES[2:]).created == 4
    assert list(store.scan(Filter())) == SAMPLES


@pytest.mark.long
def test_more_values_than_tantivy_counts_at_once(tmp_path: Path) -> None:
    store = TantivyStore(tmp_path)
    store.put(
        [
            document(f"{number:03}", "多", "2020-11-01", keywords=tuple(f"k{number}-{k}" for k in range(900)))
            for number in range(80)
        ]
    )
    buckets = store.histogram(Filter(), Interval.DAY, split="keywords")
    assert len({one.split for one in buckets}) == len(buckets) == 72_000
    assert store.terms(Filter(), "keywords", limit=2) == [("k0-0", 1), ("k0-1", 1)]


@pytest.mark.parametrize("url", ["tantvy:var/index", "tantivy:", "", "sqlite:x"])
def test_an_unknown_store_is_a_sentence(url: str) -> None:
    with pytest.raises(ConfigError, match="Unknown store URL"):
        open_store_url(url)
