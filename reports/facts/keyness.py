"""Keyness: words that mark one set of documents against the whole, by log-odds with a Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 16, 2008), eq. 16 and 22.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

PRIOR = 500.0
"""Weight of the prior in documents: what a word's background share is worth as pseudo-counts."""
SIGNIFICANT = 1.96


def marking_words(
    inside: Mapping[str, int], all_counts: Mapping[str, int], *, least: int = 2
) -> list[tuple[str, float]]:
    """``(word, z)`` of words used more inside than outside, strongest first, ties by word.

    Counts are documents that contain the word. Only words with ``z ≥ 1.96`` and at least *least*
    documents inside come back.
    """
    outside = {word: max(0, total - inside.get(word, 0)) for word, total in all_counts.items()}
    total, n_in, n_out = sum(all_counts.values()), sum(inside.values()), sum(outside.values())
    found = []
    for word, y_in in inside.items():
        prior = PRIOR * max(all_counts.get(word, 0), y_in) / max(total, 1)
        y_out = outside.get(word, 0)
        if min(n_in - y_in, n_out - y_out) + PRIOR - prior <= 0:
            continue  # the only word there is marks nothing
        delta = math.log((y_in + prior) / (n_in + PRIOR - y_in - prior)) - math.log(
            (y_out + prior) / (n_out + PRIOR - y_out - prior)
        )
        z = delta / math.sqrt(1 / (y_in + prior) + 1 / (y_out + prior))
        if z >= SIGNIFICANT and y_in >= least:
            found.append((word, z))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))
