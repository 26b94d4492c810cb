"""Agreement of two readers who labelled the same things, each without sight of the other's labels."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence

from devtools.evaluation import proportion
from fengping.analysis.figures import Figure

RESAMPLED = 1000


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa: agreement beyond what the two readers' shares of each label give by chance."""
    n = len(pairs)
    equal = sum(one == two for one, two in pairs) / n
    ones, twos = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    chance = sum(ones[label] * twos[label] for label in ones) / n**2
    return 1.0 if chance == 1 else (equal - chance) / (1 - chance)


def agreement(name: str, pairs: Sequence[tuple[str, str]], digest: str) -> Iterator[Figure]:
    """Share of equal labels (Wilson's interval) and kappa (over resampled pairs)."""
    equal, n = sum(one == two for one, two in pairs), len(pairs)
    yield proportion(f"{name}.agreement", equal, n, digest)
    rng = random.Random(name)
    values = sorted(kappa(rng.choices(pairs, k=n)) for _ in range(RESAMPLED))
    low, high = values[RESAMPLED // 40], values[-RESAMPLED // 40 - 1]
    yield Figure(f"{name}.kappa", kappa(pairs), n, data=digest, low=low, high=high)
