"""The journal loses nothing that was appended, whoever dies, and reads everything exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.errors import Failed, SchemaTooNew, UsageError
from fengping.indexer.journal import Fault, Journal, JournalWriter, Line, Position, fingerprint
from fengping.models import Channel, Engagement, Kind, Precision, RawDocument

SEEN = datetime(2020, 11, 11, 12, tzinfo=UTC)


def raw(number: int, text: str = "青禾直播间发货太慢", *, minutes: int = 0) -> RawDocument:
    return RawDocument(f"{number:032x}", "sample", text, SEEN + timedelta(minutes=minutes))


def read(journal: Journal, cursor: dict[str, Position], size: int = 3) -> list[Line]:
    """Everything after *cursor*, which moves along."""
    lines = []
    for batch in journal.read(cursor, size):
        assert 0 <= len(batch.lines) <= size
        lines += batch.lines
        cursor |= batch.cursor
    return lines


def texts(lines: list[Line]) -> list[str]:
    return [line.document.text for line in lines if line.document]


class TestWriting:
    def test_the_name_of_a_new_file_is_synced(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        synced: list[int] = []
        for name in ("fsync", "fdatasync"):
            call = getattr(os, name)
            monkeypatch.setattr(
                os, name, lambda file, call=call: (synced.append(os.fstat(file).st_ino), call(file))
            )
        with JournalWriter(tmp_path) as writer:
            writer.append(raw(1))
            writer.sync()
            (file,) = tmp_path.glob("*.jsonl")
            assert synced == [tmp_path.stat().st_ino, file.stat().st_ino]

    def test_a_document_comes_back_as_it_went_in(self, tmp_path: Path) -> None:
        document = RawDocument(
            id="a" * 32, source="s", text="全文\n第二行", fetched_at=SEEN, title="题", url="https://x.example/1",
            canonical_url="https://x.example/1", channel=Channel.NEWS, kind=Kind.NEWS, parent_id="p",
            author="作者", author_id="f" * 32, site="某网", published_at=SEEN, precision=Precision.DAY,
            engagement=Engagement(likes=0, comments=5),
        )  # fmt: skip
        with JournalWriter(tmp_path) as writer:
            writer.append(document)
        assert [line.document for line in read(Journal(tmp_path), {})] == [document]

    def test_a_bare_title_comes_back_as_it_went_in(self, tmp_path: Path) -> None:
        bare = RawDocument("a" * 32, "", "", SEEN, title="只有标题")
        with JournalWriter(tmp_path) as writer:
            writer.append(bare)
        assert [line.document for line in read(Journal(tmp_path), {})] == [bare]

    def test_no_file_without_a_document(self, tmp_path: Path) -> None:
        with JournalWriter(tmp_path / "journal") as writer:
            writer.append()
            writer.sync()
        assert not (tmp_path / "journal").exists()

    def test_an_appended_document_is_read_while_the_writer_goes_on(self, tmp_path: Path) -> None:
        journal, cursor = Journal(tmp_path), dict[str, Position]()
        writer = JournalWriter(tmp_path)
        writer.append(raw(1, "一"))
        assert texts(read(journal, cursor)) == ["一"]
        writer.append(raw(2, "二"), raw(3, "三"))
        assert texts(read(journal, cursor)) == ["二", "三"]
        writer.close()
        assert [path.name for path in tmp_path.glob("0*")] == ["00000001.jsonl.zst"]
        assert read(journal, cursor) == []
        assert cursor["00000001"].done

    def test_a_long_file_is_closed_and_the_next_begun(self, tmp_path: Path) -> None:
        with JournalWriter(tmp_path, rotate_at=2_000) as writer:
            for number in range(50):
                writer.append(raw(number, str(number)))
        assert len(list(tmp_path.glob("*.jsonl.zst"))) > 2
        assert texts(read(Journal(tmp_path), {})) == [str(n) for n in range(50)]

    def test_half_a_surrogate_pair_is_replaced(self, tmp_path: Path) -> None:
        with JournalWriter(tmp_path) as writer:
            writer.append(raw(1, "好\ud83d"))
        assert texts(read(Journal(tmp_path), {})) == ["好\ufffd"]

    def test_writers_side_by_side_have_files_of_their_own(self, tmp_path: Path) -> None:
        first, second = JournalWriter(tmp_path), JournalWriter(tmp_path)
        journal, cursor = Journal(tmp_path), dict[str, Position]()
        first.append(raw(1, "甲1"))
        second.append(raw(2, "乙1"))
        assert texts(read(journal, cursor)) == ["甲1", "乙1"]
        second.close()
        first.append(raw(3, "甲2"))
        assert texts(read(journal, cursor)) == ["甲2"]
        first.close()
        assert read(journal, cursor) == []

    def test_a_full_disk_is_told_and_leaves_whole_lines(self, tmp_path: Path) -> None:
        writer = JournalWriter(tmp_path)
        writer.append(raw(1, "一"))
        real = os.write
        pieces = iter([lambda fd, data: real(fd, data[:10])])

        def full(descriptor: int, data: memoryview) -> int:
            for piece in pieces:
                return piece(descriptor, data)
            raise OSError(28, "No space left on device")

        with (
            mock.patch.object(os, "write", full),
            pytest.raises(Failed, match=r"No space left on device.*Make room"),
        ):
            writer.append(raw(2, "二"))
        writer.append(raw(3, "三"))
        writer.close()
        lines = read(Journal(tmp_path), {})
        assert texts(lines) == ["一", "三"]
        assert len(lines) == 2


WRITE_FOR_EVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from fengping.indexer.journal.log import JournalWriter
from fengping.models import RawDocument
writer = JournalWriter(Path(sys.argv[1]))
for number in range(10**9):
    writer.append(RawDocument(f"{number:032x}", "s", "x" * 500, datetime(2020, 11, 11, tzinfo=UTC)))
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


class TestDeath:
    def test_what_a_killed_process_appended_is_there(self, tmp_path: Path) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITE_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        told = [int(process.stdout.readline()) for _ in range(200)]
        journal = Journal(tmp_path)
        assert journal.settle() == 0, "a living process holds its file"
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().split("\n")[:-1] if line]
        process.wait()
        assert journal.settle() == 1
        found = [int(line.document.id, 16) for line in read(journal, {}) if line.document]
        assert found[: len(told)] == told
        # The kill may have come between the write and the telling.
        assert len(found) - len(told) in (0, 1)

    @pytest.mark.parametrize("closed", [False, True])
    def test_a_torn_last_line_is_one_counted_fault(self, tmp_path: Path, closed: bool) -> None:
        writer = JournalWriter(tmp_path)
        writer.append(raw(1, "一"))
        die(writer)
        with (tmp_path / "00000001.jsonl").open("ab") as file:
            file.write(b'{"id":"0000')
        journal, cursor = Journal(tmp_path), dict[str, Position]()
        if closed:
            assert journal.settle() == 1
        first, second = read(journal, cursor)
        assert first.document
        assert (second.fault, second.number, second.data) == (Fault.TORN, 3, b'{"id":"0000')
        assert read(journal, cursor) == []

    def test_the_unfinished_line_of_a_living_writer_is_left_alone(self, tmp_path: Path) -> None:
        writer = JournalWriter(tmp_path)
        writer.append(raw(1, "一"))
        path = tmp_path / "00000001.jsonl"
        whole = path.read_bytes()
        writer.append(raw(2, "二"))
        grown = path.read_bytes()
        journal, cursor = Journal(tmp_path), dict[str, Position]()
        os.truncate(path, len(whole) + 5)
        assert texts(read(journal, cursor)) == ["一"]
        assert read(journal, cursor) == []
        with path.open("r+b") as file:
            file.write(grown)
        assert texts(read(journal, cursor)) == ["二"]

    def test_a_file_just_begun_is_not_taken_for_finished(self, tmp_path: Path) -> None:
        (tmp_path / "00000001.jsonl").touch()
        cursor: dict[str, Position] = {}
        assert read(Journal(tmp_path), cursor) == []
        assert Journal(tmp_path).settle() == 0
        assert not cursor.get("00000001", Position()).done


def die(writer: JournalWriter) -> None:
    """Drops the lock as the kernel does for a killed process."""
    assert writer._descriptor is not None
    os.close(writer._descriptor)


class TestFaults:
    def test_a_corrupt_line_in_the_middle_costs_itself_alone(self, tmp_path: Path) -> None:
        writer = JournalWriter(tmp_path)
        writer.append(raw(1, "一"))
        die(writer)
        with (tmp_path / "00000001.jsonl").open("ab") as file:
            file.write(b"\x00\xffnoise\n")
            file.write(b'["a list"]\n{"id":"1"}\n')
            file.write(b'{"id":1,"source":"s","text":"t","fetched_at":"2020-11-11"}\n')
            file.write(b'{"id":"1","source":"s","text":"t","fetched_at":"yesterday"}\n')
            file.write(b'{"id":"1","source":"s","text":"t","fetched_at":"2020-11-11","channel":"moon"}\n')
            file.write(b'{"id":"2","source":"s","text":"\xe4\xba\x8c","fetched_at":"2020-11-11"}\n')
        lines = read(Journal(tmp_path), {})
        assert texts(lines) == ["一", "二"]
        faults = [line for line in lines if line.fault]
        assert [line.number for line in faults] == [3, 4, 5, 6, 7, 8]
        assert {line.fault for line in faults} == {Fault.CORRUPT}
        assert faults[0].data == b"\x00\xffnoise\n"
        assert all(line.reason for line in faults)

    def test_a_newer_journal_is_refused_in_a_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "00000001.jsonl").write_bytes(b'{"journal":2}\n')
        with pytest.raises(SchemaTooNew, match=r"newer fengping \(journal 2, known 1\).*Upgrade"):
            read(Journal(tmp_path), {})
        with pytest.raises(SchemaTooNew):
            Journal(tmp_path).versions("1")

    def test_a_field_of_tomorrow_is_ignored(self, tmp_path: Path) -> None:
        record = raw(1, "一").to_record() | {"mood": "fine"}
        (tmp_path / "00000001.jsonl").write_bytes(b'{"journal":1}\n' + orjson.dumps(record) + b"\n")
        assert texts(read(Journal(tmp_path), {})) == ["一"]

    def test_a_damaged_closed_file_holds_its_cursor_and_lets_the_others_through(self, tmp_path: Path) -> None:
        for text in ("甲", "乙"):
            with JournalWriter(tmp_path) as writer:
                writer.append(raw(1, text))
        path = tmp_path / "00000001.jsonl.zst"
        whole = path.read_bytes()
        path.write_bytes(whole[:-6] + bytes(6))
        journal, cursor = Journal(tmp_path), dict[str, Position]()
        lines = read(journal, cursor)
        assert lines[0].fault is Fault.DAMAGED
        assert "00000001.jsonl.zst cannot be unpacked" in lines[0].reason
        assert texts(lines) == ["乙"]
        path.write_bytes(whole)
        assert texts(read(journal, cursor)) == ["甲"]


class TestVersions:
    def test_every_version_stays_readable(self, tmp_path: Path) -> None:
        with JournalWriter(tmp_path) as writer:
            writer.append(raw(1, "改过", minutes=5), raw(2, f"提到 {1:032x}"), raw(1, "原文"))
        late = JournalWriter(tmp_path)
        late.append(raw(1, "又改过", minutes=9))
        assert [v.text for v in Journal(tmp_path).versions(f"{1:032x}")] == ["原文", "改过", "又改过"]
        assert Journal(tmp_path).versions("unknown") == []
        late.close()

    def test_fingerprints_tell_what_was_said_not_when_it_was_seen(self) -> None:
        assert fingerprint(raw(1)) == fingerprint(raw(1, minutes=3))
        assert fingerprint(raw(1)) != fingerprint(raw(1, "另一句"))


class TestErasing:
    def test_erased_documents_are_gone_and_cursors_hold(self, tmp_path: Path) -> None:
        journal, cursor = Journal(tmp_path), dict[str, Position]()
        writer = JournalWriter(tmp_path)
        writer.append(*(raw(n, f"第{n}条") for n in range(4)))
        first = next(journal.read(cursor, 2))
        cursor |= first.cursor
        writer.close()
        assert journal.erase(lambda document: document.text in {"第1条", "第2条"}) == {
            f"{1:032x}",
            f"{2:032x}",
        }
        rest = read(journal, cursor)
        assert [line.fault for line in rest] == [Fault.ERASED, None]
        assert texts(rest) == ["第3条"]
        assert texts(read(journal, {})) == ["第0条", "第3条"]
        assert [path.name for path in tmp_path.glob("0*")] == ["00000001.jsonl.zst"]

    def test_a_file_being_written_is_not_erased_from(self, tmp_path: Path) -> None:
        with JournalWriter(tmp_path) as writer:
            writer.append(raw(1))
            with pytest.raises(UsageError, match="Wait until the crawl or import has ended"):
                Journal(tmp_path).erase(lambda document: True)


def test_pending_counts_the_bytes_that_are_left(tmp_path: Path) -> None:
    journal, cursor = Journal(tmp_path), dict[str, Position]()
    with JournalWriter(tmp_path) as writer:
        writer.append(raw(1), raw(2))
        plain = journal.pending(cursor)
    assert plain == journal.pending(cursor) > 200
    read(journal, cursor)
    assert journal.pending(cursor) == 0


Step = tuple[str, int]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.integers(0, 2)),
            st.tuples(st.sampled_from(["close", "die", "tear"]), st.integers(0, 2)),
            st.tuples(st.just("read"), st.integers(1, 4)),
            st.tuples(st.just("left"), st.just(0)),
        ),
        max_size=40,
    )
)
def test_whatever_happens_each_document_is_read_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal, cursor = Journal(folder), dict[str, Position]()
    writers: dict[int, JournalWriter] = {}
    written, torn, lines = 0, 0, list[Line]()
    for action, number in steps:
        if action == "append":
            writers.setdefault(number, JournalWriter(folder)).append(raw(written))
            written += 1
        elif action == "read":
            batch = next(journal.read(cursor, number), None)
            if batch:
                lines += batch.lines
                cursor |= batch.cursor
        elif action == "left":
            journal.settle()
        elif number in writers:
            writer = writers.pop(number)
            if action == "close":
                writer.close()
                continue
            if action == "tear":
                assert writer._descriptor is not None
                os.write(writer._descriptor, b'{"id":')
                torn += 1
            die(writer)
    for writer in writers.values():
        writer.close()
    lines += read(journal, cursor)
    assert sorted(int(line.document.id, 16) for line in lines if line.document) == list(range(written))
    assert sum(line.fault is Fault.TORN for line in lines) == torn
    assert all(position.done for position in cursor.values())
