"""Progress of long work as a stream of records, which a terminal, a log or a web page can each show.

Whoever shows them is a listener: handed to a service as an argument, or named with :func:`listening` for
what rooms below say to nobody in particular.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """State of one task. The last record of a task has ``ended``."""

    task: str
    """``crawl NAME``, ``index``, ``export``: what it is called on one line."""
    done: int = 0
    total: int | None = None
    """``None`` while nobody knows."""
    note: str = ""
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence for whoever waits."""

    text: str


Record = Step | Remark
Listener = Callable[[Record], None]

_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hands every record that :func:`emit` gets to *listener* as long as the block runs."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def emit(record: Record) -> None:
    """Hands *record* to everyone who listens; to nobody in a library, a worker process or a test."""
    for listener in tuple(_listeners):
        listener(record)
