"""Texts for the encoder to read, from whose readings the quick reader learns: none that measures."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from devtools.evaluation.labels import measuring
from devtools.reading.examples import BEGINNING, unlabelled
from devtools.training.sets import read_set
from fengping.analysis import Lexicon, Reader
from fengping.reading import Reading

DRAWN = {
    "hot": 9000, "title": 5000, "list": 3000, "live": 4000, "lead": 6000, "general": 2500, "zhihu": 2500,
    "post": 4000, "talk": 2500, "finance": 2000, "food": 1500, "petition": 2500, "official": 800,
}  # fmt: skip
"""Most texts of each group."""
REVIEWS = {
    "train-shopping": 5000, "train-nlpcc2014": 2000, "train-smp-virus": 1500, "train-weibo-senti": 1500,
}  # fmt: skip
_LONGEST = 800
_TOGETHER = 256


def drawn(data: Path, seed: int) -> list[str]:
    """Texts of the training part that no person labelled, and reviews; shuffled."""
    rng = random.Random(seed)
    free, out = unlabelled(data)
    out |= {
        part[:BEGINNING] for read in measuring(data) for part in (read.content, read.title or read.content)
    }
    groups: dict[str, dict[str, None]] = {}
    for text in free:
        groups.setdefault(text.source, {})[text.content[:_LONGEST]] = None
    found = []
    for source, several in groups.items():
        left = [
            one for one in several if out.isdisjoint((one[:BEGINNING], one.partition("\n")[0][:BEGINNING]))
        ]
        found += rng.sample(left, min(DRAWN[source], len(left)))
    for name, count in REVIEWS.items():
        rows = read_set(data / "sentiment" / f"{name}.csv.gz")
        if rows:
            found += rng.sample([text for text in rows.texts if 8 <= len(text) <= 160], count)
    found = list(dict.fromkeys(found))
    rng.shuffle(found)
    return found


def read(contents: list[str], lexicon: Lexicon, show: Callable[[str], None]) -> Iterator[tuple[str, Reading]]:
    """Each text with the encoder's reading."""
    reader = Reader.load()
    for first in range(0, len(contents), _TOGETHER):
        several = contents[first : first + _TOGETHER]
        mentions = [lexicon.scan(content).mentions for content in several]
        yield from zip(several, reader.read(several, mentions), strict=True)
        if first % (10 * _TOGETHER) == 0:
            show(f"{first:,} of {len(contents):,} texts are read.")
