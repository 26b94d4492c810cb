"""Sentences for whoever waits, from rooms that know no terminal: the command line shows them on one."""

from __future__ import annotations

from collections.abc import Callable

heard: list[Callable[[str], object]] = []
"""Listeners for progress messages; none by default."""


def tell(sentence: str) -> None:
    """Hands *sentence* to everyone in :data:`heard`."""
    for listener in heard:
        listener(sentence)
