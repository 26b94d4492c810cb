"""Values beside the embedded index: what a reader sees, what a crash leaves, and what is made anew."""

from __future__ import annotations

import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.store_samples import SAMPLES, document

from fengping import events
from fengping.errors import Damaged, Failed, StoreError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store, tags
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.search import SCAN_FIRST, Changes, TantivyStore
from fengping.models import Document, RawDocument, document_id
from fengping.progress import Record, Remark, listening
from fengping.services.integrity import check_index_whole
from fengping.state import State

NOW = datetime(2020, 11, 12, tzinfo=UTC)
CHANGED: Changes = {
    "a1": {"event": "e1", "tags": ("重点", "样")},
    "a4": {"event": "e1", "group": "a1", "first_in_group": False},
}
EXPECTED = [one.changed(CHANGED.get(one.id, {})) for one in SAMPLES]
IN_EVENT = Filter(where={"event": ("e1",)})


def filled(folder: Path) -> TantivyStore:
    store = TantivyStore(folder)
    store.put(SAMPLES)
    assert store.update(CHANGED) == 2
    return store


def held(store: TantivyStore) -> list[Document]:
    assert [one.id for one in store.scan(IN_EVENT)] == [one.id for one in EXPECTED if one.event == "e1"]
    return list(store.scan(Filter()))


@contextmanager
def remarks() -> Iterator[list[str]]:
    heard: list[Record] = []
    said: list[str] = []
    with listening(heard.append):
        yield said
    said += [one.text for one in heard if isinstance(one, Remark)]


def test_a_reader_sees_changes_as_they_are_made(tmp_path: Path) -> None:
    with closing(TantivyStore(tmp_path)) as writer:
        writer.put(SAMPLES)
        reader = TantivyStore(tmp_path)
        assert held_events(reader) == {one.event for one in SAMPLES}
        for event in ("e7", "e8"):
            writer.update({"a1": {"event": event}})
            assert [one.id for one in reader.scan(Filter(where={"event": (event,)}))] == ["a1"]
            assert event in held_events(reader)


def test_a_scan_goes_on_as_new_values_are_written_and_the_index_is_rebuilt(tmp_path: Path) -> None:
    size = SCAN_FIRST + 2  # the last is read by the second search of a scan
    with closing(TantivyStore(tmp_path)) as writer:
        writer.put([document(f"{n:04}", "文") for n in range(size)])
        reader = TantivyStore(tmp_path)
        scans = reader.columns(Filter(), ("id", "event")), reader.scan(Filter())
        begun = [next(scans[0])[0], next(scans[1]).id]
        writer.update({f"{n:04}": {"event": f"e{n}"} for n in range(size)})
        writer.delete(begun)
        writer.expunge()
        rest = [event for _, event in scans[0]], [one.event for one in scans[1]]
        assert [len(found) for found in rest] == [size - 1, size - 1]
        assert {found[-1] for found in rest} == {f"e{size - 1}"}


def held_events(store: TantivyStore) -> set[str]:
    return {event for (event,) in store.columns(Filter(), ("event",))}


def test_what_a_killed_writer_left_is_read_and_written_on(tmp_path: Path) -> None:
    with closing(filled(tmp_path / "whole")):
        shutil.copytree(tmp_path / "whole", tmp_path / "killed")  # as the disk is at that moment
    left = TantivyStore(tmp_path / "killed")
    assert held(left) == EXPECTED
    with remarks() as said:
        left.update({"a3": {"event": "e2"}})
    assert said == []
    assert left.lost == frozenset()
    left.close()
    found = held(TantivyStore(tmp_path / "killed"))
    assert [one.event for one in found if one.id in ("a1", "a3")] == ["e1", "e2"]


def test_rows_that_the_index_never_committed_are_no_documents(tmp_path: Path) -> None:
    with closing(filled(tmp_path / "whole")) as store:
        shutil.copytree(tmp_path / "whole", tmp_path / "before")
        store.put([document("a1", "改过"), document("n1", "新的")])
        shutil.copytree(tmp_path / "whole", tmp_path / "killed")
    before, killed = tmp_path / "before" / "1", tmp_path / "killed" / "1"
    for file in before.iterdir():  # the index as it was, and beside it what came first
        if file.is_file() and not file.name.startswith(("columns", "texts")):
            shutil.copy(file, killed / file.name)
    with closing(TantivyStore(tmp_path / "killed")) as left:
        assert held(left) == EXPECTED
        assert left.update({"a1": {"event": "e9"}, "n1": {"event": "e9"}}) == 1
        assert [one.id for one in left.scan(Filter(where={"event": ("e9",)}))] == ["a1"]
        assert left.put([document("n1", "新的")]).created == 1


def test_a_put_that_failed_leaves_the_changes_of_before(tmp_path: Path) -> None:
    with closing(filled(tmp_path)) as store:
        with pytest.raises(TypeError):
            store.put([document("a1", "改"), document("z", "\ud800")])
        assert store.update({"a1": {"event": "e9"}, "z": {"event": "e9"}}) == 1
        assert [one.id for one in store.scan(Filter(where={"event": ("e9",)}))] == ["a1"]


def test_a_column_that_is_cut_off_is_made_from_the_log(tmp_path: Path) -> None:
    filled(tmp_path).close()
    [column] = tmp_path.glob("1/columns/event.now")
    column.write_bytes(column.read_bytes()[:-4])
    with pytest.raises(StoreError, match=r"event\.now .* cut off.*fengping index"):
        held(TantivyStore(tmp_path))
    with closing(TantivyStore(tmp_path)) as store, remarks() as said:
        assert store.lost  # may be
        store.claim()
        assert not store.lost
        assert held(store) == EXPECTED
    assert said == []


@pytest.mark.parametrize("damage", ["cut", "gone", "garbled"])
def test_changes_that_are_lost_are_said(tmp_path: Path, damage: str) -> None:
    filled(tmp_path).close()
    [log] = tmp_path.glob("1/columns.log")
    whole = log.read_bytes()
    match damage:
        case "cut":
            log.write_bytes(whole[:-3])
        case "garbled":
            log.write_bytes(whole[:40] + b"x" + whole[41:])
            (tmp_path / "1" / "columns" / "applied").unlink()  # and the writer had died
            with pytest.raises(StoreError, match=r"is not what was written.*fengping index"):
                held(TantivyStore(tmp_path))
        case "gone":
            log.unlink()
            with pytest.raises(StoreError, match=r"is missing.*fengping index"):
                held(TantivyStore(tmp_path))
    with closing(TantivyStore(tmp_path)) as store, remarks() as said:
        store.claim()
        assert store.lost == {"event", "tags", "group", "first_in_group"}
        shutil.copytree(tmp_path, tmp_path / "killed", ignore=shutil.ignore_patterns("killed"))
        assert [one.raw for one in store.scan(Filter())] == [one.raw for one in SAMPLES]
        store.update(CHANGED)
        assert held(store) == EXPECTED
        store.restored({"event"})
    assert [one for one in said if "not what was written" in one]
    assert TantivyStore(tmp_path).lost == {"tags", "group", "first_in_group"}
    with closing(TantivyStore(tmp_path / "killed")) as left:  # before anything was set again
        left.claim()
        assert "event" in left.lost


def test_a_full_disk_refuses_a_change_and_spoils_none(tmp_path: Path) -> None:
    store = filled(tmp_path)
    [log] = tmp_path.glob("1/columns.log")
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 20, kept[1]))
    try:
        with pytest.raises(StoreError, match="too large"):
            store.update({"a1": {"event": "e9"}})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
        signal.signal(signal.SIGXFSZ, before)
    assert held(store) == EXPECTED
    assert store.update({"a2": {"event": "e2"}}) == 1
    store.close()
    assert [one.event for one in TantivyStore(tmp_path).get(["a1", "a2"])] == ["e1", "e2"]


def test_columns_follow_a_rebuild_and_go_with_what_is_erased(tmp_path: Path) -> None:
    with closing(filled(tmp_path)) as store:
        store.delete(["a1"])
        store.expunge()
        expected = [one for one in EXPECTED if one.id != "a1"]
        assert list(store.scan(Filter())) == expected
        assert store.update({"a1": {"event": "e2"}, "a4": {"event": "e2"}}) == 1
        [log] = tmp_path.glob("*/columns.log")
        assert "重点" not in log.read_text("utf-8", "replace")


def test_a_rotten_column_is_found(home: Home) -> None:
    with closing(open_store(home)) as store:
        store.put(SAMPLES)
        store.update(CHANGED)
    assert check_index_whole(home) == "all files are what was written"
    for name in ("columns.log", "columns/event.now", "columns/values"):
        file = home.var / "index" / "1" / name
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(Damaged, match=file.name):
            check_index_whole(home)
        file.write_bytes(whole)


def test_the_next_run_sets_what_was_lost_again(home: Home) -> None:
    texts = ["云朵甄选直播间买2999元和田玉手链，鉴定证书显示石英岩，客服只退款不赔"] * 3 + [
        "另一件事，发货太慢"
    ]
    with open_journal(home).writer() as writer:
        for number, text in enumerate(texts):
            at = NOW - timedelta(hours=number)  # each an earlier first of the group
            writer.append(RawDocument(document_id(str(number)), "样", text, NOW, published_at=at))
            index(home)
    state = State.open(home)
    with state.begin() as connection:
        tags.put_on(connection, [document_id("1")], ["重点"], by="甲", at=NOW)
    index(home)
    with closing(open_store(home)) as store:
        whole = list(store.scan(Filter()))
    assert {len({one.event for one in whole}), sum(one.first_in_group for one in whole)} == {2}
    assert [one.tags for one in whole if one.tags] == [("重点",)]
    log = home.var / "index" / "1" / "columns.log"
    log.write_bytes(log.read_bytes()[:200])
    with pytest.raises((Damaged, Failed)):
        check_index_whole(home)
    with remarks() as said:
        index(home)
    assert [one for one in said if "are set again from the state" in one]
    with closing(open_store(home)) as store:
        assert list(store.scan(Filter())) == whole
        assert not store.lost
    assert check_index_whole(home) == "all files are what was written"


def index(home: Home) -> None:
    with closing(open_store(home)) as store:
        pipeline.index(home, store, indexed_at=NOW)
        events.update(home, store)


def test_a_scan_finds_ids_that_begin_alike_behind_its_first_search(tmp_path: Path) -> None:
    ids = [*(f"{n:08}" for n in range(SCAN_FIRST)), "zzzzzzzz1", "zzzzzzzz2"]
    with closing(TantivyStore(tmp_path)) as store:
        store.put([document(id, "文") for id in reversed(ids)])
        assert [one.id for one in store.scan(Filter())] == ids
        assert [id for (id,) in store.columns(Filter(), ("id",))] == ids
