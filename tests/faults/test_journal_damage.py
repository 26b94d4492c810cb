"""Segments of the journal cut, flipped, emptied or removed: named, never passed over, and taken up again."""

from __future__ import annotations

import errno
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text
from tests.commands import fengping
from tests.meanwhile import failing

from fengping.errors import Damaged
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.journal import files, manifest
from fengping.indexer.pipeline import refusing
from fengping.indexer.pipeline import run as pipeline
from fengping.models import RawDocument, document_id
from fengping.scheduler.status import status
from fengping.services import repair as repairing
from fengping.services.erase import Wanted, find, forget
from fengping.services.home import doctor
from fengping.state import State

NOW = datetime(2020, 11, 12, tzinfo=UTC)
PER_SEGMENT = 20


def write_segments(home: Home, count: int = 3, *, size: int = PER_SEGMENT, length: int = 30) -> None:
    chance = random.Random(count)
    characters = [chr(0x4E00 + n) for n in range(4_000)]
    for segment in range(count):
        with open_journal(home).writer() as writer:
            for n in range(size):
                text, at = "".join(chance.choices(characters, k=length)), NOW + timedelta(minutes=n)
                url = f"https://sample.example/{segment}/{n}"
                writer.append(RawDocument(document_id(f"{segment}/{n}"), "sample", text, at, url=url))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(bytes(data))


def flip_magic(path: Path) -> None:
    path.write_bytes(b"\x00" + path.read_bytes()[1:])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"tail")


def remove(path: Path) -> None:
    path.unlink()


HARMS = [cut, flip, flip_magic, empty, longer, remove]
Harm = Callable[[Path], None]


def second(home: Home) -> Path:
    return home.journal / "00000002.jsonl.zst"


def total(home: Home) -> int:
    store = open_store(home)
    try:
        return store.count(Filter())
    finally:
        store.close()


def index(home: Home) -> pipeline.Summary:
    store = open_store(home)
    try:
        return pipeline.index(home, store, indexed_at=NOW)
    finally:
        store.close()


@pytest.mark.parametrize("harm", HARMS)
def test_damaged_before_it_was_indexed_it_is_named_and_read_once_put_back(home: Home, harm: Harm) -> None:
    write_segments(home)
    whole = second(home).read_bytes()
    harm(second(home))
    for _ in range(2):
        summary = index(home)
        assert summary.statuses["damaged"] == 1
        assert total(home) == 2 * PER_SEGMENT
    quarantined = (home.quarantine / "index.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["status"] for line in quarantined] == ["damaged"]
    second(home).write_bytes(whole)
    assert index(home).statuses == {"new": PER_SEGMENT}
    assert total(home) == 3 * PER_SEGMENT


@pytest.mark.parametrize("harm", HARMS)
def test_damaged_later_the_good_index_is_kept(home: Home, harm: Harm) -> None:
    write_segments(home)
    index(home)
    whole = second(home).read_bytes()
    harm(second(home))
    store = open_store(home)
    with pytest.raises(Damaged, match=r"00000002.*left as it is.*--allow-loss"):
        pipeline.reindex(home, store, indexed_at=NOW)
    store.close()
    assert total(home) == 3 * PER_SEGMENT
    assert index(home).statuses == {"damaged": 1}
    assert "00000002" in open_journal(home).damaged(whole=True)
    second(home).write_bytes(whole)
    assert index(home).statuses == {}
    store = open_store(home)
    assert pipeline.reindex(home, store, indexed_at=NOW).statuses == {"new": 3 * PER_SEGMENT}
    store.close()


@pytest.mark.parametrize("harm", [flip, remove])
def test_what_was_indexed_is_missed_also_where_the_manifest_went_with_it(home: Home, harm: Harm) -> None:
    write_segments(home)
    index(home)
    harm(second(home))
    (home.journal / manifest.NAME).unlink()
    # A crawl between does not take the place of the segment that is gone.
    with open_journal(home).writer() as writer:
        writer.append(RawDocument(document_id("new"), "sample", "新的一条投诉", NOW))
    assert status(home, NOW).damaged_segments == 1
    [journal] = [one for one in doctor(home) if one.name == "journal"]
    assert not journal.ok and "00000002.jsonl.zst" in journal.found
    assert index(home).statuses == {"new": 1, "damaged": 1}


@pytest.mark.parametrize("number", [2, 3])
def test_it_is_missed_also_where_the_state_knows_it_no_more(home: Home, number: int) -> None:
    write_segments(home)
    index(home)
    for path in (home.journal / f"{number:08d}.jsonl.zst", home.journal / manifest.NAME):
        path.unlink()
    with State.open(home).begin() as connection:
        connection.execute(text("DELETE FROM journal_segments"))
    assert index(home).statuses == {"damaged": 1}
    if number == 2:  # behind the last nothing but the cursor of an index tells of it
        assert status(home, NOW).damaged_segments == 1
        [damage] = repairing.examine(home).segments
        assert damage.reason == "00000002.jsonl.zst is missing"
        repairing.repair(home, NOW)
        assert not repairing.examine(home)


@pytest.mark.parametrize(
    "written",
    [
        lambda said: said.encode("gb18030"),
        lambda said: said.encode("utf-16-le"),
        lambda said: b"x" + said.encode("utf-16-be"),
        lambda said: "".join(f"&#{ord(one)};" for one in said).encode(),
        lambda said: quote(said).encode(),
        lambda said: quote(said.encode("gb18030")).encode(),
    ],
    ids=["gb18030", "utf-16-le", "utf-16-be", "entities", "percent", "percent gb18030"],
)
def test_what_is_no_document_is_forgotten_however_it_is_written(
    home: Home, written: Callable[[str], bytes]
) -> None:
    said, row = "青禾店里买的羽绒服是假货，专柜验过了", written("青禾店里买的羽绒服是假货，专柜验过了")
    with open_journal(home).writer() as writer:
        writer.append(RawDocument(document_id("x"), "sample", said, NOW))
    (home.journal / "00000002.jsonl").write_bytes(files.HEADER + b"[" + row + b"\n[other\n")
    index(home)
    wanted = Wanted(url_ids=frozenset({document_id("x")}))
    forget(home, wanted, find(home, wanted), NOW)
    lines = [line.data for batch in open_journal(home).read({}, 9) for line in batch.lines if line.data]
    assert lines == [b"[other\n"]
    kept = (home.quarantine / "index.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["data"] for line in kept] == ["[other\n"]


def test_a_loss_is_named_where_the_manifest_cannot_be_written(home: Home) -> None:
    write_segments(home)
    index(home)
    remove(second(home))
    (home.journal / manifest.NAME).unlink()

    with failing(manifest, "append_line", OSError(errno.EROFS, "Read-only file system")):
        assert status(home, NOW).damaged_segments == 1
        [journal] = [one for one in doctor(home) if one.name == "journal"]
    assert not journal.ok and "00000002.jsonl.zst" in journal.found


def test_what_rots_on_the_disk_is_named_once_its_turn_comes_and_from_then_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "stamp_of", lambda about: "no write changed it")
    write_segments(home)
    index(home)
    flip(second(home))
    found = [index(home).statuses for _ in range(4)]
    assert {"damaged": 1} in found and found[-2:] == [{"damaged": 1}] * 2


def test_what_was_forgotten_is_no_loss_where_the_manifest_is_gone(home: Home) -> None:
    write_segments(home)
    index(home)
    wanted = Wanted(url_ids=frozenset({document_id("1/3")}))
    assert forget(home, wanted, find(home, wanted), NOW).counts["documents"] == 1
    (home.journal / manifest.NAME).unlink()
    assert not open_journal(home).damaged(whole=True)


def test_the_command_line_says_it_each_time(home: Home) -> None:
    write_segments(home)
    cut(second(home))
    done = fengping(home, "index")
    assert done.returncode == 1
    assert "1 segments of the journal are damaged or missing" in done.stderr
    assert "Traceback" not in done.stderr
    doctor = fengping(home, "doctor", "--json")
    checks = {row["check"]: row for row in json.loads(doctor.stdout)}
    assert not checks["journal"]["ok"]
    assert "00000002.jsonl.zst" in checks["journal"]["found"]


def test_reindex_goes_on_with_less_where_it_is_told_to(home: Home) -> None:
    write_segments(home)
    index(home)
    remove(second(home))
    assert fengping(home, "reindex").returncode == 1
    assert fengping(home, "reindex", "--allow-loss").returncode == 1
    assert total(home) == 2 * PER_SEGMENT


def test_reindex_refuses_less_for_any_reason(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    write_segments(home)
    index(home)
    store = open_store(home)
    monkeypatch.setattr(refusing, "damage", lambda journal, before: None)
    cut(second(home))
    with pytest.raises(Damaged, match=r"would hold 40 documents, the one in use 60"):
        pipeline.reindex(home, store, indexed_at=NOW)
    store.close()
    assert total(home) == 3 * PER_SEGMENT


def test_a_lost_segments_name_is_not_given_again(home: Home) -> None:
    write_segments(home)
    index(home)
    (home.journal / "00000003.jsonl.zst").unlink()
    with open_journal(home).writer() as writer:
        writer.append(RawDocument(document_id("new"), "sample", "新的一条投诉", NOW))
    assert index(home).statuses == {"new": 1, "damaged": 1}


@pytest.mark.parametrize(
    ("harm", "indexed"),
    [
        (cut, True),
        *(
            pytest.param(*one, marks=pytest.mark.long)
            for one in ((flip, True), (remove, True), (flip, False))
        ),
    ],
)
def test_repair_gets_back_what_the_index_holds_or_the_segment_certainly_holds(
    home: Home, harm: Harm, indexed: bool
) -> None:
    write_segments(home, size=600, length=400)
    if indexed:
        index(home)
    texts = {d.id: d.text for batch in open_journal(home).read({}, 100) for d in documents(batch)}
    harm(second(home))
    found = repairing.examine(home)
    [damage] = found.segments
    assert damage.lines == 601
    assert found.from_index == (600 - damage.readable if indexed else 0)
    if harm in {cut, flip}:
        assert 0 < damage.readable < 600
    done = repairing.repair(home, NOW)
    assert (done.segments, done.from_index) == (found.segments, found.from_index)
    assert not repairing.examine(home)
    index(home)
    expected = 1800 if indexed else 1200 + damage.readable
    assert total(home) == expected
    now = {d.id: d.text for batch in open_journal(home).read({}, 100) for d in documents(batch)}
    assert len(now) == expected
    assert now.items() <= texts.items(), "nothing comes back otherwise than it was written"


def test_repair_knows_of_a_segment_that_went_with_the_manifest(home: Home) -> None:
    write_segments(home)
    index(home)
    remove(second(home))
    (home.journal / manifest.NAME).write_bytes(b"torn")
    [damage] = repairing.examine(home).segments
    assert (damage.segment, damage.lines) == ("00000002", PER_SEGMENT + 1)
    assert len(manifest.load(home.journal).entries) == 3
    repairing.repair(home, NOW)
    (home.journal / manifest.NAME).unlink()
    assert not repairing.examine(home), "what was given up is not waited for again"


def documents(batch: object) -> list[RawDocument]:
    return [line.document for line in batch.lines if line.document]  # type: ignore[attr-defined]


def test_a_segment_put_back_after_it_was_given_up_is_taken_up(home: Home) -> None:
    write_segments(home)
    whole = second(home).read_bytes()
    remove(second(home))
    repairing.repair(home, NOW)
    assert index(home).statuses == {"new": 2 * PER_SEGMENT}
    second(home).write_bytes(whole)
    assert index(home).statuses == {"new": PER_SEGMENT}
    assert not open_journal(home).damaged(whole=True)


def test_a_journal_of_the_version_before_gets_its_manifest(home: Home) -> None:
    write_segments(home)
    (home.journal / manifest.NAME).unlink()
    assert index(home).statuses == {"new": 3 * PER_SEGMENT}
    assert len(manifest.load(home.journal).entries) == 3
    (home.journal / manifest.NAME).unlink()
    cut(second(home))
    assert "00000002" in open_journal(home).damaged()


def test_a_damaged_manifest_is_named_and_written_anew(home: Home) -> None:
    write_segments(home)
    path = home.journal / manifest.NAME
    path.write_bytes(path.read_bytes().replace(b'"lines":21', b'"lines":22', 1) + b"torn")
    assert manifest.load(home.journal).damaged == 2
    assert "2 lines of" in fengping(home, "doctor").stdout.replace("\n", " ")
    assert index(home).statuses == {"new": 3 * PER_SEGMENT}
    repairing.repair(home, NOW)
    assert manifest.load(home.journal).damaged == 0


def test_an_erased_segment_is_sound_and_its_old_copy_is_not(home: Home) -> None:
    write_segments(home)
    old = second(home).read_bytes()
    doomed = document_id("1/3")
    assert open_journal(home).erase(lambda document: document.id == doomed) == {doomed}
    assert not open_journal(home).damaged(whole=True)
    second(home).write_bytes(old)
    assert "00000002" in open_journal(home).damaged()


def test_files_are_their_owners_alone(home: Home) -> None:
    write_segments(home)
    for path in home.journal.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
