"""Versions of models and registries that judged the documents of a window."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from fengping.analysis.reading.terms import READING
from fengping.indexer.search.protocol import Filter, Store

DRAWN = 5_000
"""Documents of a window that are looked at for the versions that judged them."""


def judged_by(store: Store, where: Filter, *, most: int | None = None) -> list[tuple[str, int]]:
    """Each version that judged matches of *where*, with how many it judged, the most first.

    More than one means that parts of a window are not comparable; ``fengping reindex`` judges all anew. With
    *most* only so many are looked at: the first by id, which is a hash, and so a draw at random.
    """
    rows = store.columns(where, ("model",))
    tally = Counter(str(version) for (version,) in (rows if most is None else islice(rows, most)))
    return sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))


def by_encoder(version: str) -> bool:
    """True of the version of a judge with which the encoder read."""
    return READING in version


def told_apart(store: Store, where: Filter) -> tuple[str, ...]:
    """A sentence where the encoder read only a part of the matches; none else."""
    judged = judged_by(store, where, most=DRAWN)
    whole = sum(n for _, n in judged)
    read = sum(n for version, n in judged if by_encoder(version))
    if read in (0, whole):
        return ()
    of = f"{whole:,} documents drawn at random" if whole == DRAWN else f"these {whole:,} documents"
    return (f"Of {of} the encoder read {read:,}; the quick reader alone judged {whole - read:,}.",)
