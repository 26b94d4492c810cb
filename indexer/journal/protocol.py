"""The journal's protocol: the specification that the files of one machine and a topic of Kafka both keep."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from fengping.indexer.journal.lines import Line
from fengping.models import RawDocument


@dataclass(frozen=True, slots=True)
class Position:
    """Position reached in one file (bytes and lines of its uncompressed content) or topic (records)."""

    offset: int = 0
    lines: int = 0
    done: bool = False
    """Read to its end, and no process writes it any more."""
    arrived: int = 0
    """Moment in milliseconds at which the brokers took the last record before it; 0 where it is not known."""


Cursor = Mapping[str, Position]
"""Positions by file. Several processes write at once, so several files may stand half-read."""


@dataclass(frozen=True, slots=True)
class Batch:
    lines: list[Line]
    cursor: dict[str, Position]
    """Positions that changed; they hold once these lines and all earlier ones are dealt with."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Documents that wait on one machine until the topic takes them."""

    folder: Path
    most: int = 0
    """Bytes of the largest that the topic took none of for its size; 0 where there is none."""
    others: bool = False
    """True if some wait for an absent broker."""

    @property
    def too_large(self) -> str:
        """Sentences on those that the topic took none of for their size; empty where there are none."""
        return (
            f"Documents of up to {self.most:,} bytes wait in {self.folder}: the topic took none so large. "
            "Raise its max.message.bytes, and kafka.max_document_bytes in fengping.toml."
            if self.most
            else ""
        )


class WriterProtocol(Protocol):
    """One process's way into the journal; not for two threads at once."""

    begun: list[str]
    """Names under which :meth:`JournalProtocol.written` finds what was appended, in order."""

    def append(self, *documents: RawDocument) -> None:
        """Takes *documents*. They are certain to be kept once :meth:`sync` has returned, not before."""

    def sync(self) -> None:
        """Returns when everything appended outlives this process and a loss of power.

        Raises :class:`Failed` where the disk refuses, :class:`StoreError` where a broker does.
        """

    def close(self) -> None:
        """Syncs, and ends what was begun. The writer may go on with something new."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class JournalProtocol(Protocol):
    """The system of record: every version of every document, in the order of arrival; any number of readers.

    Methods raise :class:`~fengping.errors.StoreDown` where a broker does not answer, :class:`ForeignHome` for
    the journal of another home and :class:`SchemaTooNew` for one that a newer fengping wrote.
    """

    unit: str
    """Unit of offsets and of :meth:`pending`: ``bytes`` or ``records``."""
    small: int
    """Amount pending under which worker processes take longer to start than they save."""
    shared: bool
    """True if other machines read and write it."""

    def read(self, cursor: Cursor, size: int, *, salvage: bool = False) -> Iterator[Batch]:
        """Lines after *cursor* up to the end as it stands now, in batches of *size* (the last is smaller).

        What was erased is never given, nor what cannot be verified: it is a fault, at which the cursor stays.
        With *salvage*, what stands in a damaged segment before its damage is given as well.
        """

    def pending(self, cursor: Cursor) -> int:
        """The most that may stand after *cursor*, for a progress bar."""

    def damaged(
        self, *, whole: bool = False, unread: Cursor | None = None, among: Cursor | None = None
    ) -> dict[str, str]:
        """Parts that are not what was written, by name, with the reason.

        With *whole* all content is read, with *unread* that which this cursor is not through with. With
        *among*, only parts that it knows.
        """

    def versions(self, document_id: str) -> list[RawDocument]:
        """Every version of a document, oldest first. Reads the whole journal."""

    def written(self, names: Collection[str]) -> Iterator[RawDocument]:
        """Documents that writers put under *names* (:attr:`WriterProtocol.begun`)."""

    def mark(self) -> str:
        """The end as it stands now, in at most 32 characters."""

    def since(self, mark: str) -> dict[str, Position]:
        """The cursor behind which everything stands that was written after :meth:`mark`."""

    def beginning(self, before: Cursor, *, allow_loss: bool) -> dict[str, Position]:
        """The cursor for reading everything anew.

        What was lost before *before* was begun is missed no more; with *allow_loss*, nor what is lost by now.
        """

    def settle(self) -> int:
        """Finishes what dead processes or an absent broker left unfinished; the number of things done."""

    def erase(
        self,
        doomed: Callable[[RawDocument], bool],
        broken: Callable[[bytes], bool] = lambda line: False,
        *,
        at: datetime,
        forgotten: bool = True,
    ) -> set[str]:
        """Removes versions for good and returns their ids; no cursor moves.

        *broken* is asked about lines that hold no document. *forgotten*: the documents are to be unknown for
        good, so that what other machines still hold back of them is dropped as well.
        """

    def make_void(self, names: Collection[str]) -> None:
        """Has what other machines still hold of the writers *names* never come."""

    def erased_ids(self) -> Collection[str]:
        """Documents of which versions were erased and that another machine may still hold something of."""

    def lasting(self) -> Sequence[str]:
        """Sentences on what was erased and still stands on some disk, and until when."""

    def outlived(self) -> str:
        """A sentence on erased versions that should be gone from all disks by now; empty where none stand.

        Reads the whole journal.
        """

    def clock(self) -> float | None:
        """Seconds since 1970 by the clock that dates what arrives; ``None`` where that is this machine's."""

    def aside(self) -> Aside:
        """Documents that wait on this machine. Asks no broker: the schedule looks at it at every round."""

    def facts(self) -> str:
        """For ``doctor``: what the journal is and holds."""

    def writer(self) -> WriterProtocol:
        """A new way in."""
