"""The spool: documents in files of this machine while the broker is away, or takes none of their size.

00000007.jsonl.zst   documents, as in a journal of files
00000007.large       beside it where the topic took none of them for their size: bytes of the largest
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from fengping.durable import write_whole
from fengping.errors import HomeBusy
from fengping.indexer.journal import files, manifest
from fengping.indexer.journal.kafka.about import About
from fengping.indexer.journal.kafka.records import record_of, send
from fengping.indexer.journal.kafka.topic import Topic
from fengping.indexer.journal.lines import Fault
from fengping.indexer.journal.log import Journal, JournalWriter
from fengping.indexer.journal.protocol import Aside, Position
from fengping.locks import sole_process
from fengping.models import RawDocument

_AT_ONCE = 5_000
_LARGE = ".large"


class Spool:
    """A journal in files, whose segments go once their documents are acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writer(self) -> JournalWriter:
        """A new way in."""
        return JournalWriter(self.folder)

    def waiting(self) -> str:
        """Sentence on what waits here for the broker; empty where nothing does."""
        names = [name for name in files.list_files(self.folder) if not self._mark(name).exists()]
        size = sum(files.content_size(self.folder, name) for name in names)
        return f"{size:,} bytes wait in {self.folder} for the broker" if names else ""

    def aside(self) -> Aside:
        """Told by the names of the files alone: a spool of a long outage is large."""
        large: dict[str, int] = {}
        for mark in self.folder.glob(f"*{_LARGE}"):
            with suppress(FileNotFoundError):  # a drain took it away as we looked
                large[mark.stem] = int(mark.read_bytes())
        names = set(files.list_files(self.folder))
        most = max((size for name, size in large.items() if name in names), default=0)
        return Aside(self.folder, most, bool(names - large.keys()))

    def set_aside_large(self, documents: Sequence[RawDocument]) -> None:
        """Keeps documents that the topic takes none of for their size, in segments of their own."""
        most = max(len(record_of(document)[1]) for document in documents)
        with self.writer() as writer:
            writer.append(*documents)
            for name in writer.begun:
                with suppress(OSError):  # until the next drain they count among the others
                    write_whole(self._mark(name), b"%d" % most)

    def _mark(self, name: str) -> Path:
        return self.folder / (name + _LARGE)

    def erase(self, doomed: Callable[[RawDocument], bool], broken: Callable[[str], bool]) -> set[str]:
        """Removes documents that wait."""
        return Journal(self.folder).erase(doomed, broken) if self.folder.exists() else set()

    def drain(self, topic: Topic, about: About) -> int:
        """Sends what waits; the number of documents that were acknowledged.

        Those too large for the topic go into a segment of their own and wait on. Beside another process that
        drains, does nothing. Raises :class:`StoreDown` where the broker goes away; nothing is lost then, and
        what is sent twice stands under one key.
        """
        if not self.folder.exists() or not files.list_files(self.folder):
            return 0
        try:
            with sole_process(self.folder / "drain.lock", "sends this machine's spool"):
                return self._drain(topic, about)
        except HomeBusy:
            return 0

    def _drain(self, topic: Topic, about: About) -> int:
        journal = Journal(self.folder)
        journal.settle()
        names = set(journal.names())
        cursor: dict[str, Position] = {}
        sent, large, bad = 0, list[RawDocument](), set[str]()
        forgotten = {key[:32]: one.at for key, one in about.erased.items() if one.forgotten}
        for batch in journal.read({}, _AT_ONCE):
            bad |= {line.file for line in batch.lines if line.fault in (Fault.CORRUPT, Fault.DAMAGED)}
            rows: dict[bytes, RawDocument] = {}
            for document in (line.document for line in batch.lines if line.document):
                key, _ = record_of(document)
                # One fetched before it was forgotten comes of a machine that did not know.
                late = forgotten.get(document.id.encode(), document.fetched_at) > document.fetched_at
                if key not in about.erased and not late:
                    rows[key] = document
            refused = send(topic, rows, "spool")
            sent += len(rows) - len(refused)
            large += refused
            cursor |= batch.cursor
        done = {name for name, position in cursor.items() if position.done and name in names - bad}
        if large:
            self.set_aside_large(large)
        for name in sorted(done):
            # First: another segment may have that number one day.
            self._mark(name).unlink(missing_ok=True)
            (self.folder / (name + files.CLOSED)).unlink(missing_ok=True)
        known = manifest.load(self.folder)
        manifest.rewrite(
            self.folder, (one for name, all_ in known.entries.items() if name not in done for one in all_)
        )
        return sent
