"""The Store protocol: the specification that every backend keeps, checked by one contract suite.

A store holds :class:`~fengping.models.Document` values, one per id. It is derived: the journal can
always rebuild it. Both backends tokenise Chinese by the single character, so a bare Chinese term
matches as an exact substring (after Unicode NFKC and lower-casing).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, Self

from fengping.fields import FieldKind
from fengping.indexer.search.query.matching import Span
from fengping.indexer.search.query.tree import And, Expression, Range
from fengping.models import FIELDS, Document

SCHEMA_VERSION = 5
"""Version of what stores index, raised with every change of the field table that changes it."""

KEYWORD_FIELDS = tuple(row.name for row in FIELDS.values() if row.kind in (FieldKind.KEYWORD, FieldKind.FLAG))
"""Fields with exact values, by which a filter may select and an aggregation may split."""

NUMBER_FIELDS = tuple(row.name for row in FIELDS.values() if row.is_number)
"""Fields with a number, of which a filter may ask for a range."""


class Interval(StrEnum):
    """Width of a time bucket; all begin at 00:00 Chinese time, weeks on Mondays."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Filter:
    """Selection of documents. Every condition given must hold; an empty filter selects all.

    ``where`` maps a keyword field to accepted values (any of them); ``exclude`` to refused ones; ``ranges``
    bound number fields.
    The window is half-open, ``since <= published_at < until``; with either end given, documents
    without a publication time are left out. ``indexed_since`` selects by ``indexed_at`` instead,
    so that late arrivals are seen.
    """

    text: Expression | None = None
    since: datetime | None = None
    until: datetime | None = None
    indexed_since: datetime | None = None
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: tuple[Range, ...] = ()
    undated: bool = False
    """Only documents without a publication time (then no window may be given)."""

    def holding(self, wanted: Expression) -> Filter:
        """The same, and of it only what *wanted* selects."""
        return replace(self, text=wanted if self.text is None else And((self.text, wanted)))


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    RELEVANCE = "relevance"


Highlights = Mapping[str, Sequence[Span]]
"""By field, ``title`` and ``text``: spans of what was written there that the query's terms match."""


@dataclass(frozen=True, slots=True)
class Hits:
    total: int
    """Number of matches, however many were asked for."""
    documents: Sequence[Document]
    highlights: Sequence[Highlights] = ()
    """One for each document, where they were asked for."""
    exact: bool = True
    """False where there are more than *total*, which is then what was asked to be counted."""


@dataclass(frozen=True, slots=True)
class Bucket:
    start: datetime
    count: int
    split: str | None = None


@dataclass(frozen=True, slots=True)
class PutResult:
    """Counts of a bulk put; ``created + updated`` = number of distinct ids given."""

    created: int
    updated: int


Changes = Mapping[str, Mapping[str, Any]]
"""By document id, new values by field name."""


class Store(Protocol):
    """A place documents are put and found.

    All methods raise ``StoreDown`` when it does not answer, ``SchemaTooNew`` where a newer fengping wrote it,
    and ``UsageError`` for a filter or field that cannot be. Opening touches neither disk nor network; a store
    never put into is empty.
    """

    url: str

    def put(
        self,
        documents: Sequence[Document],
        known: Collection[str] | None = None,
        *,
        keep_events: bool = False,
    ) -> PutResult:
        """Writes whole documents by id, replacing. Idempotent; visible to readers once it returns.

        A later document of the same batch with the same id wins. *known*: those ids of them that are
        stored, where the caller has looked; a store that must look itself need not then.

        *keep_events*: each stays in the event that the stored one is in by now, whatever it says itself, for
        the update of events goes on beside whoever writes the index.
        """

    def update(self, changes: Changes) -> int:
        """Sets fields of stored documents, each named as in the field table and with a document's own values.

        Ids not stored are skipped; ``id`` cannot be changed. Returns the number of documents that differ
        after it; others are not written. What changes often (event, tags, repost group) stands beside the
        documents where a backend can keep it there; for any other field the document is written anew.
        """

    @property
    def lost(self) -> frozenset[str]:
        """Fields of which changes were lost, or may be, which a claim finds out: whoever knows them sets them
        again by :meth:`update`. Empty where a backend keeps nothing beside its documents."""

    def restored(self, fields: Collection[str]) -> None:
        """These fields of all documents are set again."""

    def get(self, ids: Sequence[str]) -> list[Document]:
        """Stored documents among *ids*, in the order asked; unknown ids are left out."""

    def search(
        self,
        where: Filter,
        *,
        limit: int = 20,
        offset: int = 0,
        sort: Sort = Sort.NEWEST,
        highlight: bool = False,
        most: int | None = None,
    ) -> Hits:
        """One page of matches. Ties are broken by id, so that pages never overlap.

        The total is exact, but that with *most* a store to which counting is dear counts no further.

        NEWEST and OLDEST put undated documents last. ``offset + limit`` ≤ 10,000 (use :meth:`scan`). With
        *highlight*, spans of the terms of ``where.text`` come with each document; terms under NOT have none.
        """

    def count(self, where: Filter) -> int:
        """Exact number of matches."""

    def histogram(self, where: Filter, by: Interval, *, split: str | None = None) -> list[Bucket]:
        """Counts per time bucket, in time order, empty buckets left out (the caller fills them).

        With *split*, one bucket per (time, value of that keyword field); a document with several
        values counts in each, one with none in none.
        """

    def terms(self, where: Filter, field: str, *, limit: int = 1000) -> list[tuple[str, int]]:
        """Values of a keyword field with exact document counts, largest first, ties by value."""

    def facets(
        self, where: Filter, fields: Sequence[str], *, limit: int = 10
    ) -> dict[str, list[tuple[str, int]]]:
        """Ask :meth:`terms` of several fields in one question."""

    def cross(
        self, where: Filter, rows: str, columns: str, values: Sequence[str]
    ) -> dict[tuple[str, str], int]:
        """Counts of documents in which one of *values* of *rows* stands with a value of *columns*, exact.

        One question, however many values. Pairs that no document holds are left out.
        """

    def scan(self, where: Filter) -> Iterator[Document]:
        """Every match, lazily, in id order; a snapshot: puts made meanwhile are not seen, updates may be."""

    def columns(self, where: Filter, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Values of fields of every match, as its document would hold them, in the order of :meth:`scan`.

        Costs a part of a scan: no documents are made, and a server sends these fields only.
        """

    def delete(self, ids: Iterable[str]) -> int:
        """Removes by id; unknown ids are nothing. Number removed."""

    def expunge(self) -> bool:
        """Takes what was deleted or replaced out of the store's files as well, and unfinished rebuilds.

        Nothing changes for readers. Costs as much as writing the store anew at worst. ``False`` where some of
        it will only go later.
        """

    def fence(self, token: int) -> None:
        """Marks all later writes of this object with the token of the lease under which they are made.

        A store that machines share refuses a write to a document that was written under a higher one, with
        :class:`HomeBusy`. 0 is no lease. Others do nothing.
        """

    def claim(self) -> None:
        """Takes the right to write, where one process alone has it, before there is anything to be written.

        Raises :class:`HomeBusy` where another keeps it. Others do nothing.
        """

    def begin_rebuild(self) -> Self:
        """An empty store beside this one, to be filled while readers go on with this one.

        What an earlier rebuild left unfinished is dropped.
        """

    def finish_rebuild(self, fresh: Self) -> None:
        """Puts what *fresh* holds in the place of this store's documents, for all readers at once.

        *fresh* came from :meth:`begin_rebuild`; it is closed and must not be used again.
        """

    @property
    def cluster(self) -> str:
        """Identity of the cluster that the store lies in; empty for one of this machine."""

    def facts(self) -> dict[str, Any]:
        """For ``doctor``: backend, version, schema, documents, bytes."""

    def close(self) -> None: ...


def regrouping(groups: Mapping[str, tuple[str, bool]]) -> Changes:
    """Changes that set ``group`` and ``first_in_group`` of ids."""
    return {id: {"group": group, "first_in_group": first} for id, (group, first) in groups.items()}
