"""Versions of models and registries that judged the documents of a window."""

from __future__ import annotations

from collections.abc import Callable

from fengping.analysis.reading.terms import READING
from fengping.indexer.search.protocol import Filter, Store


def judged_by(store: Store, where: Filter) -> list[tuple[str, int]]:
    """Each version that judged matches of *where*, with how many it judged, the most first.

    More than one means that parts of a window are not comparable; ``fengping reindex`` judges all anew.
    """
    return store.terms(where, "model")


def by_encoder(version: str) -> bool:
    """True of the version of a judge with which the encoder read."""
    return READING in version


def told_apart(store: Store, where: Filter) -> tuple[str, ...]:
    """A sentence where the encoder read only a part of the matches; none else."""
    judged = judged_by(store, where)
    whole = sum(n for _, n in judged)
    read = sum(n for version, n in judged if by_encoder(version))
    if read in (0, whole):
        return ()
    alone = f"the quick reader alone judged {whole - read:,}"
    return (f"Of these {whole:,} documents the encoder read {read:,}; {alone}.",)


def left_by(store: Store, where: Filter, is_one: Callable[[str], bool]) -> int:
    """Matches of *where* that no judge whose version *is_one* of those wanted has judged."""
    return store.count(where) - sum(n for version, n in judged_by(store, where) if is_one(version))


def unread(store: Store, where: Filter) -> int:
    """Matches of *where* that no encoder has read."""
    return left_by(store, where, by_encoder)
