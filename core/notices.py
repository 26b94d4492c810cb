"""Sentences for whoever waits, from rooms that know no terminal: the command line shows them on one."""

from __future__ import annotations

from collections.abc import Callable

heard: list[Callable[[str], object]] = []
"""Who wants to be told; empty in a library, a worker process or a test."""


def tell(sentence: str) -> None:
    """Hands *sentence* to everyone in :data:`heard`."""
    for listener in heard:
        listener(sentence)
