"""Versions of models and registries that judged the documents of a window."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from fengping.indexer.search.protocol import Filter, Store


def judged_by(store: Store, where: Filter, *, most: int | None = None) -> list[tuple[str, int]]:
    """Each version that judged matches of *where*, with how many it judged, the most first.

    More than one means that parts of a window are not comparable; ``fengping reindex`` judges all anew. With
    *most* only so many are looked at: the first by id, which is a hash, and so a draw at random.
    """
    rows = store.columns(where, ("model",))
    tally = Counter(str(version) for (version,) in (rows if most is None else islice(rows, most)))
    return sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))
