"""Versions of models and registries that judged the documents of a window."""

from __future__ import annotations

from collections import Counter

from fengping.indexer.search.protocol import Filter, Store


def judged_by(store: Store, where: Filter) -> list[tuple[str, int]]:
    """Each version that judged matches of *where*, with how many it judged, the most first.

    More than one means that parts of a window are not comparable; ``fengping reindex`` judges all anew.
    """
    tally = Counter(str(version) for (version,) in store.columns(where, ("model",)))
    return sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))
