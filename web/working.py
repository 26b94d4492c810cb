"""Work that outlasts a request: begun by a form, looked at by a page that asks again."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from fengping.errors import FengpingError, HomeBusy
from fengping.progress import Listener, Record, Step

if TYPE_CHECKING:
    from fengping.web.board import Board

KEPT = 50


@dataclass(frozen=True, slots=True)
class Done:
    """The page of what work made, and what is said there once."""

    link: str
    said: str = ""


@dataclass
class Work:
    """One piece of work and how far it is."""

    id: str
    title: str
    begun: datetime
    here: str
    """The part of the console that it belongs to."""
    steps: list[str] = field(default_factory=list)
    """Names of the steps so far; the last one is at work."""
    done: int = 0
    total: int | None = None
    made: Done | None = None
    """Set once it has ended well."""
    fault: FengpingError | str = ""

    @property
    def ended(self) -> bool:
        """True once nothing more will happen."""
        return bool(self.made or self.fault)

    def hear(self, record: Record) -> None:
        """Takes a record of progress."""
        if isinstance(record, Step):
            self.done, self.total = record.done, record.total
            # Of a task that counts, a note of several words says how fast it is; else it names a step.
            named = record.total is None or record.note.isidentifier()
            if named and record.note and record.note not in self.steps:
                self.steps.append(record.note)


class Works:
    """The work of one served home, kept in memory: a server that ends forgets it, and its files stay.

    With a *board* the other consoles of a deployment know of it, and this one of theirs.
    """

    def __init__(self, board: Board | None = None) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._works: dict[str, Work] = {}

    def begin(self, title: str, at: datetime, make: Callable[[Listener], Done], *, here: str) -> Work:
        """Runs *make* in a thread of its own; it returns what it made.

        Raises :class:`HomeBusy` while work of the same title runs.
        """
        work = Work(secrets.token_hex(6), title, at, here)
        with self._lock:
            if any(one.title == title and not one.ended for one in self._works.values()):
                raise busy(title)
            if self._board:
                self._board.enter(work)
            self._works[work.id] = work
            for id in list(self._works)[:-KEPT]:
                del self._works[id]
        threading.Thread(target=self._run, args=(work, make), daemon=True).start()
        if self._board:
            threading.Thread(target=self._board.follow, args=(work,), daemon=True).start()
        return work

    def find(self, id: str) -> Work | None:
        """The work of that id."""
        return self._works.get(id) or (self._board.find(id) if self._board else None)

    def at(self, here: str) -> list[Work]:
        """Work of a part of the console that is not done, or that ended with a fault; the latest first."""
        with self._lock:
            known = dict(self._works)
        found = [one for one in reversed(known.values()) if one.here == here and not one.made]
        if self._board:
            found += [one for one in self._board.at(here) if one.id not in known]
        return sorted(found, key=lambda one: one.begun, reverse=True)

    def _run(self, work: Work, make: Callable[[Listener], Done]) -> None:
        try:
            made = make(work.hear)
            if self._board:  # before anybody is told of the end: what follows may have the same title
                self._board.note(replace(work, made=made))
            work.made = made
        except FengpingError as error:
            work.fault = error
        except BaseException:
            # Whatever it was, the page that waits must not wait for ever.
            work.fault = "It ended with a fault of the program; the log of fengping serve has it."
            raise


def busy(title: str) -> HomeBusy:
    """The refusal of work that is at work already."""
    return HomeBusy(f"{title} is being made already.", remedy="Wait for its end.")
