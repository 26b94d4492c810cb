"""Editions in the state database: numbered, in one state, never two under one name."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from fengping.clock import iso
from fengping.delivery.closing import close_edition
from fengping.erasure import noted
from fengping.errors import Clash, UsageError, changed_meanwhile, did_you_mean
from fengping.events import asking
from fengping.home import Home
from fengping.reports.archive import prints, tables
from fengping.reports.archive.edits import Action, Edit
from fengping.reports.archive.striking import CASE
from fengping.reports.facts.model import Window
from fengping.state import State

FOLDER = "editions"


class EditionState(StrEnum):
    """The state of an edition; it only goes forward."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    SIGNED = "signed"
    SENT = "sent"


DONE = (EditionState.SIGNED, EditionState.SENT)
_NEXT = {EditionState.REVIEWED: EditionState.DRAFT, EditionState.SIGNED: EditionState.REVIEWED}


@dataclass(frozen=True, slots=True)
class Edition:
    """One numbered edition."""

    number: str
    series: str
    """Reports of the same kind, subject and days; edits belong to it."""
    revision: int
    title: str
    issuer: str
    made_at: datetime
    base: str
    """SHA-256 of its record: the report as drafted, and once signed as signed."""
    hash: str
    """SHA-256 of its JSON without the imprint, which prints this hash."""
    state: EditionState
    reviewed_by: str
    reviewed_at: datetime | None
    signed_by: str
    signed_at: datetime | None
    sent_at: datetime | None
    sealed: bool
    """Withheld because something in it was to be forgotten; a redacted edition replaces it."""
    wanted: dict[str, Any]
    changes: tuple[str, ...]
    """Differences from the last signed edition, or draft, before it; of a redacted one what was blanked."""
    redacts: str = ""
    """Number of the sealed edition that it was issued in place of; empty for any other."""
    hold: dict[str, Any] = field(default_factory=dict)
    """Reason of the seal: ``since`` when, and the ids of the forgotten ``documents``; empty without one."""
    manifest: str = ""
    """Hashes of its files, and what is signed; empty where an early version printed it."""
    signature: str = ""
    """Of the manifest, once signed."""

    @property
    def is_held(self) -> bool:
        """True for one that is never deleted: signed, or issued in place of one that was."""
        return self.state in DONE or bool(self.redacts)


LONGEST_NAME = 64
"""Characters that the archive keeps of a name."""


def person_of(by: str) -> str:
    """The name of who reviews, signs or changes; raises :class:`UsageError` for none, or too long a one."""
    if not by.strip():
        raise UsageError("Who does this?", remedy="Name the person with --by.")
    if len(by) > LONGEST_NAME:
        raise UsageError(f"A name has {LONGEST_NAME} characters at most.", remedy="Shorten it.")
    return by.strip()


def series_of(kind: str, window: Window) -> str:
    """The series of a report: its kind, with what it is about, and its days."""
    name = re.sub(r"[^\w-]+", "_", kind)[:60]
    return f"{name}-{window.first:%Y%m%d}-{window.last:%Y%m%d}"


class Editions:
    """The archive of one home."""

    def __init__(self, home: Home) -> None:
        self.home, self.state = home, State.open(home)
        self._printer = secrets.token_hex(4)
        with self.state.begin() as connection:
            self._forgotten = noted.last(connection)

    def folder(self, number: str) -> Any:
        """The folder with an edition's files, as they were handed on last."""
        folder = self._place(number)
        prints.fetch(self.state, folder)
        return folder

    def is_elsewhere(self, number: str) -> bool:
        """True for one whose files this machine has not taken from the state yet."""
        return self.state.is_shared and not self._place(number).is_dir()

    def fresh(self, number: str) -> Path:
        """The folder in which an edition is printed before it is entered or saved: empty, nobody else's."""
        self.discard(number)
        return self.fresh_folder(number)

    def fresh_folder(self, number: str) -> Path:
        """The folder in which an edition was printed, and is not entered yet."""
        return prints.fresh_of(self._place(number), self._printer)

    def discard(self, number: str) -> None:
        """Deletes what was printed of an edition and is not entered."""
        prints.discard(self._place(number), self._printer)

    def _publish(self, connection: Connection, edition: Edition) -> None:
        place, fresh = self._place(edition.number), self.fresh_folder(edition.number)
        if prints.names(fresh, noted.since(connection, self._forgotten)):
            raise UsageError(
                f"A document in {edition.number} was forgotten while it was printed; nothing was written.",
                remedy="Draft it anew.",
            )
        prints.publish(self.state, connection, place, fresh, edition.wanted)

    def _place(self, number: str) -> Path:
        return self.home.reports / FOLDER / number

    def all(self) -> list[Edition]:
        """Every edition, the newest first."""
        with self.state.begin() as connection:
            rows = connection.execute(select(tables.editions).order_by(tables.editions.c.made_at.desc()))
            found = [_edition(row) for row in rows]
        if not self.state.is_shared:
            return found
        here = (prints.wanted_here(self._place(one.number), one.wanted) for one in found)
        return [replace(one, wanted=wanted) for one, wanted in zip(found, here, strict=True)]

    def find(self, number: str) -> Edition:
        """The edition of that number; raises :class:`UsageError` with the nearest."""
        known = {edition.number: edition for edition in self.all()}
        if number not in known:
            hint = did_you_mean(number, known) if known else "There is none yet: fengping edition draft KIND"
            raise UsageError(f"There is no edition {number!r}.", remedy=hint)
        self.folder(number)  # among its files are those that it is wanted from
        return known[number]

    def before(self, edition: Edition) -> Edition | None:
        """The edition that changes are told from: the last one signed before it, else the last draft.

        One that is sealed is passed over: what was forgotten must not be told again as a difference.
        """
        older = [
            one
            for one in self.all()
            if one.series == edition.series and one.revision < edition.revision and not one.sealed
        ]
        return max(older, key=lambda one: (one.state in DONE, one.revision), default=None)

    def next_revision(self, series: str) -> int:
        with self.state.begin() as connection:
            query = select(func.max(tables.editions.c.revision)).where(tables.editions.c.series == series)
            return int(connection.scalar(query) or 0) + 1

    def add(self, edition: Edition) -> None:
        """Enters a new edition with the files that were printed of it.

        Raises :class:`UsageError` where another was entered under its number since that was chosen.
        """
        values = {name: getattr(edition, name) for name in Edition.__slots__}
        values |= {
            "state": edition.state.value,
            "wanted": json.dumps(edition.wanted, ensure_ascii=False, sort_keys=True),
            "changes": json.dumps(edition.changes, ensure_ascii=False),
            "hold": json.dumps(edition.hold),
        }
        try:
            with self.state.begin() as connection:
                connection.execute(insert(tables.editions).values(values))
                self._publish(connection, edition)
        except Clash:
            raise UsageError(
                f"Another draft was entered as {edition.number} at the same time.",
                remedy="Draft it again: it takes the next number.",
            ) from None
        finally:
            self.discard(edition.number)

    def advanced(self, number: str, to: EditionState, by: str, now: datetime) -> Edition:
        """The edition as it will be once reviewed or signed, by whom.

        Raises :class:`UsageError` unless it stands just before that, and for a sealed one.
        """
        edition = unsealed(self.find(number))
        if edition.state is not _NEXT[to]:
            raise UsageError(
                f"{number} is {edition.state.value}; only what is {_NEXT[to].value} becomes {to.value}.",
                remedy="draft → review → sign → send.",
            )
        by = person_of(by)
        if to is EditionState.REVIEWED:
            return replace(edition, state=to, reviewed_by=by, reviewed_at=now)
        return replace(edition, state=to, signed_by=by, signed_at=now)

    def save(self, edition: Edition, was: Edition, edit: Edit | None = None, *, undo: bool = False) -> None:
        """Writes down its state, who brought it there, and what its files hold, which were printed anew; with
        the change *edit* of its series, or without the latest one to *undo* it.

        Raises :class:`UsageError`, and writes nothing, where it is not any more as it *was*: what was printed
        tells neither what somebody changed in between nor who signed.
        """
        names = (
            "base", "hash", "reviewed_by", "reviewed_at", "signed_by", "signed_at", "manifest", "signature",
        )  # fmt: skip
        values = {name: getattr(edition, name) for name in names}
        changes = json.dumps(edition.changes, ensure_ascii=False)
        values |= {"state": edition.state.value, "changes": changes}
        table = tables.editions.c
        same = table.number == was.number, table.state == was.state.value, table.hash == was.hash
        try:
            with self.state.begin() as connection:
                if not connection.execute(update(tables.editions).where(*same).values(values)).rowcount:
                    raise changed_meanwhile(was.number)
                if edit:
                    _keep(connection, edition.series, edit)
                if undo:
                    _undo(connection, edition.series)
                self._publish(connection, edition)
        finally:
            self.discard(edition.number)

    def sent(self, number: str, now: datetime) -> None:
        """Somebody has it since *now*."""
        self._set(number, state=EditionState.SENT.value, sent_at=now)

    def hand_on(self) -> list[str]:
        """Hands on files of this machine alone, made before the state was shared; the editions."""
        with self.state.begin() as connection:
            known = set(connection.scalars(select(prints.files.c.number).distinct()))
            places = [self._place(one.number) for one in self.all() if one.number not in known]
            # With a mark it was handed on once, and erased on another machine since.
            found = [place for place in places if place.exists() and not (place / prints.MARK).exists()]
            for place in found:
                prints.hand_on(connection, place, place.name)
        return [place.name for place in found]

    def erase(self, numbers: Collection[str]) -> None:
        """Takes the files of editions, which were deleted here, from all machines."""
        with self.state.begin() as connection:
            prints.drop(connection, numbers)

    def take_all(self) -> None:
        """Brings the files of every edition to this machine."""
        for edition in self.all():
            self.folder(edition.number)

    def prune(self) -> None:
        """Deletes files of this machine that were erased on another."""
        prints.prune(self.state, self.home.reports / FOLDER)

    def seal(self, number: str, now: datetime, documents: Collection[str] = (), title: str = "") -> list[str]:
        """Withholds an edition that tells of forgotten *documents*, and closes its letters that nobody has
        got; where it waited, as sentences. *title* stands in place of one that quotes them."""
        with self.state.begin() as connection:
            table = tables.editions
            row = connection.execute(select(table).where(table.c.number == number)).one()
            hold = _edition(row).hold
            hold = {
                "since": hold.get("since") or iso(now),
                "documents": sorted({*hold.get("documents", ()), *documents}),
            }
            values = {"sealed": True, "hold": json.dumps(hold), "title": title or row.title}
            _update(connection, number, values)
            return close_edition(connection, number, now)

    def blank(self, blanked: Callable[[str], str]) -> None:
        """Takes forgotten words out of titles, out of lists of what changed, and out of what reviewers wrote:
        a later draft would print them again."""
        titles, changes, texts = tables.editions.c.title, tables.editions.c.changes, tables.edits.c.text
        with self.state.begin() as connection:
            for listed in connection.scalars(select(changes).distinct()).all():
                lines = json.loads(listed)
                if (told := list(map(blanked, lines))) != lines:
                    values = {changes: json.dumps(told, ensure_ascii=False)}
                    connection.execute(update(tables.editions).where(changes == listed).values(values))
            for column in (titles, texts):
                for said in connection.scalars(select(column).distinct()).all():
                    if (new := blanked(said)) != said:
                        connection.execute(update(column.table).where(column == said).values({column: new}))

    def successor(self, number: str) -> Edition | None:
        """The redacted edition that was issued in place of a sealed one."""
        return next((one for one in self.all() if one.redacts == number), None)

    def edit(self, series: str, edit: Edit) -> None:
        """Keeps a reviewer's change for this and later editions of the series."""
        with self.state.begin() as connection:
            _keep(connection, series, edit)

    def edits(self, series: str) -> list[Edit]:
        """Changes of a series in the order in which they were made."""
        table = tables.edits
        with self.state.begin() as connection:
            rows = connection.execute(select(table).where(table.c.series == series).order_by(table.c.id))
            kept = [Edit(Action(r.action), r.target, r.text, r.edited_by, r.edited_at) for r in rows]
        return [replace(edit, now=_taken_over(self.home, edit.target)) for edit in kept]

    def edits_in(self, edition: Edition) -> list[Edit]:
        """Changes to make in what an edition was drafted from: in a redacted one those made before it are
        printed already."""
        made = self.edits(edition.series)
        return [one for one in made if one.at > edition.made_at] if edition.redacts else made

    def _set(self, number: str, **values: Any) -> None:
        with self.state.begin() as connection:
            _update(connection, number, values)


def unsealed(edition: Edition) -> Edition:
    """The same edition; raises :class:`UsageError` for a sealed one, which is neither shown nor changed."""
    if edition.sealed:
        raise UsageError(
            f"{edition.number} is sealed: something in it was forgotten.", remedy="Use the redacted edition."
        )
    return edition


def _taken_over(home: Home, target: str) -> str:
    """The key of the case of the event that took over that of *target*; empty where none did."""
    if target.startswith(CASE):
        with suppress(UsageError):  # an event that is there no more
            now = f"{CASE}{asking.find(home, target.removeprefix(CASE)).id}"
            return now if now != target else ""
    return ""


def _keep(connection: Connection, series: str, edit: Edit) -> None:
    connection.execute(
        insert(tables.edits).values(
            series=series, action=edit.action.value, target=edit.target, text=edit.text,
            edited_by=edit.by, edited_at=edit.at,
        )
    )  # fmt: skip


def _undo(connection: Connection, series: str) -> None:
    """Takes back the latest change of a series; raises :class:`UsageError` where there is none."""
    table = tables.edits
    last = connection.scalar(select(func.max(table.c.id)).where(table.c.series == series))
    if last is None:
        raise UsageError("Nothing of this report was changed.")
    connection.execute(delete(table).where(table.c.id == last))


def _update(connection: Connection, number: str, values: dict[str, Any]) -> None:
    connection.execute(update(tables.editions).where(tables.editions.c.number == number).values(values))


def _edition(row: Row[Any]) -> Edition:
    values = {name: getattr(row, name) for name in Edition.__slots__}
    values |= {
        "state": EditionState(row.state),
        "wanted": json.loads(row.wanted),
        "changes": tuple(json.loads(row.changes)),
        "hold": json.loads(row.hold),
    }
    return Edition(**values)
