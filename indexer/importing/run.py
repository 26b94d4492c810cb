"""Puts imported documents into the journal, each content once, and bad rows into a side file."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

import orjson
from sqlalchemy import Column, Connection, LargeBinary, Table, bindparam, delete, insert, select

from fengping.erasure import in_parts
from fengping.errors import Failed
from fengping.garbage import collected_rarely
from fengping.home import Home
from fengping.indexer.importing.again import drop_ids, note_again
from fengping.indexer.importing.files import DAMAGE
from fengping.indexer.importing.rows import Refused, Skipped
from fengping.indexer.importing.runs import note_segments
from fengping.indexer.journal import fingerprint
from fengping.indexer.journal.protocol import WriterProtocol
from fengping.models import RawDocument
from fengping.state import State, metadata

BATCH = 5_000

"""Objects made between two walks of the cyclic garbage collector."""

_LOOKED_UP = 900
"""Parameters of one query; SQLite before 3.32 takes 999."""

imported = Table(
    "imported",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("fingerprint", LargeBinary(8), primary_key=True),
    # The key is the table: a row costs 30 bytes instead of 100.
    sqlite_with_rowid=False,
)
"""Imported contents of each id, so that a file imported again adds nothing, also one that
holds several versions of a document."""

# Made once: a statement made for each query is a cycle that holds its ids until the collector comes, and
# while documents stream through it comes so rarely that they added up to 60 bytes a row.
_KNOWN = select(imported).where(imported.c.id.in_(bindparam("ids", expanding=True)))

NEW, UPDATED, AGAIN, REFUSED, SKIPPED = "new", "updated", "again", "refused", "skipped"
FORGOTTEN = "forgotten"
"""A document that was forgotten for good: no file brings it back."""

_TOMBSTONE = bytes(8)
"""Stands for the contents of what was forgotten."""


class Importer:
    """Takes documents and refused rows in. Every one ends in exactly one of :attr:`statuses`.

    Documents go into the journal first and are remembered after that: a run that is killed in between
    leaves at most a batch that is imported again as the same version, which the index counts once.
    """

    def __init__(
        self,
        state: State,
        journal: WriterProtocol,
        side_file: Path,
        *,
        number: int | None = None,
        bring_back: bool = False,
        alike: bool = True,
    ) -> None:
        """*number*: the import that segments are noted for; *bring_back*: take what was forgotten; not
        *alike*: a kind or channel was asked for, which rows that come again do not get."""
        self.statuses: Counter[str] = Counter()
        self.undated = 0
        self.together = 0
        """Rows that became a version of the document of another text, next to it: at least so many."""
        self.side_file = side_file
        self.number = number
        self._bring_back = bring_back
        self._alike = alike
        self._state = state
        self._journal = journal
        self._batch: list[RawDocument] = []
        self._refused: list[bytes] = []

    def take(self, items: Iterable[RawDocument | Refused | Skipped], name: str) -> None:
        """Everything out of the file *name*, lazily, in batches.

        Raises :class:`Failed` where the file turns out to be damaged; what stood before that is imported.
        """
        try:
            with collected_rarely():
                self._take(items, name)
        except DAMAGE as error:
            self.flush()
            raise Failed(
                f"{name} is damaged: {error}. The {self.statuses.total():,} rows before that were imported.",
                remedy="Fetch or export it again and import it; nothing is taken twice.",
            ) from error
        self.flush()

    def _take(self, items: Iterable[RawDocument | Refused | Skipped], name: str) -> None:
        for item in items:
            if isinstance(item, RawDocument):
                self._batch.append(item)
                if len(self._batch) >= BATCH:
                    self.flush()
            elif isinstance(item, Refused):
                self._refuse(item, name)
            else:
                self.statuses[SKIPPED] += 1

    def flush(self) -> None:
        """Writes what is held back; when it returns, it survives a loss of power."""
        if self._refused:
            self.side_file.parent.mkdir(parents=True, exist_ok=True)
            with self.side_file.open("ab") as file:
                file.write(b"".join(self._refused))
                file.flush()
                os.fsync(file.fileno())
            self._refused = []
        if not self._batch:
            return
        prints = [(bytes.fromhex(document.id), fingerprint(document)) for document in self._batch]
        with self._state.begin() as connection:
            known = _known(connection, list(dict.fromkeys(id for id, _ in prints)))
        fresh, added, back = [], set[tuple[bytes, bytes]](), set[bytes]()
        again, first = set[tuple[bytes, bytes]](), dict[bytes, tuple[str, str]]()
        for document, (id, content) in zip(self._batch, prints, strict=True):
            contents = known[id]
            if _TOMBSTONE in contents and self._bring_back:
                contents.clear()
                back.add(id)
            if _TOMBSTONE in contents:
                self.statuses[FORGOTTEN] += 1
                continue
            if content in contents:
                self.statuses[AGAIN] += 1
                again.add((id, content))
                continue
            self.statuses[UPDATED if contents else NEW] += 1
            self.undated += document.published_at is None
            said = document.title, document.text
            self.together += bool(document.canonical_url) and first.setdefault(id, said) != said
            contents.add(content)
            added.add((id, content))
            fresh.append(document)
        self._journal.append(*fresh)
        self._journal.sync()
        if added:
            # In the order of the key: neighbours share a page of the table.
            rows = [{"id": id, "fingerprint": content} for id, content in sorted(added)]
            with self._state.begin() as connection:
                _delete_tombstones(connection, sorted(back))
                connection.execute(insert(imported), rows)
                if self.number is not None:
                    note_segments(connection, self.number, self._journal.begun)
        if self.number is not None and (again := again - added):
            with self._state.begin() as connection:
                note_again(connection, self.number, again, alike=self._alike)
        self._batch = []

    def _refuse(self, refused: Refused, name: str) -> None:
        self.statuses[REFUSED] += 1
        data = refused.data.encode("utf-8", "backslashreplace").decode()
        record = {"file": name, "row": refused.number, "reason": refused.reason, "data": data}
        self._refused.append(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        if len(self._refused) >= BATCH:
            self.flush()


def _known(connection: Connection, ids: list[bytes]) -> defaultdict[bytes, set[bytes]]:
    found: defaultdict[bytes, set[bytes]] = defaultdict(set)
    for part in in_parts(ids, _LOOKED_UP):
        for row in connection.execute(_KNOWN, {"ids": part}):
            found[row.id].add(row.fingerprint)
    return found


def _delete_tombstones(connection: Connection, ids: list[bytes]) -> None:
    for part in in_parts(ids, _LOOKED_UP):
        theirs = imported.c.id.in_(part), imported.c.fingerprint == _TOMBSTONE
        connection.execute(delete(imported).where(*theirs))


_SIDE_FILE = "import-%Y%m%dT%H%M%SZ.jsonl"


def side_file(home: Home, at: datetime) -> Path:
    """Return the path to which an import of that moment sets bad rows aside."""
    return home.quarantine / at.astimezone(UTC).strftime(_SIDE_FILE)


def side_file_time(path: Path) -> datetime | None:
    """The moment of the import that wrote a side file; ``None`` for any other file."""
    try:
        return datetime.strptime(path.name, _SIDE_FILE).replace(tzinfo=UTC)
    except ValueError:
        return None


def forget_imported(connection: Connection, ids: Collection[str]) -> None:
    """Remembers of *ids* that they are never to be imported again, and nothing else."""
    wanted = [bytes.fromhex(id) for id in ids]
    drop_ids(connection, wanted)
    for part in in_parts(wanted, _LOOKED_UP):
        connection.execute(delete(imported).where(imported.c.id.in_(part)))
        connection.execute(insert(imported), [{"id": id, "fingerprint": _TOMBSTONE} for id in part])


def take_back(connection: Connection, contents: Collection[tuple[bytes, bytes]]) -> None:
    """Remembers no longer that these contents (id, fingerprint) were imported; they may come again."""
    gone = (imported.c.id == bindparam("of")) & (imported.c.fingerprint == bindparam("content"))
    rows = [{"of": id, "content": content} for id, content in sorted(contents)]
    if rows:
        connection.execute(delete(imported).where(gone), rows)
