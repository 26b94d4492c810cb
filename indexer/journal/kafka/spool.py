"""The spool: documents in files of this machine while the broker is away, or takes none of their size.

PATH/00000007.jsonl.zst   documents, as in a journal of files
PATH/00000007.by          the name of their writer, which goes with them to the topic
PATH/00000007.large       where the topic took none of them for their size: bytes of the largest
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
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
_BY, _LARGE = ".by", ".large"
_UNKNOWN = "spool"
"""Writer of a segment that names none, as those of a journal that is taken over."""


class SpoolWriter(JournalWriter):
    """A way into the spool for the writer *by*, under whose name the documents are found later."""

    def __init__(self, folder: Path, by: str) -> None:
        super().__init__(folder)
        self._by = by
        self._named = 0

    def append(self, *documents: RawDocument) -> None:
        super().append(*documents)
        for name in self.begun[self._named :]:
            write_whole(self.folder / (name + _BY), self._by.encode())
        self._named = len(self.begun)


class Spool:
    """A journal in files, whose segments go once their documents are acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writer(self, by: str) -> SpoolWriter:
        """A new way in."""
        return SpoolWriter(self.folder, by)

    def written(self, names: Collection[str]) -> Iterator[RawDocument]:
        """Documents of these writers that wait."""
        if not self.folder.exists():
            return
        for batch in Journal(self.folder).read({}, _AT_ONCE):
            of_names = {
                name for name in {line.file for line in batch.lines} if self._writer_of(name) in names
            }
            yield from (one.document for one in batch.lines if one.document and one.file in of_names)

    def _writer_of(self, segment: str) -> str:
        try:
            return (self.folder / (segment + _BY)).read_text(encoding="utf-8")
        except FileNotFoundError:
            return _UNKNOWN

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

    def set_aside_large(self, documents: Sequence[RawDocument], by: str) -> None:
        """Keeps documents of the writer *by* that the topic takes none of for their size, in segments of
        their own."""
        most = max(len(record_of(document)[1]) for document in documents)
        with self.writer(by) as writer:
            writer.append(*documents)
            for name in writer.begun:
                with suppress(OSError):  # until the next drain they count among the others
                    write_whole(self._mark(name), b"%d" % most)

    def _mark(self, name: str) -> Path:
        return self.folder / (name + _LARGE)

    def erase(self, doomed: Callable[[RawDocument], bool], broken: Callable[[bytes], bool]) -> set[str]:
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
        sent, bad, large = 0, set[str](), defaultdict[str, list[RawDocument]](list)
        writers = {name: self._writer_of(name) for name in files.list_files(self.folder)}
        forgotten = {key[:32]: one.at for key, one in about.erased.items() if one.forgotten}
        for batch in journal.read({}, _AT_ONCE):
            bad |= {line.file for line in batch.lines if line.fault in (Fault.CORRUPT, Fault.DAMAGED)}
            rows: defaultdict[str, dict[bytes, RawDocument]] = defaultdict(dict)
            for line in batch.lines:
                if (document := line.document) is None:
                    continue
                key, _ = record_of(document)
                # One fetched before it was forgotten comes of a machine that did not know.
                late = forgotten.get(document.id.encode(), document.fetched_at) > document.fetched_at
                by = writers.get(line.file, _UNKNOWN)
                if key not in about.erased and not late and by not in about.void:
                    rows[by][key] = document
            for by, theirs in rows.items():
                refused = send(topic, theirs, by)
                sent += len(theirs) - len(refused)
                if refused:
                    large[by] += refused
            cursor |= batch.cursor
        done = {name for name, position in cursor.items() if position.done and name in names - bad}
        for by, refused in large.items():
            self.set_aside_large(refused, by)
        for name in sorted(done):
            # First: another segment may have that number one day.
            self._mark(name).unlink(missing_ok=True)
            (self.folder / (name + files.CLOSED)).unlink(missing_ok=True)
            (self.folder / (name + _BY)).unlink(missing_ok=True)
        known = manifest.load(self.folder)
        manifest.rewrite(
            self.folder, (one for name, all_ in known.entries.items() if name not in done for one in all_)
        )
        return sent
