"""Every journal keeps the protocol: files of one machine, and a topic on a real Kafka broker."""

from __future__ import annotations

import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)
from tests.kafka_node.launcher import Cluster, running
from tests.servers import needed

from fengping.config import KafkaConfig
from fengping.errors import ConfigError, Damaged, Failed, ForeignHome, SchemaTooNew, StoreDown, StoreError
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.journal import (
    Fault,
    Journal,
    JournalProtocol,
    JournalWriter,
    KafkaJournal,
    Keeping,
    Line,
    Position,
    Spool,
)
from fengping.models import RawDocument
from fengping.scheduler.status import status
from fengping.scheduler.troubles import Look, Trouble, found
from fengping.services import indexing
from fengping.services.home import doctor
from fengping.state import State

pytestmark = pytest.mark.slow

SEEN = datetime(2020, 11, 11, 12, tzinfo=UTC)
SECOND = 1 / 3600
OWNER = "c" * 32

Open = Callable[[], JournalProtocol]
"""Another machine's, or a later process's, view of one journal."""


def raw(number: int, text: str = "青禾直播间发货太慢", *, minutes: int = 0) -> RawDocument:
    return RawDocument(f"{number:032x}", "sample", text, SEEN + timedelta(minutes=minutes))


def topic(cluster: Cluster) -> str:
    return f"{cluster.url}/journal-{secrets.token_hex(4)}"


def kafka(url: str, spool: Path, owner: str = OWNER, **config: float) -> KafkaJournal:
    return KafkaJournal(url, owner, KafkaConfig(**{"patience_seconds": 3.0, **config}), spool)


@pytest.fixture(params=["file", pytest.param("kafka", marks=pytest.mark.long)])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    if request.param == "file":
        return lambda: Journal(tmp_path / "journal")
    url = topic(request.getfixturevalue("kafka_cluster"))
    return lambda: kafka(url, tmp_path / "spool")


def read(journal: JournalProtocol, cursor: dict[str, Position], size: int = 3) -> list[Line]:
    """Everything after *cursor*, which moves along."""
    lines = []
    for batch in journal.read(cursor, size):
        assert len(batch.lines) <= size
        lines += batch.lines
        cursor |= batch.cursor
    return lines


def texts(lines: list[Line]) -> list[str]:
    return [line.document.text for line in lines if line.document]


class TestContract:
    def test_what_was_synced_is_read_by_others_from_any_position(self, reopen: Open) -> None:
        cursor: dict[str, Position] = {}
        with reopen().writer() as writer:
            writer.append(*(raw(n, f"第{n}条") for n in range(7)))
            writer.sync()
            assert texts(read(reopen(), {})) == [f"第{n}条" for n in range(7)]
            first = next(reopen().read({}, 3))
            assert texts(first.lines) == ["第0条", "第1条", "第2条"]
            cursor |= first.cursor
            assert texts(read(reopen(), cursor)) == ["第3条", "第4条", "第5条", "第6条"]
            assert read(reopen(), cursor) == []
            writer.append(raw(8, "又一条"))
        assert texts(read(reopen(), cursor)) == ["又一条"]
        assert read(reopen(), cursor) == []
        assert reopen().pending(cursor) == 0 < reopen().pending({})
        assert reopen().damaged(whole=True) == {}

    def test_a_document_comes_back_as_it_went_in(self, reopen: Open) -> None:
        whole = RawDocument(
            "a" * 32, "s", "全文\n第二行", SEEN, title="题", url="https://x.example/1",
            author="作者", published_at=SEEN,
        )  # fmt: skip
        with reopen().writer() as writer:
            writer.append(whole, raw(2, "好\ud83d"))
        assert [line.document for line in read(reopen(), {})] == [whole, raw(2, "好\ufffd")]

    def test_every_version_is_kept(self, reopen: Open) -> None:
        with reopen().writer() as writer:
            writer.append(raw(1, "改过", minutes=5), raw(2, f"提到 {1:032x}"), raw(1, "原文"))
        assert [version.text for version in reopen().versions(f"{1:032x}")] == ["原文", "改过"]
        assert reopen().versions("0" * 32) == []

    def test_erased_versions_are_gone_for_every_reader_and_cursors_hold(self, reopen: Open) -> None:
        cursor: dict[str, Position] = {}
        with reopen().writer() as writer:
            writer.append(*(raw(n, f"第{n}条") for n in range(4)))
        cursor |= next(reopen().read({}, 2)).cursor
        doomed = {"第1条", "第2条"}
        gone = reopen().erase(lambda document: document.text in doomed, at=SEEN)
        assert gone == {f"{1:032x}", f"{2:032x}"}
        rest = read(reopen(), cursor)
        assert texts(rest) == ["第3条"]
        assert {line.fault for line in rest if line.fault} <= {Fault.ERASED}
        assert texts(read(reopen(), {})) == ["第0条", "第3条"]
        assert reopen().versions(f"{1:032x}") == []
        assert reopen().erase(lambda document: document.text in doomed, at=SEEN) == set()

    def test_a_mark_parts_what_was_written_before_from_what_came_after(self, reopen: Open) -> None:
        with reopen().writer() as writer:
            writer.append(raw(1, "先"))
        mark = reopen().mark()
        assert len(mark) <= 32
        with reopen().writer() as writer:
            writer.append(raw(2, "后"))
        assert texts(read(reopen(), dict(reopen().since(mark)))) == ["后"]

    def test_what_a_writer_wrote_is_found_by_its_names(self, reopen: Open) -> None:
        with reopen().writer() as first, reopen().writer() as second:
            first.append(raw(1, "甲"))
            second.append(raw(2, "乙"))
            first.append(raw(3, "甲"))
        assert [document.text for document in reopen().written(first.begun)] == ["甲", "甲"]
        assert [document.text for document in reopen().written(second.begun)] == ["乙"]

    def test_nothing_is_begun_without_a_document(self, reopen: Open) -> None:
        with reopen().writer() as writer:
            writer.append()
            writer.sync()
        assert writer.begun == []
        assert read(reopen(), {}) == []
        assert reopen().settle() == 0


WRITE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from fengping.config import KafkaConfig
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.journal.kafka.log import KafkaJournal
from fengping.indexer.journal.log import Journal
from fengping.models import RawDocument
url, spool = sys.argv[1:]
writer = KafkaJournal(url, "c" * 32, KafkaConfig(), Path(spool)).writer()
for number in range(10**9):
    writer.append(RawDocument(f"{number:032x}", "s", "x" * 500, datetime(2020, 11, 11, tzinfo=UTC)))
    if number % 10 == 9:
        writer.sync()
        os.write(1, f"{number}\\n".encode())
"""


@pytest.mark.long
class TestKafka:
    def test_what_a_killed_writer_had_acknowledged_is_there(
        self, kafka_cluster: Cluster, tmp_path: Path
    ) -> None:
        url = topic(kafka_cluster)
        with subprocess.Popen(
            [sys.executable, "-c", WRITE, url, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            told = [int(process.stdout.readline()) for _ in range(20)]
            process.kill()
            told += [int(line) for line in process.stdout.read().split("\n")[:-1] if line]
        found = [int(line.document.id, 16) for line in read(kafka(url, tmp_path), {}, 500) if line.document]
        assert found[: told[-1] + 1] == list(range(told[-1] + 1))

    def test_a_broker_that_goes_and_comes_back_loses_and_doubles_nothing(
        self, kafka_cluster: Cluster, tmp_path: Path
    ) -> None:
        url, spool = topic(kafka_cluster), tmp_path / "spool"
        with kafka(url, spool).writer() as writer:
            writer.append(raw(1, "一"))
            writer.sync()
            kafka_cluster.kill(0)
            writer.append(raw(2, "二"))
            writer.sync()  # returns: it stands on this machine's disk
            writer.append(raw(3, "三"))
        assert texts(read(Journal(spool), {})) == ["二", "三"]
        with pytest.raises(StoreDown, match=r"does not answer.*nothing is lost"):
            read(kafka(url, spool), {})
        # A process that begins while the broker is away collects as well.
        with kafka(url, spool).writer() as late:
            late.append(raw(4, "四"))
        kafka_cluster.start(0)
        journal = kafka(url, spool)
        assert "wait in" in journal.facts()
        assert journal.settle() == 3
        assert journal.settle() == 0
        assert texts(read(journal, {})) == ["一", "二", "三", "四"]
        assert "wait in" not in journal.facts()

    def test_what_goes_through_the_spool_is_found_under_its_writer(
        self, kafka_cluster: Cluster, tmp_path: Path
    ) -> None:
        url, spool = topic(kafka_cluster), tmp_path / "spool"
        journal = kafka(url, spool, max_document_bytes=200_000)
        with journal.writer() as writer, journal.writer() as other:
            writer.append(raw(1, "一"))
            writer.sync()
            kafka_cluster.kill(0)
            writer.append(raw(2, "二"), raw(3, secrets.token_hex(300_000)))
            writer.sync()
            other.append(raw(4, "四"))
        kafka_cluster.start(0)
        journal = kafka(url, spool, max_document_bytes=200_000)
        assert journal.settle() == 2, "one is too large, and waits on"
        ids = [int(document.id, 16) for document in journal.written(writer.begun)]
        assert sorted(ids) == [1, 2, 3]
        assert [document.text for document in journal.written(other.begun)] == ["四"]
        kafka(url, spool).erase(lambda document: document.id == f"{3:032x}", at=SEEN, forgotten=False)
        assert len(list(journal.written(writer.begun))) == 2

    def test_what_is_void_does_not_come_out_of_the_spool_of_another_machine(
        self, kafka_cluster: Cluster, tmp_path: Path
    ) -> None:
        url, spool = topic(kafka_cluster), tmp_path / "spool"
        for by, number in (("undone", 1), ("another", 2)):
            with Spool(spool).writer(by) as waiting:
                waiting.append(raw(number))
        kafka(url, tmp_path / "elsewhere").make_void(["undone"])
        assert kafka(url, spool).settle() == 1
        assert [document.id for document in kafka(url, spool).written(["another"])] == [f"{2:032x}"]
        assert not list(kafka(url, spool).written(["undone"]))

    def test_what_was_forgotten_meanwhile_does_not_come_out_of_a_spool(
        self, kafka_cluster: Cluster, tmp_path: Path
    ) -> None:
        url, spool = topic(kafka_cluster), tmp_path / "spool"
        journal = kafka(url, tmp_path / "elsewhere")
        with journal.writer() as writer:
            writer.append(raw(1, "原文"))
        with Journal(spool).writer() as waiting:
            waiting.append(raw(1, "改过", minutes=5), raw(2, "别的"))
        journal.erase(lambda document: document.id == f"{1:032x}", at=SEEN + timedelta(hours=1))
        assert kafka(url, spool).settle() == 1
        assert texts(read(journal, {})) == ["别的"]

    def test_an_erasure_is_remembered_while_the_brokers_hold_the_version(
        self, kafka_cluster: Cluster, tmp_path: Path
    ) -> None:
        url = topic(kafka_cluster)
        journal, other = kafka(url, tmp_path), kafka(url, tmp_path / "elsewhere")
        with journal.writer() as writer:
            writer.append(raw(1, "先"), raw(2, "后"), raw(3, "留下"))
        assert other.erased_ids() == set()
        journal.erase(lambda document: document.text == "先", at=SEEN)
        assert other.erased_ids() == {f"{1:032x}"}, "what came since is read on"
        # The brokers took neither out of their files for a year.
        journal.erase(lambda document: document.text == "后", at=SEEN + timedelta(days=365))
        for reader in (journal, other, kafka(url, tmp_path)):
            assert reader.erased_ids() == {f"{1:032x}", f"{2:032x}"}
            assert texts(read(reader, {})) == ["留下"]

    def test_a_machine_that_was_off_for_weeks_still_learns_what_was_forgotten(
        self, kafka_cluster: Cluster, tmp_path: Path
    ) -> None:
        journal = kafka(topic(kafka_cluster), tmp_path)
        with journal.writer() as writer:
            writer.append(raw(1, "一"), raw(2, "二"), raw(3, "三"))
        for day, text in ((0, "一"), (45, "二"), (80, "三")):
            journal.erase(lambda document, text=text: document.text == text, at=SEEN + timedelta(days=day))
        assert set(journal.erased_ids()) >= {f"{2:032x}", f"{3:032x}"}

    def test_erased_texts_leave_the_disk_of_the_broker(self, kafka_cluster: Cluster, tmp_path: Path) -> None:
        url = topic(kafka_cluster)
        journal = kafka(url, tmp_path, erase_within_hours=SECOND)
        secret = secrets.token_hex(2000)  # no compressor makes it shorter than half
        with journal.writer() as writer:
            writer.append(raw(1, secret), raw(2, "留下"))
        assert holds(kafka_cluster, url)
        journal.erase(lambda document: document.text == secret, at=SEEN)
        [sentence] = journal.lasting()
        assert "until their next compaction, at the latest 2020-11-11T20:00:01+08:00" in sentence
        for _ in range(120):
            if not holds(kafka_cluster, url):
                break
            journal.settle()
            time.sleep(0.25)
        assert not holds(kafka_cluster, url)
        assert texts(read(journal, {})) == ["留下"]
        assert journal.outlived() == ""

    def test_the_moment_of_erasing_is_that_of_the_topics_own_settings(
        self, kafka_cluster: Cluster, tmp_path: Path
    ) -> None:
        url = topic(kafka_cluster)
        admin = AdminClient({"bootstrap.servers": kafka_cluster.url.removeprefix("kafka://")})
        made = {"cleanup.policy": "compact", "message.timestamp.type": "LogAppendTime"}
        new = NewTopic(url.rpartition("/")[2], 1, replication_factor=1, config=made)
        admin.create_topics([new])[new.topic].result()
        journal = kafka(url, tmp_path)
        with journal.writer() as writer:
            writer.append(raw(1))
        journal.erase(lambda document: True, at=SEEN)
        said, remedy = journal.lasting()
        assert "compaction, for which the topic sets no limit" in said and "fengping doctor" in remedy
        assert "on the brokers' disks without a limit, kafka.erase_within_hours asks for 24: set it with" in (
            journal.facts()
        )
        assert journal.outlived() == ""
        configure(admin, new.topic, "max.compaction.lag.ms", "172800000")
        [said] = kafka(url, tmp_path).lasting()
        assert "at the latest 2020-11-13T20:00:00+08:00" in said
        assert "up to 48 hours" in kafka(url, tmp_path).facts()
        assert "brokers' disks" not in kafka(url, tmp_path, erase_within_hours=48).facts()

    def test_a_topic_has_as_many_copies_as_there_are_brokers_for_it(self, tmp_path: Path) -> None:
        (tmp_path / "cluster").mkdir()
        with needed(), running(tmp_path / "cluster", 2, "default.replication.factor=1") as cluster:
            journal = kafka(topic(cluster), tmp_path / "spool")
            with journal.writer() as writer:
                writer.append(raw(1))
            assert "; 2 copies, 2 in step, 2 needed to acknowledge" in journal.facts()
            alone = kafka(topic(cluster), tmp_path / "spool", replicas=1)
            with alone.writer() as writer:
                writer.append(raw(1))
            assert "; one copy: with that broker's disk the journal is lost" in alone.facts()

    def test_a_document_over_the_limit_waits_and_holds_up_no_other(
        self, kafka_cluster: Cluster, tmp_path: Path
    ) -> None:
        url, spool = topic(kafka_cluster), tmp_path / "spool"
        large = secrets.token_hex(300_000)
        journal = kafka(url, spool, max_document_bytes=200_000)
        with journal.writer() as writer:
            writer.append(raw(1, "一"), raw(2, large), raw(3, "三"))
        assert texts(read(journal, {})) == ["一", "三"]
        assert re.search("of up to 600,[0-9]{3} bytes wait in", journal.aside().too_large)
        assert not journal.aside().others
        assert journal.settle() == 0
        assert journal.aside().too_large and not journal.aside().others
        assert texts(read(Journal(spool), {})) == [large]
        # Where the topic takes more, it goes on.
        admin = AdminClient({"bootstrap.servers": kafka_cluster.url.removeprefix("kafka://")})
        configure(admin, url.rpartition("/")[2], "max.message.bytes", "1000000")
        wider = kafka(url, spool, max_document_bytes=1_000_000)
        assert wider.settle() == 1
        assert texts(read(wider, {})) == ["一", "三", large]
        assert not wider.aside().too_large and not wider.aside().others
        with JournalWriter(spool) as writer:  # a segment of the same name, perhaps
            writer.append(raw(4))
        assert not wider.aside().too_large and wider.aside().others

    def test_a_document_over_the_limit_is_no_absent_broker(self, kafka_cluster: Cluster, home: Home) -> None:
        config = f'journal = "{topic(kafka_cluster)}"\n[kafka]\nmax_document_bytes = 200_000\n'
        home.config_file.write_text(config, encoding="utf-8")
        one = Home.open(home.root)
        with open_journal(one).writer() as writer:
            writer.append(raw(1), raw(2, secrets.token_hex(300_000)))

        def told() -> dict[str, Trouble]:
            all_ = found(Look(one, State.open(one), SEEN))
            return {each.key: each for each in all_ if each.key.startswith("spool")}

        [large] = told().values()
        assert "the topic took none so large. Raise its max.message.bytes" in large.sentence
        assert large.key == "spool large" and not large.grave
        [check] = [each for each in doctor(one) if each.name == "journal"]
        assert not check.ok and "Raise its max.message.bytes" in check.found
        assert "with that broker's disk the journal is lost" in check.found
        with JournalWriter(one.spool) as aside:
            aside.append(raw(3))
        assert told()["spool"].sentence.endswith("for the journal's broker.") and told()["spool"].grave
        assert told()["spool large"] == large
        # Of a topic that acknowledges nothing doctor says so, whatever else waits.
        admin = AdminClient({"bootstrap.servers": kafka_cluster.url.removeprefix("kafka://")})
        configure(admin, one.config.journal.rpartition("/")[2], "min.insync.replicas", "2")
        [check] = [each for each in doctor(one) if each.name == "journal"]
        assert not check.ok and "must acknowledge: what is collected waits" in check.found


def write(home: Home, *numbers: int) -> None:
    with open_journal(home).writer() as writer:
        writer.append(*map(raw, numbers))


def said_of_journal(home: Home) -> str:
    """The words of ``doctor`` on it."""
    [journal] = [one for one in doctor(home) if one.name == "journal"]
    return journal.found


def configure(admin: AdminClient, name: str, key: str, value: str) -> None:
    place = ConfigResource(ResourceType.TOPIC, name)
    place.add_incremental_config(ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET))
    admin.incremental_alter_configs([place])[place].result()


def delete_before(admin: AdminClient, name: str, offset: int) -> None:
    """Deletes the first records of a topic, as an administrator may."""
    configure(admin, name, "cleanup.policy", "compact,delete")  # of a compacted one nothing can be deleted
    [deleted] = admin.delete_records([TopicPartition(name, 0, offset)]).values()
    deleted.result()
    configure(admin, name, "cleanup.policy", "compact")


def create(admin: AdminClient, name: str) -> None:
    """Makes a topic in place of one of its name that was deleted; back when the broker lists it."""
    config = {"cleanup.policy": "compact", "message.timestamp.type": "LogAppendTime"}
    admin.create_topics([NewTopic(name, 1, config=config)])[name].result()
    deadline = time.monotonic() + 30
    while (found := admin.list_topics(name, timeout=10).topics[name]).error or not found.partitions:
        assert time.monotonic() < deadline, f"The topic {name} is not listed."
        time.sleep(0.1)


def holds(cluster: Cluster, url: str) -> bool:
    """True if a segment on the broker's disk is as long as a text of 4,000 random digits, packed."""
    folder = cluster.data(0) / f"{url.rpartition('/')[2]}-0"
    return any(file.stat().st_size > 1_800 for file in folder.glob("*.log*"))


@pytest.mark.long
class TestBadInput:
    def test_the_topic_of_another_home(self, kafka_cluster: Cluster, tmp_path: Path) -> None:
        url = topic(kafka_cluster)
        with kafka(url, tmp_path).writer() as writer:
            writer.append(raw(1))
        other = kafka(url, tmp_path / "b", owner="d" * 32)
        with pytest.raises(ForeignHome, match=f"belongs to another home.*{OWNER}"):
            read(other, {})
        with pytest.raises(ForeignHome), other.writer() as writer:
            writer.append(raw(2))

    def test_a_newer_version(self, kafka_cluster: Cluster, tmp_path: Path) -> None:
        url = topic(kafka_cluster)
        journal = kafka(url, tmp_path)
        with journal.writer() as writer:
            writer.append(raw(1))
        name = url.rpartition("/")[2]
        admin = AdminClient({"bootstrap.servers": kafka_cluster.url.removeprefix("kafka://")})
        admin.delete_topics([f"{name}.about"])[f"{name}.about"].result()
        with pytest.raises(StoreError, match="holds records that"):
            read(kafka(url, tmp_path), {})
        journal._topic.produce(f"{name}.about", [(b"journal", b'{"journal":2,"home":"%s"}' % OWNER.encode())])
        with pytest.raises(SchemaTooNew, match=r"newer fengping.*Upgrade"):
            read(kafka(url, tmp_path), {})

    @pytest.mark.parametrize(
        ("partitions", "config", "sentence"),
        [
            (3, {"cleanup.policy": "compact"}, "has 3 partitions"),
            (1, {}, "cleanup.policy=delete.*kafka-configs"),
            (1, {"cleanup.policy": "compact"}, "type=CreateTime: a machine whose clock .*kafka-configs"),
        ],
    )
    def test_a_topic_that_is_no_journal(
        self, kafka_cluster: Cluster, tmp_path: Path, partitions: int, config: dict[str, str], sentence: str
    ) -> None:
        url = topic(kafka_cluster)
        admin = AdminClient({"bootstrap.servers": kafka_cluster.url.removeprefix("kafka://")})
        new = NewTopic(url.rpartition("/")[2], partitions, config=config)
        admin.create_topics([new])[new.topic].result()
        with pytest.raises(ConfigError, match=sentence):
            read(kafka(url, tmp_path), {})

    def test_a_topic_that_was_deleted_or_made_anew(self, kafka_cluster: Cluster, tmp_path: Path) -> None:
        url, cursor = topic(kafka_cluster), dict[str, Position]()
        with kafka(url, tmp_path).writer() as writer:
            writer.append(raw(1), raw(2))
        read(kafka(url, tmp_path), cursor)
        name = url.rpartition("/")[2]
        admin = AdminClient({"bootstrap.servers": kafka_cluster.url.removeprefix("kafka://")})
        admin.delete_topics([name])[name].result()
        with pytest.raises(Damaged, match="is gone, although"):
            read(kafka(url, tmp_path), cursor)
        create(admin, name)
        [line] = read(kafka(url, tmp_path), cursor)
        assert line.fault is Fault.DAMAGED
        assert "ends at record 0, but 2 were read" in line.reason
        with kafka(url, tmp_path).writer() as writer:
            writer.append(raw(3), raw(4), raw(5))
        for _ in range(2):
            [line] = read(kafka(url, tmp_path), cursor)
            assert (line.fault, cursor["kafka"].offset) == (Fault.DAMAGED, 2)
            assert "record 2 of the topic" in line.reason
        [told] = kafka(url, tmp_path).damaged(unread=cursor).values()
        assert told == line.reason
        before = {"kafka": Position(2, 2)}  # as an earlier version left it
        assert [one.document for one in read(kafka(url, tmp_path), before)] == [raw(5)]
        with kafka(url, tmp_path).writer() as writer:
            writer.append(raw(6))
        assert [one.document for one in read(kafka(url, tmp_path), before)] == [raw(6)]

    def test_a_home_tells_a_topic_that_is_another_until_it_is_built_anew(
        self, kafka_cluster: Cluster, home: Home
    ) -> None:
        url = topic(kafka_cluster)
        home.config_file.write_text(f'journal = "{url}"\n', encoding="utf-8")
        home = Home.open(home.root)
        write(home, 1, 2)
        indexing.index(home, SEEN)
        assert "2 records" in said_of_journal(home)
        name = url.rpartition("/")[2]
        admin = AdminClient({"bootstrap.servers": kafka_cluster.url.removeprefix("kafka://")})
        admin.delete_topics([name])[name].result()
        create(admin, name)
        write(home, 3, 4, 5)
        told = r"record 2 of the topic .* is not the one that was read.*reindex --allow-loss"
        summary = indexing.index(home, SEEN)
        with pytest.raises(Damaged, match=told):
            indexing.refuse_silence(home, summary)
        assert re.search(told, said_of_journal(home))
        assert status(home, SEEN).damaged_segments == 1
        with pytest.raises(Damaged, match="up to 2 lines"):
            indexing.reindex(home, SEEN)
        indexing.reindex(home, SEEN, allow_loss=True)
        assert "3 records" in said_of_journal(home) and status(home, SEEN).damaged_segments == 0

    def test_a_topic_that_lost_its_first_records_is_told(self, kafka_cluster: Cluster, home: Home) -> None:
        url = topic(kafka_cluster)
        home.config_file.write_text(f'journal = "{url}"\n', encoding="utf-8")
        home = Home.open(home.root)
        write(home, 1, 2, 3)
        indexing.index(home, SEEN)
        name = url.rpartition("/")[2]
        admin = AdminClient({"bootstrap.servers": kafka_cluster.url.removeprefix("kafka://")})
        delete_before(admin, name, 2)
        begins = "begins at record 2: those before it were deleted"
        assert begins in said_of_journal(home)
        with pytest.raises(Damaged, match=begins):
            indexing.reindex(home, SEEN)
        assert indexing.index(home, SEEN).statuses == {}  # what is left was read
        for allow_loss in (True, False):  # what was allowed once is missed no more
            built = indexing.reindex(home, SEEN, allow_loss=allow_loss)
            indexing.refuse_silence(home, built)
            assert built.statuses == {"new": 1}
            assert "1 records" in said_of_journal(home) and status(home, SEEN).damaged_segments == 0
        write(home, 4)
        assert indexing.index(home, SEEN).statuses == {"new": 1}
        delete_before(admin, name, 3)
        assert "begins at record 3" in said_of_journal(home)
        with pytest.raises(Damaged, match="begins at record 3"):
            indexing.reindex(home, SEEN)
        assert open_journal(home).versions(raw(4).id) == [raw(4)]
        delete_before(admin, name, 4)
        indexing.refuse_silence(home, indexing.reindex(home, SEEN, allow_loss=True))
        for numbers in ((), (5, 6)):  # also where nothing was left
            write(home, *numbers)
            summary = indexing.index(home, SEEN)
            indexing.refuse_silence(home, summary)
            assert summary.lines == len(numbers)
            assert f"{len(numbers)} records" in said_of_journal(home)

    def test_erased_versions_that_still_stand_are_no_loss(self, kafka_cluster: Cluster, home: Home) -> None:
        url = topic(kafka_cluster)
        home.config_file.write_text(f'journal = "{url}"\n', encoding="utf-8")
        home = Home.open(home.root)
        write(home, 1)
        open_journal(home).erase(lambda document: True, at=SEEN)
        time.sleep(0.1)
        write(home, 2)
        indexing.index(home, SEEN)
        admin = AdminClient({"bootstrap.servers": kafka_cluster.url.removeprefix("kafka://")})
        configure(admin, url.rpartition("/")[2], "max.compaction.lag.ms", "1")
        [told] = [one for one in doctor(home, deep=True) if one.name == "journal"]
        assert not told.ok and "1 erased versions still stand" in told.found
        assert "not what was written" not in told.found and "reindex" not in told.found
        indexing.refuse_silence(home, indexing.reindex(home, SEEN))

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("kafka://", "Unknown journal URL"),
            ("kafka://host:9092", "Write kafka://host:9092"),
            ("kafka://me:secret@host/topic", "holds a user name.*FENGPING_KAFKA_PASSWORD"),
            ("kafka://host/so was", "no name of a topic"),
        ],
    )
    def test_an_address_that_cannot_be(self, url: str, sentence: str, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=sentence) as caught:
            kafka(url, tmp_path)
        assert "secret" not in str(caught.value)

    def test_something_else_that_answers(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            url = f"kafka://127.0.0.1:{other.getsockname()[1]}/topic"
            with pytest.raises(StoreDown, match="does not answer"):
                read(kafka(url, tmp_path, patience_seconds=1.0), {})


@pytest.mark.long
def test_doctor_and_status_name_the_part_that_is_away_and_what_waits(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    root = tmp_path / "home"
    root.mkdir()
    config = f'journal = "kafka://127.0.0.1:{port}/topic"\n[kafka]\npatience_seconds = 0.5\n'
    (root / "fengping.toml").write_text(config, encoding="utf-8")
    home = Home.open(root)
    with open_journal(home).writer() as writer:
        writer.append(raw(1))
    [journal] = [one for one in doctor(home) if one.name == "journal"]
    assert not journal.ok
    assert f"Kafka at 127.0.0.1:{port} does not answer" in journal.found
    assert "Start it" in journal.found
    said = " ".join(status(home, SEEN).troubles)
    assert "Documents wait in" in said
    assert "does not answer" in said


@pytest.mark.parametrize(
    ("copies", "least", "said"),
    [
        (3, 2, "3 copies, 3 in step, 2 needed to acknowledge"),
        (
            3,
            1,
            "but 1 is enough to acknowledge: a record may be lost with one disk; set it with kafka-configs",
        ),
        (1, 1, "one copy: with that broker's disk the journal is lost; give the topic three"),
    ],
)
def test_copies_are_named_with_what_is_less_safe_than_it_could_be(copies: int, least: int, said: str) -> None:
    day = timedelta(days=1)
    [sentence] = Keeping("posts", copies, copies, least, day, day).sentences()
    assert said in sentence


def test_too_few_copies_in_step_are_told() -> None:
    day = timedelta(days=1)
    with pytest.raises(Failed, match=r"posts there are 3 copies, 1 in step, and 2 must .* Start the brokers"):
        list(Keeping("posts", 3, 1, 2, day, day).sentences())
